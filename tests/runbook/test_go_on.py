"""The last line of a run that is not at its end is the one with which it goes on, ready to be run as it stands."""

from __future__ import annotations

import re
import shutil
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from support.journals import entries, journal_text, written
from support.sites import KEEP, OURS, Applied, Json, Site, SiteOf, states
from support.tenants import EQUIPMENT, changed, recipient

from pexgen.rehearsal import Result
from pexgen.simulation import without_bookkeeping

OTHER = "27922004-5251-4030-b22d-91ecd9a37ea4"
EWS: Json = {"Step": ["ews-access"]}
STAMP = "%Y-%m-%dT%H:%M:%SZ"
SINCE = "-EwsListInPlaceSince"
TICKET = "CHG ‘7’, it's ‚$HOME‛ `n"
CALENDAR = "@{ AutomateProcessing = 'None'; BookingWindowInDays = 30; DeleteComments = $false }"
TWO_STEPS = ["equipment-mailbox", "equipment-calendar"]


def line_of(run: Result) -> str:
    """Return the line with which the run goes on; it has to be the last on the screen."""
    last = run.screen.splitlines()[-1]
    assert last.startswith("Go on     & '"), run.screen
    return last.removeprefix("Go on     ")


def typed(site: Site, tenant: Json, line: str, folder: Path, *faults: Json) -> Result:
    """Run this very line of PowerShell."""
    (script := folder / "line.ps1").write_text(f"{line}; exit $LASTEXITCODE\n", "utf-8-sig")
    return site.engine.play(script, tenant, faults=faults)


def quoted(text: object) -> str:
    return "'" + re.sub("(['‘’‚‛])", r"\1\1", str(text)) + "'"


LATE = {"kind": "change", "write": 1, "set": [{"path": "settings.late", "value": {"store": 2}}]}
ENDS: dict[str, tuple[int, Json]] = {
    "pending": (5, LATE),
    "stopped": (3, {"kind": "forbidden", "cmdlet": "Set-CalendarProcessing"}),
}


@pytest.mark.parametrize("end", ENDS)
def test_the_line_goes_on_with_all_that_was_typed_in_the_same_journal(site: SiteOf, tmp_path: Path, end: str) -> None:
    here = site()
    (odd := tmp_path / "it's ‘here’ [1]").mkdir()
    runbook, journal = Path(shutil.copy(here.runbook, odd / "run $x.ps1")), odd / "jour'nal [2].jsonl"
    line = (
        f"& {quoted(runbook)} -mode apply -Step {','.join(TWO_STEPS)} -ChangeTicket {quoted(TICKET)} -WaitSeconds 0 "
        f"-EquipmentCalendar {CALENDAR} -Confirm:$false -PassThru -JournalPath {quoted(journal)}"
    )
    code, fault = ENDS[end]
    first = typed(here, here.tenant, line, tmp_path, fault)
    assert first.exit_code == code, (first.uncaught, first.screen)
    second = typed(here, first.tenant, line_of(first), tmp_path)
    assert (second.exit_code, second.uncaught) == (0, None), (second.uncaught, second.screen)
    headers = [one for one in entries(journal.read_text("utf-8")) if "format" in one]
    assert [one["changeTicket"] for one in headers] == [TICKET, TICKET]
    assert list(states(second)) == TWO_STEPS
    assert recipient(second.tenant, EQUIPMENT)["calendar"]["BookingWindowInDays"] == 30


