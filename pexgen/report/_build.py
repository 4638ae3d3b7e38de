"""From results, journals and the change record to the closing record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pexgen.outcomes import IN_SHORT, MODES, SETTLED
from pexgen.report.model import ConsistencyCheck, ProofOutcome, Report, RunSummary, StepOutcome
from pexgen.run_records import Journal, RunResult, StepResult
from pexgen.words import counted


def make_report(
    results: Sequence[RunResult], journals: Sequence[Journal], plan: Mapping[str, Any] | None = None
) -> Report:
    """Return the closing record of the runs whose results are given; they are put in the order of their times."""
    runs = tuple(sorted(results, key=_when))
    compared = tuple(_compared(runs, plan))
    reported = _only_reported(plan)
    ends = tuple(_open_ends(runs, journals, compared, reported))
    last = runs[-1]
    change = (plan or {}).get("change") or {}
    read = ((str(plan["file"]), str(plan["sha256"])),) if plan else ()
    return Report(
        name=last.text("name"),
        ticket=last.text("changeTicket") or str(change.get("ticket") or ""),
        title=str(change.get("title") or (plan or {}).get("title") or last.text("name")),
        tenant=next((each.tenant for each in reversed(runs) if each.tenant), ""),
        is_closed=not ends,
        verdict=_verdict(runs, closed=not ends, reported=bool(reported)),
        open_ends=ends,
        reported=tuple(_reported_by_verify(reported, runs)),
        window=str(change.get("window") or ""),
        by_hand=tuple(_by_hand(plan)),
        runs=tuple(map(_ran, runs)),
        done=tuple(_done(runs, plan)),
        proofs=tuple(map(_proved, _last_proofs(runs))),
        compared=compared,
        not_checked=tuple(_not_checked(last, plan)),
        files=(*((run.file, run.digest) for run in runs), *((each.file, each.digest) for each in journals), *read),
    )


def _planned_steps(plan: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    return (plan or {}).get("steps") or []


def _only_reported(plan: Mapping[str, Any] | None) -> frozenset[str]:
    """The steps of which the change record says that nothing can prove them."""
    return frozenset(str(each.get("id")) for each in _planned_steps(plan) if each.get("onlyReported") is True)


def _reported_by_verify(steps: frozenset[str], runs: Sequence[RunResult]) -> Iterator[str]:
    """Yield what the last Verify says of the steps that can only be reported."""
    verified = [run for run in runs if run.text("mode") == "Verify"]
    for step in verified[-1].steps if verified else ():
        if step.id in steps and step.state == "blocked":
            yield f"{step.id}: {step.detail}"


def _not_checked(last: RunResult, plan: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield what the script did not look at: of the steps that were asked for, where the change record says which."""
    if plan is None:
        yield from (str(each) for each in last.values.get("notChecked") or ())
        return
    yield from dict.fromkeys(str(text) for step in _planned_steps(plan) for text in step.get("notChecked") or ())


def _changing(runs: Sequence[RunResult]) -> list[RunResult]:
    return [each for each in runs if each.text("mode") in {"Apply", "Rollback"}]


def _when(run: RunResult) -> tuple[str, str, int, str]:
    """Return what puts a run into its place: its times, which are in seconds, and within one what comes first."""
    mode = run.text("mode")
    rank = MODES.index(mode) if mode in MODES else len(MODES)
    return run.text("startedUtc"), run.text("finishedUtc"), rank, run.file


def _verdict(runs: Sequence[RunResult], *, closed: bool, reported: bool) -> str:
    changing = _changing(runs)
    if not changing:
        return "NOTHING WAS CHANGED by these runs."
    if changing[-1].text("mode") == "Rollback":
        return "TAKEN BACK." if closed else "TAKEN BACK IN PART, see the open ends."
    if closed:
        return "DONE, AND PROVED BUT FOR WHAT CAN ONLY BE REPORTED." if reported else "DONE AND PROVED."
    return "NOT CLOSED, see the open ends."


def _open_ends(
    runs: Sequence[RunResult],
    journals: Sequence[Journal],
    compared: Sequence[ConsistencyCheck],
    reported: frozenset[str],
) -> Iterator[str]:
    """Yield what keeps the change from being closed: what the last runs left, and what does not fit together."""
    last: dict[str, RunResult] = {}
    for run in runs:
        last[f"{run.text('mode')} {run.text('phase')}".strip()] = run
    changing = _changing(runs)
    after = runs[runs.index(changing[-1]) :] if changing else runs
    for kind, run in last.items():
        if run in after and run.text("mode") != "Check":
            yield from _unfinished(kind, run, reported)
    is_applied = bool(changing) and changing[-1].text("mode") == "Apply"
    if is_applied and not any(each.text("mode") == "Verify" for each in after):
        yield "Nothing proves it: no Verify after the last Apply is among these results."
    if changing and not is_applied:
        looked_after = {step.id for run in changing if run.text("mode") == "Rollback" for step in run.steps}
        left = dict.fromkeys(step for one in journals for step in one.steps if step not in looked_after)
        yield from (
            f"{step}: the journals name it, and no Rollback among these results looked after it." for step in left
        )
    torn = (each for each in compared if each.agrees is False)
    yield from (
        f"{each.what[0].upper()}{each.what[1:]} is not the same everywhere: {', '.join(each.found)}." for each in torn
    )
    no_outcome = "announced write has no outcome", "announced writes have no outcome"
    yield from (f"{one.file}: {counted(one.open, *no_outcome)}." for one in journals if one.open)


