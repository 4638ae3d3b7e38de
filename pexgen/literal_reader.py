"""Reading PowerShell literals back: those that :mod:`pexgen.literals` writes, and nothing that could be code."""

from __future__ import annotations

import re

from pexgen.errors import DefectError
from pexgen.literals import Value, powershell_literal, rendered_literal, unescaped

_WORDS = {"$null": None, "$true": True, "$false": False}
_WORD = re.compile(r"\$(?:null|true|false)(?![\w:])")
_NUMBER = re.compile(r"-?\d{1,10}(?![\w.])")
_TEXT = re.compile("'(?P<inner>(?:[^'\u2018\u2019\u201a\u201b\n]|(?P<quote>['\u2018\u2019\u201a\u201b])(?P=quote))*)'")
_DOUBLED = re.compile("(['\u2018\u2019\u201a\u201b])\\1")
_KEY = re.compile(r"(?P<key>[A-Za-z][A-Za-z0-9]*) = ")
_BLANKS = re.compile(r"[ \n]*")
_SEPARATOR = re.compile(r"(?:[,;] |\n *)")
_DEEPEST = 4


class NotALiteralError(ValueError):
    """What stands there is not a literal in the form in which pexgen writes it."""


def read_literal(text: str, start: int, indent: int = 0) -> tuple[Value, int]:
    """Return the value of the literal that begins at ``start`` and where it ends.

    ``indent`` is the one that it was written with. Lists come back as tuples. Raises :class:`NotALiteralError` for
    anything that :func:`pexgen.literals.powershell_literal` would not have written in just these characters.
    """
    value, end = _value(text, start, 0)
    # Writing it again is the proof: whatever this parser lets through beyond the one form does not come back the same.
    try:
        again = powershell_literal(value, indent)
    except DefectError as error:
        raise NotALiteralError(str(error)) from error
    if again != text[start:end]:
        raise NotALiteralError("it is not written as pexgen writes it")
    return value, end


def read_rendered(text: str, start: int, indent: int = 0) -> tuple[Value, int]:
    """Return the same of a literal of a runbook, which has letters beyond ASCII as escapes.

    Runbooks of earlier versions have the letters themselves, and are read as well.
    """
    value, end = read_literal(text, start, indent)
    if not text[start:end].isascii():
        return value, end
    value = unescaped(value)
    try:
        again = rendered_literal(value, indent)
    except DefectError as error:
        raise NotALiteralError(str(error)) from error
    if again != text[start:end]:
        raise NotALiteralError("it is not written as pexgen writes it")
    return value, end


def _value(text: str, start: int, depth: int) -> tuple[Value, int]:
    if depth > _DEEPEST:
        raise NotALiteralError("it is nested too deeply")
    if text.startswith("@(", start):
        return _list(text, start + 2, depth)
    if text.startswith("@{", start):
        return _table(text, start + 2, depth)
    if found := _TEXT.match(text, start):
        return _DOUBLED.sub(r"\1", found["inner"]), found.end()
    if found := _WORD.match(text, start):
        return _WORDS[found.group()], found.end()
    if found := _NUMBER.match(text, start):
        return int(found.group()), found.end()
    raise NotALiteralError("it is not a text, number, switch, list or table of those")


def _list(text: str, start: int, depth: int) -> tuple[Value, int]:
    items: list[Value] = []
    position = _skip(text, start)
    while not text.startswith(")", position):
        item, position = _value(text, position, depth + 1)
        if isinstance(item, tuple):
            raise NotALiteralError("it has a list in a list")
        items.append(item)
        position = _next(text, position, ")")
    return tuple(items), position + 1


def _table(text: str, start: int, depth: int) -> tuple[Value, int]:
    entries: dict[str, Value] = {}
    position = _skip(text, start)
    while not text.startswith("}", position):
        found = _KEY.match(text, position)
        if not found or found["key"] in entries:
            raise NotALiteralError("it has an entry without a name of its own")
        entries[found["key"]], position = _value(text, found.end(), depth + 1)
        position = _next(text, position, "}")
    return entries, position + 1


def _next(text: str, position: int, closing: str) -> int:
    """Return where the next item begins, or the closing character stands."""
    separator = _SEPARATOR.match(text, position)
    if separator:
        return separator.end()
    after = _skip(text, position)
    if not text.startswith(closing, after):
        raise NotALiteralError("it does not end where it should")
    return after


def _skip(text: str, position: int) -> int:
    found = _BLANKS.match(text, position)
    return found.end() if found else position
