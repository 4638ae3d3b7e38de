"""Bad days: a run that meets a fault at one call, what has to hold right after it, and the way on and back.

One trial is: a run in which one remote call meets one kind of fault; the same again without it, which has to end
exactly where an undisturbed run ends; and Rollback, of the interrupted run alone and of both runs together, which has
to give back the tenant as it was before. What differs between the bodies is data, in ``deployments``.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.deployments import SESSION, Deployment, others
from support.journals import entries, journal_text, written
from support.sites import Json, Site, states

from pexgen.rehearsal import Call, Result
from pexgen.simulation import without_bookkeeping

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
HICCUP = "hiccup"
"""A server's error that the very next call does not get any more: a read is asked again, and nothing comes of it."""

# A read is asked again three times where the service failed or no answer came.
_ASKED_AGAIN = ("server-error", "lost-answer")
_IDENTITIES = {
    "recipients": "PrimarySmtpAddress",
    "scopes": "Name",
    "assignments": "Name",
    "servicePrincipals": "AppId",
    "apps": "AppId",
}
_TELLING_NOTHING = ("WhenCreatedUTC", "WhenChangedUTC", "changes", "run", "utc")


@dataclass(frozen=True)
class Ground:
    """Where a run begins, and how it goes on a good day.

    ``journals`` are the contents of what Rollback is given; ``before`` is the tenant that Rollback has to give back.
    The first ``guards`` calls are the guards'.
    """

    name: str
    deployment: Deployment
    site: Site
    mode: str
    tenant: Json
    before: Json
    good: Result
    guards: int
    journals: tuple[str, ...] = ()

    @property
    def reads(self) -> tuple[Call, ...]:
        """The calls of a good day that only look."""
        return tuple(call for call in self.good.calls if not call.is_write)


def apply_ground(deployment: Deployment, site: Site, name: str, tenant: Json, good: Result | None = None) -> Ground:
    """Return the ground of an Apply in this tenant; of one that has been played already, where that is given."""
    good = good or site.run("Apply", tenant, **deployment.arguments("Apply"))
    assert good.exit_code == 0, good.screen
    # Check begins with the same step, and has fewer guards.
    looks = _looks(deployment, site, tenant, good)
    first = looks[0][_alike(looks)]
    guards = _asked(good.calls).index((first.cmdlet, first.parameters))
    return Ground(name, deployment, site, "Apply", tenant, tenant, good, guards)


def verify_ground(deployment: Deployment, site: Site, name: str, tenant: Json) -> Ground:
    """Return the ground of a Verify in this tenant."""
    good = site.run("Verify", tenant, **deployment.arguments("Verify"))
    return Ground(
        name, deployment, site, "Verify", tenant, tenant, good, _alike(_looks(deployment, site, tenant, good))
    )


def rollback_ground(applies: Sequence[Ground]) -> Ground:
    """Return the ground of a Rollback of these Applies, which came one after the other."""
    first, last = applies[0], applies[-1]
    tenant, journals = last.good.tenant, tuple(journal_text(one.good) for one in applies)
    good = _rollback(first, tenant, journals)
    wanted = first.deployment.given_back(first.before, tenant, journals)
    assert good.exit_code == first.deployment.back_code(first.before, wanted), good.screen
    guards = _session_guards(good.calls)
    return Ground(last.name, first.deployment, first.site, "Rollback", tenant, first.before, good, guards, journals)


def first_tenant(deployment: Deployment, site: Site) -> Json:
    """Return the tenant in which this deployment's Apply has everything to do."""
    if deployment.prepared is None:
        return site.tenant
    run = site.run("Apply", **deployment.prepared)
    assert run.exit_code == 0, run.screen
    return run.tenant


def drifted_tenant(fresh: Ground) -> Json:
    """Return the tenant in which others have changed what this Apply cares for."""
    values = fresh.site.engine.defaults(fresh.site.runbook)
    return fresh.deployment.drift(fresh.before, fresh.good.tenant, values)


