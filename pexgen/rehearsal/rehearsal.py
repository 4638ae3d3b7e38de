"""The order in which a rehearsal plays a runbook's modes, and what each has to end with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pexgen.errors import UsageError
from pexgen.outcomes import IN_SHORT, MODES
from pexgen.rehearsal.engine import Engine, name_for_engine
from pexgen.rehearsal.runs import EngineError, Result
from pexgen.simulation import server
from pexgen.simulation.objects import Json
from pexgen.simulation.tenants import drifted, fresh, without_bookkeeping

WHOLE = ("Check", "Apply", "Check", "Verify", "Rollback")
STARTS = ("fresh", "converged", "drifted")
JOURNAL = "rehearsal.journal.jsonl"
FAULTS = (
    "server-error",
    "unauthorized",
    "forbidden",
    "throttled",
    "session-gone",
    "lost-answer",
    "kill-before",
    "kill-after",
    "freeze-before",
    "freeze-after",
)
_FAULT = re.compile(
    r"(?P<kind>[a-z-]+)@(?:(?P<write>\d{1,9})|call:(?P<call>\d{1,9})|(?P<cmdlet>[A-Z]\w*-\w+)(?::(?P<nth>\d{1,9}))?)",
    re.ASCII,
)
# What a mode may end with, by how the tenant stands before it.
_EXPECTED: dict[tuple[str, str], tuple[int, ...]] = {
    ("Check", "fresh"): (2,),
    ("Check", "drifted"): (2,),
    ("Check", "converged"): (0,),
    ("Check", "own"): (0, 2),
    ("Verify", "fresh"): (5,),
    ("Verify", "drifted"): (5, 6),
    ("Verify", "converged"): (0,),
    ("Verify", "own"): (0, 5, 6),
}
# How Apply ends where a person has to put the new equipment mailbox into a group before it can do the rest.
_NEEDS_PERSON = 5


@dataclass(frozen=True, slots=True)
class PlayedMode:
    """One mode of a rehearsal: what was expected of it and what came.

    ``expected`` is empty where a fault was planted; ``by_hand`` says what a person did before it, or nothing.
    """

    mode: str
    expected: tuple[int, ...]
    result: Result
    by_hand: str = ""

    @property
    def is_as_expected(self) -> bool:
        """Whether the exit code is one of those expected; with a fault planted, anything but a defect is."""
        if not self.expected:
            return self.result.killed or self.result.exit_code not in (None, 1)
        return self.result.exit_code in self.expected


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A whole rehearsal, which began with the tenant ``before``.

    ``is_as_before`` says whether Rollback gave the tenant back, ``is_fault_met`` whether a call met the fault that was
    asked for; None where there was no Rollback or no fault.
    """

    start: str
    fault: str
    played: tuple[PlayedMode, ...]
    before: Json
    is_as_before: bool | None
    is_fault_met: bool | None = None

    @property
    def is_as_expected(self) -> bool:
        """Whether every mode ended as expected, the tenant came back, and a fault that was asked for was met."""
        came_back, met = self.is_as_before is not False, self.is_fault_met is not False
        return all(each.is_as_expected for each in self.played) and came_back and met


def verdict_of(done: Rehearsal) -> str:
    """Return how a rehearsal went, in one sentence."""
    return "Everything went as expected." if done.is_as_expected else "Not everything went as expected."


def after_rollback(done: Rehearsal) -> str:
    """Return whether Rollback gave the tenant back, in one sentence; nothing where it was not looked at."""
    if done.is_as_before is None:
        return ""
    return f"The tenant after Rollback: {'as before' if done.is_as_before else 'NOT as before'}."


def how_it_ended(played: PlayedMode) -> str:
    """Return how a run ended, in a few words."""
    if played.result.killed:
        frozen = any(call.fault.startswith("freeze-") for call in played.result.calls)
        return "stopped for good, as planned" if frozen else "killed, as planned"
    code = played.result.exit_code
    return "ended without an exit code" if code is None else f"exit {code} ({IN_SHORT.get(code, 'unknown')})"


def parse_fault(text: str) -> Json:
    """Return the fault that ``KIND@N``, ``KIND@call:N`` or ``KIND@CMDLET[:N]`` stands for; N counts writes alone.

    Raises UsageError for anything else.
    """
    match = _FAULT.fullmatch(text)
    counts = [int(match[key]) for key in ("write", "call", "nth") if match[key]] if match else []
    if match is None or match["kind"] not in FAULTS or 0 in counts:
        raise UsageError(
            f"'{text}' is not a fault",
            f"KIND@N, KIND@call:N or KIND@CMDLET, counted from 1, KIND being {', '.join(FAULTS)}",
        )
    fault: Json = {"kind": match["kind"]}
    for key in ("write", "call", "nth"):
        if match[key]:
            fault[key] = int(match[key])
    if match["cmdlet"]:
        fault["cmdlet"] = match["cmdlet"]
    return fault


_CUTOVER = "Pexip Infinity is switched to the application, as a person does; then -Phase Cleanup."


def _by_hand(values: Mapping[str, Any]) -> str:
    return f"{values['EquipmentAddress']} is put into {values['ImpersonationGroup']}, as a person does."


def check_modes(modes: Sequence[str]) -> tuple[str, ...]:
    """Return the modes to play, the whole row where none is named.

    Raises UsageError for an unknown mode, and for a Rollback without an Apply before it.
    """
    known = {mode.lower(): mode for mode in MODES}
    for mode in modes:
        if mode.lower() not in known:
            raise UsageError(f"'{mode}' is not a mode", f"one of {', '.join(MODES)}")
    chosen = tuple(known[mode.lower()] for mode in modes) or WHOLE
    if "Rollback" in chosen and "Apply" not in chosen[: chosen.index("Rollback")]:
        raise UsageError(
            "Rollback undoes what an Apply recorded, and no Apply comes before it", "give --mode Apply before it"
        )
    return chosen


