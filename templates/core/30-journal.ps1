# Journal: one line of JSON for each thing done, on disk before the change that it announces.

function Get-FullPath {
    # Relative paths are relative to the operator's location, which .NET does not know; brackets are no wildcards.
    param([string] $Path)
    $provider = $null
    $drive = $null
    try {
        $full = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath(
            $Path, [ref] $provider, [ref] $drive)
    } catch {
        throw (Get-Stop -State 'refused' -Guard 'paths' -Detail (
                "'$Path' is no path: $($_.Exception.GetBaseException().Message)"))
    }
    Assert-That ($provider.Name -eq 'FileSystem') -Guard 'paths' -Message "'$Path' is not a path of the file system."
    $full
}

function ConvertTo-PlainObject {
    # ConvertFrom-Json turns text that looks like a time into a time. Every text of a line gets a mark in front before
    # it is parsed, so that none does, and loses it here; objects become hashtables.
    param($InputObject)
    if ($InputObject -is [string]) { return $InputObject.Substring(1) }
    if ($InputObject -is [System.Management.Automation.PSCustomObject]) {
        $plain = [ordered]@{}
        foreach ($property in $InputObject.PSObject.Properties) {
            $plain[$property.Name.Substring(1)] = ConvertTo-PlainObject $property.Value
        }
        return $plain
    }
    if ($InputObject -is [System.Collections.IList]) {
        return , @($InputObject | ForEach-Object -Process { ConvertTo-PlainObject $_ })
    }
    $InputObject
}

function ConvertFrom-JournalLine {
    param([string] $Line)
    $marked = [regex]::Replace($Line, '"((?:[^"\\]|\\.)*)"', '"~$1"')
    ConvertTo-PlainObject (ConvertFrom-Json -InputObject $marked)
}

function Test-JournalSnapshot {
    param($Side)
    if ($Side -isnot [System.Collections.IDictionary] -or $Side['exists'] -isnot [bool] -or
        $Side['id'] -isnot [string] -or $Side['id'] -eq '' -or
        $Side['properties'] -isnot [System.Collections.IDictionary]) { return $false }
    foreach ($given in $Side['properties'].Values) {
        if ($null -ne $given -and $given -isnot [string] -and $given -isnot [bool] -and
            $given -isnot [int] -and $given -isnot [long]) { return $false }
    }
    $true
}

function Test-JournalEvent {
    # A journal is undone by, so a line has to be one that this script could have written: the properties of its step,
    # and before and after of one object.
    param($Entry)
    if ($Entry -isnot [System.Collections.IDictionary] -or
        'intent', 'done', 'failed', 'undone' -cnotcontains $Entry['event'] -or
        -not $Steps.Contains([string] $Entry['step']) -or -not $Entry.Contains('after')) { return $false }
    $before = $Entry['before']
    $wanted = $Entry['wanted']
    if (-not (Test-JournalSnapshot $before) -or -not (Test-JournalSnapshot $wanted)) { return $false }
    if ($null -ne $Entry['after'] -and -not (Test-JournalSnapshot $Entry['after'])) { return $false }
    if ($Entry['event'] -ceq 'undone') { return $true }
    $step = $Steps[[string] $Entry['step']]
    if ($before['id'] -cne $wanted['id']) { return $false }
    if ($step.Contains('Ids') -and $wanted['id'] -cnotmatch $step.Ids) { return $false }
    if (-not $wanted['exists']) { return Test-Removal $Entry -Step $step }
    # Recipients get their lasting identity when they are made, and are told by their address; all others keep their
    # name.
    if ($null -ne $Entry['after'] -and -not $step.Contains('Kind') -and
        -not (Test-SameName $Entry['after']['id'] $wanted['id'])) { return $false }
    $names = @($wanted['properties'].Keys)
    if (@($names | Where-Object -FilterScript { $_.Trim() -eq '' -or $_.Contains(',') }).Count -gt 0) { return $false }
    foreach ($side in @($before) + @($Entry['after'])) {
        if ($null -ne $side -and $side['exists'] -and (@($side['properties'].Keys) -join ',') -cne ($names -join ',')) {
            return $false
        }
    }
    if (-not $before['exists']) {
        return @($step.Made | Where-Object -FilterScript { ($names -join ',') -cmatch "^(?:$_)$" }).Count -gt 0
    }
    $names.Count -gt 0 -and @($names | Where-Object -FilterScript { $_ -cnotmatch "^(?:$($step.Set))$" }).Count -eq 0
}

