# Result: what stands on the screen, in the pipeline and in the result file is the same.

function Write-Opening {
    # The first lines of a run: which file this is, what it was told, and where it is written down.
    $part = ''
    if ($Run.Phase -cne '') { $part = " -Phase $($Run.Phase)" }  # only: migrate
    if ($Run.Bound.ContainsKey('Step')) { $part += " -Step $($Run.Step -join ', ')" }
    if ($Run.WhatIf) { $part += ' -WhatIf' }
    Write-Line "pexgen runbook  $($Value.Name)  $Method on $Platform  -Mode $($Run.Mode)$part"
    $review = if ($Run.Review -ceq 'reviewed') { 'reviewed by the pexgen project, not by your organization' }
    else { 'NOT REVIEWED by anybody' }
    Write-Line "Body      SHA-256 $($Run.BodySha256). This file says of it: $review"
    if ($Value.ChangeTicket -ne '') { Write-Line "Ticket    $($Value.ChangeTicket)" }
    foreach ($override in $Run.Overrides) {
        Write-Line (
            "Override  -$($override.parameter): " +
            "the file says $(ConvertTo-Json $override.rendered -Depth 4 -Compress), " +
            "this run uses $(ConvertTo-Json $override.used -Depth 4 -Compress)")
    }
    if ($null -ne $Run.Log) { Write-Line "Log       $($Run.LogPath)" }
}

function Get-AgeNote {
    # What still runs, and is about to stop being able to.
    $version = $PSVersionTable.PSVersion
    if ($version.Major -ge 7 -and $version -lt [version] $Facts.PowerShellNewer) {
        "PowerShell $version is out of Microsoft's support: use Windows PowerShell 5.1, or PowerShell " +
        "$($Facts.PowerShellNewer) or later."
    }
    Get-ModuleNote  # only: exchange-online
    Get-EwsEndNote  # only: exchange-online
}

function Write-Session {
    # Where this runs, and whether somebody will be asked.
    $module = if ($Run.ModuleVersion) { ", ExchangeOnlineManagement $($Run.ModuleVersion)" } else { '' }
    Write-Line "Host      $($Run.User) on $($Run.Computer), PowerShell $($PSVersionTable.PSVersion)$module"
    foreach ($note in @(Get-AgeNote)) { Write-Line "Note      $note" }
    if ('Apply', 'Rollback' -cnotcontains $Run.Mode -or $Run.WhatIf) { return }
    Write-Line $(if ($Run.Unasked) { 'Asks      nobody: -Confirm:$false' }
        else { "Asks      before each step$(Get-StillAsked). No ends the run; what is done stays" })
}

function Get-StillAsked {
    # What Yes to All does not cover: steps of high risk, and the removal of a mailbox or group.
    # And members whom others added or took out.  # only: Widens
    $isUndo = $Run.Mode -ceq 'Rollback'
    $ids = @($Run.Selected | Where-Object -FilterScript {
            if ($isUndo) { $Run.InJournal.Contains($_) -and $Steps[$_].Contains('Rollback') }
            else { (Test-Described $_) -and @($Steps[$_]['Apply']).Count -gt 0 } })
    $still = @($ids | Where-Object -FilterScript { $Catalogue[$_].Risk -ceq 'high' })
    $removing = @($ids | Where-Object -FilterScript { $Steps[$_].Contains('Widens') -and $Steps[$_].Apply -clike 'Remove-*' })  # only: Widens
    if ($removing.Count -gt 0) { $still += if ($isUndo) { 'members to be added back' } else { 'members to be removed' } }  # only: Widens
    $lost = @($ids | Where-Object -FilterScript {
            $isUndo -and (Test-LostWhenRemoved $_) -and @((Get-JournalEntry $_) | Where-Object -FilterScript {
                    -not $_.Before['exists'] -and -not $_.Refused -and -not $_.Undone }).Count -gt 0 })
    $still += @($lost | ForEach-Object -Process {
            if ($Steps[$_].Kind -clike '*Group') { 'a group to be removed' } else { 'a mailbox to be removed' }
        } | Select-Distinct)
    if ($still.Count -gt 0) { "; after Yes to All still before: $($still -join ', ')" }
}

function Write-StepResult {
    # Shown, and for the result. Said: the notes that the question right above has shown. Short: the differences, too.
    param(
        [string] $Id, [string] $State, [object[]] $Differences = @(), [string[]] $Notes = @(), [string] $RequestId = '',
        [string[]] $Said = @(), [bool] $Short = $false, [bool] $IsMissing = $false
    )
    $detail = @($Notes | Where-Object -FilterScript { $_ }) -join ' '
    $Run.Results[$Id] = [pscustomobject][ordered]@{
        id = $Id; state = $State; differences = @($Differences); detail = Get-Filled $detail
        requestId = Get-Filled $RequestId; consent = @($Run.Answers[$Id] | Where-Object -FilterScript { $_ })
    }
    $unsaid = @($Notes | Where-Object -FilterScript { $Said -cnotcontains $_ })
    if ($Short) { $Differences = @() }
    Show-StepResult $Id -State $State -Differences $Differences -Notes $unsaid -RequestId $RequestId -IsMissing $IsMissing
}

