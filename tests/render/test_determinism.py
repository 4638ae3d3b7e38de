"""Same input, same bytes: no clock, user, host, folder, locale or hash seed in any output."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "app-permissions.yaml"
PLAIN = {"TZ": "UTC", "LANG": "C", "USER": "alice", "HOME": "/", "PYTHONHASHSEED": "1"}
ELSEWHERE = {
    "TZ": "Pacific/Kiritimati",
    "LANG": "tr_TR.UTF-8",
    "LC_ALL": "tr_TR.UTF-8",
    "USER": "m\u00fcller",
    "USERNAME": "m\u00fcller",
    "HOME": "/nowhere",
    "HOSTNAME": "elsewhere",
    "PYTHONHASHSEED": "4711",
    "PYTHONUTF8": "0",
    "COLUMNS": "40",
    "SOURCE_DATE_EPOCH": "1",
}


def digests(folder: Path, environment: dict[str, str], *python: str) -> dict[str, str]:
    folder.mkdir()
    command = [*(python or (sys.executable,)), "-m", "pexgen", "render", str(SAMPLE), "--allow-unreviewed"]
    # The parent's own environment stays, but for what is set here: Windows cannot start a process without some of it.
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env={**os.environ, **environment})
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_surroundings_change_no_byte(tmp_path: Path) -> None:
    here = digests(tmp_path / "here", PLAIN)
    assert here.keys() == {"contoso-scheduling.ps1", "contoso-scheduling.manifest.json"}
    assert digests(tmp_path / "els\u00e9 where", ELSEWHERE) == here


@pytest.mark.parametrize("flag", ["-O", "-bb", "-Xutf8=0", "-Xutf8=1"])
def test_the_way_python_is_started_changes_no_byte(tmp_path: Path, flag: str) -> None:
    assert digests(tmp_path / "flag", PLAIN, sys.executable, flag) == digests(tmp_path / "plain", PLAIN)
