"""Finding one's way in a simulated tenant, and what most tests of bad situations come to."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from support.sites import Json, Site, states

from pexgen.rehearsal import Result
from pexgen.simulation.objects import guid
from pexgen.simulation.online import IMPERSONATION

EQUIPMENT = "pexip-scheduling@contoso.com"
GROUP = "pexip-users@contoso.com"
SCOPE = "Pexip scheduling scope"
ASSIGNMENT = "contoso-scheduling-ews"
NOT_FOUND = "Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException"
"""The class of Exchange's error about what is not there."""


def changed(tenant: Json, change: Callable[[Json], Any]) -> Json:
    """Return a copy of the tenant in which somebody made this change."""
    copied = copy.deepcopy(tenant)
    change(copied)
    return copied


def recipient(tenant: Json, address: str) -> Json:
    """Return the recipient with this primary address."""
    found: Json = next(one for one in tenant["recipients"] if one["PrimarySmtpAddress"] == address)
    return found


def named(rows: list[Json], name: str) -> Json:
    """Return the scope or assignment of this name."""
    found: Json = next(one for one in rows if one["Name"] == name)
    return found


def pointer(client_id: str, object_id: str) -> Json:
    """Return a service principal as somebody else made it."""
    row = {"AppId": client_id, "ObjectId": object_id, "DisplayName": "Something"}
    return {**row, "Guid": guid(object_id), "Name": object_id}


def guarded(run: Result, guard: str, *texts: str) -> None:
    """Check that the run was refused by this guard, wrote nothing, and said these words."""
    assert (run.exit_code, run.writes, run.uncaught) == (4, (), None), run.screen
    assert f"Refused by the guard '{guard}'" in run.screen
    for text in texts:
        assert text in run.screen


def in_conflict(site: Site, tenant: Json, step: str, *texts: str) -> Result:
    """Check that Apply finds this conflict at its first look, which is that of Check, and writes nothing at all.

    Returns that run. That Check ends so too is tried once, in tests/runbook/test_conflicts.py.
    """
    run = site.run("Apply", tenant)
    assert (run.exit_code, states(run)[step], run.writes) == (4, "conflict", ()), run.screen
    for text in texts:
        assert text in detail(run, step)
    return run


def detail(run: Result, step: str) -> str:
    """Return what the run says about a step."""
    (found,) = [one["detail"] or "" for one in run.objects if one["id"] == step]
    return str(found)


def without_impersonation(tenant: Json) -> None:
    """Take the role ApplicationImpersonation out of a tenant with all that hung on it: asked for, it is not found."""
    rows = [row for row in tenant["assignments"] if row["Role"] == IMPERSONATION]
    used = {row["scope"] for row in rows}
    tenant["roles"] = [role for role in tenant["roles"] if role != IMPERSONATION]
    tenant["assignments"] = [row for row in tenant["assignments"] if row not in rows]
    tenant["scopes"] = [entry for entry in tenant["scopes"] if entry["Guid"] not in used]
