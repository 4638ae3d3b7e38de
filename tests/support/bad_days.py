"""Bad days: a run that meets a fault at one call, what has to hold right after it, and the way on and back.

One trial is: a run in which one remote call meets one kind of fault; the same again without it, which has to end
exactly where an undisturbed run ends; and Rollback, of the interrupted run alone and of both runs together, which has
to give back the tenant as it was before.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.sites import OURS, Json, Site, states

from pexgen.rehearsal import Call, Result, drifted, without_bookkeeping

KINDS = (
    "server-error",
    "unauthorized",
    "forbidden",
    "throttled",
    "session-gone",
    "lost-answer",
    "kill-before",
    "kill-after",
)
_OWN_ADDRESSES = {"pexip-scheduling@contoso.com", "pexip-users@contoso.com"}
_OWN_NAMES = {"Pexip scheduling scope", "contoso-scheduling-ews"}
_TIMES = ("WhenCreatedUTC", "WhenChangedUTC", "changes")


@dataclass(frozen=True)
class Ground:
    """Where a run begins, and how it goes on a good day.

    ``journals`` are the contents of what Rollback is given; ``before`` is the tenant that Rollback has to give back.
    """

    name: str
    site: Site
    mode: str
    tenant: Json
    before: Json
    good: Result
    journals: tuple[str, ...] = ()

    @property
    def reads(self) -> tuple[Call, ...]:
        """The calls of a good day that only look."""
        return tuple(call for call in self.good.calls if not call.is_write)


def apply_ground(site: Site, name: str, tenant: Json) -> Ground:
    """Return the ground of an Apply in this tenant."""
    good = site.run("Apply", tenant)
    assert good.exit_code == 0, good.screen
    return Ground(name, site, "Apply", tenant, tenant, good)


def verify_ground(site: Site, name: str, tenant: Json) -> Ground:
    """Return the ground of a Verify in this tenant."""
    return Ground(name, site, "Verify", tenant, tenant, site.run("Verify", tenant))


def rollback_ground(applies: Sequence[Ground]) -> Ground:
    """Return the ground of a Rollback of these Applies, which came one after the other."""
    site, name, tenant = applies[0].site, applies[-1].name, applies[-1].good.tenant
    journals = tuple(journal_text(one.good) for one in applies)
    good = _rollback(site, tenant, journals)
    assert good.exit_code == 0, good.screen
    return Ground(name, site, "Rollback", tenant, applies[0].before, good, journals)


def grounds(site: Site) -> dict[str, Ground]:
    """Return all grounds, by mode and tenant."""
    fresh = apply_ground(site, "fresh", site.tenant)
    converged = apply_ground(site, "converged", fresh.good.tenant)
    drift = apply_ground(site, "drifted", drifted(fresh.good.tenant, site.engine.defaults(site.runbook)))
    found = [fresh, drift, converged]
    found += [verify_ground(site, one.name, one.tenant) for one in (fresh, drift, converged)]
    found += [rollback_ground([fresh]), rollback_ground([drift]), rollback_ground([fresh, converged])]
    return {f"{one.mode} {one.name}": one for one in found}


def journal_text(run: Result) -> str:
    """Return what the run's journal holds; nothing where it opened none."""
    found = sorted(run.folder.glob("*.jsonl"))
    return found[0].read_text("utf-8") if found else ""


@dataclass
class Trials:
    """Trials on one ground. Runs that begin with the same tenant and the same journals are played once."""

    ground: Ground
    _ways_on: dict[str, Result] = field(default_factory=dict, init=False)
    _ways_back: dict[str, list[str]] = field(default_factory=dict, init=False)

    def problems(self, number: int, kind: str) -> list[str]:
        """Play the trial of this call and kind of fault, and return what did not hold."""
        fault = {"kind": kind, "call": number}
        if self.ground.mode == "Rollback":
            return self._rollback_problems(number, fault)
        run = self.ground.site.run(self.ground.mode, self.ground.tenant, options={"faults": [fault]})
        found = [*_ending_problems(self.ground, number, kind, run), *tenant_problems(self.ground, run.tenant)]
        if self.ground.mode == "Verify":
            return found + _difference("the tenant after Verify", run.tenant, self.ground.tenant)
        on = self._way_on(run.tenant)
        found += _code_problem("the run that went on", on, self.ground.good.exit_code)
        found += _difference("where the run that went on ended", on.tenant, self.ground.good.tenant)
        journal = journal_text(run)
        if journal:
            found += self._way_back("the interrupted run", run.tenant, [journal])
        return found + self._way_back("both runs", on.tenant, [text for text in (journal, journal_text(on)) if text])

    def _rollback_problems(self, number: int, fault: Json) -> list[str]:
        ground = self.ground
        with tempfile.TemporaryDirectory() as folder:
            paths = _written(Path(folder), ground.journals)
            run = _rollback(ground.site, ground.tenant, paths, faults=[fault])
            found = [*_ending_problems(ground, number, fault["kind"], run), *tenant_problems(ground, run.tenant)]
            texts = [path.read_text("utf-8") for path in paths]
        return found + self._way_back("a Rollback that was interrupted", run.tenant, texts)

    def _way_on(self, tenant: Json) -> Result:
        """The same run again, without the fault."""
        key = _key(tenant, ())
        if key not in self._ways_on:
            self._ways_on[key] = self.ground.site.run(self.ground.mode, tenant)
        return self._ways_on[key]

    def _way_back(self, what: str, tenant: Json, journals: Sequence[str]) -> list[str]:
        """Rollback of these journals."""
        key = _key(tenant, journals)
        if key not in self._ways_back:
            back = _rollback(self.ground.site, tenant, journals)
            found = _code_problem(f"Rollback of {what}", back, 0)
            found += _difference(f"where Rollback of {what} ended", back.tenant, self.ground.before)
            self._ways_back[key] = found
        return self._ways_back[key]


