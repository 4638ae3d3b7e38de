# Modes: the first pass reads everything and writes nothing; the second goes step by step and asks.

function Get-FirstPass {
    param([string[]] $Id = $Run.Selected)
    $Run.Planning = $true
    $Run.Seen.Clear()
    $findings = [ordered]@{}
    foreach ($one in $Id) {
        Show-Progress -Activity 'pexgen: reading' -Status $one
        $findings[$one] = Invoke-Compare $one
        $Run.States[$one] = $findings[$one].State
    }
    Write-Progress -Activity 'pexgen: reading' -Completed
    $findings
}

function Write-Plan {
    param([System.Collections.IDictionary] $Findings, [bool] $IsPreview = $false)
    foreach ($id in $Findings.Keys) {
        $shown = @{
            State = $Findings[$id].State; RequestId = $Findings[$id].RequestId
            Differences = $Findings[$id].Plan.Differences; Notes = $Findings[$id].Plan.Notes
            IsMissing = Test-Missing $Findings[$id].Plan
        }
        if ($IsPreview) { Show-StepResult $id @shown } else { Write-StepResult $id @shown }
    }
}

function Write-WholePlan {
    # Before the first question: who answers it sees what else will be asked.
    param([System.Collections.IDictionary] $Findings)
    Write-Line 'What this run is about to do. Nothing has been changed yet.'
    Write-Plan $Findings -IsPreview $true
    if ($null -ne $Run.PlanSha256) {
        $why = if ($Run.ApprovedPlan -ceq $Run.PlanSha256) { 'as approved' }
        else { 'Check prints the same digest if nothing has changed since' }
        Write-Line "Plan      $($Run.PlanSha256)  ($why)"
    }
    Write-Line ''
}

function Invoke-Check {
    $findings = Get-FirstPass
    Save-PlanDigest $findings
    Clear-DigestOfBoth $findings  # only: migrate
    Assert-ChangeCount $findings
    Write-Plan $findings
}

function Invoke-Apply {
    Assert-NewWay  # only: migrate
    $findings = Get-FirstPass
    $stopped = @($Run.States.Values | Where-Object -FilterScript { 'conflict', 'unreadable' -ccontains $_ }).Count -gt 0
    if ($stopped) { Write-Plan $findings; return }
    Assert-Approved $findings
    Assert-ChangeCount $findings
    if (-not $Run.WhatIf) {
        Write-WholePlan $findings
        Write-JournalHeader
    }
    $Run.States = @{}
    $Run.Planning = $Run.WhatIf
    Invoke-StepByStep -Id $Run.Selected
}

function Get-UndoFirstPass {
    # What would be taken back, without waiting for what is late: that is done when it is its turn.
    param([string[]] $Id)
    $findings = [ordered]@{}
    $Run.Pauses = New-Object -TypeName System.Collections.Queue
    foreach ($one in $Id) {
        Show-Progress -Activity 'pexgen: reading' -Status $one
        $Run.Seen.Clear()
        $findings[$one] = Get-UndoFinding $one
        # An object that is kept keeps what it depends on.
        if ($findings[$one].Plan.Remaining -ceq 'kept') { $Run.States[$one] = 'kept' }
    }
    Write-Progress -Activity 'pexgen: reading' -Completed
    $Run.Gone = Get-Table
    $Run.States = @{}
    $Run.Stopped = @{}  # only: GoOn
    $findings
}

function Invoke-Rollback {
    $order = @($Run.Selected | Where-Object -FilterScript { $Run.InJournal.Contains($_) })
    [array]::Reverse($order)
    foreach ($id in $Run.Selected) {
        if ($order -cnotcontains $id) {
            Write-StepResult $id -State 'in-place' -Differences @() -Notes @('These journals contain no change of this step.')
        }
    }
    if (-not $Run.WhatIf -and $order.Count -gt 0) {
        $findings = Get-UndoFirstPass $order
        # What cannot be looked at now may be looked at in a minute; until then nothing is undone in part.
        $unread = @($findings.Values | Where-Object -FilterScript { $_.State -ceq 'unreadable' })
        if ($unread.Count -gt 0) { Write-Plan $findings; return }
        Assert-ChangeCount $findings
        Write-WholePlan $findings
        Write-JournalHeader
    }
    Invoke-StepByStep -Id $order
}

