"""The last line of a run that is not at its end is the one with which it goes on, ready to be run as it stands."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from support.ews import FULL, tenant_with
from support.ews import STEP as EWS
from support.journals import entries, journal_text, written
from support.lines import line_of, typed
from support.sites import Applied, Json, SiteOf, states
from support.tenants import EQUIPMENT, recipient

from pexgen.simulation import without_bookkeeping

TICKET = "CHG ‘7’, it's ‚$HOME‛ `n"
CALENDAR = "@{ AutomateProcessing = 'None'; BookingWindowInDays = 30; DeleteComments = $false }"
TWO_STEPS = ["equipment-mailbox", "equipment-calendar"]


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


@pytest.mark.parametrize(("mode", "more"), [("Check", {}), ("Apply", {"WhatIf": True})])
def test_a_run_that_could_change_nothing_has_no_such_line(site: SiteOf, mode: str, more: Json) -> None:
    here = site()
    run = here.run(mode, tenant_with(here, None, FULL), **EWS, **more)
    assert run.exit_code == 5, run.screen
    assert "Go on " not in run.screen


def test_a_run_that_came_to_its_end_has_no_such_line(applied: Applied) -> None:
    assert "Go on " not in applied().screen
    assert "Exit code 0." in applied().screen
