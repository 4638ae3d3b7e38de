"""Schema and dataclasses say the same, and the schema says enough."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType
from typing import Any, get_args

import jsonschema_rs
import pytest
import yaml

from pexgen.description import FORBIDDEN_CLASS, Description, load, load_schema
from pexgen.description.model import READ_FROM_FILE
from pexgen.lint import RULES, UNUSED_ACCEPTANCE

SCHEMA = load_schema()
COMPLETE = """\
version: 1
name: contoso
method: app-permissions
target:
  platform: exchange-online
  organization: contoso.onmicrosoft.com
  tenant_id: 8a1c52f6-0d3b-4e79-9c1e-6b2f0c4d7a91
equipment: {address: pexip@contoso.com}
application:
  client_id: 3f6d2b9e-51c8-4a07-8e9d-2c7b6a5f4e10
  object_id: b7a4e8d1-9c36-4f52-a1e0-7d8c5b3f2a64
scheduling_group: {address: schedulers@contoso.com}
proof: {in_scope: [alice@contoso.com], out_of_scope: [ceo@contoso.com]}
ews: {}
one_touch_join: {}
pexip: {}
"""
SCALARS = {"string": str, "integer": int, "boolean": bool}


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """The node with its $ref merged in."""
    reference = node.get("$ref")
    return {**SCHEMA["$defs"][reference.rpartition("/")[2]], **node} if reference else node


def keys(node: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key of the schema with its path, the items of lists among them."""
    for name, raw in node.get("properties", {}).items():
        value = resolved(raw)
        yield f"{path}{name}", value
        yield from keys(value, f"{path}{name}.")
        if "items" in value:
            items = resolved(value["items"])
            yield f"{path}{name}[]", items
            yield from keys(items, f"{path}{name}[].")


def differences(node: dict[str, Any], kind: type[Any], path: str) -> Iterator[str]:
    """Everything in which a section of the schema and its dataclass differ."""
    properties = {name: resolved(value) for name, value in node["properties"].items()}
    names = [field.name for field in fields(kind) if field.metadata != READ_FROM_FILE]
    if list(properties) != names:
        yield f"{path}: {list(properties)} in the schema, {names} in {kind.__name__}"
        return
    for field in fields(kind):
        if field.metadata == READ_FROM_FILE:
            continue
        yield from field_differences(properties[field.name], field, f"{path}.{field.name}", node)


def field_differences(value: dict[str, Any], field: Any, path: str, node: dict[str, Any]) -> Iterator[str]:
    required = field.name in node.get("required", [])
    optional = NoneType in get_args(field.type)
    inner = next((choice for choice in get_args(field.type) if choice not in {NoneType, Ellipsis}), field.type)
    if value["type"] == "array":
        items = resolved(value["items"])
        if field.type != tuple[inner, ...]:
            yield f"{path}: a list in the schema, {field.type} in the model"
        if items["type"] == "object":
            yield from differences(items, inner, path)
        elif inner is not SCALARS[items["type"]]:
            yield f"{path}: items are {items['type']} in the schema, {inner} in the model"
    elif value["type"] == "object":
        yield from differences(value, inner, path) if is_dataclass(inner) else [f"{path}: no section in the model"]
    elif inner is not SCALARS[value["type"]]:
        yield f"{path}: {value['type']} in the schema, {field.type} in the model"
    derived = "x-default-from" in value
    expected = MISSING if required or derived else value.get("default")
    expected = tuple(expected) if isinstance(expected, list) else expected
    if field.default != expected or type(field.default) is not type(expected):
        yield f"{path}: default {expected!r} in the schema, {field.default!r} in the model"
    if optional is not (expected is None):
        yield f"{path}: can be None in one of the two only"


def test_schema_and_dataclasses_agree_on_names_order_types_defaults_and_optionality() -> None:
    assert list(differences(SCHEMA, Description, "")) == []


