"""Each line knows the one before it: what was edited, taken out or moved is seen. Earlier formats are still read."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.described import asked_states
from support.function_cases import WITH
from support.functions import Functions
from support.journals import as_first_format, chained, entries, journal_text, reading, written
from support.sites import Applied, Json, SiteOf, copied_journal

from pexgen.rehearsal import Result
from pexgen.simulation import without_bookkeeping


def rolled_back(site: SiteOf, run: Result, journal: Path, **arguments: object) -> Result:
    return site().run("Rollback", run.tenant, JournalPath=[str(journal)], RemoveCreatedMailbox=True, **arguments)


def kept_as(folder: Path, text: str) -> Path:
    (journal := folder / "journal.jsonl").write_text(text, "utf-8")
    return journal


def edited(lines: list[str]) -> list[str]:
    return [*lines[:3], lines[3].replace('"utc":"2', '"utc":"3'), *lines[4:]]


def missing(lines: list[str]) -> list[str]:
    return lines[:3] + lines[4:]


def moved(lines: list[str]) -> list[str]:
    return [*lines[:3], lines[4], lines[3], *lines[5:]]


def doubled(lines: list[str]) -> list[str]:
    return [*lines[:4], lines[3], *lines[4:]]


def without_its_first_line(lines: list[str]) -> list[str]:
    header = json.loads(lines[0])
    return [json.dumps({**header, "prev": "0" * 64}, separators=(",", ":")), *lines[1:]]


def with_a_line_that_has_no_digest(lines: list[str]) -> list[str]:
    read = {key: value for key, value in json.loads(lines[3]).items() if key != "prev"}
    return [*lines[:3], json.dumps(read, separators=(",", ":")), *lines[4:]]


def going_on_in_the_first_format(lines: list[str]) -> list[str]:
    return lines + as_first_format("\n".join(lines)).splitlines()


DAMAGE = [
    edited,
    missing,
    moved,
    doubled,
    without_its_first_line,
    with_a_line_that_has_no_digest,
    going_on_in_the_first_format,
]


def test_a_journal_in_which_something_was_changed_is_refused(
    functions: Functions, applied: Applied, tmp_path: Path
) -> None:
    lines, calls = journal_text(applied()).splitlines(), {}
    for damage in DAMAGE:
        (journal := tmp_path / f"{damage.__name__}.jsonl").write_text("\n".join(damage(lines)) + "\n", "utf-8")
        calls[reading(journal)] = f"of journal '{journal}' "
    assert functions.stops(calls, before=WITH, ends="refused journal") == calls


@pytest.mark.parametrize("mode", ["Apply", "Rollback"])
def test_a_journal_in_which_something_was_changed_is_neither_gone_on_with_nor_undone_by(
    site: SiteOf, applied: Applied, tmp_path: Path, mode: str
) -> None:
    journal = kept_as(tmp_path, "\n".join(edited(journal_text(applied()).splitlines())) + "\n")
    before = journal.read_bytes()
    run = site().run(mode, applied().tenant, JournalPath=[str(journal)])
    assert (run.exit_code, run.writes, run.uncaught, journal.read_bytes()) == (4, (), None, before), run.screen
    assert "guard 'journal'" in run.screen


def test_each_line_has_the_digest_of_the_one_before_it_in_every_run_of_a_file(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    journal = Path(copied_journal(applied(), tmp_path))
    back = rolled_back(site, applied(), journal)
    assert back.exit_code == 0, back.screen
    text = journal.read_text("utf-8")
    assert [line["event"] for line in entries(text) if "event" in line].count("undone") == 13
    assert chained(text) == text


def test_a_journal_of_the_first_format_is_taken_and_gone_on_with(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    journal = kept_as(tmp_path, as_first_format(journal_text(applied())))
    on = site(equipment={"display_name": "A later name"}).run("Apply", applied().tenant, JournalPath=[str(journal)])
    assert on.exit_code == 0, on.screen
    back = rolled_back(site, on, journal)
    assert back.exit_code == 0, back.screen
    assert without_bookkeeping(back.tenant) == without_bookkeeping(site().tenant)


def test_every_journal_that_rollback_is_given_remembers_what_was_taken_back(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    later = site(equipment={"display_name": "A later name"}).run("Apply", applied().tenant)
    # The later one begins a minute later: a run that was played within a second of another has its time.
    paths = written(tmp_path, [journal_text(applied()), journal_text(later)])
    given: Json = {"JournalPath": [str(path) for path in paths], "RemoveCreatedMailbox": True}
    back = site().run("Rollback", later.tenant, **given)
    assert back.exit_code == 0, back.screen
    assert [path.read_text("utf-8").count('"undone"') for path in paths] == [14, 14]
    again = site().run("Rollback", back.tenant, **given)
    assert (again.exit_code, again.writes, set(asked_states(again))) == (0, (), {"undone"}), again.screen


def done_alone(lines: list[Json]) -> list[Json]:
    return [line for line in lines if line.get("event") != "intent"]


def with_the_name_of_a_member(name: str) -> Callable[[list[Json]], list[Json]]:
    def change(lines: list[Json]) -> list[Json]:
        for line in lines:
            for side in ("before", "wanted", "after"):
                snapshot = line.get(side)
                if line.get("step") == "ews-access" and snapshot:
                    snapshot["properties"][name] = True
        return lines

    return change


REFUSED: dict[str, tuple[Callable[[list[Json]], list[Json]], str]] = {
    "what was done was never announced": (done_alone, "no line before it announces"),
    **{
        f"a property named {name}": (with_the_name_of_a_member(name), "is not what this script writes")
        for name in ("Keys", "Count", "values", "SyncRoot")
    },
}


@pytest.mark.parametrize("form", [chained, as_first_format])
def test_a_journal_that_no_run_can_have_written_is_refused_in_plain_words(
    functions: Functions, applied: Applied, tmp_path: Path, form: Callable[[str], str]
) -> None:
    calls = {}
    for number, (change, words) in enumerate(REFUSED.values()):
        lines = change([json.loads(line) for line in journal_text(applied()).splitlines()])
        text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
        (journal := tmp_path / f"{number}.jsonl").write_text(form(text), "utf-8")
        calls[reading(journal)] = words
    assert functions.stops(calls, before=WITH, ends="refused journal") == calls


def test_a_journal_beyond_the_stated_limit_is_refused_unread(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    (journal := tmp_path / "long.jsonl").write_text(journal_text(applied()), "utf-8")
    with journal.open("ab") as file:
        file.truncate(50_000_000)
    run = rolled_back(site, applied(), journal)
    assert (run.exit_code, run.writes, run.uncaught) == (4, (), None), run.screen
    assert "a journal has at most 41943040" in run.screen


def device(folder: Path) -> Path:
    (link := folder / "linked.jsonl").symlink_to("/dev/zero")
    return link


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    (link := folder / "linked.jsonl").symlink_to(folder / "pipe")
    return link


def folder_behind_a_link(folder: Path) -> Path:
    (link := folder / "linked.jsonl").symlink_to(folder)
    return link


@pytest.mark.skipif(sys.platform == "win32", reason="devices and pipes have no place among files there")
@pytest.mark.parametrize("mode", ["Apply", "Rollback"])
@pytest.mark.parametrize("place", [device, pipe, folder_behind_a_link])
def test_what_is_not_an_ordinary_file_is_no_journal(
    site: SiteOf, applied: Applied, tmp_path: Path, place: Callable[[Path], Path], mode: str
) -> None:
    given: Json = {"JournalPath": [str(place(tmp_path))], "ResultPath": str(tmp_path / "result.json")}
    run = site().run(mode, applied().tenant, **given)
    assert (run.exit_code, run.writes, run.uncaught) == (4, (), None), run.screen
    assert "is not an ordinary file" in run.screen or "is a link, and links are not followed" in run.screen


def test_another_way_to_write_the_same_connection_is_the_same_tenant(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    # Further ways tests/engine/test_journal_owner.py tries.
    lines = [json.loads(line) for line in journal_text(applied()).splitlines()]
    lines[0]["connectionUri"] = "https://OUTLOOK.rehearsal.invalid/powershell-liveid?x=1"
    text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
    back = rolled_back(site, applied(), kept_as(tmp_path, chained(text)))
    assert back.exit_code == 0, back.screen
