# Paths: where the journal and the result go, and that they can be written.

function Resolve-RunPath {
    # Before the first guard, because a refusal has a result too.
    $stamp = (Get-UtcNow).ToString("yyyyMMdd'T'HHmmss'Z'", [cultureinfo]::InvariantCulture)
    $name = if ($Value.Name -cmatch '^[A-Za-z0-9-]{1,64}$') { $Value.Name } else { 'pexgen' }
    $journal = "$name-$stamp-$($Run.Id).journal.jsonl"
    $given = $Run.ResultPath
    $Run.ResultPath = ''
    $result = if ($given -ne '') { Get-FullPath $given } else { '' }
    if ($Run.Mode -eq 'Apply' -and $Run.JournalPath.Count -eq 0) { $Run.JournalPath = @($journal) }
    $Run.JournalPath = @($Run.JournalPath | ForEach-Object -Process { Get-FullPath $_ })
    $isJournal = $result -ne '' -and ($Run.JournalPath -contains $result -or (Test-JournalFile $result))
    Assert-That (-not $isJournal) -Guard 'paths' -Message "'$result' is a journal; the result would replace it."
    $Run.ResultPath = $result
    if ($given -eq '' -and 'Apply', 'Rollback' -ccontains $Run.Mode -and -not $Run.WhatIf) {
        $beside = @($Run.JournalPath + (Get-FullPath $journal))[[Math]::Max(0, $Run.JournalPath.Count - 1)]
        $Run.ResultPath = ($beside -creplace '\.jsonl$', '') + ".$($Run.Mode).result.json"
    }
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
            [System.IO.File]::Open($path, 'OpenOrCreate', 'ReadWrite', 'ReadWrite').Dispose()
            if ($isNew) { [System.IO.File]::Delete($path) }
        } catch {
            throw (Get-Stop -State 'refused' -Guard 'paths' -Detail (
                    "'$path' cannot be written: $($_.Exception.GetBaseException().Message)"))
        }
    }
    if ('Apply', 'Rollback' -cnotcontains $Run.Mode -or $Run.WhatIf) { return }
    $journal = $Run.JournalPath[-1]
    if ($Run.Mode -eq 'Rollback') {
        @($Run.JournalPath | Select-Object -Unique) | Where-Object -FilterScript { $_ -cne $journal } |
            ForEach-Object -Process { Open-Journal $_ -Writes $false }
    }
    if ($Run.Mode -eq 'Apply' -and [System.IO.File]::Exists($journal)) {
        # What is continued is remembered: a step may need what an interrupted run still saw.
        $Run.Runs = Read-Journal $journal
        Test-JournalOwner $Run.Runs
    }
    Open-Journal $journal
}
