"""One description's runbook, the tenant it is for, and what its runs leave behind."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pexgen.rehearsal import Engine, Result

Json = dict[str, Any]

DESCRIPTION: Json = {
    "version": 1,
    "name": "contoso-scheduling",
    "method": "app-permissions",
    "target": {
        "platform": "exchange-online",
        "organization": "contoso.onmicrosoft.com",
        "tenant_id": "8a1c2b3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
    },
    "change": {"ticket": "CHG0031337"},
    "equipment": {
        "address": "pexip-scheduling@contoso.com",
        "name": "Pexip Scheduling",
        "display_name": "Pexip Schéduling ’O",
        "calendar": {"automate_processing": "None"},
    },
    "application": {
        "name": "Pexip Scheduler",
        "client_id": "11111111-2222-4333-8444-555555555555",
        "object_id": "66666666-7777-4888-9999-aaaaaaaaaaaa",
    },
    "scheduling_group": {
        "address": "pexip-users@contoso.com",
        "name": "Pexip Users",
        "members": ["alice@contoso.com", "bob@contoso.com"],
    },
    "scope": {"name": "Pexip scheduling scope", "max_mailboxes": 50},
    "proof": {"in_scope": ["alice@contoso.com"], "out_of_scope": ["ceo@contoso.com"]},
    "ews": {
        "policy": "merge",
        "switch_on": True,
        "keep": [{"client_id": "99999999-2222-4333-8444-555555555555", "name": "Room panels"}],
    },
    "delegates": [{"account": "admin@contoso.com"}],
    "add_in": {"manifest": "pexip-add-in.xml", "provided_to": "specific-users", "users": ["alice@contoso.com"]},
}
OURS, OBJECT = DESCRIPTION["application"]["client_id"], DESCRIPTION["application"]["object_id"]
KEEP = DESCRIPTION["ews"]["keep"][0]["client_id"]


def merged(base: Json, change: Mapping[str, Any]) -> Json:
    """Return ``base`` with ``change`` laid over it, section by section; None takes a key away."""
    result = copy.deepcopy(base)
    for key, value in change.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = copy.deepcopy(value)
    return result


@dataclass(frozen=True)
class Site:
    """One description's runbook, the tenant in which nothing of it is there, and an engine to run it in."""

    engine: Engine
    runbook: Path
    tenant: Json

    def run(
        self, mode: str, tenant: Json | None = None, *, options: Mapping[str, Any] | None = None, **arguments: Any
    ) -> Result:
        """Play one mode; Apply and Rollback are not asked unless the arguments say so."""
        given: Json = {"Mode": mode, **arguments}
        if (
            mode in {"Apply", "Rollback"}
            and not {"WhatIf", "Confirm"} & set(given)
            and "answers" not in (options or {})
        ):
            given["Confirm"] = False
        return self.engine.play(self.runbook, tenant or self.tenant, given, **dict(options or {}))


SiteOf = Callable[..., Site]
Applied = Callable[..., Result]
FirstApply = Callable[..., tuple[Site, Json, Result]]


def states(result: Result) -> dict[str, str]:
    """Return the state of each step of a run."""
    return {step["id"]: step["state"] for step in result.objects}


def result_file(result: Result) -> Json:
    """Return the result that the run wrote without being asked."""
    (path,) = result.folder.glob("*.result.json")
    found: Json = json.loads(path.read_text("utf-8"))
    return found


def journal_path(result: Result) -> Path:
    """Return the journal that the run wrote."""
    (path,) = result.folder.glob("*.journal.jsonl")
    return path


def copied_journal(result: Result, folder: Path) -> str:
    """Return a copy of the run's journal, because a Rollback writes into the one that it is given."""
    return str(shutil.copy(journal_path(result), folder))


def copied_journals(folder: Path, *runs: Result) -> list[str]:
    """Return copies of the journals of several runs, each in a folder of its own."""
    paths = [folder / str(number) for number, _ in enumerate(runs)]
    for path in paths:
        path.mkdir()
    return [copied_journal(run, path) for run, path in zip(runs, paths, strict=True)]


def undo(site: Site, tenant: Json, journals: list[str], **arguments: Any) -> Result:
    """Play Rollback of these journals, which may remove the mailbox that was made."""
    return site.run("Rollback", tenant, JournalPath=journals, RemoveCreatedMailbox=True, **arguments)
