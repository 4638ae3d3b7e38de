"""The JSON Schema of a description: where it is, what it says of a key, and the validator made from it."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from pexgen.description._paths import format_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jsonschema_rs import Draft202012Validator, ValidationError

    from pexgen.description._paths import Path

SCHEMA_FILE = "description.schema.json"
"""What a description's first line calls the schema, which is to lie beside it, for editors."""

_FILE = FilePath(__file__).parent.parent / "schema" / SCHEMA_FILE


def schema_text() -> str:
    """The schema as it stands in the package: ASCII, LF."""
    return _FILE.read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def load_schema() -> dict[str, Any]:
    """The schema as data, the same object at every call: not to be changed."""
    schema: dict[str, Any] = json.loads(schema_text())
    return schema


@lru_cache(maxsize=1)
def _validator() -> Draft202012Validator:
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator(load_schema())


def is_valid(data: object) -> bool:
    """Whether the schema has nothing against ``data``, made of plain types with text that UTF-8 can hold."""
    return _validator().is_valid(data)


def violations(data: object) -> Iterator[ValidationError]:
    """What the schema has against ``data``, as for :func:`is_valid`."""
    return iter(_validator().iter_errors(data))


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """``node`` with what its ``$ref`` names merged in; its own keywords win."""
    reference = node.get("$ref")
    if reference is None:
        return node
    definition: dict[str, Any] = load_schema()["$defs"][reference.rpartition("/")[2]]
    return {**definition, **{key: value for key, value in node.items() if key != "$ref"}}


def schema_of(path: Path) -> dict[str, Any]:
    """The schema of the key at ``path`` (``$ref`` resolved); empty where the schema knows no such key."""
    node = load_schema()
    for part in path:
        found = node.get("items") if isinstance(part, int) else node.get("properties", {}).get(part)
        if found is None:
            return {}
        node = resolved(found)
    return node


@cache
def longest(key: str) -> int:
    """Return how many characters a text may have at most: ``key`` is a path with dots, such as ``equipment.name``."""
    most: int = schema_of(tuple(key.split(".")))["maxLength"]
    return most


def schema_at(schema_path: Iterable[str | int]) -> Any:
    """What stands in the schema at a path that the validator gave."""
    node: Any = load_schema()
    for part in schema_path:
        node = node[part]
    return node


def sections() -> dict[str, str]:
    """Every key of the schema with the paths of the sections that have it, for "did you mean": name to path."""
    found: dict[str, str] = {}

    def walk(node: dict[str, Any], path: Path) -> None:
        for key, value in node.get("properties", {}).items():
            found.setdefault(key, format_path((*path, key)))
            walk(resolved(value), (*path, key))

    walk(load_schema(), ())
    return found
