# The end of a run: the outcome, what is left to do, and the line with which it goes on.

function Format-Argument {
    # A value as it is typed. Five characters close a text in single quotes.
    param($InputObject)
    if ($null -eq $InputObject) { return '$null' }
    if ($InputObject -is [System.Security.SecureString]) { return Format-PasswordQuestion }  # only: exchange-server
    if ($InputObject -is [bool] -or $InputObject -is [switch]) { return "`$$([bool] $InputObject)".ToLowerInvariant() }
    if ($InputObject -is [int]) { return [string] $InputObject }
    if ($InputObject -is [System.Collections.IDictionary]) {
        $pairs = @($InputObject.Keys | Get-Ordered | ForEach-Object -Process {
                "$(Format-Argument ([string] $_)) = $(Format-Argument $InputObject[$_])" })
        return "@{ $($pairs -join '; ') }"
    }
    if ($InputObject -is [array] -and $InputObject.Count -eq 1) { return Format-Argument $InputObject[0] }
    if ($InputObject -is [array]) {
        return "@($(@($InputObject | ForEach-Object -Process { Format-Argument $_ }) -join ', '))"
    }
    "'$([regex]::Replace([string] $InputObject, '[\u0027\u2018-\u201B]', '$0$0'))'"
}

function Get-GoOnLine {
    # The parts of the line with which this run goes on, with what was typed for it and the journal that it wrote.
    $given = @{}
    foreach ($name in $Run.Bound.Keys) { $given[$name] = $Run.Bound[$name] }
    if ($Run.Journalled) { $given['JournalPath'] = $Run.JournalPath }
    foreach ($name in 'ResultPath', 'LogPath') { if ($given.ContainsKey($name)) { $given[$name] = $Run[$name] } }
    foreach ($id in $Run.Results.Keys) {  # only: GoOn
        # What a step planned to leave for later says when; one that was stopped knows nothing of it.  # only: GoOn
        $isPlanned = $Run.Results[$id].state -eq 'pending' -and -not $Run.Stopped.Contains($id)  # only: GoOn
        if ($Steps[$id].Contains('GoOn')) { & $Steps[$id].GoOn $given -IsPlanned $isPlanned }  # only: GoOn
    }  # only: GoOn
    $parts = @("& $(Format-Argument $Run.ScriptPath)", "-Mode $($Run.Mode)")
    foreach ($name in @($given.Keys | Where-Object -FilterScript { $_ -ne 'Mode' } | Get-Ordered)) {
        $isSwitch = $given[$name] -is [switch]
        $parts += if ($isSwitch) { "-${name}:$(Format-Argument $given[$name])" }
        else { "-$name $(Format-Argument $given[$name])" }
    }
    $parts
}

function Get-VerifyLine {
    # The line that proves what this run made, with the values that were typed for it.
    $names = @($Run.Bound.Keys | Where-Object -FilterScript {
            $Value.ContainsKey($_) -or $_ -eq 'Step' } | Get-Ordered)
    if ($Run.Bound.ContainsKey('Phase') -and $Run.Phase -ceq 'Prepare') { $names += 'Phase' }  # only: migrate
    @("& $(Format-Argument $Run.ScriptPath)", '-Mode Verify') + @($names | ForEach-Object -Process {
            if ($Run.Bound[$_] -is [switch]) { "-${_}:$(Format-Argument $Run.Bound[$_])" }
            else { "-$_ $(Format-Argument $Run.Bound[$_])" } })
}

function Write-Left {
    # What no Exchange session does for a person, and when Exchange acts on what was changed.
    # A run that was refused changed nothing, so nothing follows from it.
    if ('Apply', 'Rollback' -cnotcontains $Run.Mode -or $Run.WhatIf -or $Run.ExitCode -eq 4) { return }
    $times = @()  # only: Takes
    foreach ($one in $Run.Results.Values) {
        $step = $Steps[$one.id]
        if ($step.Contains('ByHand')) {
            # What was created and does not show yet leaves the same to do as what does.
            $isSent = 'pending', 'unreadable' -ccontains $one.state -and $Run.Made.Contains($one.id)
            $state = if ($isSent) { 'changed' } else { $one.state }
            foreach ($line in @(& $step.ByHand -State $state)) { Write-Line "By hand   $line" }
        }
        if ($Run.Done.ContainsKey($one.id) -and $step.Contains('Takes')) { $times += "$($one.id) - $($step.Takes)" }  # only: Takes
    }
    $begins = if ($Run.Mode -ceq 'Rollback') { 'Exchange applies the undo later' } else { 'Not in effect yet' }  # only: Takes
    if ($times.Count -gt 0) { Write-Line "$begins. From now on it takes: $($times -join '; ')." }  # only: Takes
}

