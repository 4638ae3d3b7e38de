"""Exchange Online as a deployment finds it, from the values of its runbook's parameters (PascalCase names)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pexgen.simulation.objects import (
    Json,
    apps,
    assignment,
    connection,
    delegating_assignments,
    domain_of,
    drift_add_in,
    find,
    guid,
    people,
    room_groups,
    scope,
    user,
)
from pexgen.simulation.objects import equipment as make_equipment
from pexgen.simulation.objects import group as make_group

FORMAT = "pexgen.tenant/1"
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
IMPERSONATION = "ApplicationImpersonation"
EVERYBODY = "MyBaseOptions"
POLICY = "Default Role Assignment Policy"
ADMINISTRATORS = "Organization Management"
PLAN = "ExchangeOnlineEnterprise-0527a260-bea3-46a3-9f4f-215fdd24f4d9"


def fresh(values: Mapping[str, Any]) -> Json:
    """Return a tenant in which nothing of the deployment is there, but everybody and everything that it relies on.

    EWS stands so that the description can come to its end: shut, with others on the list, where it may be switched on.
    A description with a service account finds that deployment at work: account, equipment, impersonation, EWS.
    """
    operator = f"operator@{domain_of(values['EquipmentAddress'])}"
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
        "enterpriseApplications": [dict(OTHER_APP)],
        "roles": list(ROLES),
        "recipients": [user(address) for address in _inhabitants(values, operator)],
        "softDeleted": [],
        "servicePrincipals": [],
        "scopes": [],
        "assignments": delegating_assignments(ROLES, ADMINISTRATORS),
        "made": {},
        "changes": 0,
        "session": {},
    }
    operator_guid = find(tenant, operator)["Guid"]
    tenant["roleGroups"] = [{"Name": ADMINISTRATORS, "members": [operator_guid]}]
    tenant["session"]["connections"] = [connection(tenant)]
    if values.get("ApplicationClientId"):
        tenant["enterpriseApplications"].insert(
            0, {"appId": values["ApplicationClientId"], "objectId": values["ApplicationObjectId"]}
        )
    tenant["apps"] = apps(operator_guid)
    tenant["recipients"] += room_groups(values, operator_guid)
    _add_somebody_else(tenant)
    existing = bool(values.get("ServiceAccountUserPrincipalName"))
    if existing:
        _add_service_account(tenant, values)
    if values.get("EquipmentAdopt") or existing:
        tenant["recipients"].append(make_equipment(values))
    if values.get("SchedulingGroupAdopt"):
        tenant["recipients"].append(
            make_group(values["SchedulingGroupAddress"], values["SchedulingGroupName"], operator_guid)
        )
    return tenant


def drift(tenant: Json, values: Mapping[str, Any]) -> None:
    """Change several of the deployment's values in a converged tenant, as others would."""
    equipment = find(tenant, values["EquipmentAddress"])
    equipment["DisplayName"] = "Changed by hand"
    # What is not there has its default, and that of a resource is to accept by itself.
    equipment["calendar"].pop("AutomateProcessing", None)
    equipment["permissions"] = []
    if values.get("SchedulingGroupAddress"):
        group = find(tenant, values["SchedulingGroupAddress"])
        group["members"] = [member for member in group["members"] if member != equipment["Guid"]][1:]
    if values.get("ApplicationAssignment"):
        ours = values["ApplicationAssignment"]
        tenant["assignments"] = [row for row in tenant["assignments"] if row["Name"] != ours]
    drift_add_in(tenant, values)
    if values.get("EwsPolicy") == "merge":
        listed = [entry.strip() for entry in (tenant["organization"]["EwsAllowedAppIDs"] or "").split(",")]
        ours = values["ApplicationClientId"].lower()
        tenant["organization"]["EwsAllowedAppIDs"] = ", ".join(entry for entry in listed if entry.lower() != ours)


def _inhabitants(values: Mapping[str, Any], operator: str) -> Sequence[str]:
    others = [address for address in people(values) if address.lower() != operator.lower()]
    return [*others, operator, f"somebody.else@{domain_of(operator)}"]


