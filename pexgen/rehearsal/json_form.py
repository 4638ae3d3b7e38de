"""A rehearsal as JSON, as docs/rehearsal.md describes it."""

from __future__ import annotations

from typing import Any

from pexgen.rehearsal.calls import command_of, names_of
from pexgen.rehearsal.rehearsal import PlayedMode, Rehearsal
from pexgen.simulation.tenant_copy import TenantCopy

FORMAT = "pexgen.rehearsal/1"


def as_record(file: str, done: Rehearsal, copied: TenantCopy | None = None) -> dict[str, Any]:
    """Return the record of a rehearsal of the file, on a copy of what a discovery found if it was on one."""
    names: dict[str, str] = {}
    return {
        "format": FORMAT,
        "file": file,
        "from": done.start,
        "found": copied
        and {
            "organization": copied.organization,
            "finishedUtc": copied.read_at,
            "taken": list(copied.taken_over),
            "assumed": list(copied.assumed),
            "unseen": list(copied.unseen),
        },
        "fault": done.fault or None,
        "asExpected": done.is_as_expected,
        "tenantAsBefore": done.is_as_before,
        "faultMet": done.is_fault_met,
        "runs": [_run(played, names) for played in done.played],
    }


def _run(played: PlayedMode, names: dict[str, str]) -> dict[str, Any]:
    result = played.result
    names.update(names_of(result.tenant))
    return {
        "mode": played.mode,
        "byHand": played.by_hand or None,
        "exitCode": result.exit_code,
        "expected": list(played.expected),
        "asExpected": played.is_as_expected,
        "killed": result.killed,
        "error": result.uncaught or None,
        "reads": len(result.calls) - len(result.writes),
        "writes": len(result.writes),
        "written": [command_of(call, names) for call in result.writes],
        "secondsToWait": sum(result.waits),
        "steps": [step for step in result.objects if isinstance(step, dict)],
        "calls": [
            {
                "n": call.n,
                "cmdlet": call.cmdlet,
                "parameters": call.parameters,
                "write": call.is_write,
                "outcome": call.outcome,
                "message": call.message or None,
            }
            for call in result.calls
        ],
    }
