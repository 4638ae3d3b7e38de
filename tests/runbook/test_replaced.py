"""No file of anybody's is replaced by a journal, a result or a log, and no link is followed to one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.sites import SiteOf, journal_path, result_file

OTHERS = {
    "the runbook": lambda site, folder: site.runbook,
    "the manifest of the add-in": lambda site, folder: site.runbook.with_name("pexip-add-in.xml"),
    "notes": lambda site, folder: written(folder / "notes.txt", "my notes\n"),
    "other JSON": lambda site, folder: written(folder / "other.json", '{"format":"pexgen.plan/1"}'),
    "a word about results": lambda site, folder: written(folder / "w.json", '[{"format":"pexgen.result/1"}]'),
}


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("mode", ["Check", "Apply"])
@pytest.mark.parametrize("what", OTHERS)
def test_a_result_replaces_nothing_that_is_no_result(site: SiteOf, tmp_path: Path, what: str, mode: str) -> None:
    here = site()
    path = OTHERS[what](here, tmp_path)
    before = path.read_bytes()
    run = here.run(mode, ResultPath=str(path))
    assert (run.exit_code, run.calls, path.read_bytes()) == (4, (), before), run.screen
    assert f"-ResultPath '{path}' exists and is not a result of a runbook" in run.screen


def test_a_result_replaces_a_result_and_an_empty_file(site: SiteOf, tmp_path: Path) -> None:
    path = written(tmp_path / "r.json", "")
    for _ in range(2):
        run = site().run("Check", ResultPath=str(path))
        assert (run.exit_code, '"pexgen.result/1"' in path.read_text("utf-8")) == (2, True), run.screen


@pytest.mark.parametrize("name", ["ResultPath", "JournalPath", "LogPath"])
@pytest.mark.parametrize("leads", ["to nothing", "to a file"])
def test_a_link_is_not_followed(site: SiteOf, tmp_path: Path, name: str, leads: str) -> None:
    link, target = tmp_path / "link", tmp_path / "target"
    if leads == "to a file":
        target.write_bytes(b"")
    link.symlink_to(target)
    run = site().run("Apply", **{name: [str(link)] if name == "JournalPath" else str(link)})
    assert (run.exit_code, run.calls) == (4, ()), run.screen
    assert f"-{name}: '{link}' is a link" in run.screen
    assert not target.exists() or target.read_bytes() == b""


def test_a_link_where_the_result_would_lie_is_left_alone(site: SiteOf, tmp_path: Path) -> None:
    journal, target = tmp_path / "j.jsonl", tmp_path / "target"
    (tmp_path / "j.Apply.result.json").symlink_to(target)
    run = site().run("Apply", JournalPath=[str(journal)], Step=["equipment-mailbox"])
    assert (run.exit_code, target.exists()) == (0, False), run.screen
    assert (tmp_path / "j.Apply.result.json").is_symlink()
    assert len([path for path in tmp_path.glob("j.Apply.*.result.json") if not path.is_symlink()]) == 1


def test_the_journal_of_another_run_is_named_as_what_a_result_would_replace(site: SiteOf, tmp_path: Path) -> None:
    run = site().run("Apply", Step=["equipment-mailbox"])
    journal = shutil.copy(journal_path(run), tmp_path / "j.jsonl")
    check = site().run("Check", ResultPath=str(journal))
    assert (check.exit_code, f"-ResultPath '{journal}' is a journal" in check.screen) == (4, True), check.screen
    assert result_file(run)["exitCode"] == 0
