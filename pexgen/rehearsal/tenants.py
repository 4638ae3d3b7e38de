"""Ready-made tenants for a deployment, from the values of its runbook's parameters (PascalCase names)."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from pexgen.rehearsal.objects import Json, connection, guid, user
from pexgen.rehearsal.objects import equipment as make_equipment
from pexgen.rehearsal.objects import group as make_group

OTHER_APP = {"appId": "5d3f1e1c-6f0a-4c39-9a1e-0c51c1c7a001", "objectId": "5d3f1e1c-6f0a-4c39-9a1e-0c51c1c7a002"}
LISTED_BY_OTHERS = ("27922004-5251-4030-b22d-91ecd9a37ea4", "d3590ed6-52b3-4102-aeff-aad2292ab01c")
ROLE = "Application EWS.AccessAsApp"
ROLES = (
    ROLE,
    "Application Mail.Read",
    "Application Mail.Send",
    "Application Calendars.Read",
    "Application Calendars.ReadWrite",
    "Application Mail Full Access",
    "Application Exchange Full Access",
    "Mail Recipients",
    "Organization Configuration",
    "Role Management",
)
ADMINISTRATORS = "Organization Management"
# Bookkeeping of the simulation, and what no way back can undo: Exchange keeps a removed mailbox for a month.
BOOKKEEPING = ("made", "changes", "session", "softDeleted")
_SHAPE: dict[str, type] = {
    "tenantId": str,
    "initialDomain": str,
    "server": str,
    "connectionUri": str,
    "domains": list,
    "session": dict,
    "settings": dict,
    "operator": dict,
    "organization": dict,
    "enterpriseApplications": list,
    "recipients": list,
    "softDeleted": list,
    "servicePrincipals": list,
    "scopes": list,
    "assignments": list,
    "roles": list,
    "roleGroups": list,
    "made": dict,
    "changes": int,
}
FORMAT = "pexgen.tenant/1"
TIMES = ("WhenCreatedUTC", "WhenChangedUTC", "notYet", "lateReads", "lateStore", "lateMembers")


def shape_problems(tenant: object) -> list[str]:
    """Return what keeps a value that came from JSON from being a simulated tenant; nothing where it is one."""
    if not isinstance(tenant, dict) or tenant.get("format") != FORMAT:
        return [f'a simulated tenant begins with {{"format": "{FORMAT}"']
    names = {str: "text", list: "a list", dict: "an object", int: "a number"}
    return [f"'{key}' has to be {names[kind]}" for key, kind in _SHAPE.items() if not isinstance(tenant.get(key), kind)]


def fresh(values: Mapping[str, Any]) -> Json:
    """Return a tenant in which nothing of the deployment is there, but everybody and everything that it relies on.

    EWS stands so that the description can come to its end: shut, with others on the list, where it may be switched on.
    """
    domain = _domain(values["EquipmentAddress"])
    operator = f"operator@{domain}"
    tenant: Json = {
        "format": FORMAT,
        "tenantId": values["TargetTenantId"],
        "initialDomain": values["TargetOrganization"],
        "server": "REHEARSAL01.rehearsal.invalid",
        "connectionUri": "https://outlook.rehearsal.invalid/powershell-liveid",
        "domains": _domains(values),
        "settings": {"guidNames": ["mailbox"], "late": {}},
        "operator": {"upn": operator, "hidden": [], "ignoresNamingPolicy": True, "bypassesManagerCheck": True},
        "organization": _organization(values),
        "enterpriseApplications": [
            {"appId": values["ApplicationClientId"], "objectId": values["ApplicationObjectId"]},
            dict(OTHER_APP),
        ],
        "roles": list(ROLES),
        "recipients": [user(address) for address in _people(values, operator)],
        "softDeleted": [],
        "servicePrincipals": [],
        "scopes": [],
        "assignments": [],
        "made": {},
        "changes": 0,
        "session": {},
    }
    operator_guid = _find(tenant, operator)["Guid"]
    tenant["roleGroups"] = [{"Name": ADMINISTRATORS, "members": [operator_guid]}]
    tenant["session"]["connections"] = [connection(tenant)]
    _add_somebody_else(tenant)
    if values.get("EquipmentAdopt"):
        tenant["recipients"].append(make_equipment(values))
    if values.get("SchedulingGroupAdopt"):
        tenant["recipients"].append(make_group(values, operator_guid))
    return tenant


def drifted(converged: Json, values: Mapping[str, Any]) -> Json:
    """Return a converged tenant in which others have changed several of the deployment's values since."""
    tenant = copy.deepcopy(converged)
    equipment = _find(tenant, values["EquipmentAddress"])
    equipment["DisplayName"] = "Changed by hand"
    # What is not there has its default, and that of a resource is to accept by itself.
    equipment["calendar"].pop("AutomateProcessing", None)
    equipment["permissions"] = []
    group = _find(tenant, values["SchedulingGroupAddress"])
    group["members"] = [member for member in group["members"] if member != equipment["Guid"]][1:]
    tenant["assignments"] = [row for row in tenant["assignments"] if row["Name"] != values.get("ApplicationAssignment")]
    if values.get("EwsPolicy") == "merge":
        listed = [entry.strip() for entry in (tenant["organization"]["EwsAllowedAppIDs"] or "").split(",")]
        ours = values["ApplicationClientId"].lower()
        tenant["organization"]["EwsAllowedAppIDs"] = ", ".join(entry for entry in listed if entry.lower() != ours)
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
    for recipient in kept["recipients"]:
        for key in ("members", "EmailAddresses"):
            if isinstance(recipient.get(key), list):
                recipient[key] = sorted(recipient[key])
    listed = kept["organization"].get("EwsAllowedAppIDs")
    if isinstance(listed, str):
        kept["organization"]["EwsAllowedAppIDs"] = sorted(entry.strip().lower() for entry in listed.split(","))
    return kept


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def _addresses(values: Mapping[str, Any]) -> list[str]:
    """Return the addresses of people that the description names, each once, in its order."""
    named: list[str] = []
    for key in ("SchedulingGroupMembers", "ProofInScope", "ProofOutOfScope", "OneTouchJoinAccounts"):
        named += values.get(key) or []
    named += [entry["Account"] for entry in values.get("Delegates") or []]
    named += [values["SchedulingGroupManagedBy"]] if values.get("SchedulingGroupManagedBy") else []
    seen: dict[str, str] = {}
    for address in named:
        seen.setdefault(address.lower(), address)
    for ours in (values["EquipmentAddress"], values["SchedulingGroupAddress"]):
        seen.pop(ours.lower(), None)
    return list(seen.values())


