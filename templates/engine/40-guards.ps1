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
    $Text -cmatch '^[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\z' -and $Text -ne [string] [guid]::Empty
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

function ConvertTo-Canonical {
    # One text for equal values, and the same in every PowerShell. A table has its keys in no order, and finds them in
    # any case; lengths keep texts apart.
    param($InputObject)
    if ($InputObject -is [System.Collections.IDictionary]) {
        $pairs = @(foreach ($key in @($InputObject.Keys | Get-Ordered -By { ([string] $_).ToLowerInvariant() })) {
                "$(ConvertTo-Canonical ([string] $key).ToLowerInvariant()):$(ConvertTo-Canonical $InputObject[$key])"
            })
        return "{$($pairs -join ',')}"
    }
    if ($InputObject -is [array]) {
        # A list can have thousands of texts: no call for each.
        $parts = @(foreach ($one in $InputObject) {
                if ($one -is [string]) { "$($one.Length):$one" } else { ConvertTo-Canonical $one }
            })
        return "[$($parts -join ',')]"
    }
    if ($InputObject -is [string]) { return "$($InputObject.Length):$InputObject" }
    if ($null -eq $InputObject) { return 'null' }
    ([string] $InputObject).ToLowerInvariant()
}

function Get-Override {
    param($Bound, $ScriptBlock)
    foreach ($name in @($Value.Keys | Get-Ordered)) {
        if (-not $Bound.ContainsKey($name)) { continue }
        $rendered = Get-RenderedDefault -ScriptBlock $ScriptBlock -Name $name
        $used = $Value[$name]
        $same = [string]::Equals((ConvertTo-Canonical $rendered), (ConvertTo-Canonical $used), 'Ordinal')
        if (-not $same) { [ordered]@{ parameter = $name; rendered = $rendered; used = $used } }
    }
}

function Assert-RunParameter {
    Assert-Sane ('Check', 'Apply', 'Verify', 'Rollback' -ccontains $Run.Mode) (
        '-Mode must be Check, Apply, Verify or Rollback.')
    foreach ($id in $Run.Step) {
        Assert-Sane ($Steps.Contains($id)) (
            "-Step '$id' is not a step of this runbook. Its steps are: $(@($Steps.Keys) -join ', ').")
    }
    $isDigest = $Run.ApprovedPlan -eq '' -or $Run.ApprovedPlan -cmatch '^[0-9a-f]{64}\z'
    Assert-Sane ($isDigest -and ($Run.ApprovedPlan -eq '' -or $Run.Mode -ceq 'Apply')) (
        '-ApprovedPlan must be the digest that Check prints after "Plan" (64 hexadecimal digits), with -Mode Apply only.')
    Assert-Sane ($Run.WaitSeconds -ge 0 -and $Run.WaitSeconds -le $MostWaitSeconds) (
        "-WaitSeconds must be a number of seconds from 0 to $MostWaitSeconds.")
    Assert-Sane ($Run.MaxChanges -ge 1) '-MaxChanges must be 1 or more.'
    $journals = @($Run.JournalPath).Count
    Assert-Sane ($Run.Mode -ne 'Rollback' -or $journals -gt 0) (
        '-Mode Rollback needs -JournalPath: the journals of the runs to undo.')
    Assert-Sane ($Run.Mode -ne 'Apply' -or $journals -le 1) '-Mode Apply writes one journal: give -JournalPath once.'
    $reviewed = $Run.Review -ceq 'reviewed' -or $Run.AcceptUnreviewed -or $Run.Mode -cne 'Apply'
    Assert-Sane $reviewed (
        'This runbook was rendered from templates that have not been reviewed. -AcceptUnreviewed runs it anyway.')
}

function Test-EwsEnded {
    # Only the cloud's: EWS of Exchange Server stays.
    param([string] $Step)
    $Steps[$Step].Contains('CloudEws') -and (Get-UtcNow) -ge [datetime] $Facts.EwsEnds
}

function Get-EwsEndNote {
    # What is set up here works until then, by whichever method.
    if ($Run.Mode -ceq 'Rollback') { return }
    $ids = @($Run.Selected | Where-Object -FilterScript { (Test-Described $_) -and $Steps[$_].Contains('CloudEws') })
    if ($ids.Count -gt 0 -and (Get-UtcNow) -lt [datetime] $Facts.EwsEnds) {
        "EWS in Exchange Online ends on $($Facts.EwsEnds) for every application, and scheduling by EWS ends with it."
    }
}

