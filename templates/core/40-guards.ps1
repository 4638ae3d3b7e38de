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
    $known = ($version.Major -eq 5 -and $version.Minor -ge 1) -or $version -ge [version] $Facts.PowerShellMinimum
    Assert-That $known -Guard 'engine' -Message (
        "This is PowerShell $version. Use Windows PowerShell 5.1, or PowerShell $($Facts.PowerShellMinimum) or later.")
}

function Get-RenderedDefault {
    # What the file itself says, to be shown beside what an operator gave on the command line instead.
    param($ScriptBlock, [string] $Name)
    foreach ($parameter in $ScriptBlock.Ast.ParamBlock.Parameters) {
        if ($parameter.Name.VariablePath.UserPath -ne $Name) { continue }
        $rendered = ConvertFrom-Rendered (Get-Constant $parameter.DefaultValue)
        return , $rendered
    }
}

function Get-Constant {
    # The value of a literal in a syntax tree. PowerShell takes no value from a long list as a whole, but from each of
    # its entries.
    param($Ast)
    if ($Ast -isnot [System.Management.Automation.Language.ArrayExpressionAst]) { return , $Ast.SafeGetValue() }
    $entries = New-Object -TypeName System.Collections.ArrayList
    foreach ($statement in $Ast.SubExpression.Statements) {
        $list = $statement.PipelineElements[0].Expression
        $isList = $list -is [System.Management.Automation.Language.ArrayLiteralAst]
        foreach ($element in @(if ($isList) { $list.Elements } else { $list })) {
            [void] $entries.Add($element.SafeGetValue())
        }
    }
    , $entries.ToArray()
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
    $isDigest = $Run.ApprovedPlan -eq '' -or $Run.ApprovedPlan -cmatch '^[0-9a-f]{64}$'
    Assert-Sane ($isDigest -and ($Run.ApprovedPlan -eq '' -or $Run.Mode -ceq 'Apply')) (
        '-ApprovedPlan is the digest that Check prints after "Plan", 64 hexadecimal digits, and is for Apply alone.')
    Assert-Sane ($Run.WaitSeconds -ge 0 -and $Run.WaitSeconds -le 86400) (
        '-WaitSeconds is a number of seconds from 0 to 86400.')
    Assert-Sane ($Run.MaxChanges -ge 1) '-MaxChanges is a number from 1 on.'
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
        $inRange = $read -and $time -ge [datetime] $Facts.EwsListIntroduced -and $time -le (Get-UtcNow)
        Assert-Sane $inRange (
            '-EwsListInPlaceSince is a time as 2026-11-02T21:00:00Z, ' +
            "not before $($Facts.EwsListIntroduced) and not in the future.")
        $Run.EwsListSince = $time
    }
}

function Assert-Phase {
    # Two changes weeks apart in one file: which of the two is never guessed.
    $phases = @('Prepare', 'Cleanup')
    # What is taken back is in the journals, and so is its phase.
    if ($Run.Mode -ceq 'Rollback') { $Run.Phase = '' }
    if ($Method -cne 'migrate') { return }
    Assert-Sane ($Run.Phase -ceq '' -or $phases -ccontains $Run.Phase) '-Phase is Prepare or Cleanup.'
    Assert-Sane ($Run.Mode -cne 'Apply' -or $Run.Phase -cne '') (
        '-Mode Apply needs -Phase: Prepare builds the new way beside the old one, ' +
        'Cleanup takes away what is left of the old one after the switch in Pexip Infinity.')
    Assert-Sane ($Run.Mode -cne 'Apply' -or $Run.Phase -cne 'Cleanup' -or $Run.ConfirmCutover) (
        '-Phase Cleanup needs -ConfirmCutover: Pexip Infinity has been switched to app permissions and schedules ' +
        'with them. The role assignments that Cleanup takes away cannot be given back in Exchange Online.')
    foreach ($id in $Run.Step) {
        Assert-Sane ($Run.Mode -ceq 'Rollback' -or (Test-Phase $id)) (
            "-Step '$id' is no step of the phase $($Run.Phase).")
    }
}

function Test-Phase {
    param([string] $Step)
    $Run.Phase -ceq '' -or ($Run.Phase -ceq 'Cleanup') -eq $Steps[$Step].Contains('Cleanup')
}

function Test-EwsEnded {
    # Only the cloud's: EWS of Exchange Server stays.
    param([string] $Step)
    $Steps[$Step].Contains('CloudEws') -and (Get-UtcNow) -ge [datetime] $Facts.EwsEnds
}

function Assert-Date {
    $ended = @(@($Run.Selected) + @(Get-ProvedFirst) |
            Where-Object -FilterScript { (Test-Asked $_) -and (Test-EwsEnded $_) })
    Assert-That ($Run.Mode -cne 'Apply' -or $ended.Count -eq 0) -Guard 'dates' -Message (
        "EWS in Exchange Online ended on $($Facts.EwsEnds), and nobody can switch it on again. " +
        "What $($ended -join ', ') is for cannot work any more: ask Pexip for the way that replaces it.")
}

function Assert-Exact {
    # What becomes an -Identity names one object. With * or ? in it, it would be a pattern and stand for many.
    $free = 'Name', 'ApplicationName', 'EquipmentDisplayName', 'AddInDisplayName', 'AddInProviderName'
    $isIdentity = '(Address|Name|Alias|Assignment|Members|ManagedBy|Scope|Users|Groups?|Accounts|Unit|Directory)$'
    foreach ($name in @($Value.Keys | Sort-Object)) {
        $isOne = $name -ceq 'Delegates' -or ($name -cmatch $isIdentity -and $free -cnotcontains $name)
        if (-not $isOne) { continue }
        foreach ($given in @($Value[$name])) {
            $isTable = $given -is [System.Collections.IDictionary]
            $text = [string] $(if ($isTable) { $given['Account'] } else { $given })
            Assert-Sane ($text.IndexOfAny([char[]] '*?') -lt 0) (
                "-${name}: '$text' has * or ? in it, which Exchange takes for any letters. Name one object.")
        }
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
        ApplicationAssignment = 64; SchedulingGroupName = 64; ScopeName = 64; ServiceAccountName = 64
        ImpersonationAssignment = 64; ImpersonationScopeName = 64 }
    foreach ($name in @($short.Keys | Sort-Object)) {
        if (-not $Value.ContainsKey($name)) { continue }
        Assert-Sane ($Value[$name].Length -le $short[$name]) "-$name is longer than $($short[$name]) characters."
    }
    Assert-Exact
    foreach ($id in @($Steps.Keys)) {
        if ($Steps[$id].Contains('Assert')) { & $Steps[$id].Assert }
    }
}
