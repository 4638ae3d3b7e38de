# Modes: the first pass reads everything and writes nothing; the second goes step by step and asks.

function Get-FirstPass {
    param([string[]] $Id = $Run.Selected)
    $Run.Planning = $true
    $Run.Seen.Clear()
    $plans = [ordered]@{}
    foreach ($one in $Id) {
        Show-Progress -Activity 'pexgen: reading' -Status $one
        $plans[$one] = Invoke-Compare $one
        $Run.States[$one] = $plans[$one].State
    }
    Write-Progress -Activity 'pexgen: reading' -Completed
    $plans
}

function Write-Plan {
    param([System.Collections.IDictionary] $Plans)
    foreach ($id in $Plans.Keys) {
        $shown = @{
            State = $Plans[$id].State; RequestId = $Plans[$id].RequestId
            Differences = $Plans[$id].Plan.Differences; Notes = $Plans[$id].Plan.Notes
        }
        Write-StepResult $id @shown
    }
}

function Invoke-Check {
    Write-Plan (Get-FirstPass)
}

function Get-ProvedFirst {
    # The steps that have to be proved before anything of the old way is taken away.
    if ($Run.Mode -ne 'Apply' -or $Run.Phase -cne 'Cleanup') { return }
    $Steps.Keys | Where-Object -FilterScript { -not $Steps[$_].Contains('Cleanup') }
}

function Assert-NewWay {
    $ids = @(Get-ProvedFirst)
    if ($ids.Count -eq 0) { return }
    Write-Line 'Proving the new way before the old one goes'
    $plans = Get-FirstPass $ids
    $open = @(foreach ($id in $ids) {
            $state = Test-Step $id -Comparison $plans[$id]
            Write-Line ('    {0,-21} {1}' -f $id, $state)
            # What nobody asked for may be missing, but not what the new way cannot work without.
            $isEnough = $state -ceq 'proved' -or ($state -ceq 'not-asked' -and -not $Steps[$id].Contains('CloudEws'))
            if (-not $isEnough) { "$id ($state)" }
        })
    $Run.States = @{}
    Assert-That ($open.Count -eq 0) -Guard 'proofs' -Message (
        "Not proved: $($open -join ', '). Cleanup takes nothing away before all of the new way is proved; " +
        'see -Mode Verify.')
}

function Invoke-Apply {
    Assert-NewWay
    $plans = Get-FirstPass
    $stopped = @($Run.States.Values | Where-Object -FilterScript { 'conflict', 'unreadable' -ccontains $_ }).Count -gt 0
    if ($stopped) { Write-Plan $plans; return }
    $Run.States = @{}
    $Run.Planning = $Run.WhatIf
    if (-not $Run.WhatIf) { Write-JournalHeader }
    Invoke-Asked -Id $Run.Selected
}

function Invoke-Rollback {
    $order = @($Run.Selected | Where-Object -FilterScript { $Run.InJournal.Contains($_) })
    [array]::Reverse($order)
    foreach ($id in $Run.Selected) {
        if ($order -cnotcontains $id) {
            Write-StepResult $id -State 'in-place' -Differences @() -Notes @('These journals hold no change of it.')
        }
    }
    if (-not $Run.WhatIf -and $order.Count -gt 0) { Write-JournalHeader }
    Invoke-Asked -Id $order
}

function Assert-CanAsk {
    # A host without a person may take silence for Yes.
    if ($Run.WhatIf -or $ConfirmPreference -eq 'None') { return }
    if (-not [Environment]::UserInteractive) { throw 'the process has no desktop and nobody before it' }
}

function Invoke-Asked {
    # The one function that asks; -WhatIf, -Confirm and "Yes to All" are PowerShell's own, over all steps.
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
    param([string[]] $Id)
    $halted = $false
    foreach ($one in $Id) {
        if ($halted) {
            if ($Run.Mode -ne 'Rollback' -and -not (Test-Asked $one)) { Write-StepResult $one 'not-asked' }
            else { Write-StepResult $one -State 'blocked' -Notes @('not reached') }
            continue
        }
        $Run.Seen.Clear()
        $Run.Pauses = Get-Pause
        $plan = if ($Run.Mode -eq 'Rollback') { Get-UndoPlan $one } else { Invoke-Compare $one }
        $outcome = @{ State = $plan.State; Note = ''; RequestId = $plan.RequestId }
        if ($plan.State -eq 'different') {
            $texts = @($plan.Plan.Changes | ForEach-Object -Process { "  $($_.Text)" })
            $yes = $false
            try {
                Assert-CanAsk
                $question = @("Step $one changes in $(Get-TargetName):") + $texts + @('Make these changes?')
                $yes = $PSCmdlet.ShouldProcess((Join-Line (@("${one}:") + $texts)), (Join-Line $question),
                    "pexgen $($Run.Mode)")
            } catch {
                $Run.Refusal = [ordered]@{ guard = 'consent'; message = (
                        'Nobody can be asked in this session; ' +
                        "-Confirm:`$false makes the changes without asking. ($($_.Exception.Message))") }
                $outcome = @{ State = 'blocked'; Note = 'Not asked: this session cannot ask.'; RequestId = '' }
                $halted = $true
            }
            if ($yes) { $outcome = Invoke-Consented $one $plan.Plan }
            elseif (-not $Run.WhatIf -and -not $halted) { $outcome.State = 'skipped' }
        }
        $Run.States[$one] = $outcome.State
        $shown = @{ State = $outcome.State; Differences = $plan.Plan.Differences; RequestId = $outcome.RequestId }
        Write-StepResult $one @shown -Notes (@($outcome.Note) + @($plan.Plan.Notes))
        if ('failed', 'unreadable', 'conflict', 'skipped' -ccontains $outcome.State) { $halted = $true }
    }
}

