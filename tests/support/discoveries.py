"""A discovery's JSON as it is when everything is well, and what becomes of it with a change."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from pexgen.description import load
from pexgen.discovery import Decisions, describe, read_discovery
from pexgen.lint import check

Json = dict[str, Any]

GROUP: Json = {
    "address": "g@contoso.com",
    "displayName": "Pexip: Users #1",
    "type": "MailUniversalSecurityGroup",
    "members": [
        {"address": "alice@contoso.com", "type": "UserMailbox"},
        {"address": "room@contoso.com", "type": "EquipmentMailbox"},
    ],
}
SCOPE: Json = {"name": "s", "filter": "MemberOfGroup -eq 'CN=g'", "exclusive": False, "groups": [GROUP]}
FOUND: Json = {
    "format": "pexgen.discovery/1",
    "platform": "exchange-online",
    "tenant": {"tenantId": "8a1c2b3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d", "organization": "contoso.onmicrosoft.com"},
    "unreadable": [],
    "cutOff": [],
    "notLookedAt": ["Consents."],
    "found": {
        "equipment": [
            {
                "address": "room@contoso.com",
                "name": "Room",
                "displayName": "Yes",
                "alias": "room",
                "type": "EquipmentMailbox",
                "calendar": [{"AutomateProcessing": "None", "DeleteComments": False, "AllowConflicts": False}],
                "fullAccess": [{"user": "S-1-5-21-1", "address": None}],
            }
        ],
        "applications": [
            {
                "assignment": "a",
                "enabled": True,
                "reach": "CustomRecipientScope",
                "principals": [
                    {
                        "name": "Pexip",
                        "clientId": "11111111-2222-4333-8444-555555555555",
                        "objectId": "66666666-7777-4888-9999-aaaaaaaaaaaa",
                    }
                ],
                "scopes": [SCOPE],
            }
        ],
        "accounts": [],
        "impersonations": [],
        "ews": [{"enabled": None, "allowed": []}],
        "outside": ["ceo@contoso.com"],
    },
}
ACCOUNT: Json = {"userPrincipalName": "svc@contoso.com", "name": "Svc", "address": "svc@contoso.com", "type": "U"}
HELD: Json = {
    "assignment": "i",
    "enabled": True,
    "reach": "Organization",
    "assigneeType": "User",
    "accounts": [ACCOUNT],
    "scopes": [],
}


def made(change: Callable[[Json], Any] = lambda _: None, around: Json | None = None, **choice: str) -> str:
    """Return the description of the usual discovery with a change in what was found, and one around it."""
    discovery = copy.deepcopy(FOUND) | (around or {})
    change(discovery["found"])
    return describe(read_discovery(json.dumps(discovery).encode(), "FOUND.json"), Decisions(**choice))


def errors(text: str) -> list[str]:
    """Return the errors that lint has for a description."""
    return [problem.message for problem in check(load(text.encode(), "x")) if problem.severity == "error"]


def app(found: Json) -> Json:
    """Return the one assignment to an application."""
    row: Json = found["applications"][0]
    return row


def doubts(text: str) -> str:
    """Return the comments of a description as one line of text, however they are broken."""
    return " ".join(line.lstrip().lstrip("# ") for line in text.splitlines() if line.lstrip().startswith("#"))
