"""Write what is made from the description's schema, methods and clouds: ``python tools/from_schema.py [--check]``.

That is, in the schema itself, the methods' names and what each asks of a description, by ``templates/methods.yaml``,
and the clouds, by ``pexgen/clouds.py``; what the templates say of the clouds;
``pexgen/description/model.py``, because making the classes at every start would take longer than reading them; and the
descriptions to begin with in ``pexgen/starters``, of which ``tools/starter.yaml.j2`` says what stands where.
With ``--check`` nothing is written, and the exit code is 1 if a file is not current.
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
from collections.abc import Collection, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import jinja2
import yaml
from cloud_places import templates, with_clouds
from made_files import ROOT, write_or_check
from method_rules import METHODS, with_methods

from pexgen.integrations import integration_of
from pexgen.template_files import read_yaml
from pexgen.vendor_facts import DATED
from pexgen.words import listed

SCHEMA = ROOT / "pexgen" / "schema" / "description.schema.json"
MODEL = ROOT / "pexgen" / "description" / "model.py"
STARTERS = ROOT / "pexgen" / "starters"
_WIDTH = 120
_SCALARS = {"string": "str", "integer": "int", "boolean": "bool"}

_HEAD = '''\
"""A description as Python sees it: the schema's keys, each section a frozen dataclass.

An optional key without default is None when it is left out, an optional list is empty, an optional section is None. A
field without default here that the schema does not require takes its default from another key (``x-default-from``).
Made from pexgen/schema/description.schema.json by tools/from_schema.py; changes are made there.
"""

# No "from __future__ import annotations": the reader looks at the fields' types, and resolving text is slow.

from dataclasses import field

from pexgen.frozen import FrozenValue

READ_FROM_FILE = {"from": "a file that the description names"}
"""Marks a field that is no key: its value is read from a file."""
'''


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
        lines = [f"class {name}(FrozenValue):", f'    """{first}']
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
        refused = self._refused(method, platform)
        environment.globals |= {
            "others": partial(self._others, refused),
            "Dates": {fact.name: fact.spoken for fact in DATED},
        }
        template = environment.get_template("starter.yaml.j2")
        environment_key = self.at("target.environment")
        text = template.render(
            method=method,
            platform=platform,
            online=platform == "exchange-online",
            exists=integration_of(method, platform).exists,
            clouds=listed(environment_key["enum"]),
            cloud=environment_key["default"],
        )
        return "\n\n".join(each for block in text.split("\n\n") for each in self._completed(block, refused))

    def _completed(self, block: str, refused: set[str]) -> Iterator[str]:
        """Yield a section of a description with each key that the template does not write; none that is refused."""
        found = re.search(r"^(# )?(\w+):$", block, re.MULTILINE)
        section = found[2] if found else ""
        if section in refused:
            return
        properties = self.at(section).get("properties", {}) if section in self._schema["properties"] else {}
        before = ("#   # ", "#   ") if found and found[1] else ("  # ", "  # ")
        lines = [block.rstrip("\n")]
        for key, raw in properties.items():
            written = re.search(rf"^(?:# )?  (?:# )?{key}:", block, re.MULTILINE)
            if not written and f"{section}.{key}" not in refused:
                lines += self._commented(key, self.resolved(raw), *before)
        yield "\n".join(lines) + ("\n" if block.endswith("\n") else "")

    def _refused(self, method: str, platform: str) -> set[str]:
        """Return the paths of the sections and keys that the rules of this method and platform refuse."""
        meant = {"method": {"const": method}, "target": {"const": platform}}
        refused: set[str] = set()
        for rule in self._schema["allOf"]:
            asked = {
                key: each.get("properties", {}).get("platform", each) for key, each in rule["if"]["properties"].items()
            }
            if all(meant.get(name) == value for name, value in asked.items()):
                refused.update(refused_keys(rule["then"]))
        return refused

    def _others(self, refused: Collection[str], path: str, shown: list[str]) -> str:
        """Return every key of a section but those shown or refused, commented out, each after what it does."""
        indent = "  " * (path.count(".") + 1)
        found: list[str] = []
        for key, raw in self.at(path)["properties"].items():
            value = self.resolved(raw)
            if key not in shown and f"{path}.{key}" not in refused:
                found += self._commented(key, value, f"{indent}# ", f"{indent}# ")
        return "\n".join(found)

    def _commented(self, key: str, value: Mapping[str, Any], before_text: str, before_key: str) -> list[str]:
        """Return what a key does, and the key with a possible value, as lines of a comment."""
        told = value.get("x-starter", {"comment": "", "value": value.get("examples", [value.get("default", "")])[0]})
        text = told.get("comment") or value["description"]
        lines = textwrap.wrap(text, _WIDTH, initial_indent=before_text, subsequent_indent=before_text)
        return [*lines, f"{before_key}{key}: {_scalar(told['value'])}"]


def refused_keys(node: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Yield the path of each section and key that a rule of the schema refuses."""
    for key, value in node.get("properties", {}).items():
        if value is False:
            yield f"{path}{key}"
        else:
            yield from refused_keys(value, f"{path}{key}.")


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
    schema = with_clouds(with_methods(json.loads(SCHEMA.read_bytes())))
    source = Source(schema)
    made = {SCHEMA: json.dumps(schema, indent=2) + "\n", MODEL: source.model(), **dict(templates())}
    for method, platforms in read_yaml(METHODS).items():
        for platform in platforms:
            made[STARTERS / f"{method}.{platform}.yaml"] = source.starter(method, platform)
    return made


def main(arguments: list[str]) -> int:
    """Write the files, or with ``--check`` compare them; return the exit code."""
    return write_or_check(files().items(), "from_schema.py", arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