def _domains(values: Mapping[str, Any]) -> list[Json]:
    keys = ("EquipmentAddress", "SchedulingGroupAddress", "ServiceAccountUserPrincipalName")
    own = [
        *(values[key] for key in keys if values.get(key)),
        *people(values),
        *(values.get("OneTouchJoinGroups") or []),
    ]
    names: dict[str, None] = {}
    for address in own:
        names.setdefault(domain_of(address).lower())
    initial = values["TargetOrganization"]
    names.pop(initial.lower(), None)
    default = next(iter(names), initial)
    return [
        {"DomainName": name, "Default": name == default, "InitialDomain": name == initial} for name in [*names, initial]
    ]


def _organization(values: Mapping[str, Any]) -> Json:
    """Return the organization's configuration; how EWS stands follows from what the description may do about it."""
    policy, listed = values.get("EwsPolicy") or "", list(LISTED_BY_OTHERS)
    keep = [entry["ClientId"] for entry in values.get("EwsKeep") or []]
    if policy == "check":
        listed = [values["ApplicationClientId"], *keep, *listed]
    works = bool(values.get("ServiceAccountUserPrincipalName"))
    retired = [entry["ClientId"] for entry in values.get("EwsRetire") or []]
    signing_in = [values["OauthClientId"]] if values.get("OauthClientId") else []
    listed += [entry for entry in dict.fromkeys(signing_in + retired) if entry not in listed]
    return {
        "IsDehydrated": False,
        "EwsEnabled": works or not (policy == "merge" and values.get("EwsSwitchOn")),
        "EwsAllowedAppIDs": ", ".join(listed).upper(),
        "EwsApplicationAccessPolicy": None,
        "EwsAllowList": None,
        "EwsBlockList": None,
    }


def _add_service_account(tenant: Json, values: Mapping[str, Any]) -> None:
    """Add the account of the service, and what is left of the role that it impersonates by.

    The role is still listed, and what hangs on it can be removed, but nobody can be given it any more.
    """
    address = values["ServiceAccountUserPrincipalName"]
    account = user(address, MailboxPlan=PLAN, items=1200)
    name = values.get("ImpersonationAssignment") or f"{account['Alias']}-impersonation"
    ours = scope(values.get("ImpersonationScopeName") or f"{name}-scope", "Alias -like '*'")
    if values.get("ImpersonationScope") == "equipment-only":
        ours["RecipientFilter"] = f"PrimarySmtpAddress -eq '{values['EquipmentAddress']}'"
    other = find(tenant, f"somebody.else@{domain_of(tenant['operator']['upn'])}")
    theirs = scope("Somebody else's impersonation scope", f"PrimarySmtpAddress -eq '{other['PrimarySmtpAddress']}'")
    tenant["recipients"].append(account)
    tenant["roles"] += [IMPERSONATION, EVERYBODY]
    tenant["settings"]["closedRoles"] = [IMPERSONATION]
    is_whole = values.get("ImpersonationScope") == "organization"
    tenant["scopes"] += [theirs] if is_whole else [ours, theirs]
    tenant["assignments"] += [
        *delegating_assignments([IMPERSONATION], ADMINISTRATORS),
        assignment(name, IMPERSONATION, account["Guid"], "User", scope_guid="" if is_whole else ours["Guid"]),
        assignment("Somebody else's impersonation", IMPERSONATION, other["Guid"], "User", scope_guid=theirs["Guid"]),
        assignment(f"{EVERYBODY}-{POLICY}", EVERYBODY, POLICY, "RoleAssignmentPolicy"),
    ]


def _add_somebody_else(tenant: Json) -> None:
    """Add another application with a scope and the same role: nothing that the runbook may touch."""
    somebody = next(entry for entry in tenant["recipients"] if entry["Alias"] == "somebody.else")
    principal = guid("principal|other")
    theirs = scope("Somebody else's scope", f"PrimarySmtpAddress -eq '{somebody['PrimarySmtpAddress']}'")
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
    tenant["scopes"].append(theirs)
    tenant["assignments"].append(
        assignment("Somebody else's access", ROLE, principal, "ServicePrincipal", scope_guid=theirs["Guid"])
    )