def test_the_line_of_a_rollback_names_all_of_its_journals(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    texts = [journal_text(applied()), journal_text(applied()).splitlines(keepends=True)[0]]
    given: Json = {"JournalPath": [str(one) for one in written(tmp_path, texts)], "RemoveCreatedMailbox": True}
    options = {"faults": [{"kind": "forbidden", "write": 3}]}
    first = site().run("Rollback", applied().tenant, options=options, **given)
    assert first.exit_code == 3, first.screen
    second = typed(site(), first.tenant, line_of(first), tmp_path)
    assert second.exit_code == 0, (second.uncaught, second.screen)
    assert without_bookkeeping(second.tenant) == without_bookkeeping(site().tenant)


def not_set(site: Site, *listed: str) -> Json:
    """Return the tenant in which EWS is neither on nor off, with this list."""
    value = {"EwsEnabled": None, "EwsAllowedAppIDs": ",".join(listed)}
    return changed(site.tenant, lambda tenant: tenant["organization"].update(value))


def since_of(run: Result) -> str:
    """Return the time that the line says the list has been in place since; nothing where it says none."""
    words = line_of(run).split()
    return words[words.index(SINCE) + 1].strip("'") if SINCE in words else ""


def test_the_line_after_a_list_was_written_says_since_when_it_is_there(site: SiteOf, tmp_path: Path) -> None:
    here = site()
    run = here.run("Apply", not_set(here, OTHER), **EWS)
    assert (run.exit_code, states(run)["ews-access"]) == (5, "pending"), run.screen
    (done,) = [one["utc"] for one in entries(journal_text(run)) if one.get("event") == "done"]
    now = datetime.now(timezone.utc).strftime(STAMP)
    assert done <= since_of(run) <= now
    again = typed(here, run.tenant, line_of(run), tmp_path)
    assert (again.exit_code, again.writes, since_of(again)) == (5, (), since_of(run)), again.screen
    assert journal_text(run).count("pexgen.journal/2") == 2


def test_the_line_after_a_list_that_was_not_seen_says_no_time(site: SiteOf) -> None:
    here = site()
    tenant = not_set(here, OTHER)
    good = here.run("Apply", tenant, **EWS)
    hidden = {"path": "organization.EwsAllowedAppIDs", "value": tenant["organization"]["EwsAllowedAppIDs"]}
    fault = {"kind": "change", "call": good.writes[0].n + 1, "set": [hidden]}
    run = here.run("Apply", tenant, options={"faults": [fault]}, WaitSeconds=0, **EWS)
    assert (run.exit_code, states(run)["ews-access"], len(run.writes)) == (5, "pending", 1), run.screen
    assert "Exchange does not show it" in run.screen
    assert since_of(run) == ""


def test_the_line_keeps_the_time_that_was_given_for_a_list_that_is_there(site: SiteOf) -> None:
    here = site()
    given = (datetime.now(timezone.utc) - timedelta(hours=23)).strftime(STAMP)
    run = here.run("Apply", not_set(here, OTHER, OURS, KEEP), EwsListInPlaceSince=given, **EWS)
    assert (run.exit_code, since_of(run)) == (5, given), run.screen


@pytest.mark.parametrize("is_seen", [True, False], ids=["seen complete", "not seen"])
def test_the_line_drops_a_time_that_was_given_for_a_list_that_had_to_be_completed(
    site: SiteOf,
    is_seen: bool,  # noqa: FBT001 - whether Exchange shows the list that was written
) -> None:
    here = site()
    tenant = not_set(here, OTHER)
    good = here.run("Apply", tenant, **EWS)
    hidden = {"path": "organization.EwsAllowedAppIDs", "value": tenant["organization"]["EwsAllowedAppIDs"]}
    faults = [] if is_seen else [{"kind": "change", "call": good.writes[0].n + 1, "set": [hidden]}]
    given = (datetime.now(timezone.utc) - timedelta(days=7)).strftime(STAMP)
    more: Json = {"EwsListInPlaceSince": given, "WaitSeconds": 0, **EWS}
    run = here.run("Apply", tenant, options={"faults": faults}, **more)
    assert run.exit_code == 5, run.screen
    # The old time would have the very next run switch EWS on, before the servers know the list.
    assert (since_of(run) > given) if is_seen else (since_of(run) == "")


@pytest.mark.parametrize(("mode", "more"), [("Check", {}), ("Apply", {"WhatIf": True})])
def test_a_run_that_could_change_nothing_has_no_such_line(site: SiteOf, mode: str, more: Json) -> None:
    here = site()
    run = here.run(mode, not_set(here, OTHER, OURS, KEEP), **EWS, **more)
    assert run.exit_code == 5, run.screen
    assert "Go on " not in run.screen


def test_a_run_that_came_to_its_end_has_no_such_line(applied: Applied) -> None:
    assert "Go on " not in applied().screen
    assert "Exit code 0." in applied().screen
