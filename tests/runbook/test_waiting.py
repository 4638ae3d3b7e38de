"""Exchange shows things late: waited for with an end, and never made twice."""

from __future__ import annotations

import copy
import re

import pytest
from support.sites import Applied, SiteOf, states

from pexgen.simulation import without_bookkeeping


def test_objects_that_appear_late_are_waited_for(site: SiteOf) -> None:
    tenant = copy.deepcopy(site().tenant)
    tenant["settings"]["late"] = {
        "mailbox": 3,
        "group": 3,
        "scope": 3,
        "servicePrincipal": 3,
        "assignment": 3,
        "store": 3,
        "app": 3,
    }
    run = site().run("Apply", tenant)
    assert (run.exit_code, len(run.writes)) == (0, 13), run.screen
    assert run.waits


def test_a_pointer_that_the_assignment_does_not_find_yet_is_waited_for(site: SiteOf) -> None:
    tenant = copy.deepcopy(site().tenant)
    tenant["settings"]["assignmentNotFound"] = 3
    run = site().run("Apply", tenant)
    assert run.exit_code == 0, run.screen
    tries = [call for call in run.writes if call.cmdlet == "New-ManagementRoleAssignment"]
    assert len(tries) == 4


def test_waiting_ends_and_what_follows_is_pending_with_nothing_written(site: SiteOf) -> None:
    tenant = copy.deepcopy(site().tenant)
    tenant["settings"]["late"] = {"mailbox": 10_000}
    run = site().run("Apply", tenant, WaitSeconds=60)
    assert run.exit_code == 5
    found = states(run)
    assert {step for step, state in found.items() if state == "pending"} == {
        "equipment-mailbox", "equipment-calendar", "scheduling-members", "application-role", "delegate-access",
    }  # fmt: skip
    assert sum(run.waits) == 60
    assert [call.cmdlet for call in run.writes if call.cmdlet == "New-Mailbox"] == ["New-Mailbox"]


def test_every_pause_says_how_much_longer_it_can_take(site: SiteOf) -> None:
    tenant = copy.deepcopy(site().tenant)
    tenant["settings"]["late"] = {"mailbox": 10_000}
    run = site().run("Apply", tenant, WaitSeconds=50, Step=["equipment-mailbox"])
    said = re.findall(r"Waiting (\d+) s for [^,]+, then (\d+) s more at most", run.screen)
    pauses = [int(seconds) for seconds, _ in said]
    assert pauses == list(run.waits) == [2, 3, 5, 10, 20, 10]
    assert [int(left) for _, left in said] == [50 - sum(pauses[: n + 1]) for n in range(len(pauses))]


def test_without_time_to_wait_there_is_one_look(site: SiteOf) -> None:
    tenant = copy.deepcopy(site().tenant)
    tenant["settings"]["late"] = {"mailbox": 10_000}
    run = site().run("Apply", tenant, WaitSeconds=0, Step=["equipment-mailbox"])
    assert (run.exit_code, run.waits, len(run.writes)) == (5, (), 1)


# The mailbox itself is situation 37 of tests/failures.
@pytest.mark.parametrize("kind", ["store", "group", "scope", "servicePrincipal", "assignment"])
def test_running_again_after_pending_ends_where_an_undisturbed_run_ends(
    site: SiteOf, applied: Applied, kind: str
) -> None:
    tenant = copy.deepcopy(site().tenant)
    tenant["settings"]["late"] = {kind: 4}
    first = site().run("Apply", tenant, WaitSeconds=0)
    assert first.exit_code == 5, first.screen
    second = site().run("Apply", first.tenant)
    assert second.exit_code == 0, second.screen
    ended = second.tenant | {"settings": site().tenant["settings"]}
    assert without_bookkeeping(ended) == without_bookkeeping(applied().tenant)