function Invoke-StepByStep {
    # Step by step: read again, ask, change. What stops one stops all behind it.
    param([string[]] $Id)
    $halted = $false
    $order = @($Id | Where-Object -FilterScript { $Run.Mode -eq 'Rollback' -or (Test-Described $_) })
    for ($n = 0; $n -lt $order.Count; $n++) { $Run.Places[$order[$n]] = "$($n + 1) of $($order.Count)" }
    foreach ($one in $Id) {
        if ($halted) {
            if ($Run.Mode -ne 'Rollback' -and -not (Test-Described $one)) { Write-StepResult $one 'not-asked' }
            else { Write-StepResult $one -State 'blocked' -Notes @('Not reached: an earlier step ended the run.') }
            continue
        }
        $Run.Current = $one
        $Run.SentBefore = $Run.Writes
        $Run.Seen.Clear()
        $Run.Pauses = Get-Pause
        $finding = if ($Run.Mode -eq 'Rollback') { Get-UndoFinding $one } else { Invoke-Compare $one }
        $outcome = @{ State = $finding.State; Note = ''; RequestId = $finding.RequestId; Asked = $false }
        $refused = Get-LateRefusal $one -Finding $finding
        if ($null -ne $refused) { $outcome = $refused }
        elseif ($finding.State -eq 'different') { $outcome = Invoke-Question $one -Plan $finding.Plan }
        $Run.States[$one] = $outcome.State
        $notes = @($outcome.Note) + @($finding.Plan.Notes)
        $shown = @{
            State = $outcome.State; Differences = $finding.Plan.Differences; RequestId = $outcome.RequestId
            IsMissing = Test-Missing $finding.Plan
        }
        # What the question has said is not said again.
        $said = if ($outcome.Asked) { @($finding.Plan.Notes) } else { @() }
        Write-StepResult $one @shown -Notes $notes -Said $said -Short $outcome.Asked
        $halted = $null -ne $Run.Refusal -or
            'failed', 'unreadable', 'conflict', 'skipped' -ccontains $outcome.State
    }
}

function Get-LateRefusal {
    # What guards have against a step right before its question, or nothing. The run ends there and reports every step.
    param([string] $Id, [hashtable] $Finding)
    try {
        Assert-ChangeCount @{ $Id = $Finding }
        Assert-StillApproved $Id -Plan $Finding.Plan
    } catch {
        $stop = Get-StopOf $_
        if (-not $stop) { throw }
        $Run.Refusal = [ordered]@{ guard = $stop.Guard; message = $stop.Detail }
        $note = "Not asked: refused by the guard '$($stop.Guard)', see below."
        @{ State = 'blocked'; Note = $note; RequestId = ''; Asked = $false }
    }
}

function Test-AllOvertaken {
    # Whether somebody else made all of it meanwhile.
    param([hashtable] $Plan)
    @($Plan.Changes | Where-Object -FilterScript { -not $_['Overtaken'] }).Count -eq 0
}

function Invoke-Question {
    # The questions of one step, and what is consented to.
    param([string] $Id, [hashtable] $Plan)
    $outcome = @{ State = 'different'; Note = ''; RequestId = ''; Asked = $false }
    $sent = $Run.Writes
    try {
        foreach ($part in @(Get-QuestionPart $Id -Plan $Plan)) {
            $question = Get-Question $Id -Plan $part
            $answer = Get-Answer $question -NoYesToAll $part.NoYesToAll
            if ($Run.Refusal) {
                $outcome.State, $outcome.Note = 'blocked', 'Not asked: this session cannot show a question.'
                return $outcome
            }
            if ($null -eq $answer) { continue }
            $Run.Answers[$Id] = @($Run.Answers[$Id] | Where-Object -FilterScript { $_ }) + @($answer)
            $outcome.Asked = $answer.asked
            if ($answer.answer -ceq 'No') {
                $outcome.State, $outcome.Note = 'skipped', (Get-SkippedNote $sent)
                return $outcome
            }
            Invoke-Consented $Id -Plan $part -Answer $answer
            $outcome.State = 'changed'
        }
    } catch {
        $stop = Get-StopOf $_
        if (-not $stop) { throw }
        $Run.Stopped[$Id] = $true  # only: GoOn
        Clear-Gone $Plan
        $outcome.State, $outcome.Note, $outcome.RequestId = $stop.State, $stop.Detail, $stop.RequestId
        return $outcome
    }
    if ($outcome.State -ceq 'changed') {
        $outcome.State = if ($Plan.Remaining -ne '') { $Plan.Remaining }
        elseif ($Run.Mode -eq 'Rollback') { 'undone' }
        elseif ($Run.Writes -eq $sent -or (Test-AllOvertaken $Plan)) { 'in-place' }
        else { 'changed' }
    }
    $outcome
}

