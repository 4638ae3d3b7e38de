"""The same demands on the other bodies, on the grounds where each has everything to do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.bad_days import Trials, apply_ground, first_tenant, play
from support.deployments import CLEANUP, DEPLOYMENTS, ONLINE, PREPARE, SERVER
from support.sites import SiteOf

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
# Its steps are those of app permissions: two writes of it are played, and no read.
SPARE = {PREPARE.name}


@pytest.fixture(scope="session")
def trials_of(sample: SiteOf) -> TrialsOf:
    """Give the trials of a deployment's Apply where it has everything to do; the same ones each time."""
    made: dict[str, Trials] = {}

    def make(name: str) -> Trials:
        if name not in made:
            (deployment,) = [one for one in DEPLOYMENTS if one.name == name]
            site = sample(deployment.sample, **deployment.change)
            made[name] = Trials(apply_ground(deployment, site, "fresh", first_tenant(deployment, site)))
        return made[name]

    return make


def each_write() -> list[object]:
    return [
        pytest.param(name, index, id=f"{name}-{index + 1}-{cmdlet}".replace(" ", "-"))
        for name, cmdlets in WRITES.items()
        for index, cmdlet in enumerate(cmdlets)
        if name not in SPARE or index % 5 == 0
    ]


@pytest.mark.parametrize(("name", "index"), each_write())
def test_a_fault_at_a_write(trials_of: TrialsOf, name: str, index: int) -> None:
    trials = trials_of(name)
    # One kind, another one for each write.
    kinds = (TELLING[index % len(TELLING)],)
    assert play(trials, [trials.ground.good.writes[index].n], kinds) == {}


@pytest.mark.parametrize("name", [name for name in WRITES if name not in SPARE])
def test_a_fault_at_a_read(trials_of: TrialsOf, name: str) -> None:
    trials = trials_of(name)
    # Each thirtieth one; `make faults` plays them all.
    numbers = [call.n for call in trials.ground.reads if call.n > trials.ground.guards][::30]
    assert play(trials, numbers, ["server-error"]) == {}


@pytest.mark.parametrize("name", WRITES)
def test_these_are_all_the_writes_of_undisturbed_runs(trials_of: TrialsOf, name: str) -> None:
    assert tuple(call.cmdlet for call in trials_of(name).ground.good.writes) == WRITES[name]
