"""Measures one run of a runbook in a PowerShell that has played some already: seconds of processor time, and memory.

``PYTHONPATH=tests python benchmarks/engine.py`` where pexgen, its test requirements and a PowerShell are installed, on
Linux, whose ``/proc`` says what a process has used. Processor time is told because other work on the machine changes it
less than the time that passes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from pathlib import Path

from support.engines import quick_engine
from support.runbooks import approving_renderer, make_site
from support.sites import Site

from pexgen.rehearsal import Engine, find_engine

MODES = ("Check", "Apply")


def main() -> None:
    """Play, and print a table of what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--warm", type=int, default=10, help="pairs of Check and Apply before anything is measured")
    parser.add_argument("--runs", type=int, default=20, help="pairs that are measured")
    parser.add_argument("--runbooks", type=int, default=20, help="runbooks of which each is played once")
    parser.add_argument("--plain", action="store_true", help="the engine of pexgen rehearse, not that of the tests")
    given = parser.parse_args()
    started = Engine(find_engine(), 3600) if given.plain else quick_engine(find_engine())
    with tempfile.TemporaryDirectory() as folder, started as engine:
        site = make_site(engine, approving_renderer(), Path(folder), {})
        pid = _only_child()
        print("| run | processor seconds, median | fastest | engine, MB |\n|---|---:|---:|---:|")
        for mode in MODES:
            _row(f"{mode}, first of the process", [_played(site, mode, pid)], pid)
        for _ in range(given.warm):
            for mode in MODES:
                site.run(mode)
        times: dict[str, list[float]] = {mode: [] for mode in MODES}
        for _ in range(given.runs):
            for mode in MODES:
                times[mode].append(_played(site, mode, pid))
        for mode in MODES:
            _row(f"{mode}, after {given.warm} of each", times[mode], pid)
        others = [_another(engine, Path(folder) / str(number)) for number in range(given.runbooks)]
        _row("Check of another runbook", [_played(one, "Check", pid) for one in others], pid)


def _another(engine: Engine, folder: Path) -> Site:
    """Return the site of a description that differs in a value."""
    folder.mkdir()
    return make_site(engine, approving_renderer(), folder, {"equipment": {"display_name": f"Room {folder.name}"}})


def _played(site: Site, mode: str, pid: int) -> float:
    """Return the seconds of processor time that one run took."""
    before = _seconds(pid)
    site.run(mode)
    return _seconds(pid) - before


def _row(name: str, times: list[float], pid: int) -> None:
    print(f"| {name} | {statistics.median(times):.2f} | {min(times):.2f} | {_megabytes(pid):.0f} |", flush=True)


def _only_child() -> int:
    """Return the process that the engine is."""
    (found,) = Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii").split()
    return int(found)


def _seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _megabytes(pid: int) -> float:
    (line,) = [one for one in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines() if one.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
