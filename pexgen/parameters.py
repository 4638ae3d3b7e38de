"""The parameters of a runbook: those that say something about one run, and those that hold a description's values."""

# No "from __future__ import annotations": named tuples look at the types of their fields, and resolving text is slow.

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pexgen.description import load_schema
from pexgen.errors import DefectError
from pexgen.literals import Value
from pexgen.template_files import read_yaml

if TYPE_CHECKING:
    from pexgen.catalogue import Method, Step


class ValueType(NamedTuple):
    """What a parameter of some type holds: its class in Python, how a sentence calls it, and what it is without one."""

    kind: type
    words: str
    absent: Value


VALUE_TYPES: Mapping[str, ValueType] = {
    "string": ValueType(str, "text", ""),
    "string[]": ValueType(tuple, "a list of texts", ()),
    "bool": ValueType(bool, "true or false", False),
    "int": ValueType(int, "a whole number", 0),
    "hashtable": ValueType(dict, "a table", {}),
    "hashtable[]": ValueType(tuple, "a list of tables", ()),
}
"""The types of parameters that hold a description's values."""

PARAMETER_TYPES = (*VALUE_TYPES, "switch", "securestring")
"""The types that a runbook's parameter may have; what they bind, they bind without an error outside the guards."""

ABSENT: Mapping[str, Value] = {name: each.absent for name, each in VALUE_TYPES.items()}
"""The value of a parameter whose key is absent, by the parameter's type."""

_OF_SCHEMA = {"string": "string", "integer": "int", "boolean": "bool", "object": "hashtable"}


class RunParameter(NamedTuple):
    """A parameter that says something about one run; ``complete`` are the values offered by completion.

    ``methods`` are the methods that have it, ``parts`` the parts of steps of which a body with one has it; where both
    are empty every runbook has it.
    """

    name: str
    type: str
    help: str
    default: str | int | bool | tuple[str, ...] | None
    complete: str | tuple[str, ...]
    methods: tuple[str, ...]
    parts: tuple[str, ...]

    def is_for(self, method: str, steps: "tuple[Step, ...]") -> bool:
        """Whether the runbooks of a method with these steps have the parameter."""
        if not (self.methods or self.parts):
            return True
        return method in self.methods or any(step.part.name.removeprefix("steps/") in self.parts for step in steps)


class DeploymentParameter(NamedTuple):
    """A parameter that holds the description's value under ``key``, a path such as ``scheduling_group.members``."""

    name: str
    key: str
    type: str
    help: str


def run_parameters(folder: Path) -> tuple[RunParameter, ...]:
    """Return the parameters that say something about one run, in the order of the template folder's table."""
    return tuple(_run_parameter(entry) for entry in read_yaml(folder / "parameters.yaml")["run"])


def _run_parameter(entry: Mapping[str, Any]) -> RunParameter:
    default, complete = entry.get("default"), entry.get("complete", ())
    return RunParameter(
        name=entry["name"],
        type=entry["type"],
        help=entry["help"],
        default=tuple(default) if isinstance(default, list) else default,
        complete=tuple(complete) if isinstance(complete, list) else complete,
        methods=tuple(entry.get("methods", ())),
        parts=tuple(entry.get("parts", ())),
    )


def pascal_case(key: str) -> str:
    """Return a key or a path of keys as PowerShell names it: ``scheduling_group.members`` is SchedulingGroupMembers."""
    return "".join(word[:1].upper() + word[1:] for word in key.replace(".", "_").split("_"))


@cache
def deployment_parameters() -> tuple[DeploymentParameter, ...]:
    """Return a parameter for each key of the schema that has the help of one (``x-parameter``), in its order."""
    return tuple(_parameter(key, value) for key, value, _ in _keys(load_schema(), "") if "x-parameter" in value)


@cache
def details_read() -> tuple[DeploymentParameter, ...]:
    """Return what is read from a file that the description names and stands in no runbook, in the form of a parameter.

    Records and comparisons have it all the same. The ``help`` is what the schema says of it.
    """
    keys = _keys(load_schema(), "")
    return tuple(_parameter(key, value) for key, value, is_read in keys if is_read and "x-parameter" not in value)


def _keys(section: Mapping[str, Any], above: str) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Yield each key with its schema, and whether its value is read from a file that the key above it names."""
    for name, value in section["properties"].items():
        key = above + name
        yield key, value, False
        yield from _keys(value, f"{key}.") if "properties" in value else ()
        yield from ((above + inner, read, True) for inner, read in value.get("x-read-from-file", {}).items())


def _parameter(key: str, value: Mapping[str, Any]) -> DeploymentParameter:
    is_list = value.get("type") == "array"
    # A key that takes its form from a definition is text.
    kind = _OF_SCHEMA[(value.get("items", {}) if is_list else value).get("type", "string")]
    text = value.get("x-parameter") or value["description"]
    return DeploymentParameter(name=pascal_case(key), key=key, type=f"{kind}[]" if is_list else kind, help=text)


def parameter_values(description: object, method: "Method") -> dict[str, Value]:
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