function Assert-Date {
    $ids = @($Run.Selected)
    $ids += @(Get-ProvedFirst)  # only: migrate
    $ended = @($ids | Where-Object -FilterScript { (Test-Described $_) -and (Test-EwsEnded $_) })
    Assert-That ($Run.Mode -cne 'Apply' -or $ended.Count -eq 0) -Guard 'dates' -Message (
        "EWS in Exchange Online ended on $($Facts.EwsEnds), and nobody can switch it on again. " +
        "The steps $($ended -join ', ') can no longer have an effect: ask Pexip what replaces them.")
}

function Get-LimitProblem {
    # What the schema of descriptions has against a value, or nothing. An empty one stands for what was not described,
    # but not in a list or a table.
    param($InputObject, [hashtable] $Limit, [bool] $CanBeEmpty = $true)
    switch -CaseSensitive ($Limit.Kind) {
        'table' {
            foreach ($key in @($Limit['Needed'] | Where-Object -FilterScript { $_ })) {
                if ($null -eq $InputObject -or -not $InputObject.Contains($key)) { return "must have $key" }
            }
            foreach ($key in @($InputObject.Keys | Get-Ordered)) {
                if (-not $Limit['Keys'].Contains($key)) { return "'$key' is not one of its keys" }
                $problem = Get-LimitProblem $InputObject[$key] -Limit $Limit['Keys'][$key] -CanBeEmpty $false
                if ($problem) { return "$key $problem" }
            }
        }
        'list' {
            if ($Limit.Contains('Longest') -and $InputObject.Count -gt $Limit.Longest) {
                return "has more than $($Limit.Longest) entries"
            }
            foreach ($item in $InputObject) {
                $problem = Get-LimitProblem $item -Limit $Limit.Each -CanBeEmpty $false
                if ($problem) { return "$(if ($item -is [string]) { "'$item' " })$problem" }
            }
        }
        'truth' { if ($InputObject -isnot [bool]) { 'must be $true or $false' } }
        'number' {
            if ($InputObject -isnot [int] -and $InputObject -isnot [long]) { return 'must be a whole number' }
            $isOutside = $InputObject -ne 0 -and ($InputObject -lt $Limit.Least -or $InputObject -gt $Limit.Most)
            if ($isOutside) { "must be from $($Limit.Least) to $($Limit.Most)" }
        }
        default {
            $isEmpty = $InputObject -is [string] -and $InputObject -eq ''
            if (-not $isEmpty -or -not $CanBeEmpty) { Get-TextProblem $InputObject -Limit $Limit }
        }
    }
}

function Get-TextProblem {
    param($InputObject, [hashtable] $Limit)
    if ($InputObject -isnot [string]) { return 'must be a text' }
    if ($Limit.Contains('Longest') -and $InputObject.Length -gt $Limit.Longest) {
        return "is longer than $($Limit.Longest) characters"
    }
    if ($Limit.Contains('Among') -and $Limit.Among -cnotcontains $InputObject) {
        return "must be one of $($Limit.Among -join ', ')"
    }
    if ($Limit['Form'] -ceq 'Guid' -and $InputObject -ceq [string] [guid]::Empty) { return 'must be a GUID, not all 0' }
    if ($Limit.Contains('Form') -and $InputObject -cnotmatch $Forms[$Limit.Form].Pattern) { $Forms[$Limit.Form].Says }
}

function Assert-Value {
    # The description was checked when this file was rendered; an operator may have given other values since. The forms
    # of addresses and names have no * and no ?, which Exchange would read as wildcards.
    foreach ($override in $Run.Overrides) {
        $isTarget = $override.parameter.StartsWith('Target', [System.StringComparison]::Ordinal)
        Assert-Sane (-not $isTarget) (
            "-$($override.parameter) cannot be given on the command line. Render a runbook for that organization.")
        $isRead = $Limits[$override.parameter].Kind -ceq 'read'
        Assert-Sane (-not $isRead) (
            "-$($override.parameter) was read from the add-in's manifest. Render a runbook for another manifest.")
    }
    foreach ($name in @($Value.Keys | Get-Ordered)) {
        Assert-Sane ($Value[$name] -isnot [string] -or $Value[$name] -cnotmatch $HiddenLetters) (
            "-$name contains an invisible character, such as a line break.")
        $problem = Get-LimitProblem $Value[$name] -Limit $Limits[$name]
        Assert-Sane (-not $problem) "-${name}: $problem."
    }
    foreach ($id in @($Steps.Keys)) {
        foreach ($name in @($Steps[$id]['Needed'] | Where-Object -FilterScript { $_ })) {
            $given = @($Value[$name] | Where-Object -FilterScript { ([string] $_).Trim() -ne '' })
            Assert-Sane ($given.Count -gt 0) "-$name must not be empty."
        }
        if ($Steps[$id].Contains('Assert')) { & $Steps[$id].Assert }
    }
}
