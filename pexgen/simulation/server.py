"""Exchange Server as a deployment finds it, from the values of its runbook's parameters (PascalCase names)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from pexgen.simulation.objects import (
    Json,
    apps,
    assignment,
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
from pexgen.simulation.online import ADMINISTRATORS, EVERYBODY, FORMAT, IMPERSONATION, POLICY

PLATFORM = "exchange-server"
BUILDS = {
    "2016": "Version 15.1 (Build 2507.61)",
    "2019": "Version 15.2 (Build 1748.10)",
    "SE": "Version 15.2 (Build 2562.17)",
}
SITE = "EWS (Default Web Site)"
ROLES = (IMPERSONATION, EVERYBODY, "Mail Recipients", "Organization Client Access", "Role Management")
# What has to be open on a virtual directory for each method of Pexip Infinity.
_SWITCHES = {"basic": "BasicAuthentication", "ntlm": "WindowsAuthentication", "kerberos": "WindowsAuthentication"}


def fresh(values: Mapping[str, Any]) -> Json:
    """Return an organization in which nothing of the deployment is there, but everything that it relies on.

    A second, older server stands beside the described one. Authentication is as after setup; where the description
    names a virtual directory, the methods are switched off on that one.
    """
    domain, version = values["TargetAcceptedDomain"], values.get("TargetVersion") or "SE"
    forest, units = _units(values.get("ServiceAccountOrganizationalUnit") or "", domain)
    operator = f"operator@{domain}"
    tenant: Json = {
        "format": FORMAT,
        "platform": PLATFORM,
        "version": version,
        "tenantId": "",
        "initialDomain": forest,
        "netBios": forest.split(".", maxsplit=1)[0].upper()[:15],
        "server": "dc01.rehearsal.invalid",
        "connectionUri": "http://ex01.rehearsal.invalid/powershell",
        "domains": _domains(values),
        "settings": {
            "late": {},
            "permissionUserAs": "account",
            "managedByAs": "path",
            "calendarListsAs": "path",
            "softDeletedHoldAddresses": False,
        },
        "operator": {"upn": operator, "hidden": []},
        "organization": {"Name": "Rehearsal", "IsDehydrated": False, "EwsEnabled": None},
        "organizationalUnits": units,
        "servers": _servers(values, version),
        "enterpriseApplications": [],
        "roles": list(ROLES),
        "recipients": _recipients(values, operator),
        "softDeleted": [],
        "servicePrincipals": [],
        "scopes": [],
        "assignments": delegating_assignments(ROLES, ADMINISTRATORS),
        "made": {},
        "changes": 0,
        "session": {"connections": [{"Name": "Session1", "State": "Opened"}]},
    }
    tenant["virtualDirectories"] = [_directory(server["Name"], values) for server in tenant["servers"]]
    operator_guid = find(tenant, operator)["Guid"]
    tenant["apps"] = apps(operator_guid)
    tenant["recipients"] += [
        {**entry, "ExternalDirectoryObjectId": "", "Name": entry["DisplayName"]}
        for entry in room_groups(values, operator_guid)
    ]
    _add_roles(tenant, operator_guid)
    return tenant


def first_run(values: Mapping[str, Any]) -> Json:
    """Return the organization before the very first Apply: an equipment mailbox that it makes is not there yet."""
    tenant = fresh(values)
    if needs_group_by_hand(values):
        mailbox = find(tenant, values["EquipmentAddress"])
        tenant["recipients"].remove(mailbox)
        find(tenant, values["ImpersonationGroup"])["members"].remove(mailbox["Guid"])
    return tenant


def is_for_server(values: Mapping[str, Any]) -> bool:
    """Whether a runbook with these parameters is for Exchange Server: no other names an accepted domain as target."""
    return "TargetAcceptedDomain" in values


def needs_group_by_hand(values: Mapping[str, Any]) -> bool:
    """Whether a person has to put the equipment mailbox that Apply makes into the impersonation's group."""
    return bool(values.get("ImpersonationGroup")) and not values.get("EquipmentAdopt")


def is_out_of_group(tenant: Json, values: Mapping[str, Any]) -> bool:
    """Whether that person could do it now: group and mailbox exist, and the mailbox is not a member of the group."""
    recipients = {row["PrimarySmtpAddress"].lower(): row for row in tenant["recipients"]}
    group, mailbox = (recipients.get(values[key].lower()) for key in ("ImpersonationGroup", "EquipmentAddress"))
    return bool(group and mailbox and mailbox["Guid"] not in (group.get("members") or ()))


def with_group_member(tenant: Json, values: Mapping[str, Any]) -> Json:
    """Return the organization after what that person does, as no runbook adds a member to this group.

    Raises AbsentRecipientError where group or mailbox are not there.
    """
    changed = copy.deepcopy(tenant)
    mailbox, group = find(changed, values["EquipmentAddress"]), find(changed, values["ImpersonationGroup"])
    group["members"] = [*(group.get("members") or ()), mailbox["Guid"]]
    return changed


def drift(tenant: Json, values: Mapping[str, Any]) -> None:
    """Change several of the deployment's values in a converged organization, as others would."""
    equipment = find(tenant, values["EquipmentAddress"])
    equipment["DisplayName"] = "Changed by hand"
    equipment["calendar"]["AutomateProcessing"] = "AutoAccept"
    equipment["permissions"] = []
    tenant["virtualDirectories"] = [_directory(entry["Server"], values) for entry in tenant["virtualDirectories"]]
    drift_add_in(tenant, values)


