"""A terminal of 80 cells that keeps what was shown on it."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pexgen.cli import run

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the samples, a changed one and a wrong one, without an environment that decides on colors."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    for path in SAMPLES.glob("*.[xy]*ml"):
        shutil.copy(path, tmp_path)
    text = (tmp_path / "app-permissions.yaml").read_text(encoding="utf-8")
    changed = text.replace("alex.wilber", "eve").replace("policy: merge", "policy: check")
    (tmp_path / "new.yaml").write_text(changed, encoding="utf-8")
    long = "name: Pexip Scheduling, and a name that goes on until it has no room in a line of eighty cells, *really*"
    wrong = text.replace("8a1c5e0b-", "").replace("switch_on: true", "switch_on: maybe")
    (tmp_path / "bad.yaml").write_text(wrong.replace("name: Pexip Scheduling", long), encoding="utf-8")
    return tmp_path


@pytest.fixture
def on_screen(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run a command on a terminal and return everything that it showed."""

    def call(*arguments: str, terminal: bool = True) -> str:
        raw = io.BytesIO()
        kind = Terminal if terminal else io.TextIOWrapper
        with monkeypatch.context() as patch:
            stream = kind(raw, encoding="utf-8", newline="\n", write_through=True)
            patch.setattr("sys.stdout", stream)
            patch.setattr("sys.stderr", stream)
            run(arguments)
            stream.flush()
            return raw.getvalue().decode("utf-8")

    return call
