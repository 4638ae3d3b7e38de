# Consent: what stands in a question, and the one place that asks it. Who reads it has nothing else at hand.

function Get-ChangeLine {
    # A change as a person decides about it: what is done, and what becomes of each value.
    param([hashtable] $Change)
    "  $($Change.Text)"
    if (-not $Change.Wanted.exists) { return }
    foreach ($name in $Change.Wanted.properties.Keys) {
        $isThere = $Change.Before.exists
        $old = if ($isThere) { Format-Value $Change.Before.properties[$name] } else { '(missing)' }
        $new = $Change.Wanted.properties[$name]
        # 'add X to the group' has said all of it, and what is taken back names each.
        $isOne = $Change.Wanted.properties.Count -eq 1 -or $Run.Mode -ceq 'Rollback'
        $isSaid = $isOne -and $new -is [bool] -and $Change.Text.Contains($name)
        $isSame = $isThere -and (Test-SameProperty -Name $name -Left $Change.Before.properties[$name] -Right $new)
        if ($isSaid -or $isSame) { continue }
        $shown = Format-PropertyName $Change.Step -Name $name
        "      ${shown}: $old -> $(Format-Value $new)"
    }
}

function Get-ChangeList {
    # The first of many, or all of them.
    param([hashtable[]] $Changes, [bool] $Whole)
    if ($Whole -or $Changes.Count -le $MostShown) {
        foreach ($change in $Changes) { Get-ChangeLine $change }
        return
    }
    "  $($Changes.Count) changes, of which the first ${MostShown}:"
    foreach ($change in $Changes[0..($MostShown - 1)]) { Get-ChangeLine $change }
    "  and $($Changes.Count - $MostShown) more: the list of what differs in this step names all."
}

function Get-Question {
    # The question about these changes of a step, with everything that is to be known before the Yes: as it is shown,
    # and as the log has it. Whose mailboxes come into reach, and who gains or loses access, only the step knows: its
    # function Decides gets what is asked about, may ask Exchange, and gives lines.
    param([string] $Id, [hashtable] $Plan)
    $isUndo = $Run.Mode -ceq 'Rollback'
    $does = if ($isUndo) { 'is to be undone' } else { 'would make changes' }
    $head = @("Step ${Id} ($($Run.Places[$Id])) $does in $(Get-TargetName): $($Catalogue[$Id].Title)") +
        @(if ($Plan['AskedApart'] -and -not $isUndo) { "  REMOVES $($Plan.Changes.Count) that the description does not name:" })
    $advice = @(if ($Steps[$Id].Contains('Advice')) { & $Steps[$Id].Advice -Changes $Plan.Changes })  # only: Advice
    $tail = @(
        if ($isUndo) { "Rule      $($Catalogue[$Id].Undo)" }
        elseif ($Plan['AskedApart']) { "Risk      $($Catalogue[$Id].Risk). Others may rely on what is removed." }
        else { "Risk      $($Catalogue[$Id].Risk). $($Catalogue[$Id].Effect)" }
        if ($Steps[$Id].Contains('Decides')) { & $Steps[$Id].Decides -Plan $Plan }  # only: Decides
        if (-not $isUndo) { "Undo      $($Catalogue[$Id].Undo)" }
        foreach ($note in @($Plan.Notes | Where-Object -FilterScript { $_ })) { "Note      $note" }
        foreach ($line in $advice) { "Note      $line" }  # only: Advice
        if ($isUndo -and $Steps[$Id].Contains('Takes')) { "Note      Exchange applies the change later: $($Steps[$Id].Takes)." }  # only: Takes
        if ($isUndo) { 'Undo this step? No ends the run; what is undone stays undone.' }
        else { 'Make these changes? No ends the run; what is done stays.' }
    )
    @{
        Shown = $head + @(Get-ChangeList $Plan.Changes -Whole $false) + $tail
        Whole = $head + @(Get-ChangeList $Plan.Changes -Whole $true) + $tail
        Advice = $advice  # only: Advice
        IsLow = $Catalogue[$Id].Risk -ceq 'low'
    }
}

function Get-QuestionPart {
    # The questions of a step. What takes away entries that others made, what widens access again in a Rollback, and the
    # removal of a mailbox or group are asked on their own, after the rest.
    param([string] $Id, [hashtable] $Plan)
    $isSplit = $Run.Mode -ceq 'Apply' -and $Steps[$Id]['Together']
    $parts = @{ $false = New-Object -TypeName System.Collections.ArrayList
        $true = New-Object -TypeName System.Collections.ArrayList }
    foreach ($change in $Plan.Changes) {
        $isApart = $change['Widens'] -or ($isSplit -and ($change.Wanted.properties.Values -ccontains $false)) -or
            (-not $change.Wanted.exists -and (Test-LostWhenRemoved $Id))
        [void] $parts[$isApart].Add($change)
    }
    foreach ($isApart in $false, $true) {
        if ($parts[$isApart].Count -eq 0) { continue }
        $part = $Plan.Clone()
        $part.Changes = $parts[$isApart].ToArray()
        $part['AskedApart'] = $isApart
        $part['NoYesToAll'] = $isApart -or $Catalogue[$Id].Risk -ceq 'high'
        $part
    }
}

