"""What a run leaves behind: its calls, its text, its objects and the tenant."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pexgen.errors import PexgenError
from pexgen.simulation.objects import Json


class EngineError(PexgenError):
    """The PowerShell process gave no answer, or could not play the run at all: a defect, not a result."""


class RunbookError(PexgenError):
    """A file that was to be played is no runbook, or none that can be played; the hint, if any, says what to do."""

    exit_code = 3

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class NoEngineError(PexgenError):
    """There is no PowerShell on this machine."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Call:
    """One remote call of a run; ``n`` counts from 1 in each run.

    ``parameters`` are as sent (a SecureString is ``<secure>``); ``is_write`` is false for a dry run or a declined
    confirmation; ``outcome`` is ``ok``, ``not done``, ``killed``, ``error`` or ``error <exception class>``.
    """

    n: int
    cmdlet: str
    parameters: Json
    is_write: bool
    outcome: str
    fault: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What one run left behind.

    ``exit_code`` is None where the runbook ended without one (``uncaught`` then says why) or was killed; ``screen`` is
    the text of host, warnings and errors in order; ``objects`` went to the pipeline; ``waits`` are the seconds of each
    ``Start-Sleep``, none of which took time; ``folder`` is where the run's files are.
    """

    exit_code: int | None
    screen: str
    objects: list[Any]
    calls: tuple[Call, ...]
    tenant: Json
    waits: tuple[float, ...]
    uncaught: str | None
    killed: bool
    folder: Path

    @property
    def writes(self) -> tuple[Call, ...]:
        """The calls that changed something, or were about to."""
        return tuple(call for call in self.calls if call.is_write)


def was_killed(log: Path) -> bool:
    """Whether the last call of a run was ended by the fault that was planned for it."""
    lines = _lines(log)
    return bool(lines) and json.loads(lines[-1])["outcome"] == "killed"


def collect_result(answer: Json | None, state: Path, log: Path, folder: Path) -> Result:
    """Put together what the process answered (None: it was killed) and what the files hold.

    Raises EngineError where the simulation itself failed: its call log says so.
    """
    lines = _lines(log)
    found = answer or {}
    objects = json.loads(found.get("objects") or "[]")
    return Result(
        exit_code=found.get("exitCode"),
        screen="\n".join(found.get("screen") or []),
        objects=objects if isinstance(objects, list) else [objects],
        calls=tuple(_call(json.loads(line)) for line in lines),
        tenant=json.loads(state.read_text("utf-8-sig")),
        waits=tuple(found.get("waits") or ()),
        uncaught=found.get("uncaught"),
        killed=answer is None,
        folder=folder,
    )


def _lines(log: Path) -> list[str]:
    # Not by splitlines: a name may hold what Unicode takes for a line end.
    return [line for line in log.read_text("utf-8").split("\n") if line] if log.exists() else []


def _call(entry: Json) -> Call:
    if entry.get("defect"):
        message = f"The simulation failed in {entry['cmdlet']}: {entry['message']}\n{entry['defect']}"
        raise EngineError(message)
    return Call(
        n=entry["n"],
        cmdlet=entry["cmdlet"],
        parameters=entry["parameters"],
        is_write=entry["write"],
        outcome=entry["outcome"],
        fault=entry.get("fault") or "",
        message=entry.get("message") or "",
    )
