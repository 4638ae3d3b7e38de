"""Many descriptions are rendered by several processes; what becomes of them is what one process gives."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from pexgen.cli import _workers, run
from pexgen.cli._workers import OrderedWorkers
from pexgen.errors import UsageError

SAMPLE = (Path(__file__).resolve().parents[2] / "samples" / "app-permissions.yaml").read_text(encoding="utf-8")
NAMES = [f"c{number:02}" for number in range(20)]

SLOW = """
import multiprocessing
import sys
import time
from pexgen.cli import _workers, main
from pexgen.cli._render_one import FileRenderer

def render(self, file, at_once=FileRenderer.render):
    time.sleep(0.2)
    return at_once(self, file)

FileRenderer.render = render
if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv.pop(1))
    _workers._processors = lambda: 3
    main()
"""
"""pexgen on three processors, each of which takes a while; the first argument says how it starts its processes."""


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three processors, and a fleet is what has ten files."""
    monkeypatch.setattr(_workers, "LEAST", 10)
    monkeypatch.setattr(_workers, "_processors", lambda: 3)


def work(name: str, *, parent: int) -> tuple[str, bool]:
    """Say whether another process did it; one name is an error, and in another process one is its end."""
    elsewhere = os.getpid() != parent
    if name == "c05":
        raise UsageError(name)
    if name == "c10" and elsewhere:
        os._exit(1)
    return name, elsewhere


@pytest.mark.usefixtures("processes")
def test_results_of_processes_come_in_order_and_what_is_missing_is_done_here() -> None:
    workers = OrderedWorkers(partial(work, parent=os.getpid()), NAMES)
    found = []
    for name in NAMES:
        if name == "c05":
            with pytest.raises(UsageError, match="c05"):
                workers.result(name)
        else:
            found.append(workers.result(name))
    # c10 and those that stand behind it in its process: every third.
    here = {"c10", "c13", "c16", "c19"}
    assert found == [(name, name not in here) for name in NAMES if name != "c05"]


@pytest.mark.parametrize("error", [PermissionError("no process"), ImportError("no semaphores")])
@pytest.mark.usefixtures("processes")
def test_where_no_process_can_be_started_all_is_done_here(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def refuse(_process: object) -> None:
        raise error

    monkeypatch.setattr(multiprocessing.Process, "start", refuse)
    workers = OrderedWorkers(partial(work, parent=os.getpid()), NAMES[:5] + NAMES[6:])
    assert not any(workers.result(name)[1] for name in NAMES[:5] + NAMES[6:])


@pytest.mark.parametrize(("count", "processors"), [(9, 3), (20, 1)])
@pytest.mark.usefixtures("processes")
def test_few_files_or_one_processor_need_no_other_process(monkeypatch, count, processors) -> None:
    monkeypatch.setattr(_workers, "_processors", lambda: processors)
    monkeypatch.setattr(multiprocessing, "Process", None)
    workers = OrderedWorkers(partial(work, parent=os.getpid()), NAMES[:count])
    assert workers.result("c00") == ("c00", False)


@pytest.mark.usefixtures("processes")
def test_a_fleet_gives_the_same_files_and_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("all").mkdir()
    for name in NAMES:
        text = SAMPLE.replace("name: contoso-scheduling", f"name: {name}")
        Path("all", f"{name}.yaml").write_text(text.replace("method:", "metod:") if name == "c07" else text, "utf-8")
    said = []
    for folder, least in (("together", 10), ("alone", 1000)):
        Path(folder).mkdir()
        monkeypatch.setattr(_workers, "LEAST", least)
        code = run(["render", "all", "-o", folder, "--allow-unreviewed", "--plan", "json"])
        said.append((code, capsys.readouterr().err.replace(folder, "FOLDER")))
    assert said[0] == said[1]
    assert (said[0][0], "rendered 19, current 0, failed 1: " in said[0][1]) == (3, True)
    together, alone = (
        {path.name: path.read_bytes() for path in Path(name).iterdir()} for name in ("together", "alone")
    )
    assert len(together) == 3 * 19
    assert together == alone


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal that one process sends another as Ctrl+C")
@pytest.mark.parametrize("start", multiprocessing.get_all_start_methods())
def test_after_an_interruption_no_process_is_left(tmp_path: Path, start: str) -> None:
    (tmp_path / "all").mkdir()
    (tmp_path / "out").mkdir()
    for number in range(_workers.LEAST):
        text = SAMPLE.replace("name: contoso-scheduling", f"name: c{number}")
        (tmp_path / "all" / f"c{number}.yaml").write_text(text, "utf-8")
    (tmp_path / "slow.py").write_text(SLOW, "utf-8")
    command = [sys.executable, "slow.py", start, "render", "all", "-o", "out", "--allow-unreviewed"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, start_new_session=True)
    while not any((tmp_path / "out").iterdir()):
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate()
    assert err.decode().splitlines()[-1:] == ["pexgen: interrupted; no file was left half written"]
    assert process.returncode == 130
    while _is_any_left(process.pid):
        time.sleep(0.01)
    assert not list((tmp_path / "out").glob("*.tmp"))


def _is_any_left(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