def grounds(deployment: Deployment, site: Site) -> dict[str, Ground]:
    """Return all grounds of a deployment, by its name, mode and tenant."""
    fresh = apply_ground(deployment, site, "fresh", first_tenant(deployment, site))
    converged = apply_ground(deployment, site, "converged", fresh.good.tenant)
    drift = apply_ground(deployment, site, "drifted", drifted_tenant(fresh))
    found = [fresh, drift, converged]
    found += [verify_ground(deployment, site, one.name, one.tenant) for one in (fresh, drift, converged)]
    found += [rollback_ground([fresh]), rollback_ground([drift]), rollback_ground([fresh, converged])]
    return {f"{deployment.name}: {one.mode} {one.name}": one for one in found}


def _session_guards(calls: Sequence[Call]) -> int:
    """Return how many calls of a Rollback come before its first step's."""
    return next((number for number, call in enumerate(calls) if call.cmdlet not in SESSION), len(calls))


def _looks(deployment: Deployment, site: Site, tenant: Json, good: Result) -> list[Sequence[Call]]:
    """Return the calls of a Check of the first step alone and of the last one alone."""
    steps = [step["id"] for step in good.objects]
    given = deployment.arguments("Check")
    return [site.run("Check", tenant, **given, Step=[one]).calls for one in (steps[0], steps[-1])]


def _alike(looks: Sequence[Sequence[Call]]) -> int:
    """Return with how many calls these begin alike: of a Check or Verify those are guards'."""
    pairs = enumerate(zip(*map(_asked, looks), strict=False))
    return next((number for number, (left, right) in pairs if left != right), min(map(len, looks)))


def _asked(calls: Sequence[Call]) -> list[tuple[str, Json]]:
    return [(call.cmdlet, call.parameters) for call in calls]


@dataclass
class Trials:
    """Trials on one ground. Runs that begin with the same tenant and the same journals are played once.

    ``one_way_back``: of the two ways back, that of the interrupted run and that of both, only one is gone, at each
    write another one than at the write before.
    """

    ground: Ground
    one_way_back: bool = False
    _ways_on: dict[str, tuple[Result, list[str]]] = field(default_factory=dict, init=False)
    _ways_back: dict[str, list[str]] = field(default_factory=dict, init=False)

    def problems(self, number: int, kind: str) -> list[str]:
        """Play the trial of this call and kind of fault, and return what did not hold."""
        ground, fault = self.ground, _fault(kind, number, self.ground.good.calls[number - 1])
        if ground.mode == "Rollback":
            return self._rollback_problems(number, kind, fault)
        given = ground.deployment.arguments(ground.mode)
        run = ground.site.run(ground.mode, ground.tenant, options={"faults": [fault]}, **given)
        found = [*_ending_problems(ground, number, kind, run), *tenant_problems(ground, run.tenant)]
        if ground.mode == "Verify":
            return found + _difference("the tenant after Verify", run.tenant, ground.tenant)
        journal = journal_text(run)
        on, journals = self._way_on(run.tenant, journal)
        found += _code_problem("the run that went on", on, ground.good.exit_code)
        found += _difference("where the run that went on ended", on.tenant, ground.good.tenant)
        ways = [("both runs", on.tenant, journals)]
        if journal:
            ways.append(("the interrupted run", run.tenant, [journal]))
        if self.one_way_back:
            ways = [ways[sum(call.is_write for call in ground.good.calls[: number - 1]) % len(ways)]]
        return found + [problem for way in ways for problem in self._way_back(*way)]

    def _rollback_problems(self, number: int, kind: str, fault: Json) -> list[str]:
        ground = self.ground
        with tempfile.TemporaryDirectory() as folder:
            paths = written(Path(folder), ground.journals)
            run = _rollback(ground, ground.tenant, paths, faults=[fault])
            found = [*_ending_problems(ground, number, kind, run), *tenant_problems(ground, run.tenant)]
            texts = [path.read_text("utf-8") for path in paths]
        return found + self._way_back("a Rollback that was interrupted", run.tenant, texts)

    def _way_on(self, tenant: Json, journal: str) -> tuple[Result, list[str]]:
        """The same run again, without the fault, and the journals of both."""
        ground = self.ground
        continued = [journal] if journal and ground.deployment.is_continued else []
        key = _key(tenant, continued)
        if key not in self._ways_on:
            given = ground.deployment.arguments(ground.mode)
            with tempfile.TemporaryDirectory() as folder:
                paths = written(Path(folder), continued)
                given |= {"JournalPath": [str(path) for path in paths]} if paths else {}
                on = ground.site.run(ground.mode, tenant, **given)
                self._ways_on[key] = on, [path.read_text("utf-8") for path in paths] or [journal_text(on)]
        on, journals = self._ways_on[key]
        return on, [text for text in ([] if continued else [journal]) + journals if text]

    def _way_back(self, what: str, tenant: Json, journals: Sequence[str]) -> list[str]:
        """Rollback of these journals."""
        key = _key(tenant, journals)
        if key not in self._ways_back:
            ground = self.ground
            back = _rollback(ground, tenant, journals)
            wanted = ground.deployment.given_back(ground.before, tenant, journals)
            code = ground.deployment.back_code(ground.before, wanted)
            # Of what was announced and is not there nobody knows that it was taken back: it is said to be gone. A
            # Rollback that ended between a write and its line leaves no line that tells.
            said = set(states(back).values())
            is_unsure = ground.mode == "Rollback" or _is_unsure(journals)
            if code == 0 and is_unsure and "gone" in said and said <= {"undone", "gone", "in-place"}:
                code = 5
            found = _code_problem(f"Rollback of {what}", back, code)
            found += _difference(f"where Rollback of {what} ended", back.tenant, wanted)
            self._ways_back[key] = found
        return self._ways_back[key]


