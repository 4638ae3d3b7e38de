"""Objects of a simulated tenant as they stand in its file."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from pexgen.errors import PexgenError

Json: TypeAlias = "dict[str, Any]"


class AbsentRecipientError(PexgenError):
    """A recipient that has to be there to go on is not in a simulated organization."""

    exit_code = 3
    hint = "rehearse it from fresh, and see what its Apply creates"


def guid(text: str) -> str:
    """Return the GUID that belongs to a text, the same one each time."""
    return str(uuid.UUID(bytes=hashlib.sha256(text.lower().encode()).digest()[:16]))


def connection(tenant: Json, **changed: Any) -> Json:
    """Return a connection to the tenant as ``Get-ConnectionInformation`` shows it."""
    return {
        "ConnectionId": guid("connection"),
        "State": "Connected",
        "Id": 1,
        "Name": "ExchangeOnline_1",
        "UserPrincipalName": tenant["operator"]["upn"],
        "ConnectionUri": tenant["connectionUri"],
        "AzureAdAuthorizationEndpointUri": "https://login.rehearsal.invalid/common",
        "TokenExpiryTimeUTC": "2099-01-01 00:00:00 +00:00",
        "CertificateAuthentication": False,
        "ModuleName": "",
        "ModulePrefix": "",
        "Organization": "",
        "DelegatedOrganization": "",
        "AppId": "",
        "PageSize": 1000,
        "TenantID": tenant["tenantId"],
        "TokenStatus": "Active",
        "ConnectionUsedForInbuiltCmdlets": True,
        "IsEopSession": False,
        **changed,
    }


def user(address: str, **changed: Any) -> Json:
    """Return a user with a mailbox, as Exchange Online makes one today: its Name is a GUID."""
    directory = guid(f"directory|{address}")
    return {
        "Guid": guid(f"mailbox|{address}"),
        "ExternalDirectoryObjectId": directory,
        "ExchangeGuid": guid(f"store|{address}"),
        "Name": directory,
        "DisplayName": address.split("@", maxsplit=1)[0].replace(".", " ").title(),
        "Alias": address.split("@", maxsplit=1)[0],
        "PrimarySmtpAddress": address,
        "EmailAddresses": [f"SMTP:{address}"],
        "RecipientTypeDetails": "UserMailbox",
        "UserPrincipalName": address,
        "IsDirSynced": False,
        "SKUAssigned": True,
        "EwsEnabled": True,
        "items": 120,
        "calendar": {},
        "permissions": [],
        "WhenCreatedUTC": "2024-05-02 09:00:00",
        "WhenChangedUTC": "2026-09-01 09:00:00",
        **changed,
    }


def equipment(values: Mapping[str, Any]) -> Json:
    """Return the equipment mailbox as somebody else made it, for a description that adopts it."""
    return user(
        values["EquipmentAddress"],
        RecipientTypeDetails="EquipmentMailbox",
        DisplayName=values.get("EquipmentDisplayName") or values.get("EquipmentName") or "Equipment",
        SKUAssigned=None,
        items=0,
    )


def group(address: str, name: str, owner: str, **changed: Any) -> Json:
    """Return a mail-enabled security group that somebody else made; ``owner`` is the GUID of a recipient."""
    return {
        "Guid": guid(f"group|{address}"),
        "ExternalDirectoryObjectId": guid(f"directory|{address}"),
        "Name": name,
        "DisplayName": name,
        "Alias": address.split("@", maxsplit=1)[0],
        "PrimarySmtpAddress": address,
        "EmailAddresses": [f"SMTP:{address}"],
        "RecipientTypeDetails": "MailUniversalSecurityGroup",
        "IsDirSynced": False,
        "ManagedBy": [owner],
        "MemberJoinRestriction": "Closed",
        "MemberDepartRestriction": "Closed",
        "RequireSenderAuthenticationEnabled": True,
        "members": [],
        "WhenCreatedUTC": "2024-05-02 09:00:00",
        "WhenChangedUTC": "2024-05-02 09:00:00",
        **changed,
    }


def scope(name: str, recipient_filter: str) -> Json:
    """Return a management scope."""
    return {
        "Guid": guid(f"scope|{name}"),
        "Name": name,
        "RecipientFilter": recipient_filter,
        "Exclusive": False,
        "WhenCreatedUTC": "2025-11-03 10:00:00",
        "WhenChangedUTC": "2025-11-03 10:00:00",
    }


def assignment(  # noqa: PLR0913 - what an assignment consists of
    name: str, role: str, assignee: str, kind: str, *, scope_guid: str = "", delegating: bool = False
) -> Json:
    """Return a role assignment; ``assignee`` is a GUID, or the name of a role group or policy."""
    return {
        "Guid": guid(f"assignment|{name}"),
        "Name": name,
        "Role": role,
        "assignee": assignee,
        "assigneeType": kind,
        "scopeKind": "CustomRecipientScope" if scope_guid else "Organization",
        "scope": scope_guid,
        "delegating": delegating,
        "Enabled": True,
        "WhenChangedUTC": "2025-11-03 10:00:00",
    }


def delegating_assignments(roles: Sequence[str], role_group: str) -> list[Json]:
    """Return the assignments by which a role group may hand out the roles."""
    return [
        assignment(f"{role}-{role_group}-Delegating", role, role_group, "RoleGroup", delegating=True) for role in roles
    ]


def apps(operator: str) -> list[Json]:
    """Return the organization's add-ins: one of Microsoft's own, and one that somebody else gave the operator."""
    common = {"Permissions": "ReadItem", "Enabled": True}
    theirs = {"AppId": guid("app|other"), "AppVersion": "2.1.0.0", "ProviderName": "Somebody Else Ltd"}
    microsofts = {"AppId": guid("app|microsoft"), "AppVersion": "1.2", "ProviderName": "Microsoft"}
    return [
        {
            **common,
            **microsofts,
            "DisplayName": "Action Items",
            "Scope": "Default",
            "ProvidedTo": "Everyone",
            "DefaultStateForUser": "Enabled",
            "users": [],
        },
        {
            **common,
            **theirs,
            "DisplayName": "Somebody else's add-in",
            "Scope": "Organization",
            "ProvidedTo": "SpecificUsers",
            "DefaultStateForUser": "Disabled",
            "users": [operator],
        },
    ]


def drift_add_in(tenant: Json, values: Mapping[str, Any]) -> None:
    """Change the described add-in's state, as others would."""
    for app in tenant.get("apps") or []:
        if values.get("AddInManifest") and app["AppId"] == values["AddInId"]:
            app["DefaultStateForUser"] = "Disabled"