function Test-Unfinished {
    # Whether the same run again goes on with what this one began or waits for.
    if ($Run.WhatIf -or $Run.Mode -eq 'Check') { return $false }
    # These would refuse the same line again; their message says what to do first.
    if ($Run.Refusal -and 'approval', 'max-changes' -ccontains $Run.Refusal.guard) { return $false }
    $late = @($Run.Results.Values | Where-Object -FilterScript { $_.state -eq 'pending' }).Count -gt 0
    $Run.ExitCode -eq 3 -or ($Run.ExitCode -eq 5 -and $late)
}

function Complete-Interrupted {
    # Ctrl+C ends a script without an error. What was done so far is written down and said all the same.
    $Run.Refusal = [ordered]@{ guard = 'interrupted'; message = 'The run was interrupted before its end (Ctrl+C).' }
    foreach ($id in @($Run.Selected | Where-Object -FilterScript { -not $Run.Results.Contains($_) })) {
        $sent = if ($id -ceq $Run.Current) { $Run.Writes - $Run.SentBefore } else { 0 }
        if ($sent -gt 0) {
            $has = if ($Run.Mode -cne 'Rollback') { 'the journal has each' }
            else { 'the journal has those that Exchange had shown by then. Run the same Rollback again' }
            Write-StepResult $id -State 'pending' -Notes @(
                "Interrupted after $sent writes of this step had been sent; $has.")
        } else { Write-StepResult $id -State 'blocked' -Notes @('Interrupted; nothing of this step was sent.') }
    }
    $Run.ExitCode = Get-ExitCode
    $ExecutionContext.SessionState.PSVariable.Set('global:LASTEXITCODE', $Run.ExitCode)
    Write-Result
    Write-Summary
}

function Write-Summary {
    # The last thing on the screen, whatever ended the run.
    Write-Line ''
    if ($Run.Mode -eq 'Verify') {
        Get-NotChecked | ForEach-Object -Process { Write-Line "Not checked: $_" }
        Write-Line 'What is proved is proved in Exchange only.'
    }
    if ($Run.Refusal -and $Run.Refusal.guard -ceq 'interrupted') { Write-Line $Run.Refusal.message }
    elseif ($Run.Refusal) { Write-Line "Refused by the guard '$($Run.Refusal.guard)': $($Run.Refusal.message)" }
    Write-Line "Exit code $($Run.ExitCode). $(Get-Meaning)"
    if ($Run.Mode -eq 'Check' -and $null -ne $Run.PlanSha256) {
        Write-Line "Plan      $($Run.PlanSha256)  (run Apply with -ApprovedPlan and this: another plan is refused)"
    }
    if ($Run['BothPhases']) { Write-Line 'Plan      Apply does one phase: Check with -Phase Prepare or -Phase Cleanup prints its digest' }  # only: migrate
    Write-Left
    if ($Run.Journalled) {
        $why = if ($Run.Mode -cne 'Rollback') { 'keep it: Rollback needs it' }
        elseif ($Run.ExitCode -eq 0 -and @(Get-Unselected).Count -eq 0) { 'for the change ticket' }
        else { 'keep it: another Rollback needs it' }
        Write-Line "Journal   $($Run.JournalPath[-1])  ($why)"
    }
    if ($Run.ResultWritten) { Write-Line "Result    $($Run.ResultPath)  (for the change ticket)" }
    if ($null -ne $Run['Log']) { Write-Line "Log       $($Run.LogPath)" }
    if (Test-Unfinished) { Write-Command 'Go on' -Parts (Get-GoOnLine) }
    elseif ($Run.Mode -ceq 'Apply' -and $Run.ExitCode -eq 0 -and $Run.Writes -gt 0) {
        Write-Command 'Next' -Parts (Get-VerifyLine)
    }
}
