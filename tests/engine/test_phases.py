"""Which half of a migration a run is, and what has to be proved before the other one (engine/41-phases)."""

from __future__ import annotations

from support.function_cases import WITH
from support.functions import Functions

PHASES: dict[str, str] = {
    "With { Assert-Phase } @{ Mode = 'Check'; Phase = '' }": "",
    "With { Assert-Phase } @{ Mode = 'Check'; Phase = 'Prepared' }": "-Phase must be Prepare or Cleanup.",
    "With { Assert-Phase } @{ Mode = 'Apply'; Phase = '' }": "-Mode Apply needs -Phase",
    "With { Assert-Phase } @{ Mode = 'Apply'; Phase = 'Prepare' }": "",
    "With { Assert-Phase } @{ Mode = 'Apply'; Phase = 'Cleanup' }": "-Phase Cleanup needs -ConfirmCutover",
    "With { Assert-Phase } @{ Mode = 'Apply'; Phase = 'Cleanup'; ConfirmCutover = $true }": "",
    "With { Assert-Phase } @{ Mode = 'Check'; Phase = 'Cleanup' }": "",
    "With { Assert-Phase } @{ Mode = 'Check'; Phase = 'Prepare'; Step = @('legacy-account') }": (
        "-Step 'legacy-account' is not a step of the phase Prepare."
    ),
    "With { Assert-Phase } @{ Mode = 'Check'; Phase = 'Cleanup'; Step = @('ews-access') }": (
        "-Step 'ews-access' is not a step of the phase Cleanup."
    ),
    "With { Assert-Phase } @{ Mode = 'Rollback'; Phase = ''; Step = @('ews-access') }": "",
    # A phase that is dropped without a word would let a Rollback take back the other one as well.
    "With { Assert-Phase } @{ Mode = 'Rollback'; Phase = 'Cleanup' }": "-Phase does not limit a Rollback",
}
STEPS: dict[str, object] = {
    "With { @($Steps.Keys | ? { Test-Phase $_ }).Count -eq $Steps.Count } @{ Phase = '' }": True,
    "With { $Steps.Keys | ? { Test-Phase $_ } } @{ Phase = 'Cleanup' }": ["legacy-impersonation", "legacy-account"],
    "With { Test-Phase 'ews-access' } @{ Phase = 'Prepare' }": True,
    "With { Test-Phase 'legacy-account' } @{ Phase = 'Prepare' }": False,
    "With { Get-ProvedFirst } @{ Mode = 'Apply'; Phase = 'Prepare' }": [],
    "With { Get-ProvedFirst } @{ Mode = 'Check'; Phase = 'Cleanup' }": [],
    "With { @(Get-ProvedFirst) -ccontains 'application-role' } @{ Mode = 'Apply'; Phase = 'Cleanup' }": True,
    "With { @(Get-ProvedFirst) -ccontains 'legacy-account' } @{ Mode = 'Apply'; Phase = 'Cleanup' }": False,
}
PROVED = """
function Get-FirstPass { param($Id) $findings = @{}; foreach ($one in $Id) { $findings[$one] = @{} }; $findings }
function Test-Step { param($Id, $Finding) if ($Id -ceq $OddOne) { $OddState } else { 'proved' } }
function Invoke-Cleanup {
    param($OddOne, $OddState)
    With { Assert-NewWay } @{ Mode = 'Apply'; Phase = 'Cleanup' }
}
"""
OPEN: dict[str, str] = {
    "Invoke-Cleanup 'none' 'proved'": "",
    "Invoke-Cleanup 'application-role' 'pending'": "Not proved: application-role (pending). Cleanup removes nothing",
    "Invoke-Cleanup 'application-role' 'disproved'": "Not proved: application-role (disproved).",
    "Invoke-Cleanup 'ews-access' 'blocked'": "Not proved: ews-access (blocked).",
    "Invoke-Cleanup 'ews-access' 'unreadable'": "Not proved: ews-access (unreadable).",
    # The new way works without a calendar that nobody described, and not without EWS.
    "Invoke-Cleanup 'equipment-calendar' 'not-asked'": "",
    "Invoke-Cleanup 'ews-access' 'not-asked'": "Not proved: ews-access (not-asked).",
}


def test_the_phase_of_an_apply_is_never_guessed(migrate_functions: Functions) -> None:
    assert migrate_functions.stops(PHASES, before=WITH, ends="refused values") == PHASES


def test_each_step_belongs_to_one_phase_and_a_cleanup_proves_those_of_the_other(migrate_functions: Functions) -> None:
    assert migrate_functions.values(*STEPS, before=WITH) == STEPS


def test_cleanup_takes_nothing_away_before_all_of_the_new_way_is_proved(migrate_functions: Functions) -> None:
    assert migrate_functions.stops(OPEN, before=WITH + PROVED, ends="refused proofs") == OPEN