function Get-SkippedNote {
    # A step that asks twice may have been answered Yes first.
    param([int] $Sent)
    if ($Run.Writes -eq $Sent) { return '' }
    'Answered No to the last question. The one before it was answered Yes, and its changes are done.'
}

function Invoke-Consented {
    # With this answer and no other, and never longer than for this step.
    param([string] $Id, [hashtable] $Plan, [System.Collections.IDictionary] $Answer)
    $Run.Consent[$Id] = $Answer
    try {
        Assert-SameConnection  # only: exchange-online
        Invoke-Plan -Id $Id -Plan $Plan
    } finally { $Run.Consent.Remove($Id) }
}

function Invoke-Proof {
    # A proof that cannot be read does not stop those of the other steps.
    param([string] $Id)
    if (-not $Steps[$Id].Contains('Proof')) { return }
    try { $null = & $Steps[$Id].Proof }
    catch {
        $stop = Get-StopOf $_
        if (-not $stop) { throw }
        Write-Proof $Id -Target $Catalogue[$Id].Title -Expected 'readable' -Actual $stop.Detail -State 'unreadable'
    }
}

function Invoke-Verify {
    # Judges what is configured. Whether Pexip's calls succeed is seen in Pexip Infinity.
    $findings = Get-FirstPass
    $nothing = @($findings.Keys | Where-Object -FilterScript {
            $Steps[$_].Contains('Foundation') -and $findings[$_].State -eq 'different' -and
                -not $findings[$_].Plan.Changes[0].Before.exists })
    foreach ($id in $Run.Selected) {
        $finding = $findings[$id]
        if ($nothing.Count -gt 0 -and 'not-asked', 'unreadable', 'conflict' -cnotcontains $finding.State) {
            Write-StepResult $id -State 'pending' -Differences @() -Notes @(
                "Nothing to prove yet: $($nothing -join ', ') does not exist.")
            continue
        }
        $state = if ($nothing.Count -eq 0) { Test-Step $id -Finding $finding }
        else { Get-VerifiedState $id -Finding $finding }
        $shown = @{
            Differences = $finding.Plan.Differences; Notes = $finding.Plan.Notes; RequestId = $finding.RequestId
            IsMissing = Test-Missing $finding.Plan
        }
        Write-StepResult $id -State $state @shown
    }
}

function Test-Step {
    # The state of one step in Verify, with its proofs: what was compared, and what the step itself can try.
    param([string] $Id, [hashtable] $Finding)
    if ($Finding.State -eq 'not-asked') { return 'not-asked' }
    $state = Get-VerifiedState $Id -Finding $Finding
    # What Cleanup is there for disproves nothing.  # only: Cleanup
    if ($state -ceq 'disproved' -and $Steps[$Id]['Cleanup']) { $state = 'blocked' }  # only: Cleanup
    # What a step only reports may be worth nothing any more: somebody has to decide, and nothing is proved or not.  # only: ReportOnly
    if ('proved', 'disproved' -ccontains $state -and $Steps[$Id]['ReportOnly']) { return 'blocked' }  # only: ReportOnly
    $actual = if ($state -eq 'proved') { 'as described' }
    else {
        $isMissing = Test-Missing $Finding.Plan
        @(@($Finding.Plan.Differences | ForEach-Object -Process {
                    "$($_.property) is $(Format-Current $_ -IsMissing $isMissing)" }) +
            $Finding.Plan.Notes) -join '; '
    }
    Write-Proof $Id -Target $Catalogue[$Id].Title -Expected 'as described' -Actual $actual -State $state
    Invoke-Proof $Id
    $worst = @('disproved', 'unreadable', 'blocked', 'pending' | Where-Object -FilterScript {
            $bad = $_
            @($Run.Proofs | Where-Object -FilterScript { $_.step -ceq $Id -and $_.state -eq $bad }).Count -gt 0 })
    if ($worst.Count -gt 0 -and ($state -eq 'proved' -or $worst[0] -eq 'disproved')) { return $worst[0] }
    $state
}

function Get-VerifiedState {
    param([string] $Id, [hashtable] $Finding)
    switch ($Finding.State) {
        'in-place' { 'proved' }
        'different' { 'disproved' }
        'blocked' { if ($Finding.Plan.Remaining -eq 'blocked') { 'disproved' } else { 'blocked' } }
        'conflict' { if ($Steps[$Id]['ConflictDisproves']) { 'disproved' } else { 'conflict' } }  # only: ConflictDisproves
        default { $Finding.State }
    }
}
