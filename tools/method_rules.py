"""What the methods ask of a description, as ``templates/methods.yaml`` has it, as rules of the description's schema.

``tools/from_schema.py`` writes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from made_files import ROOT

from pexgen.records import Texts
from pexgen.template_files import read_record_table, read_yaml

METHODS = ROOT / "templates" / "methods.yaml"
_MADE = "x-made-from"
"""Marks the rules that are made."""
_FILLED = "x-filled-for"


def with_methods(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema with the methods' names, and what each of them asks of a description."""
    methods, records = read_yaml(METHODS), read_record_table(METHODS)
    method = {
        **schema["properties"]["method"],
        "enum": list(methods),
        "enumDescriptions": [records[name]["about"] for name in methods],
    }
    platforms: list[str] = schema["properties"]["target"]["properties"]["platform"]["enum"]
    sections = schema["properties"].items()
    properties = {key: {word: each for word, each in value.items() if word != _FILLED} for key, value in sections}
    for name, record in records.items():
        _check_keys(record, schema)
        for key in record.get("fills", ()):
            properties[key].setdefault(_FILLED, []).append(name)
    made = [
        rule
        for name, has in methods.items()
        for rule in _rules_of_method(name, records[name], [each for each in platforms if each in has], platforms)
    ]
    return {
        **schema,
        "properties": {**properties, "method": method},
        "allOf": made + [rule for rule in schema["allOf"] if _MADE not in rule],
    }


def _check_keys(record: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
    """Raise ValueError for a key that no description has: a rule about it would be none."""
    for entry in (record, *(each for each in record.values() if isinstance(each, Mapping))):
        for path in (path for word in ("requires", "refuses", "states", "fills") for path in entry.get(word, ())):
            node = schema
            for name in path.split("."):
                node = node.get("properties", {}).get(name)
                if node is None:
                    message = f"{METHODS.name}: a description has no key {path}"
                    raise ValueError(message)


def _rules_of_method(
    name: str, record: Mapping[str, Any], has: list[str], platforms: list[str]
) -> Iterator[dict[str, Any]]:
    """Yield what a method asks everywhere, and what it asks on one platform alone."""
    then = _demanded(record)
    if has != platforms:
        only = {"const": has[0]} if len(has) == 1 else {"enum": has}
        _put(then, ["target", "platform"], only)
    made, it = {_MADE: METHODS.relative_to(ROOT).as_posix()}, {"method": {"const": name}}
    yield {**made, "if": {"required": ["method"], "properties": it}, "then": then}
    for platform in has:
        if platform in record:
            where = {"target": {"required": ["platform"], "properties": {"platform": {"const": platform}}}}
            both = {"required": ["target", "method"], "properties": {**where, **it}}
            yield {**made, "if": both, "then": _demanded(record[platform])}


def _demanded(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a description has to hold by an entry of a method; keys of a section are named with a dot."""
    then: dict[str, Any] = {}
    if "because" in entry:
        then["x-because"] = Texts({}, {}).sentence(entry["because"])
    for path in (*entry.get("requires", ()), *entry.get("states", ())):
        *sections, key = path.split(".")
        _section(then, sections).setdefault("required", []).append(key)
    for path in entry.get("refuses", ()):
        _put(then, path.split("."), False)
    for path, value in entry.get("states", {}).items():
        _put(then, path.split("."), {"const": value})
    return then


def _section(schema: dict[str, Any], sections: list[str]) -> dict[str, Any]:
    """Return the schema of a section in a schema, made where it is not there yet."""
    for name in sections:
        schema = schema.setdefault("properties", {}).setdefault(name, {})
    return schema


def _put(schema: dict[str, Any], path: list[str], value: Any) -> None:
    _section(schema, path[:-1]).setdefault("properties", {})[path[-1]] = value
