"""Model and descriptions to begin with are made from the schema, its methods and clouds from the tables of them."""

from __future__ import annotations

import json
import re
import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

from pexgen.description import load, load_schema, schema_of
from pexgen.parameters import pascal_case

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "tools"))  # as for the script itself
TOOL = runpy.run_path(str(CHECKOUT / "tools" / "from_schema.py"))
STARTERS = CHECKOUT / "pexgen" / "starters"
FILES: dict[Path, str] = TOOL["files"]()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_is_made_is_current(path) -> None:
    assert path.read_text(encoding="utf-8") == FILES[path], "run `make generated`"


def test_these_are_the_files_that_are_made() -> None:
    templates = [
        path
        for path in (CHECKOUT / "templates").rglob("*")
        if path.suffix in {".ps1", ".yaml"} and "# made: " in path.read_text(encoding="ascii", errors="replace")
    ]
    assert templates
    assert set(FILES) == {*STARTERS.glob("*.yaml"), *templates, TOOL["MODEL"], TOOL["SCHEMA"]}


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"type": "integer", "minimum": 0, "default": 3}, "made_up: int = 3"),
        ({"type": "string"}, "made_up: str | None = None"),
        ({"type": "string", "default": ""}, 'made_up: str = ""'),
        ({"type": "boolean", "default": False}, "made_up: bool = False"),
        ({"$ref": "#/$defs/guid"}, "made_up: str | None = None"),
        ({"type": "array", "items": {"$ref": "#/$defs/address"}}, "made_up: tuple[str, ...] = ()"),
        ({"type": "object", "description": "A section.", "properties": {}}, "made_up: MadeUp | None = None"),
    ],
)
def test_a_key_of_the_schema_becomes_a_field_of_the_model(value: dict[str, Any], field: str) -> None:
    schema = json.loads(json.dumps(load_schema()))
    schema["properties"]["equipment"]["properties"]["made_up"] = value
    text = TOOL["Source"](schema).model()
    section = re.search(r"^class Equipment\(.*?^(?=class)", text, re.MULTILINE | re.DOTALL)
    assert section is not None
    assert f"    {field}\n" in section[0]
    compile(text, "model.py", "exec")


def test_a_setting_of_the_calendar_stands_in_every_description_to_begin_with() -> None:
    schema = json.loads(json.dumps(load_schema()))
    settings = schema["properties"]["equipment"]["properties"]["calendar"]["properties"]
    settings["made_up"] = {"type": "integer", "description": "MadeUp, in days.", "examples": [7]}
    text = TOOL["Source"](schema).starter("service-account", "exchange-server")
    assert "    # MadeUp, in days.\n    # made_up: 7\n" in text


def test_a_setting_that_a_platform_does_not_have_stands_in_no_description_to_begin_with_of_it() -> None:
    schema = json.loads(json.dumps(load_schema()))
    settings = schema["properties"]["equipment"]["properties"]["calendar"]["properties"]
    settings["made_up"] = {"type": "integer", "description": "MadeUp, in days.", "examples": [7]}
    only = {"properties": {"calendar": {"properties": {"made_up": False}}}}
    where = {"required": ["platform"], "properties": {"platform": {"const": "exchange-server"}}}
    (rule,) = [each for each in schema["allOf"] if each["if"]["properties"] == {"target": where}]
    rule["then"]["properties"]["equipment"] = only
    made = TOOL["Source"](schema)
    assert "made_up" not in made.starter("service-account", "exchange-server")
    assert "    # made_up: 7\n" in made.starter("service-account", "exchange-online")


@pytest.mark.parametrize(
    ("platform", "signatures"), [("exchange-online", "signatures"), ("exchange-server", "signatures-server")]
)
def test_a_platform_has_each_setting_of_the_calendar_that_a_description_of_it_may_have(
    platform: str, signatures: str
) -> None:
    file = CHECKOUT / "pexgen" / "simulation" / f"{signatures}.json"
    has = json.loads(file.read_bytes())["cmdlets"]["Set-CalendarProcessing"]["parameters"]
    section = "equipment.calendar"
    where = {"required": ["platform"], "properties": {"platform": {"const": platform}}}
    refused = {
        path
        for rule in load_schema()["allOf"]
        if rule["if"]["properties"] == {"target": where}
        for path in TOOL["refused_keys"](rule["then"])
    }
    keys = {f"{section}.{key}": pascal_case(key) for key in schema_of(tuple(section.split(".")))["properties"]}
    lacking = [f"{key}: {platform} has no -{name}" for key, name in keys.items() if name not in has]
    there = [each for each in lacking if each.partition(":")[0] not in refused]
    assert there == [], (
        f"by {file.name}. Where Microsoft's reference says so too, refuse the key in description.schema.json: `false`, "
        f"under equipment and calendar, in the rule of `allOf` whose platform is {platform}"
    )


def test_what_a_method_asks_of_a_description_is_made_anew_and_leaves_the_rules_of_keys_alone() -> None:
    schema = json.loads(json.dumps(load_schema()))
    made = [rule for rule in schema["allOf"] if "x-made-from" in rule]
    kept = [rule for rule in schema["allOf"] if "x-made-from" not in rule]
    assert made
    assert kept
    schema["allOf"] = [*kept, made[0]]
    schema["properties"]["method"]["enum"] = []
    schema["properties"]["scope"]["x-filled-for"] = ["nobody"]
    assert TOOL["with_methods"](schema) == load_schema()


@pytest.mark.parametrize("path", [path for path in FILES if path.parent == STARTERS], ids=lambda path: path.name)
def test_each_commented_section_loads_when_it_is_taken_in(path: Path) -> None:
    blocks = FILES[path].split("\n\n")
    taken = []
    for number, block in enumerate(blocks):
        begin = re.search(r"^# (\w+):$", block, re.MULTILINE)
        if begin is None or begin[1] not in load_schema()["properties"]:
            continue
        taken.append(begin[1])
        inside = [re.sub(r"^# ?", "", line) for line in block[begin.start() :].splitlines()]
        text = "\n\n".join([*blocks[:number], block[: begin.start()] + "\n".join(inside), *blocks[number + 1 :]])
        load(text.encode(), "x.yaml", needs_manifest=False)
    assert "change" in taken