def test_schema_is_valid_json_schema_2020_12() -> None:
    jsonschema_rs.meta.validate(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_schema_is_flat() -> None:
    assert not re.search(r'"(oneOf|anyOf)"', str(SCHEMA).replace("'", '"'))


@pytest.mark.parametrize(("path", "value"), list(keys(SCHEMA)))
def test_every_key_is_documented(path: str, value: dict[str, Any]) -> None:
    assert len(value["description"]) > 10, path
    assert value["description"].endswith((".", ".)")), path


@pytest.mark.parametrize(
    ("path", "value"), [(path, value) for path, value in keys(SCHEMA) if value["type"] in {"string", "integer"}]
)
def test_every_text_and_number_has_a_default_or_an_example_that_is_right(path: str, value: dict[str, Any]) -> None:
    shown = [*value.get("examples", []), *([value["default"]] if value.get("default") else [])]
    if not path.endswith("[]"):
        assert shown, path
    for example in shown:
        assert jsonschema_rs.is_valid({**value, "$defs": SCHEMA["$defs"]}, example), (path, example)


@pytest.mark.parametrize(("path", "value"), [(path, value) for path, value in keys(SCHEMA) if "default" in value])
def test_every_default_keeps_its_own_rules(path: str, value: dict[str, Any]) -> None:
    alone = {key: each for key, each in value.items() if key != "$ref"}
    assert jsonschema_rs.is_valid({**alone, "$defs": SCHEMA["$defs"]}, value["default"]), path


def test_a_description_with_every_default_written_out_is_valid() -> None:
    text: dict[str, Any] = yaml.safe_load(COMPLETE)
    written = 0
    for path, value in keys(SCHEMA):
        section: Any = text
        *above, name = path.split(".")
        for part in above:
            section = section.get(part) if isinstance(section, dict) else None
        # Only a migration retires anything.
        if isinstance(section, dict) and "default" in value and name not in section and path != "ews.retire":
            section[name] = value["default"]
            written += 1
    assert written > 10
    load(yaml.safe_dump(text).encode(), "x")


@pytest.mark.parametrize(("path", "value"), [(path, value) for path, value in keys(SCHEMA) if "enum" in value])
def test_descriptions_of_values_are_as_many_as_values(path: str, value: dict[str, Any]) -> None:
    assert len(value.get("enumDescriptions", value["enum"])) == len(value["enum"]), path


@pytest.mark.parametrize(("path", "value"), [(path, value) for path, value in keys(SCHEMA) if "pattern" in value])
def test_every_pattern_says_in_words_what_it_wants(path: str, value: dict[str, Any]) -> None:
    assert value["patternErrorMessage"].startswith("must "), path


@pytest.mark.parametrize(
    ("path", "value"), [(path, value) for path, value in keys(SCHEMA) if value["type"] == "object"]
)
def test_no_section_takes_unknown_keys(path: str, value: dict[str, Any]) -> None:
    assert value["additionalProperties"] is False, path


@pytest.mark.parametrize("name", ["text256", "text4000", "optionalText256", "identity64", "identity256"])
def test_text_refuses_the_same_characters_as_the_reader(name: str) -> None:
    assert SCHEMA["$defs"][name]["pattern"].count(FORBIDDEN_CLASS) == 3


def test_names_that_become_an_identity_take_no_pattern() -> None:
    texts = {path: value["pattern"] for path, value in keys(SCHEMA) if "pattern" in value}
    named = {path for path in texts if path.rpartition(".")[2] in {"assignment", "scope_name", "virtual_directory"}}
    named |= {"equipment.name", "equipment.alias", "scheduling_group.name", "scope.name", "service_account.name"}
    named |= {"service_account.organizational_unit"}
    for path in named:
        assert re.search(texts[path], "abc"), path
        assert not any(re.search(texts[path], text) for text in ("a*c", "a?c", "*", "?", "a*", "?c")), path


def test_names_made_from_the_longest_name_fit_into_exchange() -> None:
    longest = SCHEMA["properties"]["name"]["maxLength"]
    made = {
        path: value["x-default-from"].get("suffix", "") for path, value in keys(SCHEMA) if "x-default-from" in value
    }
    assert len(made) == 7
    assert [path for path, suffix in made.items() if longest + len(suffix) > 64] == []


def test_codes_that_can_be_accepted_are_those_of_the_rules_but_for_the_one_about_accepting() -> None:
    accepted = SCHEMA["properties"]["accept"]["items"]["properties"]["code"]["enum"]
    assert accepted == [rule.code for rule in RULES if rule is not UNUSED_ACCEPTANCE]
