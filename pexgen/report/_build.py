"""From results, journals and the change record to the closing record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pexgen.outcomes import IN_SHORT
from pexgen.report.model import Compared, Done, Proved, Ran, Report
from pexgen.run_records import Journal, RunResult, Step

_GOOD = {"in-place", "changed", "proved", "undone", "not-asked"}


def make_report(
    results: Sequence[RunResult], journals: Sequence[Journal], plan: Mapping[str, Any] | None = None
) -> Report:
    """Return the closing record of the runs whose results are given; they are put in the order of their times."""
    runs = tuple(sorted(results, key=lambda each: (each.text("startedUtc"), each.file)))
    compared = tuple(_compared(runs, plan))
    ends = tuple(_open_ends(runs, journals, compared))
    last = runs[-1]
    change = (plan or {}).get("change") or {}
    return Report(
        name=last.text("name"),
        ticket=last.text("changeTicket") or str(change.get("ticket") or ""),
        title=str(change.get("title") or (plan or {}).get("title") or last.text("name")),
        tenant=next((each.tenant for each in reversed(runs) if each.tenant), ""),
        is_closed=not ends,
        verdict=_verdict(runs, closed=not ends),
        open_ends=ends,
        by_hand=tuple(_by_hand(plan)),
        runs=tuple(map(_ran, runs)),
        done=tuple(_done(runs, plan)),
        proofs=tuple(map(_proved, _last_proofs(runs))),
        compared=compared,
        not_checked=tuple(str(each) for each in last.values.get("notChecked") or ()),
        files=(*((run.file, run.digest) for run in runs), *((each.file, each.digest) for each in journals)),
    )


def _changing(runs: Sequence[RunResult]) -> list[RunResult]:
    return [each for each in runs if each.text("mode") in {"Apply", "Rollback"}]


def _verdict(runs: Sequence[RunResult], *, closed: bool) -> str:
    changing = _changing(runs)
    if not changing:
        return "NOTHING WAS CHANGED by these runs."
    if changing[-1].text("mode") == "Rollback":
        return "TAKEN BACK." if closed else "TAKEN BACK IN PART, see the open ends."
    return "DONE AND PROVED." if closed else "NOT CLOSED, see the open ends."


def _open_ends(runs: Sequence[RunResult], journals: Sequence[Journal], compared: Sequence[Compared]) -> Iterator[str]:
    """Yield what keeps the change from being closed: what the last runs left, and what does not fit together."""
    last: dict[str, RunResult] = {}
    for run in runs:
        last[f"{run.text('mode')} {run.text('phase')}".strip()] = run
    changing = _changing(runs)
    after = runs[runs.index(changing[-1]) :] if changing else runs
    for kind, run in last.items():
        if run in after and run.text("mode") != "Check":
            yield from _unfinished(kind, run)
    is_applied = bool(changing) and changing[-1].text("mode") == "Apply"
    if is_applied and not any(each.text("mode") == "Verify" for each in after):
        yield "Nothing proves it: no Verify after the last Apply is among these results."
    torn = (each for each in compared if each.agrees is False)
    yield from (
        f"{each.what[0].upper()}{each.what[1:]} is not the same everywhere: {', '.join(each.found)}." for each in torn
    )
    yield from (f"{one.file}: {one.open} announced writes have no outcome." for one in journals if one.open)


def _unfinished(kind: str, run: RunResult) -> Iterator[str]:
    if run.exit_code not in {0, 2} or run.text("mode") == "Verify":
        for step in run.steps:
            if step.state not in _GOOD:
                yield f"{kind}: {step.id} is {step.state}. {step.detail}".strip()
    refusal = run.values.get("refusal")
    if isinstance(refusal, dict):
        yield f"{kind}: refused by the guard {refusal.get('guard')}. {refusal.get('message')}"
    if run.exit_code == 1:
        yield f"{kind}: {IN_SHORT[1]}."


def _ran(run: RunResult) -> Ran:
    versions = run.values.get("versions")
    told = versions if isinstance(versions, dict) else {}
    refusal = run.values.get("refusal")
    module = f", ExchangeOnlineManagement {told['module']}" if told.get("module") else ""
    return Ran(
        mode=run.text("mode"),
        phase=run.text("phase"),
        started=run.text("startedUtc"),
        finished=run.text("finishedUtc"),
        operator=run.text("operator"),
        host=" on ".join(each for each in (run.text("user"), run.text("computer")) if each),
        versions=f"PowerShell {told.get('powershell') or 'unknown'}{module}",
        exit_code=run.exit_code,
        meaning=IN_SHORT.get(run.exit_code, "unknown"),
        refusal=str(refusal.get("message")) if isinstance(refusal, dict) else "",
    )


def _done(runs: Sequence[RunResult], plan: Mapping[str, Any] | None) -> Iterator[Done]:
    """Yield each step with what the changing runs did to it, the last state at last."""
    planned = {str(each.get("id")): each for each in (plan or {}).get("steps") or () if isinstance(each, dict)}
    found: dict[str, list[Step]] = {name: [] for name in planned}
    for run in _changing(runs):
        for step in run.steps:
            found.setdefault(step.id, []).append(step)
    for name, steps in found.items():
        yield Done(
            step=name,
            planned=str(planned[name].get("after") or "only looks, or not asked for") if name in planned else "",
            state=steps[-1].state if steps else "not run",
            changes=tuple(each for step in steps if step.state in {"changed", "undone"} for each in step.differences),
            consent=tuple(dict.fromkeys(_consent(each) for step in steps for each in step.consent)),
        )


def _consent(given: Mapping[str, Any]) -> str:
    if not given.get("asked"):
        return "not asked (-Confirm:$false)"
    return f"{given.get('answer')} by {given.get('by')} at {given.get('utc')}"


def _last_proofs(runs: Sequence[RunResult]) -> tuple[Mapping[str, Any], ...]:
    verified = [run for run in runs if run.text("mode") == "Verify"]
    return verified[-1].proofs if verified else ()


def _proved(proof: Mapping[str, Any]) -> Proved:
    names = ("step", "target", "expected", "actual", "state")
    return Proved(**{name: str(proof.get(name) or "") for name in names})


def _compared(runs: Sequence[RunResult], plan: Mapping[str, Any] | None) -> Iterator[Compared]:
    digests = (plan or {}).get("digests") or {}
    yield _same("the deployment", [*(run.text("name") for run in runs), str((plan or {}).get("name") or "")])
    yield _same("the tenant", [run.tenant for run in runs])
    yield _same("the runbook's body", [*(run.text("bodySha256") for run in runs), str(digests.get("body") or "")])
    approved = [run.text("approvedPlan") for run in runs if run.text("approvedPlan")]
    if approved:
        checks = {run.text("planSha256") for run in runs if run.text("mode") == "Check"}
        yield Compared(
            what="the approved differences",
            found=tuple(dict.fromkeys([*approved, *sorted(checks - {""})])),
            agrees=None if not checks - {""} else set(approved) <= checks,
        )


def _same(what: str, values: Sequence[str]) -> Compared:
    found = tuple(dict.fromkeys(value for value in values if value))
    said = sum(bool(value) for value in values)
    return Compared(what=what, found=found, agrees=len({each.lower() for each in found}) == 1 if said > 1 else None)


def _by_hand(plan: Mapping[str, Any] | None) -> Iterator[str]:
    for task in (plan or {}).get("tasks") or ():
        if isinstance(task, dict) and task.get("due") != "before":
            yield f"{task.get('text')} ({task.get('who') or 'not stated who'})"
