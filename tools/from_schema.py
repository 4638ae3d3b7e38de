"""Write what is made from the description's schema and the methods: ``python tools/from_schema.py [--check]``.

That is, in the schema itself, the methods' names and what each asks of a description, by ``templates/methods.yaml``;
``pexgen/description/model.py``, because making the classes at every start would take longer than reading them; and the
descriptions to begin with in ``pexgen/starters``, of which ``tools/starter.yaml.j2`` says what stands where.
With ``--check`` nothing is written, and the exit code is 1 if a file is not current.
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jinja2
import yaml

from pexgen.records import Texts
from pexgen.template_files import read_record, read_yaml
from pexgen.vendor_facts import DATED

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "pexgen" / "schema" / "description.schema.json"
MODEL = ROOT / "pexgen" / "description" / "model.py"
STARTERS = ROOT / "pexgen" / "starters"
METHODS = ROOT / "templates" / "methods.yaml"
_MADE = "x-made-from"
"""Marks what this tool writes into the schema."""
_FILLED = "x-filled-for"
_WIDTH = 120
_SCALARS = {"string": "str", "integer": "int", "boolean": "bool"}

_HEAD = '''\
"""A description as Python sees it: the schema's keys, each section a frozen dataclass.

An optional key without default is None when it is left out, an optional list is empty, an optional section is None. A
field without default here that the schema does not require takes its default from another key (``x-default-from``).
Made from pexgen/schema/description.schema.json by tools/from_schema.py; changes are made there.
"""

# No "from __future__ import annotations": the reader looks at the fields' types, and resolving text is slow.

from dataclasses import dataclass, field

READ_FROM_FILE = {"from": "a file that the description names"}
"""Marks a field that is no key: its value is read from a file."""
'''


def with_methods(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema with the methods' names, and what each of them asks of a description."""
    methods, records = read_yaml(METHODS), read_record(METHODS)
    method = {
        **schema["properties"]["method"],
        "enum": list(methods),
        "enumDescriptions": [records[name]["about"] for name in methods],
    }
    platforms: list[str] = schema["properties"]["target"]["properties"]["platform"]["enum"]
    properties = {key: dict(value) for key, value in schema["properties"].items()}
    for value in properties.values():
        value.pop(_FILLED, None)
    for name, record in records.items():
        for key in record.get("fills", ()):
            properties[key].setdefault(_FILLED, []).append(name)
    by_hand = [rule for rule in schema["allOf"] if _MADE not in rule]
    made = [
        rule
        for name, has in methods.items()
        for rule in _rules_of_method(name, records[name], [each for each in platforms if each in has], platforms)
    ]
    return {**schema, "properties": {**properties, "method": method}, "allOf": made + by_hand}


def _rules_of_method(
    name: str, record: Mapping[str, Any], has: list[str], platforms: list[str]
) -> Iterator[dict[str, Any]]:
    """Yield what a method asks everywhere, and what it asks on one platform alone."""
    then = _demanded(record)
    if has != platforms:
        only = {"const": has[0]} if len(has) == 1 else {"enum": has}
        _put(then, ["target", "platform"], only)
    yield _rule({"required": ["method"], "properties": {"method": {"const": name}}}, then)
    for platform in has:
        if platform in record:
            where = {"required": ["platform"], "properties": {"platform": {"const": platform}}}
            yield _rule(
                {"required": ["target", "method"], "properties": {"target": where, "method": {"const": name}}},
                _demanded(record[platform]),
            )


def _rule(condition: dict[str, Any], then: dict[str, Any]) -> dict[str, Any]:
    return {_MADE: METHODS.relative_to(ROOT).as_posix(), "if": condition, "then": then}


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


