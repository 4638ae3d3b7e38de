"""What ``tools/dev.py`` does with what the tests of a run wrote."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def dev(tool: Callable[[str], ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The tool, with a folder of the test's for the file system in memory."""
    found = tool("dev")
    monkeypatch.setattr(found, "IN_MEMORY", tmp_path)
    monkeypatch.setattr(found, "ROOM", 0)
    monkeypatch.setattr(found, "_wheel", lambda: tmp_path / "x.whl")
    monkeypatch.setattr(found, "_environment", lambda *_locks, **_options: tmp_path)
    monkeypatch.setattr(found, "_pip", lambda *_arguments: None)
    return found


def left_by(dev: ModuleType, monkeypatch: pytest.MonkeyPatch, code: int) -> list[str]:
    """Run the tests, of which one writes a file, to this end; return what is in memory then, by its end."""

    def run(command: list[str], *, check: bool, **environment: str) -> int:
        assert "tmp_path_retention_policy=failed" in command
        assert not check
        (Path(environment["TMPDIR"]) / "written.txt").touch()
        return code

    monkeypatch.setattr(dev, "_run", run)
    assert dev.test([]) == code
    return sorted(path.name for path in dev.IN_MEMORY.glob("pexgen-tests-*/*"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file system in memory that the tests use")
def test_what_failing_tests_wrote_stays_until_the_next_run_and_it_is_said_where(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert left_by(dev, monkeypatch, dev.FAILED) == [".kept", "written.txt"]
    (folder,) = dev.IN_MEMORY.glob("pexgen-tests-*")
    assert f"What the failing tests wrote is in {folder}, below pytest-of-<you>, in memory" in capsys.readouterr().out
    others = dev.IN_MEMORY / "pexgen-tests-of-a-run-that-goes-on"
    others.mkdir()
    assert left_by(dev, monkeypatch, dev.FAILED) == [".kept", "written.txt"]
    assert not folder.exists()
    assert others.is_dir()
    assert left_by(dev, monkeypatch, 0) == []
    assert "What the failing tests wrote" not in capsys.readouterr().out.rpartition("Running the tests")[2]


def test_without_room_in_memory_it_is_where_pytest_puts_it(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev, "ROOM", 1 << 80)
    monkeypatch.setattr(dev, "_run", lambda *_command, **_options: dev.FAILED)
    assert dev.test([]) == dev.FAILED
    assert f"wrote is in {dev.tempfile.gettempdir()}, below pytest-of-<you>.\n" in capsys.readouterr().out