def tenant_problems(ground: Ground, tenant: Json) -> list[str]:
    """Return what may not be in a tenant at any moment: others' objects touched, twins, others shut out."""
    found = [] if others(tenant) == others(ground.tenant) else ["somebody else's object was touched"]
    for key, names in (("recipients", "PrimarySmtpAddress"), ("scopes", "Name"), ("assignments", "Name")):
        seen = [str(one[names]).lower() for one in tenant[key]]
        found += [f"{key}: {one} is there twice" for one in sorted({one for one in seen if seen.count(one) > 1})]
    pointers = [one for one in tenant["servicePrincipals"] if one["AppId"] == OURS]
    found += ["the pointer is there twice"] if len(pointers) > 1 else []
    lasting = ews_list(ground.tenant) & ews_list(ground.good.tenant)
    if not lasting <= ews_list(tenant):
        found.append(f"the EWS list lost {sorted(lasting - ews_list(tenant))}")
    return found


def ews_list(tenant: Json) -> set[str]:
    """Return the client IDs on the tenant's EWS list."""
    entries = (tenant["organization"]["EwsAllowedAppIDs"] or "").split(",")
    return {text.strip().lower() for text in entries if text.strip()}


def others(tenant: Json) -> Json:
    """Return all of the tenant that is not this deployment's."""
    bare: Json = without_bookkeeping(tenant)
    bare["recipients"] = [one for one in bare["recipients"] if one["PrimarySmtpAddress"] not in _OWN_ADDRESSES]
    bare["servicePrincipals"] = [one for one in bare["servicePrincipals"] if one["AppId"] != OURS]
    for key in ("scopes", "assignments"):
        bare[key] = [one for one in bare[key] if one["Name"] not in _OWN_NAMES]
    for key in ("EwsEnabled", "EwsAllowedAppIDs"):
        bare["organization"].pop(key)
    return bare


def _ending_problems(ground: Ground, number: int, kind: str, run: Result) -> list[str]:
    """Return what is wrong with how the interrupted run ended."""
    if kind.startswith("kill-"):
        return [] if run.killed else ["the run was not killed"]
    if run.uncaught or run.killed:
        return [f"the run ended on its own: {run.uncaught}"]
    code, state = _expected(ground, number, kind)
    found = [] if run.exit_code in code else [f"exit code {run.exit_code} instead of {code}: {run.screen[-600:]}"]
    if state and state not in states(run).values():
        found.append(f"no step is {state}: {states(run)}")
    return found


def _expected(ground: Ground, number: int, kind: str) -> tuple[set[int], str]:
    """Return the codes with which a run may end that meets an error at this call, and a state that some step has."""
    call = ground.good.calls[number - 1]
    if call.is_write and kind == "lost-answer":
        # The run looks, and finds what it wanted.
        return {0}, ""
    if call.is_write:
        return {3}, "failed"
    if any(one.is_write for one in ground.good.calls[: number - 1]):
        return {3}, "unreadable"
    if _is_guard(ground, call):
        return {4}, ""
    if ground.mode == "Verify":
        return {5, 6} if ground.good.exit_code == 6 else {5}, ""
    return {4}, "unreadable"


def _is_guard(ground: Ground, call: Call) -> bool:
    return call.n <= (3 if ground.mode == "Apply" else 1)


def _rollback(
    site: Site, tenant: Json, journals: Sequence[str | Path], faults: Iterable[Mapping[str, Any]] = ()
) -> Result:
    """Roll back by journals that are files, which are continued, or texts, which are not kept."""
    with tempfile.TemporaryDirectory() as folder:
        texts = [one for one in journals if isinstance(one, str)]
        paths = [one for one in journals if isinstance(one, Path)] or _written(Path(folder), texts)
        arguments = {"JournalPath": [str(path) for path in paths], "RemoveCreatedMailbox": True}
        return site.run("Rollback", tenant, options={"faults": list(faults)}, **arguments)


def _written(folder: Path, texts: Sequence[str]) -> list[Path]:
    paths = [folder / f"{number}.jsonl" for number, _ in enumerate(texts)]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, "utf-8")
    return paths


def _code_problem(what: str, run: Result, code: int | None) -> list[str]:
    return [] if run.exit_code == code else [f"{what} ended with {run.exit_code}: {run.uncaught or run.screen[-900:]}"]


def _difference(what: str, tenant: Json, expected: Json) -> list[str]:
    left, right = without_bookkeeping(tenant), without_bookkeeping(expected)
    return [f"{what}: {key} is {left[key]} instead of {right[key]}" for key in left if left[key] != right[key]]


def _key(tenant: Json, journals: Sequence[str]) -> str:
    """Return what decides how a run goes that begins with these: no times, and no names of runs."""

    def bare(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: bare(value) for key, value in node.items() if key not in _TIMES}
        return [bare(value) for value in node] if isinstance(node, list) else node

    lines = [[_without(line, "run", "utc") for line in text.splitlines()] for text in journals]
    return json.dumps([bare(tenant), lines], sort_keys=True)


def _without(line: str, *keys: str) -> Any:
    try:
        entry = json.loads(line)
    except ValueError:
        return line
    return {key: value for key, value in entry.items() if key not in keys}


def play(trials: Trials, numbers: Iterable[int], kinds: Iterable[str]) -> dict[str, list[str]]:
    """Play the trials of these calls with these kinds; give what did not hold, by call and kind."""
    calls = trials.ground.good.calls
    played = {f"{kind} at call {n}, {calls[n - 1].cmdlet}": trials.problems(n, kind) for n in numbers for kind in kinds}
    return {name: found for name, found in played.items() if found}
