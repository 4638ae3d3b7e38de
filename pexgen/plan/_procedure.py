"""What a person does beside the runbook, as the tables of the template folder have it: when, who, and with which line.

Each step says it in its own table, a method for itself at the end of ``methods.yaml``, and ``records.yaml`` what holds
for every method that says nothing else about the same task.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pexgen.plan.model import Task

if TYPE_CHECKING:
    from pexgen.description import Description
    from pexgen.records import RecordTable, Texts

TASKS = ("before", "between", "after")
"""When a task is due: before the change, between its parts, after it; in the order in which they are listed."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something that a person does.

    ``when`` is one of :data:`TASKS`, ``connected`` (before the change, in the session) or ``back-out``. ``task`` is the
    key under ``change.tasks`` that says who does it; without one the Exchange administrator does. ``line`` and
    ``expect`` may be empty. ``awaited`` says whether Apply ends with 5 until it is done: ``always``, ``sometimes``
    (by what it finds in Exchange), or empty.
    """

    when: str
    task: str
    text: str
    line: str
    expect: str
    awaited: str


def items_of(tables: Iterable[RecordTable], texts: Texts, lines: Mapping[str, str]) -> tuple[Item, ...]:
    """Return what these tables say that a person does; ``lines`` are parts of commands, by the names in the texts."""
    return tuple(item for table in tables for item in _items(table, texts, lines))


def common_items(common: RecordTable, own: Iterable[Item], texts: Texts, lines: Mapping[str, str]) -> tuple[Item, ...]:
    """Return what every method has a person do, but for the tasks that a method speaks of itself."""
    spoken_of = {item.task for item in own}
    return tuple(item for item in _items(common, texts, lines) if item.task not in spoken_of)


def _items(table: RecordTable, texts: Texts, lines: Mapping[str, str]) -> Iterator[Item]:
    entries: Iterable[Mapping[str, Any]] = table.get("procedure", ())
    for entry in entries:
        if texts.holds(entry):
            yield Item(
                when=entry["when"],
                task=entry.get("task", ""),
                text=texts.sentence(entry["text"]),
                line=texts.sentence(entry.get("line", ""), **lines),
                expect=texts.sentence(entry.get("expect", "")),
                awaited=entry.get("awaited", ""),
            )


def manual_tasks(items: Iterable[Item], description: Description) -> tuple[Task, ...]:
    """Return the manual tasks in the order in which they are due."""
    tasks = [
        Task(id=item.task, text=item.text, due=item.when, who=person_for(description, item.task))
        for item in items
        if item.task and item.when in TASKS
    ]
    return tuple(sorted(tasks, key=lambda task: TASKS.index(task.due)))


def person_for(description: Description, task: str) -> str:
    """Return whom the description names for a manual task; empty where it names nobody."""
    tasks = description.change and description.change.tasks
    return (tasks and getattr(tasks, task)) or ""
