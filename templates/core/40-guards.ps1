# Guards: everything that has to be true before anything is written. They run in this order, and none reaches a write.

function Assert-That {
    param($Condition, [string] $Guard, [string] $Message)
    if (-not $Condition) { throw (Get-Stop -State 'refused' -Guard $Guard -Detail $Message) }
}

function Assert-Sane {
    param($Condition, [string] $Message)
    Assert-That $Condition -Guard 'values' -Message $Message
}

function Test-Guid {
    param([string] $Text)
    $Text -cmatch '^[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$' -and $Text -ne [string] [guid]::Empty
}

function Test-Address {
    param([string] $Text)
    $Text.Length -le 320 -and $Text -cmatch '^[^\s@*"<>(),;:\\\[\]]+@[^\s@*"<>(),;:\\\[\]]+\.[^\s@*"<>(),;:\\\[\]]+$'
}

function Assert-Engine {
    $version = $PSVersionTable.PSVersion
    $known = ($version.Major -eq 5 -and $version.Minor -ge 1) -or $version -ge [version] '7.4'
    Assert-That $known -Guard 'engine' -Message (
        "This is PowerShell $version. Use Windows PowerShell 5.1, or PowerShell 7.4 or later.")
}

function Get-RenderedDefault {
    # What the file itself says, to be shown beside what an operator gave on the command line instead.
    param($ScriptBlock, [string] $Name)
    foreach ($parameter in $ScriptBlock.Ast.ParamBlock.Parameters) {
        if ($parameter.Name.VariablePath.UserPath -eq $Name) { return , $parameter.DefaultValue.SafeGetValue() }
    }
}

function Get-Override {
    param($Bound, $ScriptBlock)
    foreach ($name in @($Value.Keys | Sort-Object)) {
        if (-not $Bound.ContainsKey($name)) { continue }
        $rendered = Get-RenderedDefault -ScriptBlock $ScriptBlock -Name $name
        $used = $Value[$name]
        $same = [string]::Equals(
            (ConvertTo-Json -InputObject $rendered -Depth 4 -Compress),
            (ConvertTo-Json -InputObject $used -Depth 4 -Compress), 'Ordinal')
        if (-not $same) { [ordered]@{ parameter = $name; rendered = $rendered; used = $used } }
    }
}

function Assert-RunParameter {
    Assert-Sane ('Check', 'Apply', 'Verify', 'Rollback' -ccontains $Run.Mode) (
        '-Mode is one of Check, Apply, Verify, Rollback.')
    foreach ($id in $Run.Step) {
        Assert-Sane ($Steps.Contains($id)) (
            "-Step '$id' is no step of this runbook. Its steps: $(@($Steps.Keys) -join ', ').")
    }
    Assert-Sane ($Run.WaitSeconds -ge 0 -and $Run.WaitSeconds -le 86400) (
        '-WaitSeconds is a number of seconds from 0 to 86400.')
    $journals = @($Run.JournalPath).Count
    Assert-Sane ($Run.Mode -ne 'Rollback' -or $journals -gt 0) (
        '-Mode Rollback needs -JournalPath: the journals of the runs that are to be undone.')
    Assert-Sane ($Run.Mode -ne 'Apply' -or $journals -le 1) '-Mode Apply writes one journal: give -JournalPath once.'
    $reviewed = $Run.Review -ceq 'reviewed' -or $Run.AcceptUnreviewed -or $Run.Mode -cne 'Apply'
    Assert-Sane $reviewed (
        'This runbook was rendered from templates that nobody reviewed. -AcceptUnreviewed runs it all the same.')
    if ($Run.EwsListInPlaceSince -ne '') {
        $time = [datetime]::MinValue
        $style = [System.Globalization.DateTimeStyles]::AdjustToUniversal -bor
            [System.Globalization.DateTimeStyles]::AssumeUniversal
        $read = [datetime]::TryParseExact(
            $Run.EwsListInPlaceSince, "yyyy-MM-dd'T'HH:mm:ss'Z'", [cultureinfo]::InvariantCulture, $style, [ref] $time)
        $inRange = $read -and $time -ge [datetime] '2026-06-19' -and $time -le (Get-UtcNow)
        Assert-Sane $inRange (
            '-EwsListInPlaceSince is a time as 2026-11-02T21:00:00Z, not before 2026-06-19 and not in the future.')
        $Run.EwsListSince = $time
    }
}

function Assert-Value {
    # The description was checked when this file was rendered; an operator may have given other values since.
    foreach ($override in $Run.Overrides) {
        $isTarget = $override.parameter.StartsWith('Target', [System.StringComparison]::Ordinal)
        Assert-Sane (-not $isTarget) (
            "-$($override.parameter) cannot be given on the command line: render a runbook for that tenant.")
    }
    $bad = @($Value.Keys |
            Where-Object -FilterScript { $Value[$_] -is [string] -and $Value[$_] -cmatch '[\x00-\x1F\x7F]' })
    Assert-Sane ($bad.Count -eq 0) "-$($bad -join ', -') holds a control character."
    $short = @{ Name = 40; EquipmentName = 64; EquipmentAlias = 64; EquipmentDisplayName = 256; ApplicationName = 256
        ApplicationAssignment = 64; SchedulingGroupName = 64; ScopeName = 64 }
    foreach ($name in @($short.Keys | Sort-Object)) {
        if (-not $Value.ContainsKey($name)) { continue }
        Assert-Sane ($Value[$name].Length -le $short[$name]) "-$name is longer than $($short[$name]) characters."
    }
    foreach ($id in @($Steps.Keys)) {
        if ($Steps[$id].Contains('Assert')) { & $Steps[$id].Assert }
    }
}