function Invoke-Consented {
    param([string] $Id, [hashtable] $Plan)
    $Run.Consent[$Id] = $true
    $sent = $Run.Writes
    try {
        Assert-SameConnection
        Invoke-Plan -Id $Id -Plan $Plan
        $state = if ($Plan.Remaining -ne '') { $Plan.Remaining }
        elseif ($Run.Mode -eq 'Rollback') { 'undone' }
        elseif ($Run.Writes -eq $sent) { 'in-place' }
        else { 'changed' }
        @{ State = $state; Note = ''; RequestId = '' }
    } catch {
        $stop = Get-StopOf $_
        if (-not $stop) { throw }
        $Run.Stopped[$Id] = $true
        Clear-Gone $Plan
        @{ State = $stop.State; Note = $stop.Detail; RequestId = $stop.RequestId }
    } finally { $Run.Consent.Remove($Id) }
}

function Invoke-Proof {
    # A proof that cannot be read leaves the other steps their say.
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
    # Judges what is configured. Whether Pexip's calls succeed is seen in Pexip Infinity, 30 minutes to 2 hours later.
    $plans = Get-FirstPass
    $nothing = @($plans.Keys | Where-Object -FilterScript {
            $Steps[$_].Contains('Foundation') -and $plans[$_].State -eq 'different' -and
                -not $plans[$_].Plan.Changes[0].Before.exists })
    foreach ($id in $Run.Selected) {
        $plan = $plans[$id]
        $state = $plan.State
        if ($nothing.Count -gt 0 -and @('not-asked', 'unreadable') -notcontains $state) {
            Write-StepResult $id -State 'pending' -Differences @() -Notes @(
                "Nothing to prove yet: $($nothing -join ', ') is not there.")
            continue
        }
        if ($nothing.Count -eq 0) { $state = Test-Step $id -Comparison $plan }
        $shown = @{ Differences = $plan.Plan.Differences; Notes = $plan.Plan.Notes; RequestId = $plan.RequestId }
        Write-StepResult $id -State $state @shown
    }
}

function Test-Step {
    # The state of one step in Verify, with its proofs: what was compared, and what the step itself can try.
    param([string] $Id, [hashtable] $Comparison)
    if ($Comparison.State -eq 'not-asked') { return 'not-asked' }
    $state = Get-VerifiedState $Id $Comparison
    # What a step only reports may be worth nothing any more: somebody has to decide, and nothing is proved or not.
    if ('proved', 'disproved' -ccontains $state -and $Steps[$Id]['ReportOnly']) { return 'blocked' }
    $actual = if ($state -eq 'proved') { 'as described' }
    else {
        @(@($Comparison.Plan.Differences | ForEach-Object -Process {
                    "$($_.property) is $(Format-Value $_.current)" }) + $Comparison.Plan.Notes) -join '; '
    }
    Write-Proof $Id -Target $Catalogue[$Id].Title -Expected 'as described' -Actual $actual -State $state
    Invoke-Proof $Id
    $worst = @('disproved', 'unreadable', 'pending' | Where-Object -FilterScript {
            $bad = $_
            @($Run.Proofs | Where-Object -FilterScript { $_.step -ceq $Id -and $_.state -eq $bad }).Count -gt 0 })
    if ($worst.Count -gt 0 -and ($state -eq 'proved' -or $worst[0] -eq 'disproved')) { return $worst[0] }
    $state
}

function Get-VerifiedState {
    param([string] $Id, [hashtable] $Comparison)
    switch ($Comparison.State) {
        'in-place' { 'proved' }
        # What Cleanup is there for disproves nothing.
        { $Steps[$Id].Contains('Cleanup') -and 'different', 'blocked' -ccontains $_ } { 'blocked'; break }
        'different' { 'disproved' }
        'blocked' { if ($Comparison.Plan.Remaining -eq 'blocked') { 'disproved' } else { 'blocked' } }
        'conflict' { if ($Steps[$Id].Contains('ConflictDisproves')) { 'disproved' } else { 'conflict' } }
        default { $Comparison.State }
    }
}
