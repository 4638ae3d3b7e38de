"""A folder with descriptions in it, and a program called pexgen that a shell finds."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import pytest


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """The current folder of a shell: two descriptions, one with a blank in its name, other files, and a folder."""
    folder = tmp_path / "work"
    (folder / "customers").mkdir(parents=True)
    for name in ("contoso.yaml", "north wind.yaml", "contoso.ps1", "notes.txt", "customers/fabrikam.yaml"):
        (folder / name).write_text("", encoding="ascii")
    return folder


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """A shell's environment in which pexgen is this one, and nothing of the user's own settings is read."""
    programs, home = tmp_path / "programs", tmp_path / "home"
    programs.mkdir()
    home.mkdir()
    if sys.platform == "win32":
        (programs / "pexgen.cmd").write_text(f'@"{sys.executable}" -m pexgen %*\n', encoding="ascii")
    else:
        program = programs / "pexgen"
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m pexgen "$@"\n', encoding="utf-8")
        program.chmod(0o755)
    own = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    return {**os.environ, **own, "TERM": "dumb", "ENV": "", "BASH_ENV": ""}