def _people(values: Mapping[str, Any], operator: str) -> Sequence[str]:
    others = [address for address in _addresses(values) if address.lower() != operator.lower()]
    return [*others, operator, f"somebody.else@{_domain(operator)}"]


def _domains(values: Mapping[str, Any]) -> list[Json]:
    own = [values["EquipmentAddress"], values["SchedulingGroupAddress"], *_addresses(values)]
    names: dict[str, None] = {}
    for address in own:
        names.setdefault(_domain(address).lower())
    initial = values["TargetOrganization"]
    names.pop(initial.lower(), None)
    default = next(iter(names), initial)
    return [
        {"DomainName": name, "Default": name == default, "InitialDomain": name == initial} for name in [*names, initial]
    ]


def _organization(values: Mapping[str, Any]) -> Json:
    """Return the organisation's configuration; how EWS stands follows from what the description may do about it."""
    policy, listed = values.get("EwsPolicy") or "", list(LISTED_BY_OTHERS)
    keep = [entry["ClientId"] for entry in values.get("EwsKeep") or []]
    if policy == "check":
        listed = [values["ApplicationClientId"], *keep, *listed]
    return {
        "IsDehydrated": False,
        "EwsEnabled": not (policy == "merge" and values.get("EwsSwitchOn")),
        "EwsAllowedAppIDs": ", ".join(listed).upper(),
        "EwsApplicationAccessPolicy": None,
        "EwsAllowList": None,
        "EwsBlockList": None,
    }


def _find(tenant: Json, address: str) -> Json:
    """Return the recipient with this primary address."""
    found: Json = next(
        entry for entry in tenant["recipients"] if entry["PrimarySmtpAddress"].lower() == address.lower()
    )
    return found


def _add_somebody_else(tenant: Json) -> None:
    """Add another application with a scope and the same role: nothing that the runbook may touch."""
    somebody = next(entry for entry in tenant["recipients"] if entry["Alias"] == "somebody.else")
    principal, scope = guid("principal|other"), guid("scope|other")
    tenant["servicePrincipals"].append(
        {
            "Guid": principal,
            "Name": OTHER_APP["objectId"],
            "AppId": OTHER_APP["appId"],
            "ObjectId": OTHER_APP["objectId"],
            "DisplayName": "Somebody else's application",
            "WhenCreatedUTC": "2025-11-03 10:00:00",
            "notYet": 0,
        }
    )
    tenant["scopes"].append(
        {
            "Guid": scope,
            "Name": "Somebody else's scope",
            "RecipientFilter": f"PrimarySmtpAddress -eq '{somebody['PrimarySmtpAddress']}'",
            "Exclusive": False,
            "WhenCreatedUTC": "2025-11-03 10:00:00",
            "WhenChangedUTC": "2025-11-03 10:00:00",
        }
    )
    rows = [
        (f"{role}-{ADMINISTRATORS}-Delegating", role, ADMINISTRATORS, "RoleGroup", "Organization", "", True)
        for role in ROLES
    ]
    rows.append(("Somebody else's access", ROLE, principal, "ServicePrincipal", "CustomRecipientScope", scope, False))
    for name, role, assignee, kind, scope_kind, scope_key, delegating in rows:
        tenant["assignments"].append(
            {
                "Guid": guid(f"assignment|{name}"),
                "Name": name,
                "Role": role,
                "assignee": assignee,
                "assigneeType": kind,
                "scopeKind": scope_kind,
                "scope": scope_key,
                "delegating": delegating,
                "Enabled": True,
                "WhenChangedUTC": "2025-11-03 10:00:00",
            }
        )