class Rehearser:
    """Plays one runbook, from one kind of tenant on, mode by mode. ``begins`` is told of each run before it is played.

    Raises RunbookError and InputError, as ``read_script`` does, for a runbook that cannot be played.
    """

    def __init__(
        self, engine: Engine, runbook: Path, folder: Path, begins: Callable[[str], None] | None = None
    ) -> None:
        # A shell that completes a word asks this module for its words, and waits for what reads a runbook.
        from pexgen.rehearsal.script import read_script

        self._engine, self._folder, self._begins = engine, folder, begins
        self.script = read_script(engine, runbook)

    @property
    def executable(self) -> str:
        """The PowerShell that plays it."""
        return str(self._engine.executable)

    def play(
        self, start: str, own: Json | None, modes: Sequence[str], fault: str, tell: Callable[[PlayedMode], None]
    ) -> Rehearsal:
        """Play the modes from ``start`` (or from the tenant ``own``) on, telling each as it ends.

        A fault hits the first Apply, which is then played once more without it.
        """
        initial = "own" if own is not None else start
        tenant = first = own if own is not None else self.tenant(start)
        before, state = without_bookkeeping(tenant), initial
        planned = parse_fault(fault) if fault else None
        played: list[PlayedMode] = []
        same: bool | None = None
        is_met = False if fault else None
        for mode in modes:
            if mode == "Apply" and planned is not None:
                played.append(PlayedMode(mode, (), self._run(mode, tenant, [planned])))
                tell(played[-1])
                is_met = any(call.fault for call in played[-1].result.calls)
                tenant, planned = played[-1].result.tenant, None
            for each in self._played(mode, state, tenant):
                played.append(each)
                tell(each)
            tenant = played[-1].result.tenant
            if mode == "Apply":
                state = "converged"
            elif mode == "Rollback":
                same, state = without_bookkeeping(tenant) == before, initial
        if self.script.has_phases and tuple(modes) == WHOLE:
            for each in self._cleaned_up(tenant):
                played.append(each)
                tell(each)
        return Rehearsal(start, fault, tuple(played), first, same, is_met)

    def _played(self, mode: str, state: str, tenant: Json) -> Iterator[PlayedMode]:
        """Yield a mode; where it is an Apply that ends as one does that needs a person, that person helps it on."""
        result, values = self._run(mode, tenant, []), self.script.values
        expected, can_help = self._expected(mode, state), False
        if mode == "Apply" and self.script.needs_group_by_hand and state in {"fresh", "own"}:
            can_help = server.is_out_of_group(result.tenant, values)
            # Of a tenant out of a file nobody knows whether the mailbox is a member already.
            expected = (_NEEDS_PERSON,) if state == "fresh" else (0, _NEEDS_PERSON) if can_help else expected
        yield PlayedMode(mode, expected, result)
        if can_help and result.exit_code == _NEEDS_PERSON:
            helped = server.with_group_member(result.tenant, values)
            yield PlayedMode(mode, (0,), self._run(mode, helped, []), _by_hand(values))

    def _cleaned_up(self, tenant: Json) -> Iterator[PlayedMode]:
        """Yield the second phase of a migration: behind it leads no way back, so it is played after Rollback."""
        for mode, more, by_hand in (
            ("Apply", {}, "Once more from the start, now with both phases."),
            ("Apply", {"Phase": "Cleanup", "ConfirmCutover": True}, _CUTOVER),
            ("Verify", {"Phase": ""}, ""),
        ):
            result = self._run(mode, tenant, [], journal=f"{len(more)}.{JOURNAL}", more=more)
            yield PlayedMode(mode, (0,), result, by_hand)
            tenant = result.tenant

    def _expected(self, mode: str, state: str) -> tuple[int, ...]:
        expected = _EXPECTED.get((mode, state), (0,))
        if mode == "Verify" and not self.script.is_provable:
            return tuple(sorted({code or 5 for code in expected}))
        return expected

    def tenant(self, start: str) -> Json:
        """Return the tenant of that name, one of STARTS; for all but the first an Apply is played."""
        if start == "fresh" and self.script.needs_group_by_hand:
            return server.first_run(self.script.values)
        tenant = fresh(self.script.values)
        if start == "fresh":
            return tenant
        made = self._run("Apply", tenant, [], journal="before.journal.jsonl")
        if made.exit_code != 0:
            message = (
                f"The tenant to start from could not be created: Apply on a fresh one ended with {made.exit_code}."
            )
            raise EngineError(f"{message}\n{made.screen}")
        return drifted(made.tenant, self.script.values) if start == "drifted" else made.tenant

    def _run(
        self,
        mode: str,
        tenant: Json,
        faults: Sequence[Json],
        journal: str = JOURNAL,
        more: Mapping[str, Any] | None = None,
    ) -> Result:
        if self._begins:
            self._begins(mode)
        arguments: Json = {"Mode": mode}
        if mode in {"Apply", "Rollback"}:
            arguments |= {
                "JournalPath": [name_for_engine(self._folder / journal)],
                "Confirm": False,
                "AcceptUnreviewed": True,
            }
        if mode == "Rollback":
            arguments["RemoveCreatedMailbox"] = True
        elif self.script.has_phases:
            arguments["Phase"] = "Prepare"
        if needed := self.script.max_changes:
            arguments["MaxChanges"] = needed
        if mode == "Apply" and self.script.takes_password:
            arguments["PasswordOfServiceAccount"] = {"secure": "not a real password"}
        arguments.update(more or {})
        return self._engine.play(self.script.path, tenant, arguments, faults=faults, folder=self._folder)