function Test-Removal {
    # Only what a step says that it removes, and nothing that is said to be there afterwards.
    param($Entry, [hashtable] $Step)
    $names = @($Entry['before']['properties'].Keys) -join ','
    $Step.Contains('Removed') -and $Entry['before']['exists'] -and $Step.Removed -ccontains $names -and
        ($null -eq $Entry['after'] -or -not $Entry['after']['exists'])
}

function Get-JournalRefusal {
    param([string] $Path, [int] $Line)
    Get-Stop -State 'refused' -Guard 'journal' -Detail (
        "Line $Line of journal '$Path' is not what this script writes (format pexgen.journal/1). " +
        'Was it edited, saved again by another program, or is it of another tool or version? Nothing was changed.')
}

function Read-JournalText {
    # As UTF-8, with or without its mark. What was saved again as something else would be continued in two encodings.
    param([string] $Path)
    # A device has no length, and no end either. Of a file that is not there the length is $null, without an error.
    $bytes = [byte[]] @()
    try {
        $length = (New-Object -TypeName System.IO.FileInfo -ArgumentList $Path).Length
        if ($null -eq $length -or $length -gt 0) { $bytes = [System.IO.File]::ReadAllBytes($Path) }
    } catch {
        throw (Get-Stop -State 'refused' -Guard 'journal' -Detail (
                "Journal '$Path' could not be read: $($_.Exception.GetBaseException().Message)"))
    }
    $Run.Lengths[$Path] = $bytes.Length
    # What is no UTF-8 becomes U+FFFF, which no value has.
    $strange = New-Object -TypeName System.Text.DecoderReplacementFallback -ArgumentList ([string] [char] 0xFFFF)
    $encoding = [System.Text.Encoding]::GetEncoding(
        'utf-8', (New-Object -TypeName System.Text.EncoderExceptionFallback), $strange)
    $text = $encoding.GetString($bytes).TrimStart([char] 0xFEFF)
    if ($text.IndexOf([char] 0) -ge 0) { throw (Get-JournalRefusal $Path -Line 1) }
    $text
}

function Read-Journal {
    # The runs of one journal, oldest first. One torn line at the end of a run is what a killed run leaves, and
    # announces nothing that was done; anything else that cannot be understood is refused: undoing by it would be
    # guessing.
    param([string] $Path)
    $runs = New-Object -TypeName System.Collections.ArrayList
    $text = Read-JournalText $Path
    $isOurs = $text.StartsWith('{"format":"pexgen.journal/1"', [System.StringComparison]::Ordinal)
    $lines = $text.Split([char] 10)
    $torn = $false
    for ($n = 0; $n -lt $lines.Count; $n++) {
        if ($lines[$n].Trim() -eq '') { continue }
        try { $entry = ConvertFrom-JournalLine $lines[$n] }
        catch {
            # A torn header is a run of its own, which did nothing.
            $isHeader = $lines[$n].StartsWith('{"format"', [System.StringComparison]::Ordinal)
            if (($torn -and -not $isHeader) -or -not $isOurs) { throw (Get-JournalRefusal $Path -Line ($n + 1)) }
            $torn = $true
            Write-Line "Note      Line $($n + 1) of '$Path' is torn, as a killed run leaves it, and is passed over."
            continue
        }
        # A letter that was saved in another encoding would be given back as something else.
        $isText = $lines[$n].IndexOf([char] 0xFFFF) -lt 0
        if ($isText -and $entry -is [System.Collections.IDictionary] -and $entry['format'] -ceq 'pexgen.journal/1') {
            $torn = $false
            [void] $runs.Add(@{
                    Header = $entry; Entries = (New-Object -TypeName System.Collections.ArrayList); Path = $Path })
        } elseif ($isText -and -not $torn -and $runs.Count -gt 0 -and (Test-JournalEvent $entry) -and
            $entry['run'] -ceq $runs[-1].Header['run']) {
            [void] $runs[-1].Entries.Add($entry)
        } else { throw (Get-JournalRefusal $Path -Line ($n + 1)) }
    }
    , $runs.ToArray()
}

