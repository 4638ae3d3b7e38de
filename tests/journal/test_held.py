"""A run holds every journal that it goes by: nobody else's, nobody else has it, and nobody wrote to it meanwhile."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.journals import chained, journal_text, written
from support.sites import Applied, Site, SiteOf

from pexgen.rehearsal import Result
from pexgen.simulation import without_bookkeeping

STEP = ["equipment-mailbox"]


@pytest.fixture
def two(site: SiteOf, applied: Applied, tmp_path: Path) -> list[Path]:
    """The journals of two runs that came one after the other: the first made everything, the second found it."""
    header = journal_text(applied()).splitlines(keepends=True)[0]
    return written(tmp_path, [journal_text(applied()), header])


def undone(site: Site, applied: Applied, journals: list[Path], prelude: str = "") -> Result:
    options = {"prelude": prelude}
    return site.run("Rollback", applied().tenant, JournalPath=[str(one) for one in journals], options=options)


@contextlib.contextmanager
def held(path: Path, *, alone: bool) -> Iterator[None]:
    """Hold a file open as a program does that reads it, or that wants it for itself alone."""
    with path.open("rb") as file:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


@pytest.mark.parametrize("which", [0, 1])
def test_rollback_is_refused_while_somebody_holds_one_of_its_journals(
    site: SiteOf, applied: Applied, two: list[Path], which: int
) -> None:
    before = [path.read_bytes() for path in two]
    with held(two[which], alone=True):
        run = undone(site(), applied, two)
    assert (run.exit_code, run.writes, run.uncaught) == (4, (), None), run.screen
    assert re.search(rf"Journal '{re.escape(str(two[which]))}' (cannot be opened|could not be read)", run.screen)
    assert [path.read_bytes() for path in two] == before
    assert without_bookkeeping(run.tenant) == without_bookkeeping(applied().tenant)


def test_rollback_is_not_kept_out_by_somebody_who_only_reads(site: SiteOf, applied: Applied, two: list[Path]) -> None:
    with held(two[1], alone=False):
        run = undone(site(), applied, two)
    assert run.exit_code == 5, run.screen


READER = r"""
    Set-PSBreakpoint -Command Write-JournalEvent -Action {
        try {
            $reader = [IO.File]::Open($Run.JournalPath[-1], 'Open', 'Read', 'ReadWrite')
            try { $text = ([IO.StreamReader]::new($reader)).ReadToEnd() } finally { $reader.Dispose() }
        } catch { $text = "not read: $_" }
        [IO.File]::AppendAllText('SEEN', $text.Substring(0, 10) + "`n")
    } | Out-Null
"""


def test_others_can_read_the_journal_during_the_run(site: SiteOf, tmp_path: Path) -> None:
    seen = tmp_path / "seen.txt"
    run = site().run("Apply", Step=STEP, options={"prelude": READER.replace("SEEN", str(seen))})
    assert run.exit_code == 0, run.screen
    assert seen.read_text("utf-8").splitlines() == ['{"format":'] * 2


def meanwhile(journal: Path) -> str:
    """Another run that writes a line to the journal after it was read, and before it is held."""
    return f"""
        Set-PSBreakpoint -Command Assert-Organization -Action {{
            [IO.File]::AppendAllText('{journal}', "`n")
        }} | Out-Null
    """


@pytest.mark.parametrize("which", [0, 1])
def test_a_journal_that_somebody_wrote_to_after_rollback_read_it_is_refused(
    site: SiteOf, applied: Applied, two: list[Path], which: int
) -> None:
    run = undone(site(), applied, two, meanwhile(two[which]))
    assert (run.exit_code, run.writes) == (4, ()), run.screen
    assert "another run has written to it after it was read" in run.screen


def test_rollback_that_is_given_one_journal_twice_is_not_kept_out_by_itself(
    site: SiteOf, applied: Applied, two: list[Path]
) -> None:
    run = undone(site(), applied, [two[0], two[1], two[0]])
    assert run.exit_code == 5, run.screen
    assert "cannot be opened" not in run.screen


@pytest.mark.parametrize("place", [0, 1, 2])
def test_of_several_journals_the_foreign_one_alone_is_named(
    site: SiteOf, applied: Applied, two: list[Path], tmp_path: Path, place: int
) -> None:
    foreign = tmp_path / "foreign.jsonl"
    text = two[0].read_text("utf-8").replace('"name":"contoso-scheduling"', '"name":"fabrikam"')
    foreign.write_text(chained(text), "utf-8")
    run = undone(site(), applied, [*two[:place], foreign, *two[place:]])
    assert (run.exit_code, run.writes) == (4, ()), run.screen
    assert re.findall("Journal '([^']*)' belongs to another deployment", run.screen) == [str(foreign)]
