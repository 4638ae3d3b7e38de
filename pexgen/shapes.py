"""Checks JSON against a table of its keys and what each has to hold, and names the first one that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TEXT, NUMBER, SWITCH = "a text", "a whole number", "true or false"
"""What a key may have to hold, as a message says it."""


@dataclass(frozen=True, slots=True)
class Maybe:
    """What may be missing, or null."""

    shape: Shape


Shape = str | Maybe | Mapping[str, "Shape"] | tuple["Shape"]
"""One of the words above, what may be missing, the keys of an object, or in a tuple what each entry of a list is."""


def mistake(value: Any, shape: Shape, place: str = "") -> str:
    """Return what is wrong with ``value`` and at which key, such as ``steps[0].id has to be a text``; else nothing.

    Keys that the table does not name may hold anything.
    """
    if isinstance(shape, Maybe):
        return "" if value is None else mistake(value, shape.shape, place)
    if isinstance(shape, str):
        return "" if _is(value, shape) else f"{place} has to be {shape}"
    if isinstance(shape, tuple):
        if not isinstance(value, list):
            return f"{place} has to be a list"
        inside = (mistake(each, shape[0], f"{place}[{number}]") for number, each in enumerate(value))
    else:
        if not isinstance(value, dict):
            return f"{place} has to be an object"
        inside = (mistake(value.get(key), each, f"{place}.{key}".lstrip(".")) for key, each in shape.items())
    return next(filter(None, inside), "")


def _is(value: Any, kind: str) -> bool:
    """Whether a value is of the kind; in Python true is a number too, and in JSON it is none."""
    if kind == NUMBER:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, {TEXT: str, SWITCH: bool}[kind])
