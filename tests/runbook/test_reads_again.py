"""A read that fails for a moment is asked again; one that was refused, or is ambiguous, is not."""

from __future__ import annotations

import pytest
from support.sites import Applied, Json, SiteOf, states
from support.tenants import NOT_FOUND, detail

PAUSES = (2.0, 5.0, 10.0)


def bad(kind: str, times: int, cmdlet: str = "Get-DistributionGroup") -> Json:
    """Return options of a run in which so many calls of this cmdlet fail so."""
    return {"faults": [{"kind": kind, "cmdlet": cmdlet, "times": times}]}


@pytest.mark.parametrize("kind", ["server-error", "lost-answer"])
@pytest.mark.parametrize("times", [1, 3])
def test_a_read_that_fails_for_a_moment_stops_nothing(site: SiteOf, applied: Applied, kind: str, times: int) -> None:
    run = site().run("Check", applied().tenant, options=bad(kind, times))
    assert (run.exit_code, run.waits) == (0, PAUSES[:times]), run.screen
    assert run.screen.count("Trying again in") == times


@pytest.mark.parametrize("kind", ["server-error", "lost-answer"])
def test_a_read_that_goes_on_failing_is_unreadable(site: SiteOf, applied: Applied, kind: str) -> None:
    run = site().run("Check", applied().tenant, options=bad(kind, 4))
    assert (run.exit_code, run.waits, states(run)["scheduling-group"]) == (5, PAUSES, "unreadable"), run.screen


@pytest.mark.parametrize("kind", ["unauthorized", "forbidden", "throttled"])
def test_a_read_that_was_refused_is_not_asked_again(site: SiteOf, applied: Applied, kind: str) -> None:
    run = site().run("Check", applied().tenant, options=bad(kind, 1))
    assert (run.exit_code, run.waits, states(run)["scheduling-group"]) == (5, (), "unreadable"), run.screen


def test_a_hiccup_in_a_read_back_stops_no_apply(site: SiteOf) -> None:
    """The write was made: whoever stops here leaves a run half done."""
    fault = {"kind": "server-error", "cmdlet": "Get-ManagementScope", "nth": 4}
    run = site().run("Apply", options={"faults": [fault]})
    assert (run.exit_code, run.waits) == (0, (2.0,)), run.screen


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("The operation couldn't be performed because 'it' matches multiple entries.", {}),
        ("Der Vorgang konnte nicht ausgefuehrt werden.", {"id": "Ex9E65A2"}),
    ],
    ids=["by its words", "by its number"],
)
def test_several_that_match_are_no_absence_whatever_class_says_so(
    site: SiteOf, applied: Applied, text: str, given: Json
) -> None:
    """Read as absent it would be made a second time."""
    fault = {"kind": "error", "cmdlet": "Get-Recipient", "class": NOT_FOUND, "text": text, "times": 1000, **given}
    run = site().run("Apply", applied().tenant, options={"faults": [fault]})
    assert (run.exit_code, run.writes, states(run)["equipment-mailbox"]) == (4, (), "conflict"), run.screen
    assert "is not one object" in detail(run, "equipment-mailbox")
