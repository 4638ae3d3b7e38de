"""Objects of a simulated tenant as they stand in its file."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any, TypeAlias

Json: TypeAlias = "dict[str, Any]"


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


def group(values: Mapping[str, Any], owner: str) -> Json:
    """Return the scheduling group as somebody else made it, for a description that adopts it."""
    address = values["SchedulingGroupAddress"]
    return {
        "Guid": guid(f"group|{address}"),
        "ExternalDirectoryObjectId": guid(f"directory|{address}"),
        "Name": values["SchedulingGroupName"],
        "DisplayName": values["SchedulingGroupName"],
        "Alias": address.split("@")[0],
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
    }
