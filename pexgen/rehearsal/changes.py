"""Which objects of a simulated tenant changed between two or more moments, property by property."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pexgen.rehearsal.calls import names_of
from pexgen.simulation.objects import Json
from pexgen.simulation.tenants import TIMES

NOT_THERE = "absent"
_KINDS = {
    "servicePrincipals": "Pointer to an application",
    "scopes": "Management scope",
    "assignments": "Role assignment",
    "virtualDirectories": "Virtual directory",
    "apps": "Add-in",
}
_RECIPIENTS = {
    "EquipmentMailbox": "Equipment mailbox",
    "RoomMailbox": "Room mailbox",
    "UserMailbox": "Mailbox",
    "SharedMailbox": "Shared mailbox",
    "MailUniversalSecurityGroup": "Mail-enabled security group",
    "MailUniversalDistributionGroup": "Distribution group",
}
# Identifiers, and what the simulation keeps for itself.
_UNSEEN = {*TIMES, "Guid", "ExternalDirectoryObjectId", "ExchangeGuid", "items", "SKUAssigned", "Sid", "EmailAddresses"}
_UNSEEN |= {"scopeKind", "assigneeType", "delegating"}


@dataclass(frozen=True, slots=True)
class ChangedObject:
    """An object, and its properties that differ: their names, and of each the text at every moment."""

    title: str
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def changed_objects(moments: Sequence[Json]) -> tuple[ChangedObject, ...]:
    """Return the objects that are not the same at all of these moments, in the order in which a tenant has them."""
    names: dict[str, str] = {}
    for tenant in moments:
        names.update(names_of(tenant))
    everything = [dict(_objects(tenant)) for tenant in moments]
    keys = dict.fromkeys(key for objects in everything for key in objects)
    found = (_compared([objects.get(key) for objects in everything], key[0], names) for key in keys)
    return tuple(each for each in found if each is not None)


def _objects(tenant: Json) -> Iterator[tuple[tuple[str, str], Json]]:
    """Yield each object of a tenant by its place and its identifier."""
    yield ("organization", ""), tenant["organization"]
    for place in ("recipients", *_KINDS):
        for entry in tenant.get(place) or []:
            yield (place, str(entry.get("Guid") or entry.get("AppId"))), entry


def _compared(states: Sequence[Json | None], place: str, names: Mapping[str, str]) -> ChangedObject | None:
    shown = [None if state is None else dict(_properties(state, names)) for state in states]
    keys = dict.fromkeys(key for state in shown if state is not None for key in state)
    rows = [
        (key, tuple(NOT_THERE if state is None else state.get(key, "(not set)") for state in shown)) for key in keys
    ]
    differing = tuple((key, values) for key, values in rows if len(set(values)) > 1)
    if not differing:
        return None
    present = [state for state in states if state is not None]
    # What is not set there says nothing of an object that was not there before either.
    if len(present) < len(states):
        said = tuple(row for row in differing if set(row[1]) != {NOT_THERE, "(not set)"})
        differing = said or differing
    return ChangedObject(_title(present[-1], place), differing)


def _title(state: Json, place: str) -> str:
    if place == "organization":
        return "The organization"
    if place == "virtualDirectories":
        return f"{_KINDS[place]} {state['Server']}\\{state['Name']}"
    if place == "recipients":
        kind = _RECIPIENTS.get(state["RecipientTypeDetails"], state["RecipientTypeDetails"])
        return f"{kind} {state['PrimarySmtpAddress']}"
    return f"{_KINDS[place]} {state.get('DisplayName') or state['Name']}"


def _properties(state: Json, names: Mapping[str, str], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in state.items():
        if key in _UNSEEN:
            continue
        if isinstance(value, dict):
            yield from _properties(value, names, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", _text(value, names)


def _text(value: Any, names: Mapping[str, str]) -> str:
    if value is None or value in ("", []):
        return "(not set)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(sorted(_text(each, names) for each in value))
    if isinstance(value, dict):
        rights = value.get("AccessRights")
        who = _text(value.get("User"), names)
        return f"{who}: {', '.join(rights)}" if isinstance(rights, list) else str(value)
    return names.get(str(value).lower(), str(value))
