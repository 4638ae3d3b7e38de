"""Who reaches whose mailbox by a step: the one model that plan, picture and diff read.

It stands in the step's own folder, as ``access`` in the second document of its ``step.yaml``. In its texts ``{Name}``
is a value of the deployment, ``{each}`` or ``{each.Key}`` the entry of a list, ``{count}`` how many hold the access.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["PLACEHOLDER", "Access", "Object", "Relation", "accesses_of", "applies"]

PLACEHOLDER = re.compile(r"\{([A-Za-z0-9]+)(?:\.([A-Za-z]+))?\}")
"""A value in a text of a step's record: its name, and a key of it or None."""

Lookup = Callable[[str], Any]
"""Returns the deployment's value of a name, such as ``EquipmentAddress``; what is absent is empty or None."""


@dataclass(frozen=True, slots=True)
class Object:
    """Something through which somebody gets into a mailbox, for the picture; ``id`` says what it is.

    ``names_holders`` is whether whoever holds the access is named in it.
    """

    id: str
    title: str
    lines: tuple[str, ...]
    names_holders: bool


@dataclass(frozen=True, slots=True)
class Relation:
    """How one object has to do with another: ``source`` and ``target`` are their IDs; ``denies`` if it shuts out."""

    source: str
    target: str
    words: str
    denies: bool


@dataclass(frozen=True, slots=True)
class Access:
    """An access that a step gives, to each of ``who`` alike.

    ``kind`` tells one way into a mailbox from another, and is empty where nobody gains anything by it. ``whose`` is a
    mailbox, or words for a set of them; ``through``, ``before`` and ``after`` are words for a reviewer.
    """

    kind: str
    who: tuple[str, ...]
    whose: str
    through: str
    before: str
    after: str
    objects: tuple[Object, ...]
    relations: tuple[Relation, ...]


def applies(entry: Mapping[str, Any], lookup: Lookup) -> bool:
    """Whether an entry of a step's record is for a deployment: its ``if`` is true there, and its ``unless`` is not."""
    return ("if" not in entry or bool(lookup(entry["if"]))) and ("unless" not in entry or not lookup(entry["unless"]))


def accesses_of(record: Mapping[str, Any], lookup: Lookup, *, gained: bool = False) -> Iterator[Access]:
    """Yield what a step's record says of access, with a deployment's values; an access that nobody gets is left out.

    With ``gained`` only what somebody gains something by, which is said with the values of parameters alone.
    """
    for entry in record.get("access", ()):
        if gained and "kind" not in entry:
            continue
        if not applies(entry, lookup):
            continue
        items = (lookup(entry["each"]) or ()) if "each" in entry else (None,)
        if items:
            yield _access(entry, lookup, items)


def _access(entry: Mapping[str, Any], lookup: Lookup, items: Sequence[Any]) -> Access:
    def filled(name: str, item: Any = None) -> str:
        return _filled(entry.get(name, ""), lookup, item, len(items))

    return Access(
        kind=entry.get("kind", ""),
        who=tuple(filled("who", item) for item in items),
        whose=filled("whose"),
        through=filled("through"),
        before=filled("before"),
        after=filled("after"),
        objects=tuple(_object(each, lookup, len(items)) for each in entry.get("objects", ())),
        relations=tuple(
            Relation(each["from"], each["to"], each["words"], each.get("denies", False))
            for each in entry.get("relations", ())
        ),
    )


def _object(entry: Mapping[str, Any], lookup: Lookup, count: int) -> Object:
    lines = tuple(_filled(line, lookup, None, count) for line in entry.get("lines", ()))
    return Object(
        id=entry["id"],
        title=_filled(entry["title"], lookup, None, count),
        lines=lines,
        names_holders=entry.get("names_holders", False),
    )


def _filled(text: str, lookup: Lookup, item: Any, count: int) -> str:
    def value(found: re.Match[str]) -> str:
        name, key = found.groups()
        if name == "each":
            return str(item[key] if key else item)
        return str(count if name == "count" else lookup(name))

    return PLACEHOLDER.sub(value, text)
