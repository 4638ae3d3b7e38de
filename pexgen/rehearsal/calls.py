"""One remote call as a line of PowerShell, for a person: objects by their names, nothing of the machinery's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pexgen.literals import Value, powershell_literal
from pexgen.rehearsal.runs import Call
from pexgen.simulation.objects import Json

# What a runbook gives with every call, and what says nothing about the change.
_MACHINERY = ("Confirm", "ErrorAction", "WarningAction", "BypassSecurityGroupManagerCheck", "IgnoreNamingPolicy")
# What the call is about comes first, then what tells it from others; the rest in the order of the alphabet.
_SUBJECTS = ("Identity", "Name")
_FIRST = (*_SUBJECTS, "PrimarySmtpAddress", "Member", "User", "Role", "App")
_LEAST = 12  # columns of a value that is cut: fewer say nothing
_PLACES = ("recipients", "softDeleted", "servicePrincipals", "scopes", "assignments")


def names_of(tenant: Json) -> dict[str, str]:
    """Return what a person calls the objects of a tenant, by their GUIDs, small: the address, else the name."""
    found: dict[str, str] = {}
    for place in _PLACES:
        for entry in tenant.get(place) or []:
            name = entry.get("PrimarySmtpAddress") or entry.get("DisplayName") or entry.get("Name")
            if name:
                found[str(entry["Guid"]).lower()] = str(name)
    return found


def command_of(call: Call, names: Mapping[str, str], width: int = 0) -> str:
    """Return a call as PowerShell, on one line; a GUID that ``names`` has is replaced by the name.

    With a ``width`` the line has no more columns than that: what it is about stands there without its parameter's name,
    long values are cut, and where that is not enough the last parameters are left out.
    """
    sent = [key for key in _FIRST if key in call.parameters]
    sent += [key for key in call.parameters if key not in (*_FIRST, *_MACHINERY)]
    values = [(key, _literal(call.parameters[key], names)) for key in sent]
    whole = " ".join((call.cmdlet, *(f"-{key} {value}" for key, value in values)))
    return whole if not width or len(whole) <= width else _cut(call.cmdlet, values, width)


def _cut(cmdlet: str, values: list[tuple[str, str]], width: int) -> str:
    """Return a command of at most ``width`` columns, with as much of each value as there is room for."""
    shown = [
        (f"-{key} " if number or key not in _SUBJECTS else "", value) for number, (key, value) in enumerate(values)
    ]
    end = ""
    while shown:
        for most in range(min(width, max(len(value) for _, value in shown)), _LEAST - 1, -1):
            cuts = (f"{name}{value if len(value) <= most else value[: most - 3] + '...'}" for name, value in shown)
            text = " ".join((cmdlet, *cuts)) + end
            if len(text) <= width:
                return text
        shown, end = shown[:-1], " ..."
    return cmdlet


def _literal(value: Any, names: Mapping[str, str]) -> str:
    if isinstance(value, str):
        return powershell_literal(names.get(value.lower(), _seen(value)))
    if isinstance(value, Mapping):
        return "@{ " + "; ".join(f"{key} = {_literal(inner, names)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return ", ".join(_literal(inner, names) for inner in value) or "@()"
    plain: Value = value if value is None or isinstance(value, (bool, int)) else str(value)
    return powershell_literal(plain)


def _seen(text: str) -> str:
    """Return text without what would end the line, or turn its direction: a literal refuses that."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
