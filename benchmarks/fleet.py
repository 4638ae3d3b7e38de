"""Measures what many descriptions in one command take, and writes the section "Fleets" of docs/performance.md.

Called by ``make bench`` with the program that it measures. Every fleet has three descriptions that cannot be used: they
have to be named, and all others done. Processor time is said beside the time that passed, because it does not depend on
what else the machine does.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "bench" / "fleet"
SAMPLE = ROOT / "samples" / "app-permissions.yaml"
PAGE = ROOT / "docs" / "performance.md"
HEADING = "## Fleets\n"
BROKEN = 3


class Taken(NamedTuple):
    """What one command took: seconds that passed, seconds of processor time, peak of memory in MB; its last line."""

    passed: float
    processor: float
    memory: float
    said: str


def main() -> None:
    """Measure, print the section, and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pexgen", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[300, 10_000])
    arguments = parser.parse_args()
    rows = [row for size in arguments.sizes for row in measured(arguments.pexgen, size)]
    section = "\n".join(
        [
            HEADING,
            f"One command over a folder of descriptions, {BROKEN} of which cannot be used: those are named at the end",
            "and all others are done. A runbook has some 380 KB: 10,000 are written at the speed of the disk. With",
            "hundreds of descriptions `render` works in several processes, as many as there are processors.",
            "",
            "| descriptions | command | seconds | processor seconds | ms of it each | memory, MB | last line |",
            "|---:|---|---:|---:|---:|---:|---|",
            *rows,
            "",
        ]
    )
    print(section)
    before, _, after = PAGE.read_text(encoding="utf-8").partition(HEADING)
    # What follows is measured by engine.py.
    _, mark, rest = after.partition("\n## ")
    page = f"{before.rstrip()}\n\n{section.rstrip()}\n{mark}{rest}"
    PAGE.write_text(page, encoding="utf-8", newline="\n")


def measured(pexgen: Path, size: int) -> list[str]:
    """Return the rows of a fleet of ``size`` descriptions."""
    folder, out = fleet(size)
    rows = []
    for name, arguments in (
        ("lint", ["lint", str(folder), "-o", str(WORK / "lint.json")]),
        ("render, all new", ["render", str(folder), "-o", str(out), "--allow-unreviewed"]),
        ("render, all current", ["render", str(folder), "-o", str(out), "--allow-unreviewed"]),
    ):
        taken = run([str(pexgen), *arguments])
        each = taken.processor * 1000 / size
        rows.append(
            f"| {size:,} | {name} | {taken.passed:.1f} | {taken.processor:.1f} | {each:.2f} | {taken.memory:.0f} "
            f"| `{taken.said}` |"
        )
    shutil.rmtree(WORK)
    return rows


def fleet(size: int) -> tuple[Path, Path]:
    """Write a fleet anew; return its folder and an empty one for what is made of it."""
    shutil.rmtree(WORK, ignore_errors=True)
    folder, out = WORK / "customers", WORK / "runbooks"
    folder.mkdir(parents=True)
    out.mkdir()
    text = SAMPLE.read_text(encoding="utf-8")
    for number in range(size):
        named = text.replace("name: contoso-scheduling", f"name: customer-{number:05}")
        if number % (size // BROKEN) == size // BROKEN - 1:
            named = named.replace("method:", "metod:")
        (folder / f"{number:05}.yaml").write_text(named, encoding="utf-8", newline="\n")
    return folder, out


def run(command: list[str]) -> Taken:
    """Run one command, which has to end with 1 or 3 because of the broken ones, and return what it took."""
    begun = time.perf_counter()
    with (WORK / "said.txt").open("wb") as said:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        processor = memory = 0.0
        if hasattr(os, "wait4"):
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            processor = usage.ru_utime + usage.ru_stime
            memory = usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
        code = process.wait()
    passed = time.perf_counter() - begun
    lines = (WORK / "said.txt").read_text(encoding="utf-8").splitlines()
    if code not in {1, 3}:
        sys.exit(f"{command} ended with {code}: {lines[-1:]}")
    counted = next(line for line in reversed(lines) if "failed" in line or "errors" in line)
    return Taken(passed, processor, memory, counted.partition(":")[0])


if __name__ == "__main__":
    main()