function Read-AllJournal {
    # The runs of all files, oldest first, as they were made: one file may have been continued after another one began.
    foreach ($path in $Run.JournalPath) {
        $runs = Read-Journal $path
        Assert-That ($runs.Count -gt 0) -Guard 'journal' -Message "There is no run in '$path'."
        $Run.Runs += $runs
    }
    for ($n = 0; $n -lt $Run.Runs.Count; $n++) { $Run.Runs[$n]['Order'] = $n }
    $Run.Runs = @($Run.Runs | Sort-Object -Property { [string] $_.Header['utc'] }, { $_.Order })
    $phases = @($Run.Runs | ForEach-Object -Process { [string] $_.Header['phase'] } | Select-Object -Unique)
    if ($phases.Count -eq 1) { $Run.Phase = $phases[0] }
    foreach ($one in $Run.Runs) { foreach ($entry in $one.Entries) { $Run.InJournal[[string] $entry['step']] = $true } }
}

function Test-JournalOwner {
    # Undoing or continuing with a journal of another deployment or tenant could change what is not ours.
    param([object[]] $Runs)
    foreach ($one in $Runs) {
        $theirs = [ordered]@{
            deployment = $one.Header['name']; method = $one.Header['method']; platform = $one.Header['platform']
            tenant = Get-TenantKey $one.Header['tenant']; 'connection URI' = $one.Header['connectionUri']
        }
        $ours = @{
            deployment = $Value.Name; method = $Method; platform = $Platform
            tenant = Get-TenantKey $Run.Tenant; 'connection URI' = $Run.ConnectionUri
        }
        foreach ($what in $theirs.Keys) {
            $same = [string]::Equals(
                [string] $theirs[$what], [string] $ours[$what], [System.StringComparison]::OrdinalIgnoreCase)
            Assert-That $same -Guard 'journal' -Message (
                "Journal '$($one.Path)' belongs to another ${what}: " +
                "it says '$($theirs[$what])', this run is for '$($ours[$what])'.")
        }
    }
}

function Open-Journal {
    # Held open for the whole run, for this run alone: two runs at once on one file would mix their memories. Rollback
    # holds all that it was given, and writes into the last.
    param([string] $Path, [bool] $Writes = $true)
    try {
        $file = if ($Writes) { [System.IO.File]::Open($Path, 'OpenOrCreate', 'ReadWrite', 'None') }
        else { [System.IO.File]::Open($Path, 'Open', 'Read', 'None') }
        $Run.Held += $file
        if ($Run.Lengths.ContainsKey($Path) -and $file.Length -ne $Run.Lengths[$Path]) {
            throw 'another run has written to it after it was read.'
        }
        if (-not $Writes) { return }
        if ($file.Length -gt 0) {
            [void] $file.Seek(-1, 'End')
            $torn = $file.ReadByte() -ne 10
            if ($torn) { $file.WriteByte(10) }
        }
        $Run.Journal = $file
    } catch {
        throw (Get-Stop -State 'refused' -Guard 'journal' -Detail (
                "Journal '$Path' cannot be opened for this run alone, or not written: " +
                "$($_.Exception.GetBaseException().Message)"))
    }
}

function Write-Journal {
    # Announces: what is announced is not done where this fails.
    param([System.Collections.IDictionary] $Entry, [bool] $Announces = $true)
    $line = ConvertTo-Json -InputObject $Entry -Depth 8 -Compress
    $bytes = (New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $false).GetBytes($line + "`n")
    try {
        $Run.Journal.Write($bytes, 0, $bytes.Length)
        $Run.Journal.Flush($true)
        $Run.Journalled = $true
    } catch {
        $what = if ($Announces) { 'so nothing was changed that it would have announced.' }
        else { 'after the change was made. The change stays; the same run again finds it in place.' }
        throw (Get-Stop -State 'failed' -Guard 'journal' -Detail (
                "The journal could not be written ($($_.Exception.GetBaseException().Message)), $what"))
    }
}

function Write-JournalHeader {
    Write-Journal ([ordered]@{
            format = 'pexgen.journal/1'; run = $Run.Id; name = $Value.Name; method = $Method; platform = $Platform
            phase = Get-Filled $Run.Phase; bodySha256 = $Run.BodySha256
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
    # Who said Yes to it, and when; a consent is there as long as the step's writes are.
    if ('intent', 'undone' -ccontains $Name) { $entry['consent'] = $Run.Consent[$Change.Step] }
    if ($Steps[$Change.Step].Contains('Advice')) { $entry['advice'] = $Steps[$Change.Step].Advice }
    Write-Journal $entry -Announces ($Name -ceq 'intent')
}