def _unfinished(kind: str, run: RunResult, reported: frozenset[str]) -> Iterator[str]:
    if run.exit_code not in {0, 2} or run.text("mode") == "Verify":
        for step in run.steps:
            is_reported = step.id in reported and step.state == "blocked"
            if step.state not in SETTLED and not is_reported:
                yield f"{kind}: {step.id} is {step.state}. {step.detail}".strip()
    refusal = run.values.get("refusal")
    if refusal:
        yield f"{kind}: refused by the guard {refusal.get('guard')}. {refusal.get('message')}"
    if run.exit_code == 1:
        yield f"{kind}: {IN_SHORT[1]}."


def _ran(run: RunResult) -> RunSummary:
    told = run.values.get("versions") or {}
    refusal = run.values.get("refusal")
    module = f", ExchangeOnlineManagement {told['module']}" if told.get("module") else ""
    return RunSummary(
        mode=run.text("mode"),
        phase=run.text("phase"),
        started=run.text("startedUtc"),
        finished=run.text("finishedUtc"),
        operator=run.text("operator"),
        host=" on ".join(each for each in (run.text("user"), run.text("computer")) if each),
        versions=f"PowerShell {told.get('powershell') or 'unknown'}{module}",
        exit_code=run.exit_code,
        meaning=IN_SHORT.get(run.exit_code, "unknown"),
        refusal=str(refusal.get("message")) if refusal else "",
    )


def _done(runs: Sequence[RunResult], plan: Mapping[str, Any] | None) -> Iterator[StepOutcome]:
    """Yield each step with what the changing runs did to it, the last state at last."""
    planned = {str(each.get("id")): each for each in _planned_steps(plan)}
    found: dict[str, list[StepResult]] = {name: [] for name in planned}
    for run in _changing(runs):
        for step in run.steps:
            found.setdefault(step.id, []).append(step)
    for name, steps in found.items():
        written = [step for step in steps if _was_written(step)]
        state = steps[-1].state if steps else "not run"
        yield StepOutcome(
            step=name,
            title=str(planned[name].get("title") or "") if name in planned else "",
            planned=str(planned[name].get("after") or "only looks, or not asked for") if name in planned else "",
            # What one run changed, the next one finds in place.
            state=written[-1].state if written and state == "in-place" else state,
            changes=tuple(each for step in written for each in step.differences),
            consent=tuple(dict.fromkeys(_consent(each) for step in steps for each in step.consent)),
        )


def _was_written(step: StepResult) -> bool:
    """Whether a changing run wrote what differed: also where it is not effective yet, or a person has more to do."""
    asked = step.consent and all(each.get("answer") != "No" for each in step.consent)
    return step.state in {"changed", "undone"} or bool(asked and step.state in {"pending", "blocked"})


def _consent(given: Mapping[str, Any]) -> str:
    if not given.get("asked"):
        return "not asked (-Confirm:$false)"
    return f"{given.get('answer')} by {given.get('by')} at {given.get('utc')}"


def _last_proofs(runs: Sequence[RunResult]) -> tuple[Mapping[str, Any], ...]:
    verified = [run for run in runs if run.text("mode") == "Verify"]
    return verified[-1].proofs if verified else ()


def _proved(proof: Mapping[str, Any]) -> ProofOutcome:
    names = ("step", "target", "expected", "actual", "state")
    return ProofOutcome(**{name: str(proof.get(name) or "") for name in names})


def _compared(runs: Sequence[RunResult], plan: Mapping[str, Any] | None) -> Iterator[ConsistencyCheck]:
    digests = (plan or {}).get("digests") or {}
    yield _same("the deployment", [*(run.text("name") for run in runs), str((plan or {}).get("name") or "")])
    yield _same("the tenant", [run.tenant for run in runs])
    yield _same("the runbook's body", [*(run.text("bodySha256") for run in runs), str(digests.get("body") or "")])
    yield from _check_against_apply(runs)
    approved = [run.text("approvedPlan") for run in runs if run.text("approvedPlan")]
    if approved:
        checks = {run.text("planSha256") for run in runs if run.text("mode") == "Check"}
        yield ConsistencyCheck(
            what="the approved differences",
            found=tuple(dict.fromkeys([*approved, *sorted(checks - {""})])),
            agrees=None if not checks - {""} else set(approved) <= checks,
        )


def _check_against_apply(runs: Sequence[RunResult]) -> Iterator[ConsistencyCheck]:
    """Yield whether the first Apply found what the Check before it had listed: that is what somebody said yes to."""
    applied = next((number for number, run in enumerate(runs) if run.text("mode") == "Apply"), len(runs))
    phase = runs[applied].text("phase") if applied < len(runs) else ""
    checks = [run for run in runs[:applied] if run.text("mode") == "Check" and run.text("phase") == phase]
    if checks and applied < len(runs):
        yield _same(
            "what Check listed and Apply found", [checks[-1].text("planSha256"), runs[applied].text("planSha256")]
        )


def _same(what: str, values: Sequence[str]) -> ConsistencyCheck:
    found = tuple(dict.fromkeys(value for value in values if value))
    said = sum(bool(value) for value in values)
    return ConsistencyCheck(
        what=what, found=found, agrees=len({each.lower() for each in found}) == 1 if said > 1 else None
    )


def _by_hand(plan: Mapping[str, Any] | None) -> Iterator[str]:
    for task in (plan or {}).get("tasks") or ():
        if task.get("due") != "before":
            yield f"{task.get('text')} ({task.get('who') or 'not stated who'})"
