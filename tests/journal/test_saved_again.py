"""A journal that an editor saved again, or that is damaged: read as what it is, or refused and left as it is."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

import pytest
from support.journals import journal_text
from support.sites import Json, Site, SiteOf, states

from pexgen.rehearsal import Result
from pexgen.simulation import without_bookkeeping

STEP = ["equipment-mailbox"]
MODES = ("Apply", "Rollback")


@pytest.fixture(scope="module")
def done(site: SiteOf) -> Result:
    """An Apply of one write; its journal has a header, what announces the write, and what says that it was done."""
    run = site().run("Apply", Step=STEP)
    assert run.exit_code == 0, run.screen
    return run


def played(site: Site, done: Result, mode: str, journal: Path) -> Result:
    more: Json = {"RemoveCreatedMailbox": True} if mode == "Rollback" else {}
    return site.run(mode, done.tenant, JournalPath=[str(journal)], Step=STEP, **more)


def in_two_bytes_a_letter(journal: bytes) -> bytes:
    return codecs.BOM_UTF16_LE + journal.decode().encode("utf-16-le")


def with_a_letter_of_a_code_page(journal: bytes) -> bytes:
    return journal.replace("é".encode(), "é".encode("cp1252"), 1)


def cut_off(journal: bytes, *lines: int) -> bytes:
    """Return the journal in which these lines have their first 60 bytes alone."""
    return b"\n".join(line[:60] if n in lines else line for n, line in enumerate(journal.splitlines(), 1)) + b"\n"


def with_two_torn_lines(journal: bytes) -> bytes:
    return cut_off(journal, 2, 3)


DAMAGED: dict[Callable[[bytes], bytes], int] = {
    in_two_bytes_a_letter: 1,
    with_a_letter_of_a_code_page: 2,
    with_two_torn_lines: 3,
}
"""What became of the journal, and the line of it that is no journal's any more."""


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("damage", DAMAGED)
def test_a_journal_that_is_not_as_it_was_written_is_refused_and_left_as_it_is(
    site: SiteOf, done: Result, tmp_path: Path, damage: Callable[[bytes], bytes], mode: str
) -> None:
    damaged = damage(journal_text(done).encode())
    (journal := tmp_path / "journal.jsonl").write_bytes(damaged)
    run = played(site(), done, mode, journal)
    assert (run.exit_code, run.writes, run.uncaught) == (4, (), None), run.screen
    assert f"Line {DAMAGED[damage]} of journal '{journal}' is not what this script writes" in run.screen
    assert journal.read_bytes() == damaged


@pytest.mark.parametrize("mode", MODES)
def test_a_mark_in_front_of_a_journal_means_nothing(site: SiteOf, done: Result, tmp_path: Path, mode: str) -> None:
    marked = codecs.BOM_UTF8 + journal_text(done).encode()
    (journal := tmp_path / "journal.jsonl").write_bytes(marked)
    run = played(site(), done, mode, journal)
    assert (run.exit_code, states(run)) == (0, {STEP[0]: "in-place" if mode == "Apply" else "undone"}), run.screen
    wanted = done.tenant if mode == "Apply" else site().tenant
    assert without_bookkeeping(run.tenant) == without_bookkeeping(wanted)
    assert journal.read_bytes().startswith(marked)


@pytest.mark.parametrize("mode", MODES)
def test_one_torn_line_is_passed_over_and_named(site: SiteOf, done: Result, tmp_path: Path, mode: str) -> None:
    (journal := tmp_path / "journal.jsonl").write_bytes(cut_off(journal_text(done).encode(), 3))
    run = played(site(), done, mode, journal)
    assert run.exit_code == 0, run.screen
    notes = [line for line in run.screen.splitlines() if "is torn" in line]
    assert notes == [f"Note      Line 3 of '{journal}' is torn, as a killed run leaves it, and is passed over."]
