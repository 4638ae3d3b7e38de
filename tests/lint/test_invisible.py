"""PXG142: a character that nobody sees."""

from __future__ import annotations

import pytest

from pexgen.cli import run

HIDDEN = {
    "zero width space": "\u200b",
    "zero width joiner between letters": "\u200d",
    "word joiner": "\u2060",
    "soft hyphen": "\u00ad",
    "hangul filler": "\u3164",
    "tag": "\U000e0041",
    "variation selector behind a letter": "\ufe0f",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
}
PLACES = {
    "equipment.display_name": ("equipment:\n", "equipment:\n  display_name: {}\n"),
    "scope.name": ("proof:\n", "scope: {{name: {}}}\nproof:\n"),
    "change.ticket": ("proof:\n", "change: {{ticket: {}}}\nproof:\n"),
    "pexip.name": ("proof:\n", "pexip: {{name: {}}}\nproof:\n"),
    "ews.keep[0].name": (
        "policy: check\n",
        "policy: check\n  keep: [{{client_id: 6c1d8e2a-7f94-4b03-9a5d-0e3f2b1c4d58, name: {}}}]\n",
    ),
    "accept[0].reason": ("proof:\n", "accept: [{{code: PXG103, reason: {}}}]\nproof:\n"),
}


@pytest.mark.parametrize("kind", HIDDEN)
@pytest.mark.parametrize("key", PLACES)
def test_it_is_an_error_with_name_and_place(problems_of, clean, key, kind) -> None:
    character = HIDDEN[kind]
    old, new = PLACES[key]
    assert old in clean
    is_separator = character in "\u2028\u2029"
    text = f'"ab{character}cd"' if not is_separator else f'"ab\\u{ord(character):04x}cd"'
    (found,) = [each for each in problems_of(clean.replace(old, new.format(text), 1)) if each.code == "PXG142"]
    assert (found.severity, f"character 3 of `{key}` is U+{ord(character):04X} " in found.message) == ("error", True)
    if not is_separator:
        assert found.source_line[found.column - 1] == character
        assert f"(column {found.column})" in found.message


@pytest.mark.parametrize(
    "name", ["👨\u200d👩\u200d👧 room", "می\u200cخواهم", "❤\ufe0f room", "क्\u200dष", "Zürich", "会議室"]
)
def test_what_does_something_is_no_finding(findings, name) -> None:
    assert findings("PXG142", ("equipment:\n", f'equipment:\n  display_name: "{name}"\n')) == []


def test_nothing_is_rendered_with_one(tmp_path, monkeypatch, capsys, clean) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text(
        clean.replace("equipment:\n", 'equipment:\n  display_name: "Pexip\u200bRooms"\n'), encoding="utf-8"
    )
    assert run(["render", "a.yaml", "--allow-unreviewed"]) == 3
    assert "U+200B ZERO WIDTH SPACE" in capsys.readouterr().err
    assert list(tmp_path.glob("*.ps1")) == []
