"""A value sheet: for every field what a person does with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pexgen.connector.fields import Field, FieldValue, fields

EntryState = Literal["set", "compare", "enter", "secret", "left", "generated"]
"""``set``: this value. ``compare``: very probably this value; look at the place that the note names. ``enter``: needed,
and not in the description. ``secret``: a person enters it, and nothing stores it. ``left``: as it is, or as Infinity
makes it. ``generated``: Infinity's own, nobody enters it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What becomes of one field."""

    field: Field
    state: EntryState
    #: What ``set`` and ``compare`` have.
    value: FieldValue | None = None
    #: The key of the description that it comes from; empty for what follows from method and platform.
    key: str = ""
    #: Why, or what to look at.
    note: str = ""
    #: Whether the value is for a new integration alone; one that exists keeps its own, and a person compares the two.
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """The values of one integration: each field once, in the table's order."""

    #: ``""``, or ``before`` and ``after`` for the two sheets of a migration.
    name: str
    #: Whether the integration is there already, so that what nobody described stays as it is.
    existing: bool
    entries: tuple[Entry, ...]
    #: What else belongs to entering these values.
    notes: tuple[str, ...] = ()

    def having(self, *states: EntryState) -> tuple[Entry, ...]:
        """Return the entries in one of ``states``."""
        return tuple(entry for entry in self.entries if entry.state in states)

    def values(self) -> dict[str, FieldValue]:
        """Return the values to send, by field; what an integration keeps is none where it is known to exist."""
        return {
            entry.field.name: entry.value
            for entry in self.having("set", "compare")
            if entry.value is not None and not (entry.keeps and self.existing)
        }


class SheetDraft:
    """A sheet while it is filled in; fields that nothing is said about are left alone."""

    def __init__(self, *, existing: bool) -> None:
        self.existing = existing
        self.notes: list[str] = []
        self._entries: dict[str, Entry] = {}

    def set(self, name: str, value: FieldValue, key: str = "", note: str = "") -> None:
        """Give a field its value."""
        self._put(Entry(fields()[name], "set", value, key, note))

    def compare(self, name: str, value: FieldValue, note: str, key: str = "") -> None:
        """Give a field the value that it very probably has; ``note`` says where to look."""
        self._put(Entry(fields()[name], "compare", value, key, note))

    def propose(self, name: str, value: FieldValue, note: str, key: str = "") -> None:
        """Give a field a value for a new integration; one that exists keeps its own, which is only compared."""
        self._put(Entry(fields()[name], "compare", value, key, note, keeps=True))

    def enter(self, name: str, why: str, *, always: bool = False) -> None:
        """Ask for a field that the description lacks; an integration that exists has it already, if not ``always``."""
        if self.existing and not always:
            self._put(Entry(fields()[name], "left", note="the integration exists and has it"))
        else:
            self._put(Entry(fields()[name], "enter", note=why))

    def secret(self, name: str, why: str) -> None:
        """Ask for a secret."""
        self._put(Entry(fields()[name], "secret", note=why))

    def finish(self, name: str = "") -> Sheet:
        """Return the sheet."""
        entries = tuple(self._entries.get(each.name) or _untouched(each) for each in fields().values())
        return Sheet(name, self.existing, entries, tuple(self.notes))

    def _put(self, entry: Entry) -> None:
        self._entries[entry.field.name] = entry


def _untouched(field: Field) -> Entry:
    return Entry(field, "generated" if field.access in {"read-only", "sign-in"} else "left")
