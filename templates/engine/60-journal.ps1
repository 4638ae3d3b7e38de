# Journal: one line of JSON for each thing done, on disk before the change that it announces.

$JournalFormat = 'pexgen.journal/2'
# Lines of format 1 have no digest of the line before them.
$JournalFormats = @('pexgen.journal/1', $JournalFormat)
# Read whole into memory. A group of 20,000 members makes about 30 MB, its Rollback included.
$JournalLimit = 40MB

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
    $read = ConvertFrom-Json -InputObject $marked
    # A list of one comes as what is in it.
    if ($Line.TrimStart().StartsWith('{', 'Ordinal')) { ConvertTo-PlainObject $read }
}

function Test-JournalName {
    # A key of the name of one of a dictionary's own members would be answered instead of that member.
    param([System.Collections.IDictionary] $Side)
    $own = @(([ordered]@{}).PSObject.Properties | ForEach-Object -Process { $_.Name })
    foreach ($pair in $Side.GetEnumerator()) { if ($own -contains $pair.Key) { return $false } }
    $true
}

function Test-JournalSnapshot {
    param($Side)
    if ($Side -isnot [System.Collections.IDictionary] -or -not (Test-JournalName $Side) -or
        $Side['exists'] -isnot [bool] -or $Side['id'] -isnot [string] -or $Side['id'] -eq '' -or
        $Side['properties'] -isnot [System.Collections.IDictionary] -or
        -not (Test-JournalName $Side['properties'])) { return $false }
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
    if ($Entry -isnot [System.Collections.IDictionary] -or -not (Test-JournalName $Entry) -or
        'intent', 'done', 'failed', 'undone' -cnotcontains $Entry['event'] -or
        @($Steps.Keys) -cnotcontains [string] $Entry['step'] -or -not $Entry.Contains('after')) { return $false }
    $before = $Entry['before']
    $wanted = $Entry['wanted']
    if (-not (Test-JournalSnapshot $before) -or -not (Test-JournalSnapshot $wanted)) { return $false }
    if ($null -ne $Entry['after'] -and -not (Test-JournalSnapshot $Entry['after'])) { return $false }
    if ($Entry['event'] -ceq 'undone') { return $true }
    $step = $Steps[[string] $Entry['step']]
    if ($before['id'] -cne $wanted['id']) { return $false }
    if ($step.Contains('Ids') -and $wanted['id'] -cnotmatch $step.Ids) { return $false }
    $isRemoval = -not $wanted['exists']
    if ($isRemoval -and $step.Contains('Removed')) { return Test-Removal $Entry -Step $step }  # only: Removed
    if ($isRemoval) { return $false }
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
        return @($step.Made | Where-Object -FilterScript { ($names -join ',') -cmatch "^(?:$_)\z" }).Count -gt 0
    }
    $names.Count -gt 0 -and @($names | Where-Object -FilterScript { $_ -cnotmatch "^(?:$($step.Set))\z" }).Count -eq 0
}

function Test-Removal {
    # Only what a step says that it removes, and nothing that is said to be there afterwards.
    param($Entry, [hashtable] $Step)
    $names = @($Entry['before']['properties'].Keys) -join ','
    $Entry['before']['exists'] -and $Step.Removed -ccontains $names -and
        ($null -eq $Entry['after'] -or -not $Entry['after']['exists'])
}

function Get-JournalRefusal {
    param([string] $Path, [int] $Line)
    Get-Stop -State 'refused' -Guard 'journal' -Detail (
        "Line $Line of journal '$Path' is not what this script writes (format $($JournalFormats -join ' or ')). " +
        'Was it edited, saved again by another program, or is it of another tool or version? Nothing was changed.')
}