class Source:
    """The schema, and what a key of it is called and means in Python."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema

    def model(self) -> str:
        """Return the module with a class for each section, inner ones first."""
        sections: dict[str, Mapping[str, Any]] = {}
        for name, node in [*self._sections(self._schema, ""), ("Description", self._schema)]:
            sections.setdefault(name, node)
        doc = {"Description": "One deployment."}
        classes = [self._class(name, node, doc.get(name, "")) for name, node in sections.items()]
        return "\n\n".join([_HEAD, *classes])

    def resolved(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a key's schema with what its ``$ref`` names merged in."""
        reference = node.get("$ref")
        return {**self._schema["$defs"][reference.rpartition("/")[2]], **node} if reference else node

    def at(self, path: str) -> Mapping[str, Any]:
        """Return the schema of the key at a path, such as ``equipment.calendar``; KeyError where there is none."""
        node = self._schema
        for name in path.split("."):
            node = self.resolved(node["properties"][name])
        return node

    def _sections(self, node: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the sections in a section, and then it, by the names of their classes."""
        for key, raw in node["properties"].items():
            value = self.resolved(raw)
            inner = self.resolved(value.get("items", value))
            if "properties" in inner:
                yield from self._sections(inner, _class_name(key, inner))
        if name:
            yield name, node

    def _class(self, name: str, node: Mapping[str, Any], doc: str) -> str:
        first = f"{_short(doc or node['description'])}."
        read = {
            key: each for one in node["properties"].values() for key, each in one.get("x-read-from-file", {}).items()
        }
        lines = ["@dataclass(frozen=True, slots=True, kw_only=True)", f"class {name}:", f'    """{first}']
        if read:
            said = "; ".join(f"``{key}``: {each['description']}" for key, each in read.items())
            text = f"Read from the file that a key names: {said}."
            lines += ["", *textwrap.wrap(text, _WIDTH, initial_indent="    ", subsequent_indent="    "), '    """', ""]
        else:
            lines[-1] += '"""'
            lines.append("")
        required = set(node.get("required", ()))
        lines += [self._field(key, self.resolved(raw), key in required) for key, raw in node["properties"].items()]
        lines += [
            f"    {key}: {'tuple[str, ...]' if each['type'] == 'array' else 'str'} = "
            f"field(default={'()' if each['type'] == 'array' else chr(34) * 2}, metadata=READ_FROM_FILE)"
            for key, each in read.items()
        ]
        return "\n".join(lines) + "\n"

    def _field(self, key: str, value: Mapping[str, Any], is_required: bool) -> str:  # noqa: FBT001 - one call
        inner = self.resolved(value.get("items", value))
        name = _class_name(key, inner) if "properties" in inner else _SCALARS[inner["type"]]
        if value["type"] == "array":
            return f"    {key}: tuple[{name}, ...]" + ("" if is_required else " = ()")
        if is_required or "x-default-from" in value:
            return f"    {key}: {name}"
        if "default" in value:
            default = value["default"]
            return f"    {key}: {name} = {json.dumps(default) if isinstance(default, str) else repr(default)}"
        return f"    {key}: {name} | None = None"

    def starter(self, method: str, platform: str) -> str:
        """Return the description to begin with; jinja2.UndefinedError where its template names what is not there."""
        environment = jinja2.Environment(  # noqa: S701 - it is no HTML
            loader=jinja2.FileSystemLoader(Path(__file__).parent),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        environment.globals |= {"others": self._others, "Dates": {fact.name: fact.spoken for fact in DATED}}
        template = environment.get_template("starter.yaml.j2")
        *most, last = self.at("target.environment")["enum"]
        return template.render(
            method=method,
            platform=platform,
            online=platform == "exchange-online",
            clouds=f"{', '.join(most)} or {last}",
        )

    def _others(self, path: str, shown: list[str]) -> str:
        """Return every key of a section but those that are shown, commented out, each after what it does."""
        indent = "  " * (path.count(".") + 1)
        found: list[str] = []
        for key, raw in self.at(path)["properties"].items():
            value = self.resolved(raw)
            if key in shown:
                continue
            comment = value.get("x-starter", {}).get("comment") or value["description"]
            found += textwrap.wrap(comment, _WIDTH, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# ")
            example = value["x-starter"]["value"] if "x-starter" in value else value.get("examples", [""])[0]
            found.append(f"{indent}# {key}: {_scalar(example)}")
        return "\n".join(found)


def _short(description: str) -> str:
    """Return the first sentence, without what it has in brackets or after a colon where it is too long for a line."""
    first = description.split(". ", maxsplit=1)[0].rstrip(".")
    for end in (" (", ": "):
        first = first if len(first) < _WIDTH - 12 else first.rpartition(end)[0] or first
    return first


def _class_name(key: str, node: Mapping[str, Any]) -> str:
    name: str = node.get("x-class", "".join(word.capitalize() for word in key.split("_")))
    return name


def _scalar(value: Any) -> str:
    """Return a value as YAML has it on one line."""
    return yaml.safe_dump(value, width=1000, default_flow_style=True).removesuffix("\n").removesuffix("\n...")


def files() -> dict[Path, str]:
    """Return every made file with its text."""
    schema = with_methods(json.loads(SCHEMA.read_bytes()))
    source = Source(schema)
    made = {SCHEMA: json.dumps(schema, indent=2) + "\n", MODEL: source.model()}
    for method, platforms in read_yaml(METHODS).items():
        for platform in platforms:
            made[STARTERS / f"{method}.{platform}.yaml"] = source.starter(method, platform)
    return made


def main(arguments: list[str]) -> int:
    """Write the files, or with ``--check`` compare them; return the exit code."""
    code = 0
    for path, text in files().items():
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if "--check" in arguments:
            print(f"{path.relative_to(ROOT)} is not current: run python tools/from_schema.py", file=sys.stderr)
            code = 1
        else:
            path.write_text(text, encoding="utf-8", newline="\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
