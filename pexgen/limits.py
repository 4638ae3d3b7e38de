"""What the values of a runbook's parameters may be, for its own guard: read off the schema of descriptions.

An operator may give a parameter another value than the description had when the runbook was rendered. What pexgen would
have refused there, the runbook refuses too, by the same lengths, ranges, choices and forms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from pexgen.catalogue import Method
from pexgen.description import load_schema, resolved, schema_of
from pexgen.literals import Value
from pexgen.parameters import pascal_case

_Node = dict[str, Any]
_WORDS = {"maxLength": "Longest", "minimum": "Least", "maximum": "Most", "enum": "Among"}
_READ_FROM_FILE: Value = {"Kind": "read"}
_KINDS = {"string": "text", "integer": "number", "boolean": "truth"}


class Limits(NamedTuple):
    """The limits of each parameter by its name, and the forms of text that they name."""

    parameters: Mapping[str, Value]
    forms: Mapping[str, Value]


@cache
def method_limits(method: Method) -> Limits:
    """Return the limits of the method's parameters; what has no key was read from a file that a key names."""
    forms: dict[str, Value] = {}
    parameters: dict[str, Value] = {}
    for parameter in method.parameters:
        node = _node(parameter.key)
        parameters[parameter.name] = _limit(node, parameter.name, forms) if node is not None else _READ_FROM_FILE
    return Limits(parameters, forms)


def settings_of(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the settings of a calendar, for a body that has these texts; nothing where none of them asks for those.

    They are parameters of Set-CalendarProcessing, in the schema's order.
    """
    if not any("$CalendarSettings" in text for text in texts):
        return ()
    return tuple(pascal_case(key) for key in schema_of(("equipment", "calendar"))["properties"])


def _node(path: str) -> _Node | None:
    """Return what the schema has at a path of keys; None where it has no such key."""
    node: _Node = load_schema()
    for key in path.split("."):
        properties = resolved(node).get("properties", {})
        if key not in properties:
            return None
        node = properties[key]
    return node


def _limit(given: _Node, name: str, forms: dict[str, Value]) -> Value:
    node = resolved(given)
    if node["type"] == "object":
        keys = {
            pascal_case(key): _limit(inner, name + pascal_case(key), forms) for key, inner in node["properties"].items()
        }
        needed = {"Needed": tuple(pascal_case(key) for key in node["required"])} if "required" in node else {}
        return {"Kind": "table", **needed, "Keys": keys}
    if node["type"] == "array":
        most = {"Longest": node["maxItems"]} if "maxItems" in node else {}
        return {"Kind": "list", **most, "Each": _limit(node["items"], name, forms)}
    found: dict[str, Value] = {"Kind": _KINDS[node["type"]]}
    found.update({word: node[key] for key, word in _WORDS.items() if key in node})
    if "pattern" in node:
        form = pascal_case(given["$ref"].rpartition("/")[2]) if "$ref" in given else name
        # In .NET $ stands before a line end too.
        forms[form] = {"Pattern": node["pattern"].removesuffix("$") + r"\z", "Says": node["patternErrorMessage"]}
        found["Form"] = form
    return found
