"""The three formats: nothing secret in any, the API's body, and Terraform's variables as the provider knows them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pexgen.connector import fields, json_text, sheet_text, tfvars_text
from pexgen.connector.formats import hcl_literal

PROVIDER = json.loads((Path(__file__).parent / "published.json").read_text(encoding="utf-8"))["provider"]["attributes"]
ALL_METHODS = pytest.mark.parametrize("method", ["app-permissions", "existing", "migrate", "server"])
ESCAPES = {'\\"': '"', "\\\\": "\\", "\\n": "\n", "\\r": "\r", "\\t": "\t", "$${": "${", "%%{": "%{"}


def evaluated(literal: str) -> str:
    """What HCL makes of a quoted literal; fails for one that would end early or begin a template."""
    assert literal[0] == literal[-1] == '"'
    parts = re.findall(r'\\u[0-9a-f]{4}|\\.|\$\$\{|%%\{|[^"\\\n\r]', literal[1:-1], re.DOTALL)
    assert "".join(parts) == literal[1:-1]
    plain = re.sub(r"\$\$\{|%%\{", "_", literal)
    assert "${" not in plain
    assert "%{" not in plain
    return "".join(_character(part) for part in parts)


def _character(part: str) -> str:
    return chr(int(part.removeprefix("\\u"), base=16)) if part.startswith("\\u") else ESCAPES.get(part, part)


def assignments(text: str) -> dict[str, object]:
    """The variables of a .tfvars file."""
    found = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        assignment = line.removesuffix(", do not overwrite").removesuffix("  # compare")
        name, literal = re.fullmatch(r'(\w+) = ("(?:\\.|[^"\\])*"|\w+)', assignment).groups()
        assert name not in found
        found[name] = evaluated(literal) if literal.startswith('"') else json.loads(literal)
    return found


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
@example('"\\\n\r\t\x00\x7f\u2028')
@example("${var.x} $${x} $$${x} %{ if true } %%{ $ % $$ %%")
def test_any_text_comes_back_from_hcl(text) -> None:
    assert evaluated(hcl_literal(text)) == text


@pytest.mark.parametrize(("value", "literal"), [(True, "true"), (False, "false"), (0, "0"), (15, "15")])
def test_switches_and_numbers_are_literals_of_their_own_type(value, literal) -> None:
    assert hcl_literal(value) == literal


@ALL_METHODS
def test_json_is_the_body_and_nothing_else(sheet, method) -> None:
    found = sheet(method)
    assert json.loads(json_text(found)) == found.values()


@ALL_METHODS
def test_tfvars_hold_what_the_providers_schema_takes(sheet, method) -> None:
    found = sheet(method, 'pexip: {name: "a \\"b\\" ${c} %{d} \\\\", addin_authentication_method: NAA_TOKEN}\n')
    values = assignments(tfvars_text(found, "contoso"))
    assert values == found.values()
    types = {"string": str, "bool": bool, "number": int}
    for name, value in values.items():
        assert PROVIDER[name]["mode"] != "computed"
        assert not PROVIDER[name].get("sensitive")
        assert type(value) is types[PROVIDER[name]["type"]]


@ALL_METHODS
def test_every_format_for_a_person_names_every_field(sheet, method) -> None:
    found = sheet(method)
    text = sheet_text((found,), "contoso", every_name=True)
    assert [name for name in fields() if not re.search(rf"\b{name}\b", text)] == []
    asked = [entry.field.name for entry in found.having("enter", "secret", "left")]
    comments = "".join(line for line in tfvars_text(found, "contoso").splitlines() if line.startswith("#"))
    assert [name for name in asked if not re.search(rf"\b{name}\b", comments)] == []


def test_text_says_where_a_value_goes_and_where_it_is_from(sheet) -> None:
    text = " ".join(sheet_text((sheet("app-permissions"),), "Values of contoso").split())
    assert text.startswith("Values of contoso ")
    assert 'On Pexip\'s page: "EWS URL". From target.environment' in text
    assert "pexip@contoso.com Address of the equipment mailbox. From equipment.address." in text
    assert "not known" not in text
    assert "Secrets: enter them yourself, never store them oauth_client_secret" in text


def test_what_is_left_alone_is_one_line_unless_every_name_is_asked_for(sheet) -> None:
    found = sheet("app-permissions")
    left = len(found.having("left", "generated"))
    lines = sheet_text((found,), "x").splitlines()
    assert lines[-1] == f"Left alone: the other {left} fields; `pexgen values -v` names them."
    assert not any("addin_pane_title" in line for line in lines)


def test_text_and_tfvars_say_what_an_integration_keeps(sheet) -> None:
    adopted = ("name: Pexip Scheduling", "name: Pexip Scheduling, adopt: true")
    new, existing = sheet("app-permissions", "", adopted), sheet("existing", "", adopted)
    for found in (new, existing):
        section = sheet_text((found,), "x").split("not to overwrite in an integration that exists\n")[1]
        section = section.split("\n\n")[0]
        assert "  room_mailbox_name " in section
    assert 'name = "contoso"  # compare, do not overwrite' in tfvars_text(new, "x").splitlines()
    comment = tfvars_text(existing, "x").split("# Compare; the integration keeps its own:\n")[1]
    assert comment.startswith("#   room_mailbox_name\n")


def test_text_of_a_migration_begins_with_what_changes(sheets) -> None:
    text = sheet_text(sheets("migrate"), "Values of contoso")
    changes = text.split("What changes at the switch\n")[1].split("\n\n")[0].splitlines()
    assert [line.split(":")[0].strip() for line in changes] == [
        "authentication_method",
        "oauth_client_id",
        "oauth_client_secret",
    ]
    assert "  authentication_method: OAUTH -> APP_PERM" in changes
    assert text.count("Left alone:") == 1
    assert text.index("Before the switch") < text.index("After the switch")


def test_no_line_ends_in_blanks_and_the_last_one_ends(sheets) -> None:
    for text in (sheet_text(sheets("migrate"), "x"), tfvars_text(sheets("server")[0], "x")):
        assert [line for line in text.splitlines() if line != line.rstrip()] == []
        assert text.endswith("\n")
        assert not text.endswith("\n\n")
