# Paths: where the journal and the result go, and that they can be written.

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
                "'$Path' is not a path: $($_.Exception.GetBaseException().Message)"))
    }
    Assert-That ($provider.Name -eq 'FileSystem') -Guard 'paths' -Message "'$Path' is not a path of the file system."
    $full
}

function Resolve-RunPath {
    # Before the first guard, because a refusal has a result too.
    $stamp = (Get-UtcNow).ToString("yyyyMMdd'T'HHmmss'Z'", [cultureinfo]::InvariantCulture)
    $name = if ($Value.Name -cmatch '^[A-Za-z0-9-]{1,64}\z') { $Value.Name } else { 'pexgen' }
    $journal = "$name-$stamp-$($Run.Id).journal.jsonl"
    $given = $Run.ResultPath
    $log = $Run.LogPath
    $Run.ResultPath = ''
    $Run.LogPath = ''
    $result = if ($given -ne '') { Get-FullPath $given } else { '' }
    if ($Run.Mode -eq 'Apply' -and $Run.JournalPath.Count -eq 0) { $Run.JournalPath = @($journal) }
    $Run.JournalPath = @($Run.JournalPath | ForEach-Object -Process { Get-FullPath $_ })
    Assert-Folder -Path $result -Parameter 'ResultPath'
    Assert-ResultFile $result
    $Run.ResultPath = $result
    if ($log -ne '') { Open-Log (Get-FullPath $log) }
    if ('Apply', 'Rollback' -cnotcontains $Run.Mode) { return }
    foreach ($path in $Run.JournalPath) {
        Assert-Folder $path -Parameter 'JournalPath' -Guard 'journal'
        Assert-NoLink -Path $path -Parameter 'JournalPath'
    }
    if ($given -eq '' -and -not $Run.WhatIf) {
        $beside = @($Run.JournalPath + (Get-FullPath $journal))[[Math]::Max(0, $Run.JournalPath.Count - 1)]
        $begin = $beside -creplace '\.jsonl$'
        $Run.ResultPath = "$begin.$($Run.Mode).result.json"
        # What an earlier run of this journal came to stays.
        if ([System.IO.File]::Exists($Run.ResultPath) -or (Test-Link $Run.ResultPath)) {
            $Run.ResultPath = "$begin.$($Run.Mode).$($Run.Id).result.json"
        }
    }
}

function Assert-Folder {
    # No folder is made: one that was mistyped would take the journal to where nobody looks for it.
    param([string] $Path, [string] $Parameter, [string] $Guard = 'paths')
    if ($Path -eq '') { return }
    $folder = [System.IO.Path]::GetDirectoryName($Path)
    Assert-That ([string]::IsNullOrEmpty($folder) -or [System.IO.Directory]::Exists($folder)) -Guard $Guard -Message (
        "-${Parameter}: the folder '$folder' does not exist. Create it, or name a file in an existing folder.")
}

function Test-Link {
    # Whether a path is a link, be it one to nothing. Files in a synchronized folder are marked alike and are none.
    param([string] $Path)
    if ($Path -eq '') { return $false }
    $attributes = [int] (New-Object -TypeName System.IO.FileInfo -ArgumentList $Path).Attributes
    $isMarked = $attributes -ne -1 -and ($attributes -band [int] [System.IO.FileAttributes]::ReparsePoint) -ne 0
    if (-not $isMarked) { return $false }
    $item = Get-Item -LiteralPath $Path -Force -ErrorAction Ignore
    $null -eq $item -or 'SymbolicLink', 'Junction' -ccontains (Get-Text $item 'LinkType')
}

function Assert-NoLink {
    # What somebody else planted in a folder that others write in too would lead to a file elsewhere.
    param([string] $Path, [string] $Parameter)
    Assert-That (-not (Test-Link $Path)) -Guard 'paths' -Message (
        "-${Parameter}: '$Path' is a link, and links are not followed. Name the file itself.")
}

function Assert-ResultFile {
    # Only an empty file or a result is ever replaced: not a journal, not this script, nothing of anybody's.
    param([string] $Path)
    if ($Path -eq '') { return }
    Assert-NoLink -Path $Path -Parameter 'ResultPath'
    Assert-That ($Run.JournalPath -notcontains $Path -and -not (Test-JournalFile $Path)) -Guard 'paths' -Message (
        "-ResultPath '$Path' is a journal; the result would replace it. Name another file.")
    $begin = Read-Beginning $Path -Parameter 'ResultPath'
    Assert-That ($begin -eq '' -or $begin -cmatch '^\s*\{\s*"format"\s*:\s*"pexgen\.result/') -Guard 'paths' -Message (
        "-ResultPath '$Path' exists and is not a result of a runbook. It would be overwritten; name another file.")
}