function Assert-JournalFile {
    # Only an ordinary file, at the end of its links: a device or a pipe may have no end. Where files have no Unix type,
    # opening refuses everything else. What is not there is said by whoever opens it.
    param([string] $Path)
    $target = $Path
    try {
        $provider = $ExecutionContext.SessionState.InvokeProvider.Item
        $item = @($provider.Get(@($target), $true, $true))[0]
        if ($null -ne $item.PSObject.Properties['UnixStat']) {
            $end = [System.IO.File]::ResolveLinkTarget($target, $true)
            if ($null -ne $end) { $item = @($provider.Get(@($end.FullName), $true, $true))[0] }
        }
    } catch { return }
    # Not its mode as text, which PowerShell remembers of another one with the same permissions.
    $isFile = $item -is [System.IO.FileInfo] -and
        '', 'File' -ccontains (Get-Text (Get-Property $item 'UnixStat') 'ItemType')
    Assert-That $isFile -Guard 'journal' -Message (
        "Journal '$Path' is not an ordinary file, but a folder, a device or a pipe. Nothing was changed.")
    Assert-That ($item.Length -le $JournalLimit) -Guard 'journal' -Message (
        "Journal '$Path' has $($item.Length) bytes; a journal has at most $JournalLimit. Nothing was changed.")
}

