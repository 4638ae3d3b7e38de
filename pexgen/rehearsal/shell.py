"""A session on the simulated tenant in which a person does by hand what a rehearsal plays by itself."""

from __future__ import annotations

import json
import re
from pathlib import Path

from pexgen.literals import powershell_literal
from pexgen.rehearsal.engine import HERE, name_for_engine
from pexgen.rehearsal.failures import Program, session_ended_early
from pexgen.rehearsal.process import engine_environment, run_in_terminal
from pexgen.rehearsal.script import Script
from pexgen.simulation import MANIFEST, SERVER_SHELL, server
from pexgen.simulation.objects import Json

FIRST, SECOND = "CHG1.jsonl", "CHG2.jsonl"
"""The journals that the commands to try write: of the change, and of a migration's second phase."""
_BARE = re.compile(r"[A-Za-z0-9_.-]+")
"""A file's name that PowerShell takes without quotes."""


def open_session(executable: str, tenant: Json, folder: Path, place: Path) -> Json:
    """Open PowerShell in this process's terminal, connected to the tenant, and return the tenant as the person left it.

    It begins in ``folder``; ``place`` is an empty folder for the session's own files. Raises EngineUnusableError where
    it ends before anybody could type.
    """
    state, ready, request = place / "tenant.json", place / "ready", place / "request.json"
    state.write_text(json.dumps(tenant), encoding="utf-8")
    is_server = tenant.get("platform") == server.PLATFORM
    asked = {
        "folder": name_for_engine(folder),
        "module": name_for_engine(SERVER_SHELL if is_server else MANIFEST),
        "ready": name_for_engine(ready),
        "environment": {
            "PEXGEN_TENANT": name_for_engine(state),
            "PEXGEN_LOG": name_for_engine(place / "calls.jsonl"),
            "PEXGEN_FAULTS": "",
            "PEXGEN_OPENED": "yes",
        },
    }
    request.write_text(json.dumps(asked), encoding="ascii")
    script = [str(HERE / "shell.ps1"), name_for_engine(request)]
    code = run_in_terminal(executable, script, engine_environment())
    if not ready.exists():
        raise session_ended_early(Program(executable), code)
    found: Json = json.loads(state.read_text("utf-8-sig"))
    return found


def commands_to_try(script: Script, *, reviewed: bool) -> tuple[str, ...]:
    """Return what to type, in this order, for the whole change: with the parameters that this runbook needs for it."""
    name, values, needed = script.path.name, script.values, script.max_changes
    path = f".\\{name}"
    call = path if _BARE.fullmatch(name) else f"& {powershell_literal(path)}"
    more = (f" -MaxChanges {needed}" if needed else "") + ("" if reviewed else " -AcceptUnreviewed")
    apply = f"{call} -Mode Apply"
    if script.has_phases:
        return (
            f"{call} -Phase Prepare",
            f"{apply} -Phase Prepare -JournalPath {FIRST}{more}",
            f"{call} -Mode Verify -Phase Prepare",
            f"{apply} -Phase Cleanup -ConfirmCutover -JournalPath {SECOND}{more}",
            f"{call} -Mode Verify",
            f"{call} -Mode Rollback -JournalPath {FIRST},{SECOND} -WhatIf",
        )
    begin: tuple[str, ...] = (call,)
    if script.takes_password:
        begin += ("$secret = Read-Host -AsSecureString -Prompt 'Any password'",)
        apply += " -PasswordOfServiceAccount $secret"
    apply += f" -JournalPath {FIRST}{more}"
    if script.needs_group_by_hand:
        group, mailbox = values["ImpersonationGroup"], values["EquipmentAddress"]
        begin += (apply, f"Add-DistributionGroupMember -Identity {group} -Member {mailbox}")
    return (*begin, apply, f"{call} -Mode Verify", f"{call} -Mode Rollback -JournalPath {FIRST}")
