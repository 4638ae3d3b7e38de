# Consent: what stands in a question, and the one place that asks it. Who reads it has nothing else at hand.

function Get-ChangeLine {
    # A change as a person decides about it: what is done, and what becomes of each value.
    param([hashtable] $Change)
    "  $($Change.Text)"
    if (-not $Change.Wanted.exists) { return }
    foreach ($name in $Change.Wanted.properties.Keys) {
        $old = if ($Change.Before.exists) { $Change.Before.properties[$name] } else { $null }
        $new = $Change.Wanted.properties[$name]
        # 'add X to the group' has said all of it.
        $isSaid = $Change.Wanted.properties.Count -eq 1 -and $new -is [bool] -and $Change.Text.Contains($name)
        if ($isSaid -or (Test-SameProperty -Name $name -Left $old -Right $new)) { continue }
        "      ${name}: $(Format-Value $old) -> $(Format-Value $new)"
    }
}

function Get-ChangeList {
    # The first twenty of many; all of them are in the plan and in the log.
    param([hashtable[]] $Changes, [int] $Most = 20)
    if ($Changes.Count -gt $Most) { "  $($Changes.Count) changes, of which the first ${Most}:" }
    foreach ($change in @($Changes | Select-Object -First $Most)) { Get-ChangeLine $change }
    if ($Changes.Count -gt $Most) { "  and $($Changes.Count - $Most) more, which the plan above names." }
}

function Get-Decider {
    # What decides the Yes and only this step knows: whose mailboxes come into reach, who gains or loses access. A step
    # gives lines of its own by the key Decides, a function that gets the plan; they may ask Exchange.
    param([string] $Id, [hashtable] $Plan)
    if ($Steps[$Id].Contains('Decides')) { & $Steps[$Id].Decides -Plan $Plan }
}

function Get-Question {
    # The lines of the question about these changes of a step, with everything that is to be known before the Yes.
    param([string] $Id, [hashtable] $Plan, [string[]] $Deciders)
    $does = if ($Run.Mode -ceq 'Rollback') { 'takes back in' } else { 'changes in' }
    "Step $Id $does $(Get-TargetName):"
    Get-ChangeList $Plan.Changes
    if ($Run.Mode -ceq 'Rollback') { "Undo      $($Catalogue[$Id].Undo)" }
    else { "Risk      $($Catalogue[$Id].Risk). $($Catalogue[$Id].Effect)" }
    $Deciders
    foreach ($note in @($Plan.Notes | Where-Object -FilterScript { $_ })) { "Note      $note" }
    if ($Steps[$Id].Contains('Advice')) { "Note      $($Steps[$Id].Advice)" }
    if ($Run.Mode -ceq 'Rollback') { 'Take this back?' } else { 'Make these changes?' }
}

function Get-QuestionPart {
    # The questions of a step. What takes away entries that others made is asked on its own, after what it adds.
    param([string] $Id, [hashtable] $Plan)
    $isSplit = $Run.Mode -ceq 'Apply' -and $Steps[$Id]['Together']
    $parts = @{ $false = New-Object -TypeName System.Collections.ArrayList
        $true = New-Object -TypeName System.Collections.ArrayList }
    foreach ($change in $Plan.Changes) {
        $isTaken = $isSplit -and ($change.Wanted.properties.Values -ccontains $false)
        [void] $parts[$isTaken].Add($change)
    }
    foreach ($isTaken in $false, $true) {
        if ($parts[$isTaken].Count -eq 0) { continue }
        $part = $Plan.Clone()
        $part.Changes = $parts[$isTaken].ToArray()
        $part['Alone'] = $isTaken -or $Catalogue[$Id].Risk -ceq 'high'
        $part
    }
}

function Assert-CanAsk {
    # A host without a person may take silence for an answer.
    if (-not [Environment]::UserInteractive) { throw 'the process has no desktop and nobody before it' }
}

function Read-Answer {
    # Yes, Yes to All or No. A step of high risk has no Yes to All, and no answer that Enter alone gives: the line end
    # of a pasted block is no consent.
    param([string[]] $Lines, [bool] $Alone)
    Assert-CanAsk
    $answers = [ordered]@{ Yes = '&Yes', 'Makes the changes that are named above.' }
    if (-not $Alone) {
        $answers['Yes to All'] = 'Yes to &All',
            'Makes these changes and those of the further steps. Steps of high risk are asked about all the same.'
    }
    $answers['No'] = '&No', 'Changes nothing more and ends the run. What was made before stays.'
    $choices = [System.Management.Automation.Host.ChoiceDescription[]] @($answers.Values | ForEach-Object -Process {
            New-Object -TypeName System.Management.Automation.Host.ChoiceDescription -ArgumentList $_ })
    $caption = "pexgen $($Run.Mode)"
    # The console would break the lines anywhere and has no margin; other hosts show a window of their own.
    $isConsole = $Host.Name -ceq 'ConsoleHost'
    $shown = if ($isConsole) { '', '' } else { $caption, (Join-Line $Lines) }
    if ($isConsole) {
        Write-Line ''
        Write-Line $caption
        foreach ($line in $Lines) { Write-Line $line }
    } else { foreach ($line in @($caption) + $Lines) { Write-Log (Format-Visible $line) } }
    $default = if ($Alone) { -1 } else { 0 }
    $picked = $Host.UI.PromptForChoice($shown[0], $shown[1], $choices, $default)
    if ($picked -lt 0) { throw 'the host gave no answer' }
    $answer = @($answers.Keys)[$picked]
    Write-Log "Answer    $answer"
    $answer
}

function Get-Person {
    # As whom Exchange knows the operator, and who sat at which computer.
    $account = "$($Run.User) on $($Run.Computer)"
    if ([string] $Run.Operator -eq '' -or (Test-SameName $Run.Operator $Run.User)) { return $account }
    "$($Run.Operator) as $account"
}

function Get-AnswerRecord {
    # What the journal and the result say of a consent: given by whom and when, or not asked for.
    param([bool] $Asked, $Answer = $null)
    if (-not $Asked) { return [ordered]@{ asked = $false; answer = $null; by = $null; utc = $null } }
    [ordered]@{ asked = $true; answer = $Answer; by = Get-Person; utc = Format-Utc (Get-UtcNow) }
}

function Get-Consent {
    # The one function that asks. -WhatIf and -Confirm:$false are PowerShell's own; only the latter, on this very
    # command line, leaves the question out.
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'None')]
    param([string[]] $Lines, [bool] $Alone)
    $text = Join-Line $Lines
    if (-not $PSCmdlet.ShouldProcess($text, $text, "pexgen $($Run.Mode)")) {
        foreach ($line in $Lines) { Write-Log (Format-Visible "What if: $line") }
        return
    }
    if ($Run.Unasked) { return Get-AnswerRecord $false }
    if ($null -ne $Run.YesToAll -and -not $Alone) { return $Run.YesToAll }
    try { $answer = Read-Answer $Lines -Alone $Alone }
    catch {
        $Run.Refusal = [ordered]@{ guard = 'consent'; message = (
                'Nobody can be asked in this session; -Confirm:$false makes the changes without asking. ' +
                "($($_.Exception.GetBaseException().Message))") }
        return
    }
    $record = Get-AnswerRecord $true -Answer $answer
    if ($record.answer -ceq 'Yes to All') { $Run.YesToAll = $record }
    $record
}