def room_groups(values: Mapping[str, Any], owner: str) -> list[Json]:
    """Return the groups of rooms of One-Touch Join, each with a room in it; ``owner`` is the GUID of a recipient."""
    made: list[Json] = []
    for number, address in enumerate(values.get("OneTouchJoinGroups") or [], 1):
        name = f"room{number}@{domain_of(address)}"
        room = user(name, RecipientTypeDetails="RoomMailbox", SKUAssigned=None, DisplayName=f"Room {number}")
        made += [room, group(address, f"Rooms {number}", owner, members=[room["Guid"]])]
    return made


def domain_of(address: str) -> str:
    """Return what follows the @."""
    return address.rpartition("@")[2]


def find(tenant: Json, address: str) -> Json:
    """Return the recipient with this primary address; raises AbsentRecipientError where there is none."""
    for entry in tenant["recipients"]:
        if entry["PrimarySmtpAddress"].lower() == address.lower():
            found: Json = entry
            return found
    message = f"{address} is not in the simulated organization, and the rehearsal needs it there"
    raise AbsentRecipientError(message)


def people(values: Mapping[str, Any]) -> list[str]:
    """Return the addresses of people that the description names, each once, in its order; none that it makes."""
    named: list[str] = []
    for key in ("SchedulingGroupMembers", "ProofInScope", "ProofOutOfScope", "OneTouchJoinAccounts", "AddInUsers"):
        named += values.get(key) or []
    named += [entry["Account"] for entry in values.get("Delegates") or []]
    named += [values["SchedulingGroupManagedBy"]] if values.get("SchedulingGroupManagedBy") else []
    seen: dict[str, str] = {}
    for address in named:
        seen.setdefault(address.lower(), address)
    for key in ("EquipmentAddress", "SchedulingGroupAddress", "ServiceAccountUserPrincipalName", "ImpersonationGroup"):
        seen.pop((values.get(key) or "").lower(), None)
    return list(seen.values())