def tenant_problems(ground: Ground, tenant: Json) -> list[str]:
    """Return what may not be in a tenant at any moment: others' objects touched, twins, others shut out."""
    own = ground.deployment.own
    found = [] if others(tenant, own) == others(ground.tenant, own) else ["somebody else's object was touched"]
    for key, names in _IDENTITIES.items():
        seen = [str(one[names]).lower() for one in tenant[key]]
        found += [f"{key}: {one} is there twice" for one in sorted({one for one in seen if seen.count(one) > 1})]
    lasting = ews_list(ground.tenant) & ews_list(ground.good.tenant)
    if not lasting <= ews_list(tenant):
        found.append(f"the EWS list lost {sorted(lasting - ews_list(tenant))}")
    return found


def ews_list(tenant: Json) -> set[str]:
    """Return the client IDs on the tenant's EWS list."""
    entries = (tenant["organization"].get("EwsAllowedAppIDs") or "").split(",")
    return {text.strip().lower() for text in entries if text.strip()}


def _fault(kind: str, number: int, call: Call) -> Json:
    """Return the fault that stands for this kind at this call.

    At a read a run is stopped for good in a process that goes on: what it leaves is what a killed process leaves, the
    files as they are, in a tenth of the time. What a read is asked again for lasts as long as it is asked.
    """
    if kind == HICCUP:
        return {"kind": "server-error", "call": number}
    if call.is_write:
        return {"kind": kind, "call": number}
    return {
        "kind": kind.replace("kill-", "freeze-"),
        "call": number,
        "times": 4 if kind in _ASKED_AGAIN else 1,
    }


def _ending_problems(ground: Ground, number: int, kind: str, run: Result) -> list[str]:
    """Return what is wrong with how the interrupted run ended."""
    if kind.startswith(("kill-", "freeze-")):
        return [] if run.killed else ["the run was not killed"]
    if run.uncaught or run.killed:
        return [f"the run ended on its own: {run.uncaught}"]
    code, state = _expected(ground, number, kind)
    found = [] if run.exit_code in code else [f"exit code {run.exit_code} instead of {code}: {run.screen[-600:]}"]
    if state and state not in states(run).values():
        found.append(f"no step is {state}: {states(run)}")
    return found


