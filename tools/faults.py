"""The whole matrix of faults: every remote call of Apply, Verify and Rollback x every kind, on three tenants.

Run through ``make faults``, which finds tests/support: what a trial is, and what has to hold in it, is the test
suite's, and a part of the matrix is in the suite itself. It takes an hour or two, can be stopped at any time and goes
on where it was: what was tried is in build/faults.jsonl, for the runbook's body and the simulation as they were. At the
end, or when stopped, the table of docs/failures.md is written from it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import queue
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.bad_days import KINDS, Ground, Trials, grounds
from support.runbooks import approving_renderer, make_site

from pexgen.catalogue import load_catalogue, template_folder
from pexgen.rehearsal import Engine, EngineError, find_engine
from pexgen.runbook import assemble

ROOT = Path(__file__).resolve().parent.parent
PROGRESS = ROOT / "build" / "faults.jsonl"
PAGE = ROOT / "docs" / "failures.md"
BEGIN, END = "<!-- faults: begin, written by make faults -->", "<!-- faults: end -->"
Tried = dict[tuple[str, int, str], list[str]]


@dataclass
class Matrix:
    """What is to be tried and what has been; shared by the threads, each of which has an engine of its own."""

    subject: str
    tried: Tried
    calls: dict[str, int] = field(default_factory=dict)
    todo: queue.SimpleQueue[tuple[str, int]] = field(default_factory=queue.SimpleQueue)
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopping: bool = False
    lost: bool = False

    def plan(self, found: Mapping[str, Ground], only: str) -> None:
        """Put every call that has a trial left into the queue."""
        for name, ground in found.items():
            self.calls[name] = len(ground.good.calls)
            numbers = range(1, self.calls[name] + 1) if only in name else ()
            for n in numbers:
                if any((name, n, kind) not in self.tried for kind in KINDS):
                    self.todo.put((name, n))

    def record(self, name: str, n: int, kind: str, problems: list[str]) -> None:
        """Keep the outcome of a trial, on disk too, and say so."""
        with self.lock:
            self.tried[name, n, kind] = problems
            entry = {"subject": self.subject, "run": name, "call": n, "kind": kind, "problems": problems}
            with PROGRESS.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")
            total = sum(self.calls.values()) * len(KINDS)
            outcome = "; ".join(problems) or "ok"
            print(f"{len(self.tried):5}/{total}  {name}  call {n:3}  {kind:12}  {outcome}", flush=True)


def main() -> int:
    """Play what is left of the matrix; 1 where a trial did not end as it has to, or could not be played."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2, help="engines at once")
    parser.add_argument("--only", default="", help="runs whose name holds this text, as 'Apply fresh'")
    given = parser.parse_args()
    PROGRESS.parent.mkdir(exist_ok=True)
    subject = _subject()
    matrix = Matrix(subject, dict(_earlier(subject)))
    with tempfile.TemporaryDirectory() as folder, Engine(find_engine()) as engine:
        matrix.plan(grounds(make_site(engine, approving_renderer(), Path(folder), {})), given.only)
    threads = [threading.Thread(target=_work, args=(matrix,)) for _ in range(given.jobs)]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            while thread.is_alive():
                thread.join(1)
    except KeyboardInterrupt:
        matrix.stopping = True
        for thread in threads:
            thread.join()
    _write_table(matrix)
    return 1 if matrix.lost or any(matrix.tried.values()) else 0


def _work(matrix: Matrix) -> None:
    """Take calls from the queue until there is none left."""
    with tempfile.TemporaryDirectory() as folder, Engine(find_engine()) as engine:
        site = make_site(engine, approving_renderer(), Path(folder), {})
        trials = {name: Trials(ground) for name, ground in grounds(site).items()}
        while not matrix.stopping:
            try:
                name, n = matrix.todo.get_nowait()
            except queue.Empty:
                return
            for kind in KINDS:
                if (name, n, kind) not in matrix.tried and not matrix.stopping:
                    _try(matrix, trials[name], name, n, kind)


def _try(matrix: Matrix, trials: Trials, name: str, n: int, kind: str) -> None:
    """Play one trial. Where the engine gives no answer it stays unplayed, and the next one gets a new engine."""
    try:
        problems = trials.problems(n, kind)
    except EngineError as error:
        print(f"not played: {name}, call {n}, {kind}: {error}", file=sys.stderr, flush=True)
        matrix.lost = True
    else:
        matrix.record(name, n, kind, problems)


def _subject() -> str:
    """Return a digest of what is tried: the runbook's body and the simulation."""
    catalogue = load_catalogue(template_folder())
    body = assemble(catalogue, catalogue.methods["app-permissions", "exchange-online"]).digest
    files = sorted((ROOT / "pexgen" / "rehearsal").rglob("*"))
    parts = [path for path in files if path.suffix in {".ps1", ".psm1", ".py"}]
    simulation = hashlib.sha256(b"".join(path.read_bytes() for path in parts)).hexdigest()
    return f"{body} {simulation}"


def _earlier(subject: str) -> Iterator[tuple[tuple[str, int, str], list[str]]]:
    """Read what was tried with this body and simulation before."""
    lines = PROGRESS.read_text("utf-8").splitlines() if PROGRESS.exists() else []
    for line in lines:
        entry: dict[str, Any] = json.loads(line)
        if entry["subject"] == subject:
            yield (entry["run"], entry["call"], entry["kind"]), entry["problems"]


def _write_table(matrix: Matrix) -> None:
    """Write the table of the page between its marks."""
    page = PAGE.read_text("utf-8")
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{_table(matrix)}\n{END}{after}", "utf-8", newline="\n")


def _table(matrix: Matrix) -> str:
    body, simulation = matrix.subject.split()
    lines = [
        f"Body `{body[:16]}`, simulation `{simulation[:16]}`. In each field: trials that ended as they have to, of",
        "those that were played. A field with fewer than the run has calls was not played to its end.",
        "",
        f"| run, tenant | calls | {' | '.join(KINDS)} |",
        f"|---|---|{'---|' * len(KINDS)}",
    ]
    for name, calls in matrix.calls.items():
        own = {(n, kind): found for (run, n, kind), found in matrix.tried.items() if run == name}
        fields = [_field([found for (_, its), found in own.items() if its == kind]) for kind in KINDS]
        lines.append(f"| {name.replace(' ', ', ')} | {calls} | {' | '.join(fields)} |")
    survived = sum(not found for found in matrix.tried.values())
    total = sum(matrix.calls.values()) * len(KINDS)
    lines += ["", f"In all {total} trials: {len(matrix.tried)} played, {survived} survived.", ""]
    return "\n".join(lines)


def _field(outcomes: list[list[str]]) -> str:
    return f"{sum(not found for found in outcomes)} of {len(outcomes)}" if outcomes else "not played"


if __name__ == "__main__":
    sys.exit(main())
