"""What the steps' folders say for records, such as a plan, and how a deployment's values come into it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pexgen.catalogue import step_record_table
from pexgen.errors import DefectError
from pexgen.parameters import ABSENT, deployment_parameters, details_read
from pexgen.records._check import COMMAND_PARTS, mistaken_texts
from pexgen.records._texts import Texts
from pexgen.records._words import MOST_NAMED, Unknown, in_words
from pexgen.template_files import parsed_once, read_record_table

if TYPE_CHECKING:
    from pexgen.catalogue import Method

__all__ = [
    "COMMAND_PARTS",
    "MOST_NAMED",
    "NAMES_OBJECT",
    "RecordTable",
    "Texts",
    "Unknown",
    "common_record_table",
    "in_words",
    "method_record_table",
    "mistaken_texts",
    "names_of_values",
    "record_tables",
    "texts_of",
]

RecordTable = Mapping[str, Any]
"""What records say of a step or a method: the second document of its table, which a render does not read."""

_SHARED = "records.yaml"
"""The file of the template folder with the values that several steps' texts ask for."""

NAMES_OBJECT = "NamesObject"
"""The value by which diff has applications told apart by their objects; no parameter, and nothing of a description."""


def record_tables(folder: Path, method: Method) -> Mapping[str, RecordTable]:
    """Return what records say of each step of a method, by its ID and in the method's order."""
    return {step.id: step_record_table(folder, step) for step in method.steps}


def texts_of(folder: Path, tables: Mapping[str, RecordTable], given: Mapping[str, Any]) -> Texts:
    """Return the way to fill texts of these records; ``given`` are the deployment's values, every parameter's at least.

    Raises :class:`DefectError` for a value that is made in two places.
    """
    known = {NAMES_OBJECT: False, **{each.name: ABSENT[each.type] for each in details_read()}, **given}
    derived: dict[str, str] = {}
    for name, text in (*_shared(folder).items(), *(pair for each in tables.values() for pair in _own(each).items())):
        if name in derived or name in known:
            message = f"the value {name} of the records is made twice"
            raise DefectError(message)
        derived[name] = text
    return Texts(known, derived)


def names_of_values(folder: Path) -> frozenset[str]:
    """Return what the texts in a template folder can ask for, whichever method they are for."""
    given = (each.name for each in (*deployment_parameters(), *details_read()))
    own = (name for table in folder.glob("steps/*/step*.yaml") for name in _own(read_record_table(table)))
    return frozenset({*given, NAMES_OBJECT, *_shared(folder), *own})


def common_record_table(folder: Path) -> RecordTable:
    """Return what records say whatever the method and its steps are."""
    table = folder / _SHARED
    return parsed_once(table, table.read_bytes())


def method_record_table(folder: Path, method: Method) -> RecordTable:
    """Return what records say of a method that none of its steps says; most say nothing."""
    found: RecordTable = read_record_table(folder / "methods.yaml").get(method.id, {})
    return found


def _shared(folder: Path) -> Mapping[str, str]:
    return _own(common_record_table(folder))


def _own(table: RecordTable) -> Mapping[str, str]:
    found: Mapping[str, str] = table.get("values", {})
    return found
