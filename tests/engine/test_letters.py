"""Letters beyond ASCII, which a file of a runbook holds as escapes (engine/72-letters)."""

from __future__ import annotations

from typing import Any

import pytest
from support.functions import Functions, part

ESCAPES: dict[str, Any] = {
    r"ConvertFrom-Escape 'Sch\u00E9duling'": "Sch\u00e9duling",
    r"ConvertFrom-Escape '\u00C9\u00E9'": "\u00c9\u00e9",
    r"ConvertFrom-Escape '\uD83D\uDE00'": "\U0001f600",
    # What is no escape of the renderer's stays, and what comes of one is not read again.
    r"ConvertFrom-Escape '\u00e9 \u12 \x41 C:\users'": r"\u00e9 \u12 \x41 C:\users",
    r"ConvertFrom-Escape '\u005Cu0041'": r"\u0041",
    r"ConvertFrom-Escape '\u00E91'": "\u00e91",
    "ConvertFrom-Escape ''": "",
}
RENDERED: dict[str, Any] = {
    r"ConvertFrom-Rendered '\u00E9'": "\u00e9",
    r"ConvertFrom-Rendered @{ Name = '\u00E9'; List = @('\u00E9'); Number = 5; Truth = $true }": {
        "Name": "\u00e9",
        "List": ["\u00e9"],
        "Number": 5,
        "Truth": True,
    },
    r"ConvertFrom-Rendered @('a', '\u00E9')": ["a", "\u00e9"],
    r"(ConvertFrom-Rendered @('\u00E9')) -is [array]": True,
    r"(ConvertFrom-Rendered @()) -is [array]": True,
    r"(ConvertFrom-Rendered @(@{ Name = '\u00E9' }))[0].Name": "\u00e9",
    "ConvertFrom-Rendered 5": 5,
    "ConvertFrom-Rendered $false": False,
}


SHOWN = {"$Value.EquipmentDisplayName": "Pexip Sch\u00e9duling \u2019O"}


@pytest.fixture(scope="module")
def found(functions: Functions) -> dict[str, Any]:
    """What the functions of this part give, and what the file says."""
    return functions.values(*ESCAPES, *RENDERED, *SHOWN)


def test_an_escape_is_given_back_once_and_nothing_else_is_touched(found: dict[str, Any]) -> None:
    assert part(found, ESCAPES) == ESCAPES


def test_every_text_in_a_default_is_given_back_and_a_list_stays_one(found: dict[str, Any]) -> None:
    assert part(found, {**RENDERED, **SHOWN}) == {**RENDERED, **SHOWN}


def test_what_was_typed_has_no_escapes(functions: Functions) -> None:
    typed = {"$Value.EquipmentDisplayName": r"\u00E9", "$Value.ScopeName": "Pexip scheduling scope"}
    assert functions.values(*typed, EquipmentDisplayName=r"\u00E9") == typed