function Read-JournalText {
    # As UTF-8, with or without its mark. What was saved again as something else would be continued in two encodings.
    param([string] $Path)
    Assert-JournalFile $Path
    # Of a file that is not there the length is $null, without an error.
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

function Get-LineDigest {
    # What the next line carries of this one. A line end of another system is not part of it.
    param([string] $Line)
    Get-Sha256 ([System.Text.Encoding]::UTF8.GetBytes($Line.TrimEnd([char] 13)))
}

function Read-Journal {
    # The runs of one journal, oldest first. One torn line at the end of a run is what a killed run leaves, and
    # announces nothing that was done; anything else that cannot be understood is refused: undoing by it would be
    # guessing.
    param([string] $Path)
    $runs = New-Object -TypeName System.Collections.ArrayList
    $text = Read-JournalText $Path
    $isOurs = @($JournalFormats | Where-Object -FilterScript {
            $text.StartsWith("{`"format`":`"$_`"", [System.StringComparison]::Ordinal) }).Count -gt 0
    $lines = $text.Split([char] 10)
    $torn = $false
    $before = $null
    for ($n = 0; $n -lt $lines.Count; $n++) {
        if ($lines[$n].Trim() -eq '') { continue }
        $previous = $before
        $before = Get-LineDigest $lines[$n]
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
        if (-not $isText -or -not (Add-JournalLine $runs -Entry $entry -Path $Path -IsTorn $torn)) {
            throw (Get-JournalRefusal $Path -Line ($n + 1))
        }
        $torn = $false
        Assert-JournalChain $runs -Entry $entry -Previous $previous -Line ($n + 1)
    }
    $Run.Digests[$Path] = $before
    , $runs.ToArray()
}

function Add-JournalLine {
    # A header begins a run; every other line belongs to the run above it. $false: it is no line of a journal.
    param([System.Collections.ArrayList] $Runs, $Entry, [string] $Path, [bool] $IsTorn)
    if ($Entry -isnot [System.Collections.IDictionary]) { return $false }
    if ($JournalFormats -ccontains $Entry['format']) {
        # Once lines carry digests, none comes without.
        if ($Runs.Count -gt 0 -and $Runs[-1].Header['format'] -ceq $JournalFormat -and
            $Entry['format'] -cne $JournalFormat) { return $false }
        [void] $Runs.Add(@{
                Header = $Entry; Entries = (New-Object -TypeName System.Collections.ArrayList); Path = $Path
                Announced = @{} })
        return $true
    }
    if ($IsTorn -or $Runs.Count -eq 0 -or -not (Test-JournalEvent $Entry) -or
        $Entry['run'] -cne $Runs[-1].Header['run']) { return $false }
    $key = "$($Entry['step']) $(ConvertTo-Json -InputObject $Entry['wanted'] -Depth 4 -Compress)"
    if ($Entry['event'] -ceq 'intent') { $Runs[-1].Announced[$key] = $true }
    [void] $Runs[-1].Entries.Add($Entry)
    $true
}

function Assert-JournalChain {
    # Each line knows the one before it, so that one that was edited, taken out or moved is seen; and nothing is said to
    # be done that was not announced.
    param([System.Collections.ArrayList] $Runs, $Entry, $Previous, [int] $Line)
    $path = $Runs[-1].Path
    if ($Runs[-1].Header['format'] -ceq $JournalFormat) {
        Assert-That ($Entry.Contains('prev') -and [string] $Entry['prev'] -ceq [string] $Previous) -Guard (
            'journal') -Message (
            "Line $Line of journal '$path' does not follow on the line before it: one of the two was edited, or " +
            'lines are missing or in another order. Nothing was changed.')
    }
    if ('done', 'failed' -cnotcontains $Entry['event']) { return }
    $key = "$($Entry['step']) $(ConvertTo-Json -InputObject $Entry['wanted'] -Depth 4 -Compress)"
    Assert-That $Runs[-1].Announced.ContainsKey($key) -Guard 'journal' -Message (
        "Line $Line of journal '$path' says how a change ended that no line before it announces. Nothing was changed.")
}

function Read-AllJournal {
    # The runs of all files, oldest first, as they were made: one file may have been continued after another one began.
    # A Rollback stands in each file that it was given, and files are copied: of one run the longest counts.
    $longest = [ordered]@{}
    foreach ($path in $Run.JournalPath) {
        $runs = Read-Journal $path
        Assert-That ($runs.Count -gt 0) -Guard 'journal' -Message (
            "The journal '$path' contains no run: an Apply that is refused before its first question leaves it empty.")
        foreach ($one in $runs) {
            $key = "$($one.Header['run']) $($one.Header['utc'])"
            if ($longest.Contains($key) -and $longest[$key].Entries.Count -ge $one.Entries.Count) { continue }
            $longest[$key] = $one
        }
        $Run.Runs += $runs
    }
    # The owner of each file is looked at later; what is undone comes from each run once.
    $Run.Memory = @($longest.Values)
    $Run.Memory = @($Run.Memory | Get-Ordered -By { [string] $_.Header['utc'] })
    $phases = @($Run.Runs | ForEach-Object -Process { [string] $_.Header['phase'] } | Select-Distinct)  # only: migrate
    if ($phases.Count -eq 1) { $Run.Phase = $phases[0] }  # only: migrate
    foreach ($one in $Run.Runs) { foreach ($entry in $one.Entries) { $Run.InJournal[[string] $entry['step']] = $true } }
}

function Get-ServerName {
    # Of a connection URI the host: sessions write the rest in several ways.
    param([string] $Text)
    $uri = $null
    if ([System.Uri]::TryCreate($Text, [System.UriKind]::Absolute, [ref] $uri) -and $uri.Host -ne '') { $uri.Host }
    else { $Text }
}

function Assert-JournalOwner {
    # Undoing or continuing with a journal of another deployment or tenant could change what is not ours.
    param([object[]] $Runs)
    foreach ($one in $Runs) {
        $theirs = [ordered]@{
            deployment = $one.Header['name']; method = $one.Header['method']; platform = $one.Header['platform']
            tenant = Get-TenantKey $one.Header['tenant']
            'connection URI' = Get-ServerName ([string] $one.Header['connectionUri'])  # only: exchange-online
            forest = [string] $one.Header['connectionUri']  # only: exchange-server
        }
        $ours = @{
            deployment = $Value.Name; method = $Method; platform = $Platform
            tenant = Get-TenantKey $Run.Tenant
            'connection URI' = Get-ServerName $Run.ConnectionUri  # only: exchange-online
            forest = [string] $Run.ConnectionUri  # only: exchange-server
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
