"""PXG143: a character that looks like another one."""

from __future__ import annotations

import pytest

DISPLAY = ("equipment:\n", 'equipment:\n  name: Pexip Users\n  display_name: "{}"\n')


@pytest.mark.parametrize(
    ("name", "character", "said"),
    [
        ("Pexip\u00a0Rooms", "\u00a0", "U+00A0 NO-BREAK SPACE, which looks like a space"),
        ("Pexip\u2007Rooms", "\u2007", "U+2007 FIGURE SPACE"),
        ("Pexip\u3000Rooms", "\u3000", "U+3000 IDEOGRAPHIC SPACE"),
        ("Pexip R\u043eoms", "\u043e", "U+043E CYRILLIC SMALL LETTER O, which looks like o"),
        ("Pexip R\u03bfoms", "\u03bf", "U+03BF GREEK SMALL LETTER OMICRON"),
        ("Pexip\u2011Rooms", "\u2011", "U+2011 NON-BREAKING HYPHEN, which looks like -"),
        ("Pexip Room\uff53", "\uff53", "U+FF53 FULLWIDTH LATIN SMALL LETTER S, which looks like s"),
    ],
)
def test_it_is_named_with_its_column(findings, name, character, said) -> None:
    old, new = DISPLAY
    ((severity, meant, message),) = findings("PXG143", (old, new.format(name)))
    assert (severity, meant) == ("warning", character)
    assert said in message
    assert "(column " in message


@pytest.mark.parametrize(
    "name", ["Переговорная 5", "Αίθουσα", "会議室\u3000Ａ", "O\u2019Hara \u2013 \u201cRoom\u201d", "Räume", "Łódź"]
)
def test_names_of_other_scripts_and_typography_are_no_finding(findings, name) -> None:
    old, new = DISPLAY
    assert findings("PXG143", (old, new.format(name))) == []


@pytest.mark.parametrize("name", ["Pexip Us\u0435rs", "Pexip\u00a0Users", "P\u0435xip\u2009Users", "\u0420exip Users"])
def test_a_name_that_looks_like_another_is_an_error(findings, name) -> None:
    old, new = DISPLAY
    ((severity, _, message),) = findings("PXG143", (old, new.format(name)))
    assert severity == "error"
    assert message.startswith("`equipment.display_name` looks like `equipment.name` and is another text: character ")


def test_one_name_for_two_things_is_not_this_finding(findings) -> None:
    old, new = DISPLAY
    assert findings("PXG143", (old, new.format("Pexip Users"))) == []


def test_a_name_without_ascii_that_looks_like_one_is_an_error(findings) -> None:
    change = ("equipment:\n", 'equipment:\n  name: XOP\n  display_name: "\u0425\u041e\u0420"\n')
    ((severity, _, message),) = findings("PXG143", change)
    assert severity == "error"
    assert "U+0425 CYRILLIC CAPITAL LETTER HA" in message