function Show-StepResult {
    param(
        [string] $Id, [string] $State, [object[]] $Differences, [string[]] $Notes, [string] $RequestId, [bool] $IsMissing
    )
    Write-Line ('{0,-21} {1,-11} {2}' -f $Id, $State, "$($Catalogue[$Id].Title) (Pexip: $($Catalogue[$Id].Pexip))")
    foreach ($difference in $Differences) {
        $current = Format-Current $difference -IsMissing $IsMissing
        Write-Line "    $($difference.property): $current -> $(Format-Value $difference.wanted)"
    }
    foreach ($proof in $Run.Proofs) {
        if ($proof.step -ceq $Id) {
            $text = '    {0,-10} {1}: {2}' -f $proof.state, $proof.target, $proof.actual
            if ($proof.actual -cne $proof.expected) { $text += "; expected $($proof.expected)" }
            Write-Line $text
        }
    }
    foreach ($note in $Notes) { if ($note) { Write-Line "    $note" } }
    if ($RequestId) { Write-Line "    Exchange's request ID: $RequestId" }
}

function Write-Proof {
    param([string] $Step, [string] $Target, [string] $Expected, [string] $Actual, [string] $State)
    $count = @($Run.Proofs | Where-Object -FilterScript { $_.step -ceq $Step }).Count + 1
    $Run.Proofs += [ordered]@{
        id = "$Step/$count"; step = $Step; target = $Target; expected = $Expected; actual = $Actual; state = $State
    }
}

function Get-ExitCode {
    $states = @($Run.Results.Values | ForEach-Object -Process { $_.state })
    $has = @{}
    foreach ($state in $states) { $has[$state] = $true }
    if ($Run.Writes -eq 0) {
        if ($Run.Refusal -or $has['conflict'] -or $has['skipped'] -or $has['failed']) { return 4 }
        if ('Apply', 'Rollback' -ccontains $Run.Mode -and $has['unreadable']) { return 4 }
    } elseif ($Run.Refusal -or $has['failed'] -or $has['unreadable'] -or $has['conflict'] -or $has['skipped']) {
        return 3
    }
    if ($has['disproved']) { return 6 }
    if ($has['different']) { return 2 }
    if ($has['pending'] -or $has['blocked'] -or $has['kept'] -or $has['gone'] -or $has['unreadable']) { return 5 }
    0
}

function Get-Version {
    [ordered]@{ powershell = [string] $PSVersionTable.PSVersion; module = $Run.ModuleVersion }
}

function Get-Result {
    [ordered]@{
        format = 'pexgen.result/1'; name = $Value.Name; method = $Method; platform = $Platform
        mode = $Run.Mode; phase = Get-Filled $Run['Phase']; exitCode = $Run.ExitCode; bodySha256 = $Run.BodySha256
        changeTicket = Get-Filled $Value.ChangeTicket; tenant = $Run.Tenant
        planSha256 = $Run.PlanSha256; approvedPlan = Get-Filled $Run.ApprovedPlan
        connectionUri = $Run.ConnectionUri; operator = Get-Filled $Run.Operator; computer = $Run.Computer
        user = $Run.User; startedUtc = $Run.StartedUtc
        finishedUtc = Format-Utc (Get-UtcNow)
        versions = Get-Version; logPath = Get-Filled $Run.LogPath
        overrides = @($Run.Overrides); refusal = $Run.Refusal; steps = @($Run.Results.Values); proofs = @($Run.Proofs)
        notChecked = @(Get-NotChecked)
    }
}

function Get-NotChecked {
    # What this run does not look at, with how to do it by hand. It never changes the exit code.
    # A run that was refused before its steps were selected names that of all.
    $ids = if ($Run.Selected.Count -gt 0) { $Run.Selected } else { $Steps.Keys }
    foreach ($id in @($ids | Where-Object -FilterScript { Test-Described $_ })) {
        if ($Run.Phase -ceq 'Prepare' -and $Steps[$id].Contains('Cleanup')) { continue }  # only: migrate
        if ($Steps[$id].Contains('NotChecked')) { $Steps[$id].NotChecked }
    }
}

function Write-Result {
    if ($Run.ResultPath -eq '') { return }
    $text = ConvertTo-Json -InputObject (Get-Result) -Depth 8
    try {
        # Anew where nothing was: then no link that was planted meanwhile is followed.
        $isThere = [System.IO.File]::Exists($Run.ResultPath) -and -not (Test-Link $Run.ResultPath)
        $file = [System.IO.File]::Open($Run.ResultPath, $(if ($isThere) { 'Truncate' } else { 'CreateNew' }), 'Write')
        $bytes = (New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $false).GetBytes($text + "`n")
        try { $file.Write($bytes, 0, $bytes.Length) } finally { $file.Dispose() }
        $Run.ResultWritten = $true
    } catch {
        Write-Line "The result could not be written to '$($Run.ResultPath)': $($_.Exception.GetBaseException().Message)"
    }
}

