"""What a simulated tenant out of a file has to have: what the simulation reads of it without asking."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pexgen.simulation import online, server
from pexgen.simulation.objects import Json

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
_SERVER_SHAPE: dict[str, type] = {
    "version": str,
    "netBios": str,
    "organizationalUnits": list,
    "servers": list,
    "virtualDirectories": list,
}
_WORDS = {str: "text", list: "a list", dict: "an object", int: "a number"}
# The keys of text that each object in a list has. What is called Guid is one.
_RECIPIENT = ("Guid", "Name", "PrimarySmtpAddress", "RecipientTypeDetails")
_KEYS: dict[str, tuple[str, ...]] = {
    "domains": ("DomainName",),
    "enterpriseApplications": ("appId", "objectId"),
    "recipients": _RECIPIENT,
    "softDeleted": _RECIPIENT,
    "servicePrincipals": ("Guid", "Name", "AppId", "ObjectId"),
    "scopes": ("Guid", "Name", "RecipientFilter"),
    "assignments": ("Guid", "Name", "Role", "assignee", "assigneeType"),
    "roleGroups": ("Name",),
    "apps": ("AppId", "DisplayName"),
    "servers": ("Name", "Fqdn", "AdminDisplayVersion"),
    "virtualDirectories": ("Guid", "Server", "Name"),
}
_TEXTS = ("roles", "organizationalUnits")
# Of objects, what is a list of texts where it is there at all.
_LISTS_OF_TEXT = ("members", "EmailAddresses", "ManagedBy", "users")
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def shape_problems(tenant: object) -> list[str]:
    """Return what keeps a value that came from JSON from being a simulated tenant; nothing where it is one."""
    if not isinstance(tenant, dict) or tenant.get("format") != online.FORMAT:
        return [f'a simulated tenant begins with {{"format": "{online.FORMAT}"']
    is_server = tenant.get("platform") == server.PLATFORM
    shape = _SHAPE | (_SERVER_SHAPE if is_server else {})
    found = [
        f"'{key}' has to be {_WORDS[kind]}" for key, kind in shape.items() if not isinstance(tenant.get(key), kind)
    ]
    if found:
        return found
    if not isinstance(tenant["operator"].get("upn"), str):
        found.append("'operator.upn' has to be text")
    if is_server and tenant["version"] not in server.BUILDS:
        found.append(f"'version' has to be one of {', '.join(server.BUILDS)}")
    found += (
        f"'{place}[{number}]' has to be text"
        for place in _TEXTS
        for number, entry in enumerate(tenant.get(place) or ())
        if not isinstance(entry, str)
    )
    return [*found, *(problem for place in _KEYS for problem in _problems_of(place, tenant))]


def _problems_of(place: str, tenant: Json) -> Iterator[str]:
    """Yield what is wrong with the objects of a list, each with its place; the list itself may be left out."""
    entries = tenant.get(place) or []
    if not isinstance(entries, list):
        yield f"'{place}' has to be a list"
        return
    for number, entry in enumerate(entries):
        at = f"{place}[{number}]"
        if isinstance(entry, dict):
            yield from (f"'{at}.{key}' has to be {word}" for key, word in _mistaken(entry, _KEYS[place]))
        else:
            yield f"'{at}' has to be an object"


def _mistaken(entry: Mapping[str, Any], keys: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the keys of an object whose values are not what they have to be, and what that is."""
    for key in keys:
        value = entry.get(key)
        if not isinstance(value, str):
            yield key, "text"
        elif key == "Guid" and not _GUID.fullmatch(value):
            yield key, "a GUID"
    for key in _LISTS_OF_TEXT:
        value = entry.get(key)
        is_list = isinstance(value, list) and all(isinstance(each, str) for each in value)
        if value is not None and not is_list:
            yield key, "a list of texts"