def _expected(ground: Ground, number: int, kind: str) -> tuple[set[int | None], str]:
    """Return the codes with which a run may end that meets an error at this call, and a state that some step has."""
    call = ground.good.calls[number - 1]
    is_spare = ground.deployment.is_spare(call) and kind != "session-gone"
    if is_spare or (call.is_write and kind == "lost-answer") or (kind == HICCUP and not call.is_write):
        # The run looks, or looks elsewhere, and goes on.
        return {ground.good.exit_code}, ""
    if call.is_write:
        return {3}, "failed"
    if any(one.is_write for one in ground.good.calls[: number - 1]):
        return {3}, "unreadable"
    if call.n <= ground.guards:
        return {4}, ""
    if ground.mode == "Verify":
        # What was pending is judged where it is not seen any more that what it waits for is absent.
        is_open = ground.good.exit_code == 6 or "pending" in states(ground.good).values()
        return {5, 6} if is_open else {5}, ""
    return {4}, "unreadable"


def _rollback(
    ground: Ground, tenant: Json, journals: Sequence[str | Path], faults: Iterable[Mapping[str, Any]] = ()
) -> Result:
    """Roll back by journals that are files, which are continued, or texts, which are not kept."""
    with tempfile.TemporaryDirectory() as folder:
        texts = [one for one in journals if isinstance(one, str)]
        paths = [one for one in journals if isinstance(one, Path)] or written(Path(folder), texts)
        given = {"JournalPath": [str(path) for path in paths], **ground.deployment.arguments("Rollback")}
        return ground.site.run("Rollback", tenant, options={"faults": list(faults)}, **given)


def _is_unsure(journals: Sequence[str]) -> bool:
    """Whether a write was announced of which no line says how it ended, or a Rollback wrote of a part."""
    unsure = False
    for text in journals:
        runs: dict[str, dict[str, set[str]]] = {}
        for line in entries(text):
            if isinstance(line, dict) and "event" in line:
                known = runs.setdefault(line["run"], {"intent": set(), "done": set(), "failed": set(), "undone": set()})
                known[line["event"]].add(json.dumps([line["step"], line["wanted"]], sort_keys=True))
        for known in runs.values():
            unsure |= bool(known["intent"] - known["done"] - known["failed"]) or bool(known["undone"])
    return unsure


def _code_problem(what: str, run: Result, code: int | None) -> list[str]:
    return [] if run.exit_code == code else [f"{what} ended with {run.exit_code}: {run.uncaught or run.screen[-900:]}"]


def _difference(what: str, tenant: Json, expected: Json) -> list[str]:
    left, right = without_bookkeeping(tenant), without_bookkeeping(expected)
    return [f"{what}: {key}: {_apart(left[key], right[key])}" for key in left if left[key] != right[key]]


def _apart(left: Any, right: Any) -> str:
    """Say how two values differ; of lists only the entries that are not in both."""
    if not isinstance(left, list) or not isinstance(right, list):
        return f"{left} instead of {right}"
    only = [one for one in left if one not in right], [one for one in right if one not in left]
    return f"{only[0]} instead of {only[1]}"


def _key(tenant: Json, journals: Sequence[str]) -> str:
    """Return what decides how a run goes that begins with these: no times, and no names of runs."""

    def bare(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: bare(value) for key, value in node.items() if key not in _TELLING_NOTHING}
        return [bare(value) for value in node] if isinstance(node, list) else node

    return json.dumps([bare(tenant), bare([entries(text) for text in journals])], sort_keys=True)


def play(trials: Trials, numbers: Iterable[int], kinds: Iterable[str]) -> dict[str, list[str]]:
    """Play the trials of these calls with these kinds; give what did not hold, by call and kind."""
    calls = trials.ground.good.calls
    played = {f"{kind} at call {n}, {calls[n - 1].cmdlet}": trials.problems(n, kind) for n in numbers for kind in kinds}
    return {name: found for name, found in played.items() if found}
