"""The same demands on the other bodies, on the grounds where each has everything to do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.bad_days import Trials, apply_ground, play
from support.deployments import CLEANUP, DEPLOYMENTS, ONLINE, PREPARE, SERVER
from support.sites import FirstApply

TrialsOf = Callable[[str], Trials]
WRITES = {
    SERVER.name: (
        "New-Mailbox",
        "New-ManagementScope",
        "New-ManagementRoleAssignment",
        "Set-CalendarProcessing",
        "Set-WebServicesVirtualDirectory",
        "Add-MailboxPermission",
        "New-App",
    ),
    ONLINE.name: ("Set-CalendarProcessing", "Add-MailboxPermission"),
    PREPARE.name: (
        "Set-CalendarProcessing",
        "New-DistributionGroup",
        "Add-DistributionGroupMember",
        "Add-DistributionGroupMember",
        "Add-DistributionGroupMember",
        "Add-DistributionGroupMember",
        "New-ServicePrincipal",
        "New-ManagementScope",
        "New-ManagementRoleAssignment",
        "Set-OrganizationConfig",
    ),
    CLEANUP.name: ("Remove-ManagementRoleAssignment", "Remove-ManagementScope", "Set-OrganizationConfig"),
}
# Those that differ in what the tenant and the journal hold afterwards; `make faults` plays all of them everywhere, and
# kills for real.
TELLING = ("server-error", "lost-answer", "freeze-after")
# Writes of steps that are the same text in every body meet faults in app permissions, in test_every_write.py. Here one
# of them does in each body: the server's add-in, the delegate of the account online, of Prepare a member in a batch.
PLAYED = {SERVER.name: (0, 1, 2, 4, 6), ONLINE.name: (1,), PREPARE.name: (5,), CLEANUP.name: (0, 1, 2)}


@pytest.fixture(scope="session")
def trials_of(first_apply: FirstApply) -> TrialsOf:
    """Give the trials of a deployment's Apply where it has everything to do; the same ones each time."""
    made: dict[str, Trials] = {}

    def make(name: str) -> Trials:
        if name not in made:
            (deployment,) = [one for one in DEPLOYMENTS if one.name == name]
            site, start, good = first_apply(deployment)
            made[name] = Trials(apply_ground(deployment, site, "fresh", start, good), one_way_back=True)
        return made[name]

    return make


def each_write() -> list[object]:
    return [
        pytest.param(name, index, id=f"{name}-{index + 1}-{WRITES[name][index]}".replace(" ", "-"))
        for name, indexes in PLAYED.items()
        for index in indexes
    ]


@pytest.mark.parametrize(("name", "index"), each_write())
def test_a_fault_at_a_write(trials_of: TrialsOf, name: str, index: int) -> None:
    trials = trials_of(name)
    # One kind, another one for each write.
    kinds = (TELLING[index % len(TELLING)],)
    assert play(trials, [trials.ground.good.writes[index].n], kinds) == {}


# The steps of Prepare are those of app permissions.
@pytest.mark.parametrize("name", [name for name in WRITES if name != PREPARE.name])
def test_a_fault_at_a_read(trials_of: TrialsOf, name: str) -> None:
    trials = trials_of(name)
    # Each sixtieth one; `make faults` plays them all.
    numbers = [call.n for call in trials.ground.reads if call.n > trials.ground.guards][::60]
    assert play(trials, numbers, ["server-error"]) == {}


@pytest.mark.parametrize("name", WRITES)
def test_these_are_all_the_writes_of_undisturbed_runs(trials_of: TrialsOf, name: str) -> None:
    assert tuple(call.cmdlet for call in trials_of(name).ground.good.writes) == WRITES[name]
