"""Texts as a screen and a description can show them: what cannot be seen is spelled out, what does not fit is said."""

from __future__ import annotations

import re

from pexgen.description import character_name, escaped_character, forbidden_in_value, units_of

_SPACES = re.compile(r"\s+")


def shown(text: str) -> str:
    """Return a text in which every character can be seen: a no-break space, for one, is spelled out."""
    return "".join(each if each.isprintable() else escaped_character(each) for each in text)


def alike(typed: str, text: str) -> bool:
    """Whether somebody means ``text``: as it is, as it is shown, or with any space in the place of another one."""
    wanted = typed.casefold()
    return wanted in {text.casefold(), shown(text).casefold()} or _spaced(wanted) == _spaced(text.casefold())


def _spaced(text: str) -> str:
    return _SPACES.sub(" ", text)


def unfit(text: str, most: int, *, ascii_only: bool = False) -> str:
    """Return why a description cannot hold a text of at most ``most`` characters; empty where it can."""
    forbidden = forbidden_in_value(text)
    if not text:
        return "is empty"
    if forbidden:
        return f"holds {character_name(forbidden[0])}"
    if text != text.strip():
        return "begins or ends with a space"
    if ascii_only and not text.isascii():
        return "holds other than ASCII characters"
    return f"has more than {most} characters" if units_of(text) > most else ""
