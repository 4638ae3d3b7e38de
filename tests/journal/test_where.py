"""Where the journal is: a place that cannot hold it stops the run before its first write, and nothing is deleted."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.described import asked_states
from support.journals import chained, journal_text
from support.sites import Applied, Json, SiteOf, copied_journal

from pexgen.rehearsal import Engine, Result
from pexgen.simulation import without_bookkeeping


def missing_folder(folder: Path) -> Path:
    return folder / "not there" / "journal.jsonl"


def folder_itself(folder: Path) -> Path:
    return folder


def read_only_folder(folder: Path) -> Path:
    """A folder in which nobody can write; to an administrator of the machine only the system's own are that."""
    if sys.platform != "win32" and os.geteuid() == 0:
        return Path("/proc/journal.jsonl")
    (folder / "read-only").mkdir(mode=0o500)
    return folder / "read-only" / "journal.jsonl"


PLACES: list[Callable[[Path], Path]] = [missing_folder, folder_itself, read_only_folder]


@pytest.mark.parametrize("place", PLACES)
def test_apply_that_could_not_write_its_journal_is_refused(
    site: SiteOf, tmp_path: Path, place: Callable[..., Path]
) -> None:
    run = site().run("Apply", JournalPath=[str(place(tmp_path))], ResultPath=str(tmp_path / "r.json"))
    assert (run.exit_code, run.writes) == (4, ())
    assert "guard 'journal'" in run.screen
    assert without_bookkeeping(run.tenant) == without_bookkeeping(site().tenant)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("mode", ["Check", "Apply"])
def test_a_result_that_could_not_be_written_is_refused_first(
    site: SiteOf, tmp_path: Path, mode: str, place: Callable[..., Path]
) -> None:
    run = site().run(mode, ResultPath=str(place(tmp_path)))
    assert (run.exit_code, run.writes) == (4, ())
    assert "guard 'paths'" in run.screen


# A disk that is full, where the system has such a device.
FULL = [path for path in [Path("/dev/full")] if path.exists()]


@pytest.mark.parametrize("full", FULL)
def test_a_device_is_no_journal_for_apply(site: SiteOf, tmp_path: Path, full: Path) -> None:
    run = site().run("Apply", JournalPath=[str(full)], ResultPath=str(tmp_path / "r.json"))
    assert (run.exit_code, run.writes) == (4, ())
    assert "is not an ordinary file" in run.screen
    assert full.exists()


@pytest.mark.parametrize("full", FULL)
def test_a_result_that_finds_the_disk_full_is_said_and_changes_no_code(site: SiteOf, full: Path) -> None:
    run = site().run("Apply", ResultPath=str(full))
    assert (run.exit_code, len(run.writes)) == (0, 13)
    assert "result could not be written" in run.screen
    assert journal_text(run).count('"done"') == 13


@pytest.mark.parametrize("full", FULL)
def test_a_disk_that_fills_up_stops_the_run_before_the_change_that_it_could_not_announce(
    site: SiteOf, tmp_path: Path, full: Path
) -> None:
    # The stream of the journal is exchanged for one that is full when the third write is due to be announced.
    prelude = f"""
        $global:Lines = 0
        Set-PSBreakpoint -Command Write-Journal -Action {{
            $global:Lines++
            if ($global:Lines -eq 6) {{ $Run.Journal.Dispose(); $Run.Journal = [System.IO.File]::OpenWrite('{full}') }}
        }} | Out-Null
    """
    run = site().run("Apply", options={"prelude": prelude})
    assert (run.exit_code, [call.cmdlet for call in run.writes]) == (3, ["New-Mailbox", "Set-CalendarProcessing"])
    back = site().run("Rollback", run.tenant, JournalPath=[copied_journal(run, tmp_path)], RemoveCreatedMailbox=True)
    assert back.exit_code == 0, back.screen
    assert without_bookkeeping(back.tenant) == without_bookkeeping(site().tenant)


def filled(full: Path, line: int) -> Json:
    """Give the options of a run whose disk is full from this line of its journal on."""
    prelude = f"""
        $global:Lines = 0
        Set-PSBreakpoint -Command Write-Journal -Action {{
            $global:Lines++
            if ($global:Lines -eq {line}) {{
                $Run.Journal.Dispose(); $Run.Journal = [System.IO.File]::OpenWrite('{full}')
            }}
        }} | Out-Null
    """
    return {"prelude": prelude}


@pytest.mark.parametrize("full", FULL)
def test_a_change_that_could_not_be_written_down_any_more_is_said_to_be_made(
    site: SiteOf, tmp_path: Path, full: Path
) -> None:
    here = site()
    # The header, what announces the first change, and what says that it was made.
    run = here.run("Apply", options=filled(full, 3), Step=["equipment-mailbox"])
    assert (run.exit_code, [call.cmdlet for call in run.writes]) == (3, ["New-Mailbox"]), run.screen
    assert "after the change was made. The change stays" in run.screen
    assert "nothing was changed" not in run.screen
    back = here.run("Rollback", run.tenant, JournalPath=[copied_journal(run, tmp_path)], RemoveCreatedMailbox=True)
    assert back.exit_code == 0, back.screen
    assert without_bookkeeping(back.tenant) == without_bookkeeping(here.tenant)


