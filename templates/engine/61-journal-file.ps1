# The journal as a file: held by this run alone, written line by line, each line on disk before the next step.

function Open-Alone {
    # For writing by this run alone, while others may read. Where files know only advice about that, a lock far behind
    # their end keeps other runs out; where there is no such lock, readers are kept out too.
    param([string] $Path)
    $mode = if ($Run.Lengths.ContainsKey($Path)) { 'Open' } else { 'OpenOrCreate' }
    $file = [System.IO.File]::Open($Path, $mode, 'ReadWrite', 'Read')
    try { $file.Lock([long]::MaxValue - 1, 1) }
    catch {
        $file.Dispose()
        if ($_.Exception.GetBaseException() -isnot [System.PlatformNotSupportedException]) { throw }
        $file = [System.IO.File]::Open($Path, $mode, 'ReadWrite', 'None')
    }
    $file
}

function Open-Journal {
    # Held open for the whole run: two runs at once on one file would mix their memories. Rollback holds all that it was
    # given and writes into each of them, so that each remembers what was taken back of it.
    param([string] $Path)
    Assert-JournalFile $Path
    try {
        $file = Open-Alone $Path
        $Run.Held += $file
        if ($Run.Lengths.ContainsKey($Path) -and $file.Length -ne $Run.Lengths[$Path]) {
            throw 'another run has written to it after it was read.'
        }
        if ($file.Length -gt 0) {
            [void] $file.Seek(-1, 'End')
            $torn = $file.ReadByte() -ne 10
            if ($torn) { $file.WriteByte(10) }
        }
        if ($null -ne $Run.Journal) { $Run.Beside += @{ File = $Run.Journal; Path = $Run.JournalOpen } }
        $Run.Journal = $file
        $Run.JournalOpen = $Path
    } catch {
        throw (Get-Stop -State 'refused' -Guard 'journal' -Detail (
                "Journal '$Path' cannot be opened for this run alone, or not written: " +
                "$($_.Exception.GetBaseException().Message)"))
    }
}

function Write-JournalLine {
    param([System.Collections.IDictionary] $Entry, $File, [string] $Path)
    $Entry['prev'] = $Run.Digests[$Path]
    $line = ConvertTo-Json -InputObject $Entry -Depth 8 -Compress
    $bytes = (New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $false).GetBytes($line + "`n")
    if ($File.Length -ne $File.Position) { throw 'another program has written to it.' }
    $File.Write($bytes, 0, $bytes.Length)
    # Before it is on disk: a line that was written and not flushed is there for the next one.
    $Run.Digests[$Path] = Get-LineDigest $line
    $File.Flush($true)
}

function Write-Journal {
    # What a line announces is not done where this fails.
    param([System.Collections.IDictionary] $Entry)
    try {
        Write-JournalLine $Entry -File $Run.Journal -Path $Run.JournalOpen
        $Run.Journalled = $true
        foreach ($other in $Run.Beside) { Write-JournalLine $Entry -File $other.File -Path $other.Path }
    } catch {
        $what = switch -CaseSensitive ([string] $Entry['event']) {
            'done' { 'after the change was made. The change stays; the same command again finds it in place.' }
            'failed' { 'after Exchange had refused the change, which was not made.' }
            'undone' { 'after the change was undone. Another Rollback will not find it.' }
            default { 'so the change was not sent.' }
        }
        throw (Get-Stop -State 'failed' -Guard 'journal' -Detail (
                "The journal could not be written ($($_.Exception.GetBaseException().Message)), $what"))
    }
}

function Write-JournalHeader {
    Write-Journal ([ordered]@{
            format = $JournalFormat; run = $Run.Id; name = $Value.Name; method = $Method; platform = $Platform
            phase = Get-Filled $Run['Phase']; bodySha256 = $Run.BodySha256
            tenant = $Run.Tenant; connectionUri = $Run.ConnectionUri
            operator = Get-Filled $Run.Operator; computer = $Run.Computer; user = $Run.User
            versions = Get-Version; changeTicket = Get-Filled $Value.ChangeTicket
            approvedPlan = Get-Filled $Run.ApprovedPlan
            differences = @(if ($Run.ApprovedPlan -ne '') { $Run.Differences })
            overrides = @($Run.Overrides); utc = Format-Utc (Get-UtcNow)
        })
}

function Write-JournalEvent {
    param([string] $Name, [hashtable] $Change, $After = $null)
    $entry = [ordered]@{
        run = $Run.Id; step = $Change.Step; event = $Name
        before = $Change.Before; wanted = $Change.Wanted; after = $After; utc = Format-Utc (Get-UtcNow)
    }
    if ($Change.Contains('Entry')) { $entry['of'] = $Change.Entry.Key }
    # Who said Yes to it, and when; a consent is there as long as the step's writes are.
    if ('intent', 'undone' -ccontains $Name) { $entry['consent'] = $Run.Consent[$Change.Step] }
    if ($Steps[$Change.Step].Contains('Advice')) {  # only: Advice
        $entry['advice'] = Get-Filled (& $Steps[$Change.Step].Advice -Changes @($Change))  # only: Advice
    }  # only: Advice
    Write-Journal $entry
}
