"""Who reaches whose mailbox by a step: the one model that plan, picture and diff read.

The step's own folder has it: ``access`` in the second document of ``step.yaml``. A plan shows a row for an entry with
``who``, ``through``, ``before`` and ``after``; the picture shows its ``objects`` and ``relations``. Diff compares the
entries with a ``kind``, which say one by one whose mailbox each holder can open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pexgen.records import RecordTable, Texts

__all__ = ["Access", "Holder", "Object", "Relation", "Row", "accesses_of", "holders_of"]

_EACH = "each"


@dataclass(frozen=True, slots=True)
class Object:
    """Something through which somebody gets into a mailbox, for the picture; ``id`` says what it is.

    ``lines`` are words, and lists of names that ``named_in``, a step, has where they are long.
    """

    id: str
    title: str
    lines: tuple[str | tuple[str, ...], ...]
    named_in: str


@dataclass(frozen=True, slots=True)
class Relation:
    """How one object has to do with another: ``source`` and ``target`` are their IDs; ``denies`` if it shuts out."""

    source: str
    target: str
    words: str
    denies: bool


@dataclass(frozen=True, slots=True)
class Row:
    """An access that ``who``, each alike, have; all are words for a reviewer. ``noun`` is what several are called."""

    who: tuple[str, ...]
    noun: str
    through: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Access:
    """What a step says of access for records: a row, or none, and what the picture shows."""

    row: Row | None
    objects: tuple[Object, ...]
    relations: tuple[Relation, ...]


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who can open a mailbox, or a set of them that Exchange alone knows.

    ``kind`` tells one way into a mailbox from another. ``words`` says who it is, and ``account`` is the same however it
    is called. ``includes`` are the words for sets that this one has in it; ``everybody`` has all of them in it.
    """

    kind: str
    words: str
    account: str
    whose: str
    includes: tuple[str, ...]
    everybody: bool


def accesses_of(step: str, table: RecordTable, texts: Texts) -> Iterator[Access]:
    """Yield what the table of a step says of access, with a deployment's values.

    Entries whose ``if`` is false, or whose list is empty, are left out.
    """
    for entry in table.get("access", ()):
        items = _items(entry, texts)
        if not items:
            continue
        yield Access(
            row=_row(entry, items, texts) if "through" in entry else None,
            objects=tuple(_object(each, step, texts) for each in entry.get("objects", ())),
            relations=tuple(
                Relation(each["from"], each["to"], each["words"], each.get("denies", False))
                for each in entry.get("relations", ())
            ),
        )


def holders_of(table: RecordTable, texts: Texts) -> Iterator[Holder]:
    """Yield who can open whose mailbox by a step, one by one."""
    for entry in table.get("access", ()):
        if "kind" not in entry:
            continue
        holder = entry.get("holder", f"{entry['kind']} {entry.get('who')}")
        account = entry.get("account", entry.get("who"))
        everybody = bool(texts.expression(entry.get("everybody", "false")))
        named = tuple(filter(None, (texts.sentence(each) for each in entry.get("includes", ()))))
        for item in _items(entry, texts):
            more = {_EACH: item} if _EACH in entry else {}
            yield Holder(
                kind=entry["kind"],
                words=_filled(holder, texts, more),
                account=_filled(account, texts, more),
                whose=_filled(entry["whose"], texts, more),
                includes=named,
                everybody=everybody,
            )


def _items(entry: Mapping[str, Any], texts: Texts) -> Sequence[Any]:
    """Return the list that an entry is about, one None where it is about no list; empty where its ``if`` is false."""
    if not texts.holds(entry):
        return ()
    return tuple(texts.expression(entry[_EACH]) or ()) if _EACH in entry else (None,)


def _row(entry: Mapping[str, Any], items: Sequence[Any], texts: Texts) -> Row:
    return Row(
        who=tuple(texts.sentence(entry["who"], each=item) for item in items),
        noun=entry.get("noun", "addresses"),
        through=texts.sentence(entry["through"]),
        before=texts.sentence(entry["before"]),
        after=texts.sentence(entry["after"]),
    )


def _object(entry: Mapping[str, Any], step: str, texts: Texts) -> Object:
    lines = (texts.value(line) for line in entry.get("lines", ()))
    return Object(
        id=entry["id"],
        title=texts.sentence(entry["title"]),
        lines=tuple(line if isinstance(line, str) else tuple(line) for line in lines if line),
        named_in=entry.get("named_in", step),
    )


def _filled(text: str, texts: Texts, more: Mapping[str, Any]) -> str:
    """Return a text as a sentence; one that does not mention ``each`` is filled without it: long lists are usual."""
    if text == "{{ each }}":
        return str(more[_EACH])
    return texts.sentence(text, **more) if _EACH in text else str(texts.value(text))