function Test-LostWhenRemoved {
    # What was in a mailbox, and who relies on a group, is gone with it: one that is created anew is another one.
    param([string] $Id)
    @(@($Steps[$Id]['Rollback']) -cmatch '^Remove-(Mailbox|DistributionGroup)$').Count -gt 0
}

function Assert-CanAsk {
    # A host without a person may take silence for an answer.
    if (-not [Environment]::UserInteractive) { throw 'the process has no desktop and nobody before it' }
}

function Read-Answer {
    # Yes, Yes to All or No. The default is No, but for a step of low risk: the line end of a pasted block is no
    # consent. No default at all would ask on and on after Ctrl+C.
    param([hashtable] $Question, [bool] $NoYesToAll)
    Assert-CanAsk
    $answers = [ordered]@{ Yes = '&Yes', 'Makes the changes listed above.' }
    if (-not $NoYesToAll) {
        $answers['Yes to All'] = 'Yes to &All',
            ('Makes these changes and those of the following steps, and shows each. What the line "Asks" above names ' +
            'is still asked.')
    }
    $answers['No'] = '&No', 'Changes nothing more and ends the run: no further step asks. Changes made before stay.'
    $choices = [System.Management.Automation.Host.ChoiceDescription[]] @($answers.Values | ForEach-Object -Process {
            New-Object -TypeName System.Management.Automation.Host.ChoiceDescription -ArgumentList $_ })
    $caption = "pexgen $($Run.Mode)"
    # The console would break the lines anywhere and has no margin; other hosts show a window of their own.
    $isConsole = $Host.Name -ceq 'ConsoleHost'
    $text = if ($isConsole) { '', '' } else { $caption, (Join-Line $Question.Shown) }
    if ($isConsole) { foreach ($line in @('', $caption) + $Question.Shown) { Show-Line $line } }
    foreach ($line in @($caption) + $Question.Whole) { Write-Log $line }
    $default = if ($NoYesToAll -or -not $Question.IsLow) { $choices.Count - 1 } else { 0 }
    $picked = $Host.UI.PromptForChoice($text[0], $text[1], $choices, $default)
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

function Write-Unasked {
    # The log has what would have been asked. The screen has all of it after a Yes to All, else the advice alone.
    param([hashtable] $Question, [bool] $IsCovered)
    foreach ($line in $Question.Whole) { Write-Log $line }
    if ($IsCovered) {
        foreach ($line in @('') + $Question.Shown[0..($Question.Shown.Count - 2)]) { Show-Line $line }
        Write-Line 'Answer    Yes to All, given before'
        return
    }
    Write-Log 'Answer    not asked (-Confirm:$false)'
    foreach ($line in $Question.Advice) { Write-Line "    $line" }  # only: Advice
}

function Test-Covered {
    # Whether a Yes to All that was given before answers this question too.
    param([bool] $NoYesToAll)
    -not $Run.Unasked -and -not $Run.WhatIf -and $null -ne $Run.YesToAll -and -not $NoYesToAll
}

function Get-Answer {
    # The answer to a question. One that nobody is asked is written down all the same.
    param([hashtable] $Question, [bool] $NoYesToAll)
    $isCovered = Test-Covered $NoYesToAll
    $answer = Get-Consent $Question -NoYesToAll $NoYesToAll
    $isUnasked = $null -ne $answer -and -not $answer.asked
    if ($isCovered -or $isUnasked) { Write-Unasked $Question -IsCovered $isCovered }
    $answer
}

function Get-Consent {
    # The one function that asks. -WhatIf and -Confirm:$false are PowerShell's own; only the latter, on this very
    # command line, leaves the question out.
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'None')]
    param([hashtable] $Question, [bool] $NoYesToAll)
    # All of it but the question itself.
    $text = Join-Line $Question.Shown[0..($Question.Shown.Count - 2)]
    if (-not $PSCmdlet.ShouldProcess($text, $text, "pexgen $($Run.Mode)")) {
        foreach ($line in $Question.Whole[0..($Question.Whole.Count - 2)]) { Write-Log "What if: $line" }
        return
    }
    if ($Run.Unasked) { return Get-AnswerRecord $false }
    if (Test-Covered $NoYesToAll) { return $Run.YesToAll }
    try { $answer = Read-Answer $Question -NoYesToAll $NoYesToAll }
    catch {
        $Run.Refusal = [ordered]@{ guard = 'consent'; message = (
                'This session cannot show a question; -Confirm:$false makes the changes without asking. ' +
                "($($_.Exception.GetBaseException().Message))") }
        return
    }
    $record = Get-AnswerRecord $true -Answer $answer
    if ($record.answer -ceq 'Yes to All') { $Run.YesToAll = $record }
    $record
}
