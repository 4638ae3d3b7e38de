"""A run that died while it wrote: whatever of the last two lines is on disk, nothing that was done is forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from support.journals import journal_text
from support.sites import Json, Site, SiteOf, states

from pexgen.simulation import without_bookkeeping

STEP = ["equipment-mailbox"]


@dataclass(frozen=True)
class Torn:
    """A journal of one write, the tenant before and after that write, and the IDs of all steps."""

    site: Site
    steps: frozenset[str]
    journal: bytes
    before: Json
    after: Json

    @property
    def lines(self) -> list[bytes]:
        """The header, what announces the write, and what says that it was done."""
        return self.journal.splitlines(keepends=True)

    def tenant_at(self, cut: int) -> Json:
        """The tenant at the moment in which the journal had this many bytes: announced means on disk."""
        return self.after if cut >= len(self.lines[0] + self.lines[1]) else self.before


@pytest.fixture(scope="module")
def torn(site: SiteOf) -> Torn:
    here = site()
    run = here.run("Apply", Step=STEP)
    steps = frozenset(states(here.run("Check")))
    return Torn(here, steps, journal_text(run).encode(), here.tenant, run.tenant)


def rolled_back(torn: Torn, tenant: Json, journal: Path, code: int = 0) -> Json:
    back = torn.site.run("Rollback", tenant, JournalPath=[str(journal)], RemoveCreatedMailbox=True)
    assert back.exit_code == code, back.screen
    assert set(states(back)) == torn.steps
    return back.tenant


# Rollback by the journal cut off at each of these bytes, one run after the other in one session, and what refused it.
CUT_OFF = r"""
param([string] $Runbook, [string] $Journal, [int[]] $Cuts)
$whole = [IO.File]::ReadAllBytes($Journal)
$torn, $result = "$Journal.torn", "$Journal.result.json"
foreach ($cut in $Cuts) {
    [IO.File]::WriteAllBytes($torn, [byte[]] $whole[0..($cut - 1)])
    & $Runbook -Mode Rollback -JournalPath $torn -ResultPath $result -Confirm:$false | Out-Null
    $code = $LASTEXITCODE
    $said = ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($result))
    Remove-Item -LiteralPath $result
    "$cut $code $($said.refusal.guard)"
}
"""
PARTS = 2
APART = 27
"""Bytes from one cut to the next: what stands in a line is longer, but for the ends of lines, of which each is cut."""


@pytest.mark.parametrize("part", range(PARTS))
def test_a_journal_that_ends_anywhere_in_its_last_two_lines_is_read(torn: Torn, tmp_path: Path, part: int) -> None:
    # Without a connection the run ends at the guard behind the one that reads the journal, and reaches nothing.
    alone = {**torn.after, "session": {"connections": []}}
    first, second, end = len(torn.lines[0]), len(torn.lines[0] + torn.lines[1]), len(torn.journal)
    ends = {at + more for at in (first, second, end) for more in range(-4, 5) if first <= at + more <= end}
    cuts = sorted({*range(first, end + 1, APART), *ends})[part::PARTS]
    (journal := tmp_path / "journal.jsonl").write_bytes(torn.journal)
    (script := tmp_path / "cut-off.ps1").write_text(CUT_OFF, "utf-8")
    arguments = {"Runbook": str(torn.site.runbook), "Journal": str(journal), "Cuts": cuts}
    run = torn.site.engine.play(script, alone, arguments)
    assert run.uncaught is None, run.uncaught
    assert run.objects == [f"{cut} 4 connection" for cut in cuts]


# In the text of the announcement, between its bytes for one letter, before its line end; the same of what was done.
# That one is read wherever it is cut, the test above tries, and tests/engine/test_journal.py as a function.
CUTS = [40, "é", -1, 0]


@pytest.mark.parametrize("line", [1, 2])
@pytest.mark.parametrize("cut", CUTS)
def test_rollback_by_a_torn_journal_gives_back_what_was_there(
    torn: Torn, tmp_path: Path, line: int, cut: object
) -> None:
    end = place(torn, line, cut)
    journal = tmp_path / "torn.jsonl"
    journal.write_bytes(torn.journal[:end])
    # Announced to the last letter and never sent: it is not there, and Rollback claims nothing.
    tenant = rolled_back(torn, torn.tenant_at(end), journal, 5 if (line, cut) == (1, -1) else 0)
    assert without_bookkeeping(tenant) == without_bookkeeping(torn.before)


@pytest.mark.parametrize("line", [1, 2])
@pytest.mark.parametrize("cut", CUTS)
def test_a_run_goes_on_in_a_torn_journal_and_both_are_taken_back(
    torn: Torn, tmp_path: Path, line: int, cut: object
) -> None:
    end = place(torn, line, cut)
    journal = tmp_path / "torn.jsonl"
    journal.write_bytes(torn.journal[:end])
    on = torn.site.run("Apply", torn.tenant_at(end), JournalPath=[str(journal)], Step=STEP)
    assert on.exit_code == 0, on.screen
    assert without_bookkeeping(on.tenant) == without_bookkeeping(torn.after)
    assert journal.read_bytes().startswith(torn.journal[:end])
    assert without_bookkeeping(rolled_back(torn, on.tenant, journal)) == without_bookkeeping(torn.before)


def place(torn: Torn, line: int, cut: object) -> int:
    """Return how many bytes are left of the journal."""
    start = len(b"".join(torn.lines[:line]))
    text = torn.lines[line]
    if isinstance(cut, str):
        return start + text.index(cut.encode()) + 1
    assert isinstance(cut, int)
    return start + (cut if cut > 0 else len(text) + cut)


# What is left of a header: a letter, what names its format, half of it, and all but the line end.
HEADER_CUTS = [1, 28, 120, -1]


def header(torn: Torn, left: int) -> bytes:
    return torn.lines[0][:left]


@pytest.mark.parametrize("left", HEADER_CUTS)
def test_apply_over_a_torn_header_is_refused_or_begins_anew_and_is_taken_back(
    torn: Torn, tmp_path: Path, left: int
) -> None:
    (journal := tmp_path / "torn.jsonl").write_bytes(header(torn, left))
    run = torn.site.run("Apply", JournalPath=[str(journal)], Step=STEP)
    if run.exit_code == 4:
        assert (run.writes, journal.read_bytes()) == ((), header(torn, left)), run.screen
        assert "is not what this script writes" in run.screen
        return
    assert run.exit_code == 0, run.screen
    assert journal.read_bytes().startswith(header(torn, left))
    assert without_bookkeeping(rolled_back(torn, run.tenant, journal)) == without_bookkeeping(torn.before)


@pytest.mark.parametrize("left", HEADER_CUTS)
def test_rollback_by_a_torn_header_alone_changes_nothing(torn: Torn, tmp_path: Path, left: int) -> None:
    (journal := tmp_path / "torn.jsonl").write_bytes(header(torn, left))
    run = torn.site.run("Rollback", torn.after, JournalPath=[str(journal)], RemoveCreatedMailbox=True)
    assert (run.exit_code, run.writes, run.uncaught) == (0 if left == -1 else 4, (), None), run.screen
    assert "guard 'journal'" in run.screen or left == -1


@pytest.mark.parametrize("mode", ["Apply", "Rollback"])
@pytest.mark.parametrize("run", ["only", "second"])
def test_lines_below_a_torn_header_belong_to_nobody(torn: Torn, tmp_path: Path, run: str, mode: str) -> None:
    before = torn.journal if run == "second" else b""
    damaged = before + header(torn, 120) + b"\n" + b"".join(torn.lines[1:])
    (journal := tmp_path / "torn.jsonl").write_bytes(damaged)
    found = torn.site.run(mode, torn.after, JournalPath=[str(journal)], Step=STEP)
    assert (found.exit_code, found.writes, journal.read_bytes()) == (4, (), damaged), found.screen


@pytest.mark.parametrize("left", [1, 120])
def test_a_torn_header_of_a_second_run_takes_nothing_from_the_first(torn: Torn, tmp_path: Path, left: int) -> None:
    (journal := tmp_path / "torn.jsonl").write_bytes(torn.journal + header(torn, left))
    assert without_bookkeeping(rolled_back(torn, torn.after, journal)) == without_bookkeeping(torn.before)


def test_two_runs_that_were_killed_one_after_the_other_leave_two_torn_lines_and_are_read(
    torn: Torn, tmp_path: Path
) -> None:
    announced = torn.journal.splitlines(keepends=True)[:2]
    text = b"".join(announced) + announced[1][:60] + b"\n" + header(torn, 60)
    (journal := tmp_path / "torn.jsonl").write_bytes(text)
    assert without_bookkeeping(rolled_back(torn, torn.after, journal)) == without_bookkeeping(torn.before)
