"""Values as they stand in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pexgen.literals import Value


class Unknown(str):
    """A placeholder, written as ``<...>``, for a value that only a run can know."""

    __slots__ = ()


MOST_NAMED = 12
"""So many entries of a list are named outside the step that they belong to; of more there is the number."""


def in_words(value: Value, *, named_in: str = "", noun: str = "addresses") -> str:
    """Return a value as prose: lists with commas, tables as ``Name value``, truth as PowerShell prints it.

    Of a list that is longer than :data:`MOST_NAMED` it says how many they are, as ``noun``, and that the step
    ``named_in`` names them; without such a step it names them. An empty one is nobody: lists here are of accounts,
    mailboxes or applications.
    """
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {in_words(item)}" for name, item in value.items())
    if isinstance(value, (list, tuple)):
        if named_in and len(value) > MOST_NAMED:
            return f"{len(value)} {noun} (named in the step {named_in})"
        return ", ".join(in_words(item) for item in value) or "nobody"
    return str(value)
