"""The tables of the template folder keep their schema, and what is wrong in one is said with its line."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest

import pexgen.template_check
from pexgen.errors import DefectError
from pexgen.plan.model import EFFECTS
from pexgen.template_check import mistakes
from pexgen.template_files import read_record_table, read_yaml

SCHEMA = json.loads((Path(pexgen.template_check.__file__).parent / "schema" / "templates.schema.json").read_bytes())
STEP = "steps/delegate-access/step.yaml"


def changed(folder: Path, name: str, old: str, new: str) -> list[str]:
    """Return what is said of a table in which a text was replaced, as ``line:column: message``."""
    path = folder / name
    text = path.read_text(encoding="ascii")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="ascii", newline="\n")
    found = list(mistakes(folder))
    assert all(each.file == path for each in found)
    return [f"{each.line}:{each.column}: {each.message}" for each in found]


def line_of(folder: Path, name: str, text: str) -> int:
    lines = (folder / name).read_text(encoding="ascii").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_every_table_keeps_its_schema(folder: Path) -> None:
    assert [str(each) for each in mistakes(folder)] == []


def test_the_schema_is_valid_and_knows_the_effects_of_a_plan() -> None:
    jsonschema_rs.meta.validate(SCHEMA)
    assert SCHEMA["$defs"]["effect"]["enum"] == list(EFFECTS)


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        (STEP, "title:", "titel:", "the key `titel` does not exist; did you mean `title`?"),
        (STEP, "  level:", "  levle:", "the key `levle` does not exist; did you mean `level`?"),
        (STEP, "roles:", "zzz: 1\nroles:", "the key `zzz` does not exist; its keys are title, pexip, requires"),
        ("methods.yaml", "synopsis:", "synopsys:", "the key `synopsys` does not exist; did you mean `synopsis`?"),
        ("methods.yaml", "id: equipment-m", "di: equipment-m", "the key `di` does not exist; its keys are id, pexip"),
        ("parameters.yaml", "    help:", "    hlep:", "the key `hlep` does not exist; did you mean `help`?"),
        ("parameters.yaml", "type: switch", "type: swich", '"swich" is not one of '),
    ],
)
def test_a_misspelt_key_is_said_with_its_line(folder, name, old, new, message) -> None:
    found = changed(folder, name, old, new)
    line = line_of(folder, name, new.split("\n")[0].strip())
    assert [each for each in found if each.startswith(f"{line}:") and message in each], found


def test_what_is_missing_is_said(folder) -> None:
    assert changed(folder, STEP, "undo: ", "pexip: x\nundoo: ")[0].startswith("1:1: the key `undo` is missing")


def test_a_table_that_is_no_yaml_is_said_with_its_line(folder) -> None:
    (found,) = changed(folder, STEP, "roles: [", "roles: [[")
    assert int(found.split(":")[0]) >= line_of(folder, STEP, "roles: [[")


def test_a_mistake_in_the_part_for_records_has_its_line_in_the_file(folder: Path) -> None:
    table = folder / STEP
    text = table.read_text(encoding="ascii").partition("\n---\n")[0].rstrip("\n")
    table.write_text(
        f"{text}\n---\nafter: It is so.\nwrits: []\nproves: Verify looks.\n", encoding="ascii", newline="\n"
    )
    line = text.count("\n") + 2
    assert [f"{each.line}: {each.message}" for each in mistakes(folder)] == [
        f"{line + 1}: the key `writes` is missing",
        f"{line + 2}: the key `writs` does not exist; did you mean `writes`?",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "{{ EquipmentAddress }}.",
            "{{ EquipmentAdress }}.",
            "the value `EquipmentAdress` does not exist; did you mean",
        ),
        ("each: Delegates", "each: Delegats", "did you mean `Delegates`?"),
        ("before: what", "before: with {{ Facts.EwsEnd }} what", "Facts.EwsEnd does not exist"),
        ("asked: Delegates", "asked: Delegates and", "it is not Jinja2: "),
        ("before: what", "before: what {% if Delegates %}", "it is not Jinja2: "),
        ('whose: "{{ EquipmentAddress }}', 'whose: "{{ EquipmentAddress | shout }}', "No filter named 'shout'"),
    ],
)
def test_a_text_that_cannot_be_filled_is_said_with_its_line(folder: Path, old: str, new: str, message: str) -> None:
    (found,) = changed(folder, STEP, old, new)
    assert message in found
    assert found.startswith(f"{line_of(folder, STEP, new)}:"), found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("through: Full Access", "through: Full Access of {{ each.Account }}"),
        ("after: reads, ", "after: each of {{ each }} reads, "),
        ("asked: Delegates", "asked: each"),
    ],
)
def test_one_of_a_list_is_asked_for_where_an_entry_is_about_each_of_it(folder: Path, old: str, new: str) -> None:
    (found,) = changed(folder, STEP, old, new)
    assert "the value `each` does not exist" in found


def test_an_access_that_diff_compares_says_who_has_it(folder: Path) -> None:
    found = changed(folder, STEP, '    who: "{{ each.Account }}"\n', "")
    assert found
    assert all(each.startswith(f"{line_of(folder, STEP, '- kind: delegate')}:") for each in found), found


def test_a_step_without_a_part_for_records_is_said(folder: Path) -> None:
    table = folder / STEP
    table.write_text(table.read_text(encoding="ascii").partition("\n---\n")[0] + "\n", encoding="ascii", newline="\n")
    (found,) = mistakes(folder)
    assert "the document for `record` is missing" in found.message
    with pytest.raises(DefectError, match="has no second document"):
        read_record_table(table)


def test_a_third_document_is_refused(folder: Path) -> None:
    table = folder / STEP
    text = table.read_text(encoding="ascii").partition("\n---\n")[0].rstrip("\n")
    record = "after: x\nwrites: []\nproves: x\n"
    table.write_text(f"{text}\n---\n{record}---\n{record}", encoding="ascii", newline="\n")
    assert ["at most 2" in each.message for each in mistakes(folder) if each.file == table] == [True]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_what_records_say_is_no_part_of_what_a_render_reads(tmp_path, line_end) -> None:
    table = tmp_path / "step.yaml"
    table.write_bytes(b"title: x\n---\nafter: y\n".replace(b"\n", line_end.encode()))
    assert read_yaml(table) == {"title": "x"}
    assert read_record_table(table) == {"after": "y"}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (b"? [a]\n: b", "3: a key has to be text"),
        (b"{a: b}: c", "1: a key has to be text"),
        (b"5: b", "1: a key has to be text"),
        (b"<<: {zzz: 1}", "1: a key has to be text"),
        (b"x: 2020-01-01", "4: this is read as timestamp; put a text into quotes"),
        (b"x: !foo y", "4: this is read as !foo; put a text into quotes"),
        (b"x: &a [*a]", "4: there is an alias to this; write it out where it is needed"),
        (b"# \xc3\xa4 \xe4", "5: this is not UTF-8"),
        (b"# \x07", "3: there is a character that YAML has not: special characters are not allowed"),
    ],
)
def test_what_yaml_has_and_json_has_not_is_said_with_its_place(folder: Path, more: bytes, message: str) -> None:
    table = folder / STEP
    begin, mark, rest = table.read_bytes().replace(b"\r\n", b"\n").partition(b"\n---\n")
    table.write_bytes(begin + b"\n" + more + mark + rest)
    (found,) = mistakes(folder)
    assert f"{found.line}:{found.column}: {found.message}".startswith(f"{begin.count(chr(10).encode()) + 2}:{message}")


@pytest.mark.parametrize("rest", [b"", b"# nothing\n"])
def test_an_empty_document_is_said_with_its_line(folder: Path, rest: bytes) -> None:
    table = folder / STEP
    begin = table.read_bytes().replace(b"\r\n", b"\n").partition(b"\n---\n")[0]
    table.write_bytes(begin + b"\n---\n" + rest)
    (found,) = mistakes(folder)
    assert (found.line, found.message) == (begin.count(b"\n") + 3, "the document for `record` is empty")


@pytest.mark.parametrize("value", [b"[" * 5000, b"!!int abc"])
def test_a_document_that_cannot_be_read_is_said_and_no_defect(folder: Path, value: bytes) -> None:
    table = folder / STEP
    table.write_bytes(table.read_bytes().replace(b"\r\n", b"\n").replace(b"\n---\n", b"\nx: " + value + b"\n---\n", 1))
    (found,) = mistakes(folder)
    assert "cannot be read" in found.message
