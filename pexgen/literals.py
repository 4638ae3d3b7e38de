r"""PowerShell literals: the only way in which a value gets into a runbook.

Facts of the language, measured with its parser: a single-quoted string is closed by each of five characters, and
doubling the same character keeps it; nothing else inside such a string means anything.

That holds for characters, and a file has bytes. Read in another code page, the bytes of one letter are other letters,
among them closing quotes, and in some code pages the last one swallows the quote behind it. So a runbook has ASCII
alone between its quotes, which every code page reads alike: a letter beyond it is written ``\uXXXX``, and the body
turns that back in one place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Union

from pexgen.errors import DefectError

Value = Union[str, bool, int, None, Sequence["Value"], Mapping[str, "Value"]]  # noqa: UP007 - | takes no quoted name
"""What has a literal: text, truth, whole numbers of 32 bits, nothing, and lists and tables of those."""

WIDTH = 100
"""A list or table that would go beyond this column is written with one item on a line."""

# Most values have none of what these look for: `re` compiles them when a text first asks.
_CLOSING_QUOTES = "(['\u2018\u2019\u201a\u201b])"
_ESCAPE = r"\\u([0-9A-F]{4})"
_LIKE_AN_ESCAPE = r"\\(?=u[0-9A-F]{4})"
_BEYOND_ASCII = "[^\x00-\x7f]"
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_INT32 = range(-(2**31), 2**31)
# A line end would be rewritten with the file's own, a lone surrogate cannot be encoded, and the rest is not seen by the
# person who reviews the script. U+0085, U+2028 and U+2029 end no line in PowerShell and go through as they are.
_REFUSED = "[\x00-\x1f\x7f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
_INDENT = 4


def rendered_literal(value: Value, indent: int = 0) -> str:
    r"""Return :func:`powershell_literal` of ``value`` as a runbook has it: in ASCII, letters beyond it as ``\uXXXX``.

    Raises :class:`DefectError` as that does.
    """
    literal = powershell_literal(value, indent)  # It refuses what no escape may hide.
    if literal.isascii() and "\\u" not in literal:
        return literal  # Then no text in it has anything to escape.
    return powershell_literal(_each_text(value, _escaped), indent)


def unescaped(value: Value) -> Value:
    """Return a value that was read out of :func:`rendered_literal`'s text with its letters as they are."""
    return _each_text(value, _unescaped)


def readings(value: Value) -> list[str]:
    """Return each text in ``value`` with letters beyond ASCII, for a person to read; what is not seen is escaped."""
    if isinstance(value, str) and value.isascii():
        return []
    found: list[str] = []

    def note(text: str) -> str:
        if not text.isascii():
            found.append("".join(letter if letter.isprintable() else _units(letter) for letter in text))
        return text

    _each_text(value, note)
    return found


def _each_text(value: Value, change: Callable[[str], str]) -> Value:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _each_text(item, change) for key, item in value.items()}
    if isinstance(value, Sequence):
        return tuple(_each_text(item, change) for item in value)
    return value


def _escaped(text: str) -> str:
    if text.isascii() and "\\u" not in text:
        return text
    return re.sub(_BEYOND_ASCII, lambda found: _units(found.group()), re.sub(_LIKE_AN_ESCAPE, r"\\u005C", text))


def _units(letter: str) -> str:
    """The letter as PowerShell has it: one unit of UTF-16, or two."""
    data = letter.encode("utf-16-be")
    return "".join(f"\\u{data[at] << 8 | data[at + 1]:04X}" for at in range(0, len(data), 2))


def _unescaped(text: str) -> str:
    units = re.sub(_ESCAPE, lambda found: chr(int(found[1], 16)), text)
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def powershell_literal(value: Value, indent: int = 0) -> str:
    """Return the PowerShell expression, without any active part, that evaluates to ``value``.

    ``indent`` is the number of blanks before the line in which the literal stands; items on lines of their own go one
    level deeper. Raises :class:`DefectError` for what no description can hold: control characters, direction marks,
    numbers beyond 32 bits, floats, lists in lists, and keys that are not plain names.
    """
    if isinstance(value, str):
        return _text(value)
    if value is None:
        return "$null"
    if isinstance(value, bool):
        return "$true" if value else "$false"
    if isinstance(value, int):
        return _number(value)
    if isinstance(value, Mapping):
        return _table(value, indent)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview)):
        return _list(value, indent)
    message = f"a value of type {type(value).__name__} has no PowerShell literal"
    raise DefectError(message)


def _text(value: str) -> str:
    if value.isascii() and value.isprintable():
        # Nothing of it is refused, and of the closing quotes it can have the usual one alone.
        return "'" + value.replace("'", "''") + "'"
    refused = re.search(_REFUSED, value)
    if refused:
        message = f"U+{ord(refused.group()):04X} cannot be in a PowerShell literal"
        raise DefectError(message)
    return "'" + re.sub(_CLOSING_QUOTES, r"\1\1", value) + "'"


def _number(value: int) -> str:
    if value not in _INT32:
        message = f"{value} is beyond a PowerShell [int]"
        raise DefectError(message)
    return str(value)


def _list(value: Sequence[Value], indent: int) -> str:
    for item in value:
        # PowerShell unrolls a list in a list, so that what comes back would be another value.
        if isinstance(item, Sequence) and not isinstance(item, str):
            message = "a list in a list has no PowerShell literal"
            raise DefectError(message)
    return _group("@(", ")", ", ", [powershell_literal(item, indent + _INDENT) for item in value], indent)


def _table(value: Mapping[str, Value], indent: int) -> str:
    for key in value:
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            message = f"{key!r} cannot be a key of a PowerShell table"
            raise DefectError(message)
    entries = [f"{key} = {powershell_literal(item, indent + _INDENT)}" for key, item in value.items()]
    if not entries:
        return "@{}"
    return _group("@{ ", " }", "; ", entries, indent)


def _group(begin: str, end: str, separator: str, items: list[str], indent: int) -> str:
    line = begin + separator.join(items) + end
    if indent + len(line) <= WIDTH and "\n" not in line:
        return line
    inner = "\n" + " " * (indent + _INDENT)
    return begin.rstrip() + inner + inner.join(items) + "\n" + " " * indent + end.lstrip()
