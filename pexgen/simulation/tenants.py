"""Ready-made tenants for a deployment, from the values of its runbook's parameters (PascalCase names)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from pexgen.simulation import online, server
from pexgen.simulation.objects import Json

# Bookkeeping of the simulation, and what no way back can undo: Exchange keeps a removed mailbox for a month.
BOOKKEEPING = ("made", "changes", "session", "softDeleted")
TIMES = ("WhenCreatedUTC", "WhenChangedUTC", "notYet", "lateReads", "lateStore", "lateMembers")


def fresh(values: Mapping[str, Any]) -> Json:
    """Return the tenant, or the organization, that the runbook with these parameters is made for, before its Apply.

    Nothing that it makes is there, but everybody and everything that it relies on; see ``online`` and ``server``.
    """
    return server.fresh(values) if server.is_for_server(values) else online.fresh(values)


def drifted(converged: Json, values: Mapping[str, Any]) -> Json:
    """Return a converged tenant in which others have changed several of the deployment's values since."""
    tenant = copy.deepcopy(converged)
    drift = server.drift if tenant.get("platform") == server.PLATFORM else online.drift
    drift(tenant, values)
    return tenant


def without_bookkeeping(tenant: Json) -> Json:
    """Return what two tenants have to have in common to be called the same: no times, counters or connections."""

    def bare(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: bare(value) for key, value in sorted(node.items()) if key not in TIMES}
        return [bare(value) for value in node if value is not None] if isinstance(node, list) else node

    kept = {key: bare(value) for key, value in tenant.items() if key not in BOOKKEEPING}
    for key in ("recipients", "servicePrincipals", "scopes", "assignments"):
        kept[key] = sorted(kept.get(key) or [], key=lambda entry: str(entry.get("Guid")))
    kept["apps"] = sorted(kept.get("apps") or [], key=lambda entry: str(entry.get("AppId")))
    for app in kept["apps"]:
        app["users"] = sorted(app.get("users") or [])
    for recipient in kept["recipients"]:
        for key in ("members", "EmailAddresses"):
            if isinstance(recipient.get(key), list):
                recipient[key] = sorted(recipient[key])
    listed = kept["organization"].get("EwsAllowedAppIDs")
    if isinstance(listed, str):
        kept["organization"]["EwsAllowedAppIDs"] = sorted(entry.strip().lower() for entry in listed.split(","))
    return kept
