"""The whole matrix of faults: every remote call of Apply, Verify and Rollback x every kind, by body, on three tenants.

Run through ``make faults``, which finds tests/support: what a trial is, and what has to hold in it, is the test
suite's, and a part of the matrix is in the suite itself. It takes an hour or more, can be stopped at any time and goes
on where it was: what was tried is in build/faults.jsonl, for the runbook's body, its values and the simulation as they
were. A change of one body leaves what was tried of the others. At the end, or when stopped, the table of
docs/failures.md is written from it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import queue
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.bad_days import KINDS, Ground, Trials, grounds
from support.deployments import DEPLOYMENTS, Deployment
from support.engines import quick_engine
from support.runbooks import approving_renderer, make_site

from pexgen.catalogue import load_catalogue
from pexgen.rehearsal import Engine, EngineError, find_engine
from pexgen.render import Renderer
from pexgen.runbook import assemble
from pexgen.template_files import template_folder

ROOT = Path(__file__).resolve().parent.parent
PROGRESS = ROOT / "build" / "faults.jsonl"
PAGE = ROOT / "docs" / "failures.md"
BEGIN, END = "<!-- faults: begin, written by make faults -->", "<!-- faults: end -->"
Tried = dict[tuple[str, int, str], list[str]]


@dataclass
class Matrix:
    """What is to be tried and what has been; shared by the threads, each of which has an engine of its own.

    ``subjects`` are by the deployment's name, ``calls`` and ``writes``, numbers both, by that of the run, which begins
    with it.
    """

    subjects: Mapping[str, str]
    tried: Tried
    calls: dict[str, int] = field(default_factory=dict)
    writes: dict[str, int] = field(default_factory=dict)
    todo: queue.SimpleQueue[tuple[str, int]] = field(default_factory=queue.SimpleQueue)
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopping: bool = False
    lost: bool = False

    def plan(self, found: Mapping[str, Ground], given: argparse.Namespace) -> None:
        """Put every call that has a trial left into the queue."""
        for name, ground in found.items():
            self.calls[name], self.writes[name] = len(ground.good.calls), len(ground.good.writes)
            for call in ground.good.calls if given.only in name else ():
                is_meant = given.calls in {"all", "writes" if call.is_write else "reads"}
                if is_meant and any((name, call.n, kind) not in self.tried for kind in given.kinds):
                    self.todo.put((name, call.n))

    def record(self, name: str, n: int, kind: str, problems: list[str]) -> None:
        """Keep the outcome of a trial, on disk too, and say so."""
        with self.lock:
            self.tried[name, n, kind] = problems
            entry = {
                "subject": self.subjects[_deployment_of(name)],
                "run": name,
                "call": n,
                "kind": kind,
                "problems": problems,
            }
            with PROGRESS.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")
            total = sum(self.calls.values()) * len(KINDS)
            outcome = "; ".join(problems) or "ok"
            print(f"{len(self.tried):5}/{total}  {name}  call {n:3}  {kind:12}  {outcome}", flush=True)


def main() -> int:
    """Play what is left of the matrix; 1 where a trial did not end as it has to, or could not be played."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2, help="engines at once")
    parser.add_argument("--only", default="", help="runs whose name holds this text, as 'app-permissions: Apply fresh'")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS, help="these kinds of fault alone")
    parser.add_argument("--calls", choices=("all", "reads", "writes"), default="all", help="at these calls alone")
    given = parser.parse_args()
    PROGRESS.parent.mkdir(exist_ok=True)
    subjects = _subjects()
    matrix = Matrix(subjects, dict(_earlier(subjects)))
    with tempfile.TemporaryDirectory() as folder, quick_engine(find_engine()) as engine:
        renderer = approving_renderer()
        for one in DEPLOYMENTS:
            matrix.plan(_grounds(one, engine, renderer, Path(folder)), given)
    threads = [threading.Thread(target=_work, args=(matrix, given.kinds)) for _ in range(given.jobs)]
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


def _grounds(deployment: Deployment, engine: Engine, renderer: Renderer, folder: Path) -> dict[str, Ground]:
    """Return the grounds of a deployment, whose runbook is kept in a folder of its own."""
    own = folder / deployment.name
    own.mkdir()
    return grounds(deployment, make_site(engine, renderer, own, {}, deployment.description()))


