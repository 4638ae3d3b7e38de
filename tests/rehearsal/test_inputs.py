"""What a rehearsal begins with: a folder, a runbook and what lies beside it; and what is said where that cannot be."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from pexgen.cli import run
from pexgen.cli._rehearse_inputs import Staged, put_beside, stage, working_folder
from pexgen.cli._talk import Talk
from pexgen.errors import InputError, UsageError
from pexgen.rehearsal.rehearsal import check_modes

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "app-permissions.yaml"


def test_an_error_within_a_rehearsal_is_not_said_to_be_about_the_working_folder() -> None:
    with pytest.raises(PermissionError, match="elsewhere"), working_folder():
        raise PermissionError(errno.EACCES, "not allowed", "elsewhere")


def test_a_disk_that_is_full_is_told_with_what_to_do() -> None:
    with pytest.raises(UsageError, match="No space left") as caught, working_folder():
        raise OSError(errno.ENOSPC, "No space left on device")
    assert "TMPDIR" in caught.value.hint


def test_a_working_folder_that_cannot_be_made_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "not there"))
    with pytest.raises(UsageError, match="not there") as caught, working_folder():
        pass
    assert "TMPDIR" in caught.value.hint


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_warnings_that_nobody_can_hear_do_not_change_the_exit_code() -> None:
    command = [sys.executable, "-m", "pexgen", "rehearse", str(SAMPLE)]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=full, check=False, env={**os.environ, "PEXGEN_PWSH": "no-such"}
        )
    assert done.returncode == 3


@pytest.mark.parametrize(
    "name",
    [
        "../evil.xml",
        "below/../../evil.xml",
        "..\\evil.xml",
        "/evil.xml",
        "C:\\evil.xml",
        "c:evil.xml",
        "\\\\server\\share\\evil.xml",
        "//server/share/evil.xml",
        "evil\0.xml",
    ],
)
def test_no_name_out_of_a_runbook_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    (there := tmp_path / "theirs").mkdir()
    (runbook := there / "a.ps1").write_text("#", encoding="utf-8")
    (tmp_path / "evil.xml").write_text("theirs", encoding="utf-8")
    (folder := tmp_path / "work" / "change").mkdir(parents=True)
    with pytest.raises(InputError, match="is not a file in the runbook's folder or below it") as caught:
        put_beside(Staged(runbook, is_reviewed=True), {"AddInManifest": name}, folder)
    assert caught.value.problems[0].file == str(runbook)
    assert list(folder.parent.rglob("*.*")) == []


@pytest.mark.parametrize("name", ["add-in.xml", "below/add-in.xml", "", "not-there.xml", "x" * 300])
def test_what_lies_beside_a_runbook_comes_with_it(tmp_path: Path, name: str) -> None:
    (there := tmp_path / "theirs" / "below").mkdir(parents=True)
    for file in ("add-in.xml", "below/add-in.xml", "a.ps1", "a.manifest.json"):
        (there.parent / file).write_text(file, encoding="utf-8")
    (folder := tmp_path / "work").mkdir()
    put_beside(Staged(there.parent / "a.ps1", is_reviewed=True), {"AddInManifest": name}, folder)
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == {"a.ps1", "a.manifest.json", *([name] if "add-in" in name else [])}


def test_a_runbook_that_cannot_be_read_is_told_with_advice(tmp_path: Path) -> None:
    (tmp_path / "folder.ps1").mkdir()
    said: dict[str, Any] = {}
    for name in ("none.ps1", "folder.ps1"):
        with pytest.raises(InputError) as caught:
            stage(str(tmp_path / name), tmp_path, Talk())
        (problem,) = caught.value.problems
        said[name] = (problem.code, problem.message)
        assert problem.hint
    assert said["none.ps1"] == ("PXG092", "the runbook was not found")
    if sys.platform != "win32":
        assert said["folder.ps1"] == ("PXG092", "this is a folder, not a file")


def test_a_lonely_rollback_is_refused_with_what_to_give() -> None:
    with pytest.raises(UsageError) as caught:
        check_modes(["Rollback"])
    assert caught.value.hint == "give --mode Apply before it"


def test_a_file_or_folder_that_cannot_be_written_is_refused_before_anything_is_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (marked := tmp_path / "marked.html").write_text("mine", encoding="utf-8")
    marked.chmod(0o444)
    assert run(["rehearse", str(SAMPLE), "--html", str(marked), "--force"]) == 2
    assert "marked.html is read-only" in capsys.readouterr().err
    # Whoever runs this may be allowed everything.
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path and allowed(path, mode))
    assert run(["rehearse", str(SAMPLE), "--html", str(tmp_path / "new.html")]) == 2
    assert f"nothing can be written in {tmp_path}" in " ".join(capsys.readouterr().err.split())