function Read-Beginning {
    # The first letters of a file; '' of one that is empty or not there.
    param([string] $Path, [string] $Parameter)
    if (-not [System.IO.File]::Exists($Path)) { return '' }
    $text = ''
    try {
        $reader = New-Object -TypeName System.IO.StreamReader -ArgumentList $Path
        try {
            for ($n = 0; $n -lt 200 -and $reader.Peek() -ge 0; $n++) { $text += [char] $reader.Read() }
            $text
        } finally { $reader.Dispose() }
    } catch {
        throw (Get-Stop -State 'refused' -Guard 'paths' -Detail (
                "-$Parameter '$Path' cannot be read: $($_.Exception.GetBaseException().Message)"))
    }
}

function Open-Log {
    # Appended to, so that the runs of one change stand in one file; a file that is no log of ours stays as it is.
    param([string] $Path)
    Assert-Folder -Path $Path -Parameter 'LogPath'
    Assert-NoLink -Path $Path -Parameter 'LogPath'
    $isTaken = $Path -eq $Run.ResultPath -or $Run.JournalPath -contains $Path
    Assert-That (-not $isTaken) -Guard 'paths' -Message "-LogPath '$Path' is the journal or the result of this run."
    try {
        $first = Read-Beginning $Path -Parameter 'LogPath'
        $isOurs = $first -eq '' -or $first -cmatch '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  pexgen '
        if ($isOurs) { $Run['Log'] = [System.IO.File]::Open($Path, 'Append', 'Write', 'Read') }
    } catch {
        throw (Get-Stop -State 'refused' -Guard 'paths' -Detail (
                "-LogPath '$Path' cannot be written: $($_.Exception.GetBaseException().Message)"))
    }
    Assert-That $isOurs -Guard 'paths' -Message (
        "-LogPath '$Path' is a file that is not a log of a runbook. Name another file.")
    $Run.LogPath = $Path
    Write-Log "pexgen log of run $($Run.Id)"
}

function Test-JournalFile {
    param([string] $Path)
    if (-not [System.IO.File]::Exists($Path) -or
        (New-Object -TypeName System.IO.FileInfo -ArgumentList $Path).Length -eq 0) {
        return $false
    }
    # Closed at once: a file that stays open here cannot be written by this very run.
    try { $reader = New-Object -TypeName System.IO.StreamReader -ArgumentList $Path } catch { return $false }
    try { $first = [string] $reader.ReadLine() } finally { $reader.Dispose() }
    $first.StartsWith('{"format":"pexgen.journal/', [System.StringComparison]::Ordinal)
}

function Assert-Path {
    # The last guard: from here on the journal is open, and nothing is done that it cannot hold.
    $path = $Run.ResultPath
    if ($path -ne '') {
        try {
            $isNew = -not [System.IO.File]::Exists($path)
            $how = if ($isNew) { 'CreateNew' } else { 'Open' }
            [System.IO.File]::Open($path, $how, 'ReadWrite', 'ReadWrite').Dispose()
            if ($isNew) { [System.IO.File]::Delete($path) }
        } catch {
            # Said once: it is not tried again at the end.
            $Run.ResultPath = ''
            $which = if ($Run.Bound.ContainsKey('ResultPath')) { '-ResultPath' }
            else { 'The result beside the journal (-ResultPath names another place),' }
            throw (Get-Stop -State 'refused' -Guard 'paths' -Detail (
                    "$which '$path' cannot be written: $($_.Exception.GetBaseException().Message)"))
        }
    }
    if ('Apply', 'Rollback' -cnotcontains $Run.Mode -or $Run.WhatIf) { return }
    $journal = $Run.JournalPath[-1]
    if ($Run.Mode -eq 'Rollback') {
        @($Run.JournalPath | Select-Distinct) | Where-Object -FilterScript { $_ -cne $journal } |
            ForEach-Object -Process { Open-Journal $_ }
    }
    if ($Run.Mode -eq 'Apply' -and [System.IO.File]::Exists($journal)) {
        # What is continued is remembered: a step may need what an interrupted run still saw.
        $Run.Runs = Read-Journal $journal
        Assert-JournalOwner $Run.Runs
    }
    Open-Journal $journal
    Write-Line "Journal   $journal"
}