@pytest.mark.parametrize("full", FULL)
def test_a_full_disk_stops_rollback_before_its_first_write(
    site: SiteOf, applied: Applied, tmp_path: Path, full: Path
) -> None:
    run = site().run(
        "Rollback", applied().tenant, JournalPath=[copied_journal(applied(), tmp_path)], options=filled(full, 1)
    )
    assert (run.exit_code, run.writes, run.uncaught) == (4, (), None), run.screen
    assert "so the change was not sent" in run.screen


@pytest.mark.parametrize("full", FULL)
def test_rollback_goes_on_after_a_disk_that_filled_up_under_it(
    site: SiteOf, applied: Applied, tmp_path: Path, full: Path
) -> None:
    here, journal = site(), copied_journal(applied(), tmp_path)
    given: Json = {"JournalPath": [journal], "RemoveCreatedMailbox": True}
    run = here.run("Rollback", applied().tenant, options=filled(full, 2), **given)
    assert (run.exit_code, len(run.writes)) == (3, 1), run.screen
    assert "after the change was undone. Another Rollback will not find it." in run.screen
    again = here.run("Rollback", run.tenant, **given)
    assert (again.exit_code, set(asked_states(again))) == (5, {"undone", "gone"}), again.screen
    assert without_bookkeeping(again.tenant) == without_bookkeeping(here.tenant)


def test_rollback_whose_result_could_not_be_written_is_refused_first(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    journal = copied_journal(applied(), tmp_path)
    run = site().run("Rollback", applied().tenant, JournalPath=[journal], ResultPath=str(read_only_folder(tmp_path)))
    assert (run.exit_code, run.writes) == (4, ()), run.screen
    assert "guard 'paths'" in run.screen


@pytest.mark.skipif(sys.platform != "win32" and os.geteuid() == 0, reason="nothing is read-only to an administrator")
def test_rollback_by_a_journal_that_it_may_only_read_is_refused(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    journal = Path(copied_journal(applied(), tmp_path))
    journal.chmod(0o400)
    run = site().run("Rollback", applied().tenant, JournalPath=[str(journal)])
    assert (run.exit_code, run.writes) == (4, ()), run.screen
    assert f"Journal '{journal}' cannot be opened for this run alone, or not written" in run.screen


def begun(journal: Path) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return journal.stat().st_size > 0
    return False


def test_two_runs_at_once_on_one_journal(site: SiteOf, second_engine: Engine, tmp_path: Path) -> None:
    here, journal, go = site(), tmp_path / "shared.jsonl", tmp_path / "go"
    arguments = {"Mode": "Apply", "Confirm": False, "JournalPath": [str(journal)]}
    first: list[Result] = []
    # The first run has opened the journal and waits before its first announcement until the second has ended.
    prelude = f"""
        $global:Lines = 0
        Set-PSBreakpoint -Command Write-Journal -Action {{
            $global:Lines++
            while ($global:Lines -eq 2 -and -not [IO.File]::Exists('{go}')) {{ [Threading.Thread]::Sleep(50) }}
        }} | Out-Null
    """
    thread = threading.Thread(
        target=lambda: first.append(second_engine.play(here.runbook, here.tenant, arguments, prelude=prelude))
    )
    thread.start()
    while not begun(journal):
        assert thread.is_alive()
        time.sleep(0.05)
    second = here.engine.play(here.runbook, here.tenant, {**arguments, "ResultPath": str(tmp_path / "second.json")})
    go.touch()
    thread.join()
    assert (second.exit_code, second.writes) == (4, ())
    assert re.search("another (run|process)", second.screen)
    assert first[0].exit_code == 0
    assert journal.read_text("utf-8").count("pexgen.journal/2") == 1


@pytest.mark.parametrize("version", ["pexgen.journal/0", "pexgen.journal/3", "pexgen.result/1"])
@pytest.mark.parametrize("mode", ["Apply", "Rollback"])
def test_a_journal_of_another_format_is_refused(
    site: SiteOf, applied: Applied, tmp_path: Path, mode: str, version: str
) -> None:
    path = Path(copied_journal(applied(), tmp_path))
    path.write_text(chained(path.read_text("utf-8").replace("pexgen.journal/2", version)), "utf-8")
    before = path.read_bytes()
    run = site().run(mode, applied().tenant, JournalPath=[str(path)])
    assert (run.exit_code, run.writes, path.read_bytes()) == (4, (), before)
    assert "format pexgen.journal/1 or pexgen.journal/2" in run.screen


@pytest.mark.parametrize(
    "change",
    [
        {"name": "fabrikam"},
        {"target": {"organization": "fabrikam.onmicrosoft.com", "tenant_id": "99999999-4e5f-4a6b-8c7d-9e0f1a2b3c4d"}},
    ],
    ids=["deployment", "tenant"],
)
def test_a_journal_of_another_deployment_or_tenant_is_refused(site: SiteOf, tmp_path: Path, change: Json) -> None:
    theirs = site(**change).run("Apply")
    assert theirs.exit_code == 0, theirs.screen
    run = site().run("Rollback", JournalPath=[copied_journal(theirs, tmp_path)])
    assert (run.exit_code, run.writes) == (4, ())
    assert "belongs to another" in run.screen