function Get-StateText {
    # Which of these states occurred, and in which steps; of many steps their number.
    param([string[]] $State)
    @(foreach ($one in $State) {
            $ids = @($Run.Results.Values | Where-Object -FilterScript { $_.state -ceq $one } |
                    ForEach-Object -Process { $_.id })
            if ($ids.Count -eq 0) { continue }
            $which = if ($ids.Count -gt 4) { "$($ids.Count) steps" } else { $ids -join ', ' }
            "$($one.Substring(0, 1).ToUpperInvariant())$($one.Substring(1)): $which."
        }) -join ' '
}

function Get-Meaning {
    # The exit code in a sentence, and the states that made it, with their steps.
    $states = switch ($Run.ExitCode) {
        2 { 'different', 'conflict', 'unreadable', 'blocked', 'pending', 'kept', 'gone' }
        { 3, 4 -contains $_ } { 'failed', 'conflict', 'unreadable', 'skipped' }
        5 { 'pending', 'blocked', 'kept', 'gone', 'unreadable' }
        6 { 'disproved', 'conflict', 'unreadable', 'blocked', 'pending' }
    }
    $isInterrupted = $Run.Refusal -and $Run.Refusal.guard -ceq 'interrupted'
    $which = if ($isInterrupted -or $null -eq $states) { '' } else { Get-StateText $states }
    @(@(Get-Outcome) + @(if ($which) { $which; 'See the lines above.' })) -join ' '
}

function Get-Unselected {
    # The steps of which the journals of a Rollback have something to take back, and that this run was not to undo.
    foreach ($id in $Catalogue.Keys) {
        if (-not $Run.InJournal.Contains($id) -or $Run.Selected -ccontains $id) { continue }
        $entries = Get-JournalEntry $id
        $open = @($entries | Where-Object -FilterScript {
                -not $_.Refused -and -not $_.Undone -and (-not $_.Before['exists'] -or @(Get-OpenName $_).Count -gt 0) })
        if ($open.Count -gt 0) { $id }
    }
}

function Get-UndoneOutcome {
    $left = @(Get-Unselected)
    if ($left.Count -eq 0) { return 'Everything that the journals name is undone.' }
    $ours = @($Run.Selected | Where-Object -FilterScript { $Run.InJournal.Contains($_) })
    $what = if ($ours.Count -gt 0) { 'The selected steps are undone.' }
    else { 'The journals name nothing of the selected steps.' }
    "$what The journals also name: $($left -join ', ')."
}

function Get-Outcome {
    switch ($Run.ExitCode) {
        2 { if ($Run.Mode -ceq 'Rollback') { 'There is something to take back; this run changed nothing.' }
            else { 'Something differs, and this run changed nothing.' } }
        3 {
            'Stopped after changes were sent to Exchange. Read the step that stopped; ' + $(
                if ($Run.Mode -eq 'Rollback') { 'run Rollback again.' }
                elseif ($Run.Phase -ceq 'Cleanup') { 'run Apply again. What was removed of the old role cannot be undone.' }  # only: migrate
                else { 'run Apply again, or undo it with Rollback.' })
        }
        4 {
            if ($Run.Refusal -and $Run.Refusal.guard -ceq 'interrupted') { 'Interrupted. This run changed nothing.' }
            elseif ($Run.Refusal -or 'Apply', 'Rollback' -ccontains $Run.Mode) { 'Refused. This run changed nothing.' }
            else { 'An object is not the described one, or not as described. This run changed nothing.' }
        }
        5 {
            switch ($Run.Mode) {
                'Check' { 'Not everything can be as described by this run alone.' }
                'Verify' { 'Not everything is proved.' }
                'Rollback' { 'Rollback ran to its end; not everything is undone.' }
                default { "$($Run.Mode) is not complete." }
            }
        }
        6 { 'Something is not as described.' }
        default {
            $part = ''
            if ($Run.Phase -cne '') { $part = "the phase $($Run.Phase)" }  # only: migrate
            if ($Run.Bound.ContainsKey('Step')) { $part = 'the selected steps' }
            $all = if ($part) { "Everything in $part" } else { 'Everything' }
            $see = if (@(Get-NotChecked).Count -gt 0) { '; see Not checked' } else { '' }
            switch ($Run.Mode) {
                'Check' { "Nothing differs$(if ($part) { " in $part" })." }
                'Apply' {
                    if ($Run.Writes -gt 0) { "$all is set as described." }
                    else { "$all was as described already; this run changed nothing." }
                }
                'Verify' { "All checks$(if ($part) { " of $part" }) passed$see." }
                'Rollback' { Get-UndoneOutcome }
            }
        }
    }
}
