# Phases: the two halves of a migration, and what has to be proved before anything of the old way is taken away.

function Assert-Phase {
    # Two changes weeks apart in one file: which of the two is never guessed.
    $phases = @('Prepare', 'Cleanup')
    # What is taken back is in the journals, of whichever phase.
    Assert-Sane ($Run.Mode -cne 'Rollback' -or $Run.Phase -ceq '') (
        '-Phase does not limit a Rollback, which takes back what the journals contain. Name the steps with -Step.')
    Assert-Sane ($Run.Phase -ceq '' -or $phases -ccontains $Run.Phase) '-Phase must be Prepare or Cleanup.'
    Assert-Sane ($Run.Mode -cne 'Apply' -or $Run.Phase -cne '') (
        '-Mode Apply needs -Phase: Prepare builds the new way beside the old one, ' +
        'Cleanup removes what is left of the old way after the switch in Pexip Infinity.')
    Assert-Sane ($Run.Mode -cne 'Apply' -or $Run.Phase -cne 'Cleanup' -or $Run.ConfirmCutover) (
        '-Phase Cleanup needs -ConfirmCutover: Pexip Infinity has been switched to app permissions and schedules ' +
        'with them. The role assignments that Cleanup removes cannot be created again in Exchange Online.')
    foreach ($id in $Run.Step) {
        Assert-Sane ($Run.Mode -ceq 'Rollback' -or (Test-Phase $id)) (
            "-Step '$id' is not a step of the phase $($Run.Phase).")
    }
}

function Test-Phase {
    param([string] $Step)
    $Run.Phase -ceq '' -or ($Run.Phase -ceq 'Cleanup') -eq $Steps[$Step].Contains('Cleanup')
}

function Clear-DigestOfBoth {
    # Apply does one phase: a digest of differences in both is never that of its plan.
    param([System.Collections.IDictionary] $Findings)
    $ids = @($Findings.Keys | Where-Object -FilterScript { $Findings[$_].Plan.Differences.Count -gt 0 })
    $last = @($ids | Where-Object -FilterScript { $Steps[$_].Contains('Cleanup') })
    if ($last.Count -eq 0 -or $last.Count -eq $ids.Count) { return }
    $Run.PlanSha256 = $null
    $Run['BothPhases'] = $true
}

function Get-ProvedFirst {
    # The steps that have to be proved before anything of the old way is taken away.
    if ($Run.Mode -ne 'Apply' -or $Run.Phase -cne 'Cleanup') { return }
    $Steps.Keys | Where-Object -FilterScript { -not $Steps[$_].Contains('Cleanup') }
}

function Assert-NewWay {
    $ids = @(Get-ProvedFirst)
    if ($ids.Count -eq 0) { return }
    Write-Line 'Proving the new way before the old one is removed'
    $findings = Get-FirstPass $ids
    $open = @(foreach ($id in $ids) {
            $state = Test-Step $id -Finding $findings[$id]
            Write-Line ('    {0,-21} {1}' -f $id, $state)
            # What nobody asked for may be missing, but not what the new way cannot work without.
            $isEnough = $state -ceq 'proved' -or ($state -ceq 'not-asked' -and -not $Steps[$id].Contains('CloudEws'))
            if (-not $isEnough) { "$id ($state)" }
        })
    $Run.States = @{}
    Assert-That ($open.Count -eq 0) -Guard 'proofs' -Message (
        "Not proved: $($open -join ', '). Cleanup removes nothing before all of the new way is proved; " +
        'see -Mode Verify.')
}