def account(address: str, **changed: Any) -> Json:
    """Return a user with a mailbox on Exchange Server: known to no other directory, and named as a person is."""
    made = user(address, ExternalDirectoryObjectId="", SKUAssigned=None, EwsEnabled=None)
    return made | {"Name": made["DisplayName"]} | changed


def _units(unit: str, domain: str) -> tuple[str, list[str]]:
    """Return the forest's domain and the path of the described organizational unit, which may be given as a DN."""
    if "=" in unit:
        parts = [part.strip().partition("=") for part in unit.split(",")]
        forest = ".".join(name for kind, _, name in parts if kind.upper() == "DC")
        names = [name for kind, _, name in reversed(parts) if kind.upper() != "DC"]
        return forest or domain, ["/".join([forest or domain, *names])]
    if "/" in unit:
        return unit.split("/", maxsplit=1)[0], [unit]
    return domain, [f"{domain}/{unit}"] if unit else []


def _domains(values: Mapping[str, Any]) -> list[Json]:
    own = values["TargetAcceptedDomain"]
    named = [values["EquipmentAddress"], *people(values), *(values.get("OneTouchJoinGroups") or [])]
    names = dict.fromkeys([own.lower(), *(domain_of(address).lower() for address in named)])
    return [{"DomainName": name, "Default": name == own.lower(), "InitialDomain": False} for name in names]


def _server_name(values: Mapping[str, Any]) -> str:
    """Return the server that the description's virtual directory is on, else the usual one."""
    named, has_server, _ = (values.get("AuthenticationVirtualDirectory") or "").partition("\\")
    return named if has_server else "EX01"


def _servers(values: Mapping[str, Any], version: str) -> list[Json]:
    first = _server_name(values)
    second = "EX02" if first.upper() != "EX02" else "EX01"
    return [
        {"Name": name, "Fqdn": f"{name.lower()}.rehearsal.invalid", "AdminDisplayVersion": build}
        for name, build in ((first, BUILDS[version]), (second, BUILDS["2016"]))
    ]


def _directory(server: str, values: Mapping[str, Any]) -> Json:
    """Return the EWS virtual directory of a server, as the description finds it."""
    is_named = bool(values.get("AuthenticationVirtualDirectory")) and server == _server_name(values)
    shut = {_SWITCHES[method] for method in values.get("AuthenticationMethods") or ()} if is_named else set()
    return {
        "Guid": guid(f"directory|{server}"),
        "Server": server,
        "Name": SITE,
        **{switch: switch not in shut for switch in ("BasicAuthentication", "WindowsAuthentication")},
        "InternalUrl": f"https://{server.lower()}.rehearsal.invalid/EWS/Exchange.asmx",
        "ExternalUrl": "https://mail.rehearsal.invalid/EWS/Exchange.asmx",
    }


def _recipients(values: Mapping[str, Any], operator: str) -> list[Json]:
    """Return everybody that the description names and does not make, the operator and somebody else."""
    own = [operator, f"somebody.else@{domain_of(operator)}"]
    others = [address for address in people(values) if address.lower() != operator.lower()]
    found = [account(address) for address in [*others, *own]]
    names: set[str] = set()
    for entry in found:
        if entry["Name"].lower() in names:
            entry["Name"] += f" ({domain_of(entry['PrimarySmtpAddress'])})"
        names.add(entry["Name"].lower())
    if values.get("ServiceAccountAdopt"):
        name = values.get("ServiceAccountName") or "Pexip Service"
        found.append(account(values["ServiceAccountUserPrincipalName"], Name=name, DisplayName=name))
    group_address = values.get("ImpersonationGroup")
    if values.get("EquipmentAdopt") or group_address:
        name = values.get("EquipmentName") or "Equipment"
        found.append({**make_equipment(values), "ExternalDirectoryObjectId": "", "Name": name, "EwsEnabled": None})
    if group_address:
        # No runbook puts the equipment mailbox into this group, and without it the role would not reach it.
        group = make_group(group_address, "Impersonated people", found[len(others)]["Guid"])
        members = [guid(f"mailbox|{values['EquipmentAddress']}"), found[0]["Guid"]]
        found.append({**group, "ExternalDirectoryObjectId": "", "members": members})
    return found


def _add_roles(tenant: Json, operator: str) -> None:
    """Add what setup makes, and another service's impersonation: nothing that the runbook may touch."""
    other = find(tenant, f"somebody.else@{domain_of(tenant['operator']['upn'])}")
    theirs = scope("Somebody else's scope", f"PrimarySmtpAddress -eq '{other['PrimarySmtpAddress']}'")
    hygiene = "Hygiene Management"
    tenant["roleGroups"] = [{"Name": ADMINISTRATORS, "members": [operator]}, {"Name": hygiene, "members": []}]
    tenant["scopes"].append(theirs)
    tenant["assignments"] += [
        assignment(f"{IMPERSONATION}-{hygiene}", IMPERSONATION, hygiene, "RoleGroup"),
        assignment(f"{EVERYBODY}-{POLICY}", EVERYBODY, POLICY, "RoleAssignmentPolicy"),
        assignment("Somebody else's impersonation", IMPERSONATION, other["Guid"], "User", scope_guid=theirs["Guid"]),
    ]
