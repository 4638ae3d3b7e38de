"""One value is put into a description's text, and everything else stays as it is."""

from __future__ import annotations

import difflib

import pytest

from pexgen.cli._init_description import keys
from pexgen.cli._starters import STARTERS, starter
from pexgen.description import Editor, load, parse_path, schema_of, typed
from pexgen.errors import InputError

APP = starter("app-permissions", "exchange-online").decode()


def changes(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]


def put(text: str, key: str, value) -> str:
    return Editor(text).put(parse_path(key), value)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("name", "rooms", ["- name: contoso-scheduling", "+ name: rooms"]),
        ("scope.max_mailboxes", 7, ["-   max_mailboxes: 50", "+   max_mailboxes: 7"]),
        ("equipment.adopt", True, ["-   adopt: false", "+   adopt: true"]),
        (
            "scheduling_group.members",
            ["a@b.com"],
            ["-     - alice@contoso.com", "-     - bob@contoso.com", "+     - a@b.com"],
        ),
        ("equipment.alias", "rooms", ["-   # alias: pexip-scheduling", "+   alias: rooms"]),
        ("change.ticket", "CHG7", ["- # change:", "- #   ticket: CHG0031337", "+ change:", "+   ticket: CHG7"]),
        ("pexip.name", "Contoso", ["+ ", "+ pexip:", "+   name: Contoso"]),
        ("equipment.name", "a: b", ["-   name: Pexip Scheduling", '+   name: "a: b"']),
        ("change.title", "#1, 'x' \\", ["- # change:", "+ change:", "+   title: \"#1, 'x' \\\\\""]),
    ],
)
def test_a_value_is_put_where_a_person_would_put_it(key, value, expected) -> None:
    found = changes(APP, put(APP, key, value))
    assert sorted(line for line in found if not line.startswith("- #   title")) == sorted(expected)
    assert load(put(APP, key, value).encode(), "x", needs_manifest=False)


def test_two_keys_of_a_section_that_was_a_comment_come_to_stand_together() -> None:
    text = put(put(put(APP, "change.title", "T"), "change.ticket", "CHG7"), "change.tasks.entra", "me")
    change = load(text.encode(), "x").description.change
    assert (change.ticket, change.title, change.tasks.entra) == ("CHG7", "T", "me")
    assert [line for line in changes(APP, text) if line.startswith("+")] == [
        *("+ change:", "+   ticket: CHG7", "+   title: T", "+   tasks:", "+     entra: me"),
    ]


@pytest.mark.parametrize("which", list(STARTERS))
def test_every_key_can_be_put_into_every_starter_and_is_there_then(which) -> None:
    text = starter(*which).decode()
    for key in keys():
        path = parse_path(key)
        known = schema_of(path)
        example = (known.get("enum") or known.get("examples") or [known.get("default", known.get("minimum"))])[0]
        value = typed(path, [str(each) for each in (example if isinstance(example, list) else [example])])
        expected = Editor(text).value(())
        section = expected
        for part in path[:-1]:
            section = section.setdefault(part, {})
        section[path[-1]] = value
        assert Editor(put(text, key, value)).value(()) == expected, key


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "text",
    [
        "target: {platform: exchange-online}\nproof: {in_scope: [a@b.com], out_of_scope: []}\n",
        "target:\n    platform: exchange-online # here\n\nproof:\n    in_scope:\n    - a@b.com\n    # behind\n",
    ],
)
def test_other_ways_to_write_it_stay_as_they_are(text, end) -> None:
    editor = Editor(text.replace("\n", end), end)
    assert Editor(editor.put(("target", "organization"), "x, y")).value(("target", "organization")) == "x, y"
    after = editor.put(("proof", "in_scope"), ["c@d.com", "e@f.com"])
    assert Editor(after).value(("proof", "in_scope")) == ["c@d.com", "e@f.com"]
    assert after.count("\r\n") == (after.count("\n") if end == "\r\n" else 0)


@pytest.mark.parametrize(
    "value", ["yes", "0123", "1e5", "null", "2026-11-28", "1:30", "-x", "a\u00a0b", "#", "é", "12"]
)
def test_a_text_that_could_be_read_as_anything_else_is_that_text(value) -> None:
    assert Editor(put(APP, "change.title", value)).value(("change", "title")) == value


def test_what_is_shown_by_a_comment_of_another_section_is_not_taken_in() -> None:
    text = "equipment:\n  address: a@b.com\n\n# scope:\n#   name: x\nproof:\n  in_scope: [a@b.com]\n"
    assert put(text, "equipment.name", "R") == text.replace("a@b.com\n\n", "a@b.com\n  name: R\n\n", 1)
    with pytest.raises(InputError):
        load(put(text, "equipment.name", "R").encode(), "x")
