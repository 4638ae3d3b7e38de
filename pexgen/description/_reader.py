"""The one way from checked data to the dataclasses of :mod:`pexgen.description.model`."""

# No "from __future__ import annotations": named tuples look at the types of their fields, and resolving text is slow.

from dataclasses import fields
from functools import cache
from types import NoneType
from typing import Any, NamedTuple, TypeVar, get_args

from pexgen.description import _schema
from pexgen.description._paths import Path, parse_path

Section = TypeVar("Section")


class _Derived(NamedTuple):
    """A default that comes from another key: its text before ``before``, if any, with ``suffix`` after it."""

    path: Path
    key: Path
    before: str
    suffix: str


class _Field(NamedTuple):
    """How the value of one field is made: of what section, and whether of a list of them."""

    name: str
    section: type[Any] | None
    is_list: bool


#: What :func:`_fields` found for a class; classes do not change.
_FIELDS: dict[type[Any], tuple[_Field, ...]] = {}


def read(data: dict[str, Any], kind: type[Section]) -> Section:
    """``data``, which the schema has found right and which is not changed, as an object of ``kind``."""
    return _read(_with_derived_defaults(data), kind)


def _read(data: dict[str, Any], kind: type[Section]) -> Section:
    values = {}
    for field in _FIELDS.get(kind) or _fields(kind):
        if field.name not in data:
            continue
        value = data[field.name]
        if field.is_list:
            section = field.section
            value = tuple(value) if section is None else tuple(_read(item, section) for item in value)
        elif field.section is not None:
            value = _read(value, field.section)
        values[field.name] = value
    return kind(**values)


def _fields(kind: type[Any]) -> tuple[_Field, ...]:
    _FIELDS[kind] = tuple(_field(field.name, field.type) for field in fields(kind))
    return _FIELDS[kind]


def _field(name: str, annotation: Any) -> _Field:
    choices = [choice for choice in get_args(annotation) if choice not in (NoneType, Ellipsis)]
    is_list = getattr(annotation, "__origin__", None) is tuple
    inner = choices[0] if choices else annotation
    return _Field(name, inner if hasattr(inner, "__dataclass_fields__") else None, is_list)


@cache
def _derived_defaults() -> tuple[_Derived, ...]:
    """Every default of the schema that comes from another key."""
    found: list[_Derived] = []

    def walk(node: dict[str, Any], path: Path) -> None:
        for key, value in node.get("properties", {}).items():
            source = value.get("x-default-from")
            if source:
                place = parse_path(source["key"])
                found.append(_Derived((*path, key), place, source.get("before", ""), source.get("suffix", "")))
            walk(_schema.resolved(value), (*path, key))

    walk(_schema.load_schema(), ())
    return tuple(found)


@cache
def _filled_sections() -> tuple[tuple[str, frozenset[str]], ...]:
    """Sections that are there with their defaults even when they are left out, and the methods for which."""
    properties = _schema.load_schema()["properties"].items()
    return tuple((key, frozenset(value["x-filled-for"])) for key, value in properties if "x-filled-for" in value)


def _with_derived_defaults(data: dict[str, Any]) -> dict[str, Any]:
    """A copy of ``data`` in which every default that comes from another key is filled in."""
    filled = {key: dict(value) if isinstance(value, dict) else value for key, value in data.items()}
    for key, methods in _filled_sections():
        if data["method"] in methods:
            filled.setdefault(key, {})
    for derived in _derived_defaults():
        section = _at(filled, derived.path[:-1])
        if section is not None and derived.path[-1] not in section:
            text = str(_at(filled, derived.key))
            text = text.partition(derived.before)[0] if derived.before else text
            section[derived.path[-1]] = text + derived.suffix
    return filled


def _at(data: Any, path: Path) -> Any:
    for part in path:
        data = data.get(part)
        if data is None:
            return None
    return data
