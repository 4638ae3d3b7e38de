"""Every path on the screen is that of a file; what cannot be written is said once, with its parameter and folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.sites import Applied, SiteOf, copied_journal

from pexgen.rehearsal import Result

NAMED = re.compile(r"^(?:Journal|Result|Log) +(\S+)", re.MULTILINE)


def refused(run: Result, parameter: str, folder: str) -> None:
    """Check that the run ended before anything was sent, said once why, and named no file that is not there."""
    assert (run.exit_code, run.calls) == (4, ()), run.screen
    assert f"-{parameter}: the folder '{run.folder / folder}' does not exist." in run.screen
    assert run.screen.count("does not exist") == 1
    assert "could not be written" not in run.screen
    assert [path for path in NAMED.findall(run.screen) if not Path(path).is_file()] == []


@pytest.mark.parametrize("mode", ["Check", "Apply", "Verify", "Rollback"])
@pytest.mark.parametrize("parameter", ["JournalPath", "ResultPath", "LogPath"])
def test_a_folder_that_is_not_there_is_said_once(site: SiteOf, applied: Applied, mode: str, parameter: str) -> None:
    if parameter == "JournalPath" and mode in {"Check", "Verify"}:
        pytest.skip("these modes read and write no journal")
    given = {"JournalPath": ["none/j.jsonl"]} if mode == "Rollback" and parameter == "JournalPath" else {}
    if mode == "Rollback" and not given:
        given = {"JournalPath": [str(next(applied().folder.glob("*.journal.jsonl")))]}
    given |= {parameter: [f"none/{parameter}"] if parameter == "JournalPath" else f"none/{parameter}"}
    refused(site().run(mode, **given), parameter, "none")


def test_with_a_missing_folder_of_the_journal_the_result_that_was_asked_for_is_written_all_the_same(
    site: SiteOf,
) -> None:
    run = site().run("Apply", JournalPath=["none/j.jsonl"], ResultPath="r.json", LogPath="log.txt")
    refused(run, "JournalPath", "none")
    assert (run.folder / "r.json").is_file()
    assert "does not exist" in (run.folder / "log.txt").read_text("utf-8")


@pytest.mark.parametrize("mode", ["Check", "Apply", "Verify"])
def test_every_path_on_the_screen_is_there(site: SiteOf, mode: str) -> None:
    run = site().run(mode, ResultPath="r.json", LogPath="log.txt")
    named = NAMED.findall(run.screen)
    assert {str(run.folder / "r.json"), str(run.folder / "log.txt")} <= set(named)
    assert [path for path in named if not Path(path).is_file()] == []


@pytest.mark.parametrize("what", ["a text of somebody's", '{"format":"pexgen.journal/1"}'])
def test_a_log_is_never_written_into_another_file(site: SiteOf, tmp_path: Path, what: str) -> None:
    (other := tmp_path / "other.txt").write_text(what + "\n", "utf-8")
    run = site().run("Check", LogPath=str(other))
    assert (run.exit_code, run.calls) == (4, ())
    assert "is not a log of a runbook" in run.screen
    assert other.read_text("utf-8") == what + "\n"


def test_the_runs_of_one_change_may_stand_in_one_log(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    log = tmp_path / "CHG1.log"
    site().run("Check", LogPath=str(log))
    site().run("Verify", applied().tenant, LogPath=str(log))
    text = log.read_text("utf-8")
    assert text.count("  pexgen log of run ") == 2
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  ", line) for line in text.splitlines())
    assert text.index("-Mode Check") < text.index("-Mode Verify") < text.index("All checks passed")


def test_the_result_of_a_rollback_whose_journal_is_not_there_is_named_where_it_is(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    run = site().run("Rollback", applied().tenant, JournalPath=[str(tmp_path / "gone.jsonl")])
    assert run.exit_code == 4
    assert [path for path in NAMED.findall(run.screen) if not Path(path).is_file()] == []
    assert copied_journal(applied(), tmp_path)
