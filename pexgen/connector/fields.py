"""The fields of Pexip Infinity's Exchange connector, ``ms_exchange_connector``: one table, and the check against it.

The table is ``fields.json`` beside this module; it says itself where it comes from. A field's name is that of the API
and of the attribute in Pexip's Terraform provider. Names on Pexip's page are given where they could be read there, and
only then.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

FieldValue = str | bool | int
"""What a field takes; no field that pexgen sets takes a list."""

RESOURCE = "pexip_infinity_ms_exchange_connector"
"""The resource of Pexip's Terraform provider."""

REDIRECT_PATH = "/admin/platform/msexchangeconnector/oauth_redirect/"
"""Path of the redirect URI on the Management Node; its last slash belongs to it."""

_FILE = Path(__file__).parent / "fields.json"
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_FORMS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "email": (re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), "an e-mail address"),
    "url": (re.compile(r"https?://[A-Za-z0-9\[][!-~]*"), "a URL"),
    # Infinity may take more; pexgen does not send a sign-in over anything else.
    "https": (re.compile(r"https://[A-Za-z0-9\[][!-~]*"), "a URL that begins with https://"),
    "domain": (re.compile(rf"(?:{_LABEL}\.)+{_LABEL}"), "a domain name"),
    "guid": (re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE), "a GUID"),
    "redirect": (
        re.compile(rf"https://[A-Za-z0-9.-]+{re.escape(REDIRECT_PATH)}"),
        f"https://[Management Node Address]{REDIRECT_PATH}, last slash included",
    ),
}
_TYPES: Mapping[str, type] = {"string": str, "boolean": bool, "integer": int}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: what it takes, what it has when nobody sets it, and where to find it on Pexip's page."""

    name: str
    #: The heading that it stands under in the value sheet.
    group: str
    #: ``string``, ``boolean``, ``integer`` or ``list``.
    type: str
    #: Whether Pexip Infinity creates no integration without it.
    required: bool = False
    #: Bounds of the length of a text (characters) or of a number, both included.
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()
    #: Infinity's own; None where there is none, or where it is a text of Pexip's.
    default: FieldValue | None = None
    #: ``email``, ``url``, ``https``, ``domain``, ``guid``, ``redirect``, or nothing in particular.
    form: str = ""
    #: ``secret`` (a person enters it), ``read-only``, ``sign-in`` (Infinity's own use), or empty.
    access: str = ""
    #: The name on Pexip's page, and which page that is; empty where it is not known.
    label: str = ""
    label_source: str = ""
    #: The names of choices on Pexip's page, where they are known.
    choice_labels: Mapping[str, str] = field(default_factory=dict)
    meaning: str = ""


@lru_cache(maxsize=1)
def fields() -> Mapping[str, Field]:
    """Return every field by its name, in the order of the value sheet."""
    entries = json.loads(_FILE.read_text(encoding="utf-8"))["fields"]
    return {each["name"]: Field(**{**each, "choices": tuple(each.get("choices", ()))}) for each in entries}


def limits(of: Field) -> str:
    """Return what a field takes, in words; empty where nothing is said about it."""
    if of.choices:
        return ", ".join(of.choices)
    words = [_FORMS[of.form][1]] if of.form else []
    if of.maximum is not None:
        amount = str(of.maximum) if of.minimum is None else f"{of.minimum} to {of.maximum}"
        words.append(amount if of.type == "integer" else f"{amount if of.minimum else f'at most {amount}'} characters")
    return ", ".join(words)


class Violation(NamedTuple):
    """What a field has against a value, under the code that a description's problem of the kind has."""

    code: str
    message: str


def violation(of: Field, value: FieldValue) -> Violation | None:
    """Return what ``of`` has against ``value``; None if it takes it."""
    if type(value) is not _TYPES.get(of.type):
        return Violation("PXG022", f"takes a value of type {of.type}")
    if of.choices and value not in of.choices:
        return Violation("PXG023", f"takes one of {', '.join(of.choices)}")
    size = len(value) if isinstance(value, str) else value
    if (of.minimum is not None and size < of.minimum) or (of.maximum is not None and size > of.maximum):
        bounds = f"takes {of.minimum or 0} to {of.maximum}"
        if isinstance(value, str):
            return Violation("PXG025", f"{bounds} characters, and these are {size}")
        return Violation("PXG026", f"{bounds}, and this is {size}")
    if of.form and not _FORMS[of.form][0].fullmatch(str(value)):
        return Violation("PXG024", f"takes {_FORMS[of.form][1]}")
    return None
