"""A fault at any write: the run says so, the next one ends where an undisturbed one ends, Rollback gives back."""

from __future__ import annotations

import pytest
from support.bad_days import KINDS, Ground, Trials, play

APPLY_FRESH = (
    "New-Mailbox",
    "Set-CalendarProcessing",
    "New-DistributionGroup",
    "Add-DistributionGroupMember",
    "Add-DistributionGroupMember",
    "Add-DistributionGroupMember",
    "New-ServicePrincipal",
    "New-ManagementScope",
    "New-ManagementRoleAssignment",
    "Set-OrganizationConfig",
    "Set-OrganizationConfig",
    "Add-MailboxPermission",
    "New-App",
)
APPLY_DRIFTED = (
    "Set-Mailbox",
    "Set-CalendarProcessing",
    "Add-DistributionGroupMember",
    "Add-DistributionGroupMember",
    "New-ManagementRoleAssignment",
    "Set-OrganizationConfig",
    "Add-MailboxPermission",
    "Set-App",
)
ROLLBACK = (
    "Remove-App",
    "Remove-MailboxPermission",
    "Set-OrganizationConfig",
    "Set-OrganizationConfig",
    "Remove-ManagementRoleAssignment",
    "Remove-ManagementScope",
    "Remove-ServicePrincipal",
    "Remove-DistributionGroupMember",
    "Remove-DistributionGroupMember",
    "Remove-DistributionGroupMember",
    "Remove-DistributionGroup",
    "Set-CalendarProcessing",
    "Remove-Mailbox",
)
# Those that differ in what the tenant and the journal hold afterwards; `make faults` plays all of them everywhere, and
# kills for real.
TELLING = ("server-error", "lost-answer", "freeze-after")


def writes(cmdlets: tuple[str, ...]) -> list[object]:
    return [pytest.param(index, id=f"{index + 1}-{cmdlet}") for index, cmdlet in enumerate(cmdlets)]


def telling(index: int) -> tuple[str, ...]:
    """One of the telling kinds, another one for each write."""
    return (TELLING[index % len(TELLING)],)


def at_a_first_apply(index: int) -> tuple[str, ...]:
    """One of the telling kinds, another one for each write, or a run that stands still before it.

    At the second write it is every kind, and the run is killed for real. What a run leaves that stands still is the
    same, the files as they are; a killed one takes a process with it, and a new one is slow at first.
    """
    if index == 1:
        return KINDS
    return ("freeze-before",) if index % 6 == 0 else telling(index)


def tried(trials: Trials, index: int, kinds: tuple[str, ...]) -> dict[str, list[str]]:
    return play(trials, [trials.ground.good.writes[index].n], kinds)


@pytest.mark.parametrize("index", writes(APPLY_FRESH))
def test_a_fault_at_a_write_of_a_first_apply(fresh_trials: Trials, index: int) -> None:
    assert tried(fresh_trials, index, at_a_first_apply(index)) == {}


# Those that a first Apply makes too are played there.
@pytest.mark.parametrize("index", [one for one, cmdlet in enumerate(APPLY_DRIFTED) if cmdlet not in APPLY_FRESH])
def test_a_fault_at_a_write_that_corrects_what_drifted(drifted_ground: Ground, index: int) -> None:
    assert tried(Trials(drifted_ground), index, telling(index)) == {}


@pytest.mark.parametrize("index", writes(ROLLBACK))
def test_a_fault_at_a_write_of_a_rollback(rollback_of_fresh: Ground, index: int) -> None:
    assert tried(Trials(rollback_of_fresh), index, telling(index)) == {}


def test_these_are_all_the_writes_of_undisturbed_runs(
    fresh_ground: Ground, drifted_ground: Ground, rollback_of_fresh: Ground
) -> None:
    found = [[call.cmdlet for call in one.good.writes] for one in (fresh_ground, drifted_ground, rollback_of_fresh)]
    assert found == [list(APPLY_FRESH), list(APPLY_DRIFTED), list(ROLLBACK)]
