"""The parameters of a runbook that hold a description's values, and those values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from pexgen.description import load_schema
from pexgen.errors import DefectError
from pexgen.literals import Value

if TYPE_CHECKING:
    from pexgen.catalogue import Method

ABSENT: Mapping[str, Value] = {
    "string": "",
    "string[]": (),
    "bool": False,
    "int": 0,
    "hashtable": {},
    "hashtable[]": (),
}
"""The value of a parameter whose key is absent, by the parameter's type."""

_TYPES = {"string": "string", "integer": "int", "boolean": "bool", "object": "hashtable"}


@dataclass(frozen=True, slots=True)
class DeploymentParameter:
    """A parameter that holds the description's value under ``key``, a path such as ``scheduling_group.members``."""

    name: str
    key: str
    type: str
    help: str


def pascal_case(key: str) -> str:
    """Return a key or a path of keys as PowerShell names it: ``scheduling_group.members`` is SchedulingGroupMembers."""
    return "".join(word[:1].upper() + word[1:] for word in key.replace(".", "_").split("_"))


@cache
def deployment_parameters() -> tuple[DeploymentParameter, ...]:
    """Return a parameter for each key of the schema that has the help of one (``x-parameter``), in its order."""
    return tuple(_parameters(load_schema(), ""))


def _parameters(section: Mapping[str, Any], above: str) -> Iterator[DeploymentParameter]:
    for name, value in section["properties"].items():
        key = above + name
        if "x-parameter" in value:
            yield _parameter(key, value)
        yield from _parameters(value, f"{key}.") if "properties" in value else ()
        for inner, read in value.get("x-read-from-file", {}).items():
            if "x-parameter" in read:
                yield _parameter(above + inner, read)


def _parameter(key: str, value: Mapping[str, Any]) -> DeploymentParameter:
    items = value.get("items")
    # A key that takes its form from a definition is text.
    kind = _TYPES[value.get("type", "string")] if items is None else f"{_TYPES[items.get('type', 'string')]}[]"
    return DeploymentParameter(name=pascal_case(key), key=key, type=kind, help=value["x-parameter"])


def parameter_values(description: object, method: Method) -> dict[str, Value]:
    """Return the description's value for each parameter of the method, by the parameter's name."""
    return {parameter.name: parameter_value(description, parameter) for parameter in method.parameters}


def parameter_value(description: object, parameter: DeploymentParameter) -> Value:
    """Return the description's value for ``parameter``; what is absent becomes that type's empty value.

    Raises :class:`DefectError` if the description has no such key at all.
    """
    node: Any = description
    for key in parameter.key.split("."):
        if not hasattr(node, key):
            message = f"parameter {parameter.name}: the description has no key {parameter.key}"
            raise DefectError(message)
        node = getattr(node, key)
        if node is None:
            return ABSENT[parameter.type]
    return _plain(node)


def _plain(node: Any) -> Value:
    """Turn sections into tables under the names that PowerShell uses; what is absent in them is left out."""
    if is_dataclass(node):
        named = ((field.name, getattr(node, field.name)) for field in fields(node))
        return {pascal_case(name): _plain(value) for name, value in named if value is not None}
    if isinstance(node, (list, tuple)):
        return tuple(_plain(item) for item in node)
    value: Value = node
    return value
