"""EWS is switched on only where the list has been in place for a day, and the run says since when it is."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from support.ews import FULL, OTHER, STEP, gate, tenant_with
from support.journals import entries, journal_text
from support.lines import line_of, typed
from support.sites import Json, SiteOf, states

from pexgen.rehearsal import Result
from pexgen.vendor_facts import EWS_LIST_INTRODUCED

STAMP = "%Y-%m-%dT%H:%M:%SZ"
SINCE = "-EwsListInPlaceSince"


def test_a_list_that_is_in_place_for_a_day_allows_the_switch(site: SiteOf) -> None:
    here = site()
    tenant = tenant_with(here, None, FULL)
    now = datetime.now(timezone.utc)
    stamp = "%Y-%m-%dT%H:%M:%SZ"
    early = here.run("Apply", tenant, EwsListInPlaceSince=(now - timedelta(hours=23)).strftime(stamp), **STEP)
    assert (early.exit_code, early.writes) == (5, ())
    late = here.run("Apply", tenant, EwsListInPlaceSince=(now - timedelta(hours=25)).strftime(stamp), **STEP)
    assert (late.exit_code, gate(late.tenant)) == (0, (True, set(FULL)))


BEFORE = EWS_LIST_INTRODUCED.day - timedelta(days=1)


@pytest.mark.parametrize("text", ["yesterday", f"{BEFORE}T00:00:00Z", "2999-01-01T00:00:00Z", "2026-11-02 21:00:00"])
def test_a_time_that_makes_no_sense_is_refused(site: SiteOf, text: str) -> None:
    refused = site().run("Check", EwsListInPlaceSince=text)
    assert (refused.exit_code, refused.calls) == (4, ())


def since_of(run: Result) -> str:
    """Return the time that the line says the list has been in place since; nothing where it says none."""
    words = line_of(run).split()
    return words[words.index(SINCE) + 1].strip("'") if SINCE in words else ""


def test_the_line_after_a_list_was_written_says_since_when_it_is_there(site: SiteOf, tmp_path: Path) -> None:
    here = site()
    run = here.run("Apply", tenant_with(here, None, [OTHER]), **STEP)
    assert (run.exit_code, states(run)["ews-access"]) == (5, "pending"), run.screen
    (done,) = [one["utc"] for one in entries(journal_text(run)) if one.get("event") == "done"]
    now = datetime.now(timezone.utc).strftime(STAMP)
    assert done <= since_of(run) <= now
    again = typed(here, run.tenant, line_of(run), tmp_path)
    assert (again.exit_code, again.writes, since_of(again)) == (5, (), since_of(run)), again.screen
    assert journal_text(run).count("pexgen.journal/2") == 2


def test_the_line_after_a_list_that_was_not_seen_says_no_time(site: SiteOf) -> None:
    here = site()
    tenant = tenant_with(here, None, [OTHER])
    good = here.run("Apply", tenant, **STEP)
    hidden = {"path": "organization.EwsAllowedAppIDs", "value": tenant["organization"]["EwsAllowedAppIDs"]}
    fault = {"kind": "change", "call": good.writes[0].n + 1, "set": [hidden]}
    run = here.run("Apply", tenant, options={"faults": [fault]}, WaitSeconds=0, **STEP)
    assert (run.exit_code, states(run)["ews-access"], len(run.writes)) == (5, "pending", 1), run.screen
    assert "Exchange does not show it" in run.screen
    assert since_of(run) == ""


def test_the_line_keeps_the_time_that_was_given_for_a_list_that_is_there(site: SiteOf) -> None:
    here = site()
    given = (datetime.now(timezone.utc) - timedelta(hours=23)).strftime(STAMP)
    run = here.run("Apply", tenant_with(here, None, FULL), EwsListInPlaceSince=given, **STEP)
    assert (run.exit_code, since_of(run)) == (5, given), run.screen


@pytest.mark.parametrize("is_seen", [True, False], ids=["seen complete", "not seen"])
def test_the_line_drops_a_time_that_was_given_for_a_list_that_had_to_be_completed(
    site: SiteOf,
    is_seen: bool,  # noqa: FBT001 - whether Exchange shows the list that was written
) -> None:
    here = site()
    tenant = tenant_with(here, None, [OTHER])
    good = here.run("Apply", tenant, **STEP)
    hidden = {"path": "organization.EwsAllowedAppIDs", "value": tenant["organization"]["EwsAllowedAppIDs"]}
    faults = [] if is_seen else [{"kind": "change", "call": good.writes[0].n + 1, "set": [hidden]}]
    given = (datetime.now(timezone.utc) - timedelta(days=7)).strftime(STAMP)
    more: Json = {"EwsListInPlaceSince": given, "WaitSeconds": 0, **STEP}
    run = here.run("Apply", tenant, options={"faults": faults}, **more)
    assert run.exit_code == 5, run.screen
    # The old time would have the very next run switch EWS on, before the servers know the list.
    assert (since_of(run) > given) if is_seen else (since_of(run) == "")