def _deployment_of(run: str) -> str:
    return run.partition(": ")[0]


def _work(matrix: Matrix, kinds: Sequence[str]) -> None:
    """Take calls from the queue until there is none left."""
    with tempfile.TemporaryDirectory() as folder, quick_engine(find_engine()) as engine:
        renderer = approving_renderer()
        trials: dict[str, Trials] = {}
        while not matrix.stopping:
            try:
                name, n = matrix.todo.get_nowait()
            except queue.Empty:
                return
            if name not in trials:
                (one,) = [one for one in DEPLOYMENTS if one.name == _deployment_of(name)]
                found = _grounds(one, engine, renderer, Path(folder))
                trials |= {run: Trials(ground) for run, ground in found.items()}
            for kind in kinds:
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
        if problems:
            # Who stops all this with Ctrl+C stops the engines too, and a run that ended by that says nothing.
            time.sleep(1)
        if not (problems and matrix.stopping):
            matrix.record(name, n, kind, problems)


def _subjects() -> dict[str, str]:
    """Return, by deployment, digests of what is tried: the runbook's body, the simulation, and its values."""
    catalogue = load_catalogue(template_folder())
    files = sorted(path for each in ("rehearsal", "simulation") for path in (ROOT / "pexgen" / each).rglob("*"))
    parts = [path for path in files if path.suffix in {".ps1", ".psm1", ".py", ".json"}]
    simulation = hashlib.sha256(b"".join(path.read_bytes() for path in parts)).hexdigest()
    bodies = {one.name: assemble(catalogue, catalogue.methods[one.body]).digest for one in DEPLOYMENTS}
    given = {one.name: hashlib.sha256(one.key().encode()).hexdigest() for one in DEPLOYMENTS}
    return {name: f"{body} {simulation} {given[name]}" for name, body in bodies.items()}


def _earlier(subjects: Mapping[str, str]) -> Iterator[tuple[tuple[str, int, str], list[str]]]:
    """Read what was tried before with the same body, values and simulation."""
    lines = PROGRESS.read_text("utf-8").splitlines() if PROGRESS.exists() else []
    for line in lines:
        entry: dict[str, Any] = json.loads(line)
        if entry["subject"] == subjects.get(_deployment_of(entry["run"])):
            yield (entry["run"], entry["call"], entry["kind"]), entry["problems"]


def _write_table(matrix: Matrix) -> None:
    """Write the table of the page between its marks."""
    page = PAGE.read_text("utf-8")
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{_table(matrix)}\n{END}{after}", "utf-8", newline="\n")


def _table(matrix: Matrix) -> str:
    lines = [
        "In each field: trials that ended as they have to, of those that were played. A field with as many as the run",
        "has calls was played to its end; one with as many as it has writes, at every write.",
        "",
        f"| body | run, tenant | calls | writes | {' | '.join(KINDS)} |",
        f"|---|---|---|---|{'---|' * len(KINDS)}",
    ]
    for name, calls in matrix.calls.items():
        own = {(n, kind): found for (run, n, kind), found in matrix.tried.items() if run == name}
        fields = [_field([found for (_, its), found in own.items() if its == kind]) for kind in KINDS]
        run = name.partition(": ")[2].replace(" ", ", ")
        lines.append(f"| {_deployment_of(name)} | {run} | {calls} | {matrix.writes[name]} | {' | '.join(fields)} |")
    survived = sum(not found for found in matrix.tried.values())
    total = sum(matrix.calls.values()) * len(KINDS)
    digests = {one.body: matrix.subjects[one.name].split() for one in DEPLOYMENTS}
    at_writes = sum(matrix.writes.values()) * len(KINDS)
    played = f"{len(matrix.tried)} played, {survived} survived"
    lines += ["", f"In all {total} trials, {at_writes} of them at writes: {played}.", ""]
    lines += ["Played with the bodies"]
    lines += [f"`{body[:16]}` ({' on '.join(method)})," for method, (body, _, _) in digests.items()]
    lines += [f"and the simulation `{next(iter(digests.values()))[1][:16]}`.", ""]
    return "\n".join(lines)


def _field(outcomes: list[list[str]]) -> str:
    return f"{sum(not found for found in outcomes)} of {len(outcomes)}" if outcomes else "not played"


if __name__ == "__main__":
    sys.exit(main())
