"""From a description to the values of a runbook's parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from pexgen.catalogue import DeploymentParameter, Method
from pexgen.errors import DefectError
from pexgen.literals import Value

ABSENT: Mapping[str, Value] = {
    "string": "",
    "string[]": (),
    "bool": False,
    "int": 0,
    "hashtable": {},
    "hashtable[]": (),
}
"""The value of a parameter whose key is absent, by the parameter's type."""


def pascal_case(key: str) -> str:
    """Return a key or a path of keys as PowerShell names it: ``scheduling_group.members`` is SchedulingGroupMembers."""
    return "".join(word[:1].upper() + word[1:] for word in key.replace(".", "_").split("_"))


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
