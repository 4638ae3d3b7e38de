"""Which lines of a runbook differ from those that were expected, and in which of its parts."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pexgen.runbook_marks import BODY_BEGINS, REVIEW

_MOST_PAIRS = 25_000_000
_WINDOW = 160
_ESCAPED_BYTE = range(0xDC80, 0xDD00)


@dataclass(frozen=True, slots=True)
class LineChange:
    """Lines that stand in the place of others.

    ``line`` counts from 1 in the file; ``column`` from 1, 0 where it is not one line for another. ``part`` is the part
    of the runbook. The lines are fit to be shown: see :func:`shown`.
    """

    part: str
    line: int
    column: int
    expected: tuple[str, ...]
    found: tuple[str, ...]


def line_changes(expected: Sequence[str], found: Sequence[str]) -> tuple[LineChange, ...]:
    """Return every difference between two texts, as lines without their ends, in the file's order."""
    shortest = min(len(expected), len(found))
    begin = next((index for index in range(shortest) if expected[index] != found[index]), shortest)
    left = shortest - begin
    end = next((index for index in range(left) if expected[-1 - index] != found[-1 - index]), left)
    parts = _parts(expected)
    return tuple(
        _change(parts[min(first, len(parts) - 1)], second, expected[first:last], found[second:until])
        for first, last, second, until in _blocks(expected, found, begin, end)
    )


def shown(line: str) -> str:
    """Return a line that looks different wherever it is different: what is not ASCII stands there by its number."""
    return "".join(each if " " <= each <= "~" else _named(each) for each in line)


def _blocks(expected: Sequence[str], found: Sequence[str], begin: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    ours, theirs = expected[begin : len(expected) - end], found[begin : len(found) - end]
    if len(ours) * len(theirs) > _MOST_PAIRS:
        yield begin, len(expected) - end, begin, len(found) - end
        return
    # Lines that stand everywhere, such as empty ones, are no anchors: a file full of them would take minutes.
    matcher = difflib.SequenceMatcher(None, ours, theirs, autojunk=True)
    for tag, first, last, second, until in matcher.get_opcodes():
        if tag != "equal":
            yield begin + first, begin + last, begin + second, begin + until


def _change(part: str, line: int, expected: Sequence[str], found: Sequence[str]) -> LineChange:
    if len(expected) != 1 or len(found) != 1:
        return LineChange(part, line + 1, 0, tuple(map(_cut, expected)), tuple(map(_cut, found)))
    (ours,), (theirs,) = expected, found
    shortest = min(len(ours), len(theirs))
    column = next((index for index in range(shortest) if ours[index] != theirs[index]), shortest)
    return LineChange(part, line + 1, column + 1, (_cut(ours, column),), (_cut(theirs, column),))


def _cut(line: str, column: int = 0) -> str:
    """Return a line fit to be shown, or the window of a long one in which the column is."""
    begin = max(0, column - _WINDOW // 2) if len(line) > _WINDOW else 0
    end = begin + _WINDOW
    return ("..." if begin else "") + shown(line[begin:end]) + ("..." if end < len(line) else "")


def _named(character: str) -> str:
    code = ord(character)
    if code in _ESCAPED_BYTE:
        return f"<byte {code - 0xDC00:02X}>"
    name = unicodedata.name(character, "")
    return f"<U+{code:04X} {name}>" if name else f"<U+{code:04X}>"


# What the lines begin with where a part does; nearly all others begin otherwise.
_BEGINNINGS = frozenset("[$#")


def _parts(lines: Sequence[str]) -> list[str]:
    """Return the part to which each line belongs."""
    parts, part = [], "help"
    for line in lines:
        if line[:1] not in _BEGINNINGS:
            pass
        elif line.startswith("[Diagnostics.") and part == "help":
            part = "param()"
        elif line.startswith(REVIEW):
            part = "review"
        elif line in {BODY_BEGINS, "#endregion"}:
            part = "body"
        elif line.startswith("#region "):
            part = line.removeprefix("#region ")
        parts.append(part)
    return parts
