"""A fault at any write: the run says so, the next one ends where an undisturbed one ends, Rollback gives back."""

from __future__ import annotations

import pytest
from support.bad_days import Ground, Trials, play

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
    """All writes, but of the members of a group, which are sent in one batch, the one in the middle alone."""
    members = [index for index, cmdlet in enumerate(cmdlets) if cmdlet.endswith("-DistributionGroupMember")]
    played = [index for index in range(len(cmdlets)) if index not in members or index == members[1]]
    return [pytest.param(index, place, id=f"{index + 1}-{cmdlets[index]}") for place, index in enumerate(played)]


def telling(place: int) -> tuple[str, ...]:
    """One of the telling kinds, another one for each write."""
    return (TELLING[place % len(TELLING)],)


def at_a_first_apply(place: int) -> tuple[str, ...]:
    """One of the telling kinds, another one for each write; at the second write all of them, and a sure refusal.

    What a killed run leaves is what a run leaves that stands still, as tests/simulation/test_faults.py says, and a new
    process is slow at first; tests/rehearsal/test_rehearse.py kills one for real. Situations 38 and 39 of
    tests/failures have too many calls and a session that is gone; without a right is without a right, 401 or 403.
    """
    if place == 1:
        return (*TELLING, "forbidden")
    return ("freeze-before",) if place == 0 else telling(place)


def tried(trials: Trials, index: int, kinds: tuple[str, ...]) -> dict[str, list[str]]:
    return play(trials, [trials.ground.good.writes[index].n], kinds)


@pytest.mark.parametrize(("index", "place"), writes(APPLY_FRESH))
def test_a_fault_at_a_write_of_a_first_apply(fresh_trials: Trials, index: int, place: int) -> None:
    assert tried(fresh_trials, index, at_a_first_apply(place)) == {}


# Those that a first Apply makes too are played there.
@pytest.mark.parametrize("index", [one for one, cmdlet in enumerate(APPLY_DRIFTED) if cmdlet not in APPLY_FRESH])
def test_a_fault_at_a_write_that_corrects_what_drifted(drifted_ground: Ground, index: int) -> None:
    assert tried(Trials(drifted_ground, one_way_back=True), index, telling(index)) == {}


@pytest.mark.parametrize(("index", "place"), writes(ROLLBACK))
def test_a_fault_at_a_write_of_a_rollback(rollback_of_fresh: Ground, index: int, place: int) -> None:
    assert tried(Trials(rollback_of_fresh), index, telling(place)) == {}


def test_these_are_all_the_writes_of_undisturbed_runs(
    fresh_ground: Ground, drifted_ground: Ground, rollback_of_fresh: Ground
) -> None:
    found = [[call.cmdlet for call in one.good.writes] for one in (fresh_ground, drifted_ground, rollback_of_fresh)]
    assert found == [list(APPLY_FRESH), list(APPLY_DRIFTED), list(ROLLBACK)]
