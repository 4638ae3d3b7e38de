"""PXG143: a character that looks like another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.description import character_in_words, lookalike_at, odd_at, skeleton
from pexgen.lint._interface import Finding, Rule
from pexgen.lint._values import KeyedText, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description

_NAMES = ("name", "display_name", "assignment", "scope_name")


def _check(description: Description) -> Iterator[Finding]:
    values = texts(description, reasons=True)
    twins = dict(_twins(values))
    for value in values:
        at = lookalike_at(value.text)
        twin = twins.get(value.key)
        if twin is not None:
            place = odd_at(value.text) if at < 0 else at
            character = value.text[place] if place >= 0 else ""
            what = f": character {place + 1} is {character_in_words(character)}" if character else ""
            yield Finding(
                value.key,
                f"`{value.key}` looks like `{twin.key}` and is another text{what}",
                "type both anew, or give them names that differ to the eye",
                "error",
                character,
            )
        elif at >= 0:
            yield Finding(
                value.key,
                f"character {at + 1} of `{value.key}` is {character_in_words(value.text[at])}",
                "type the text anew; where the character is meant, accept this finding",
                character=value.text[at],
            )


def _twins(values: tuple[KeyedText, ...]) -> Iterator[tuple[str, KeyedText]]:
    """Yield the key of each name that only looks like another one, with that one; plain ASCII is the other one."""
    names = [value for value in values if value.key.rpartition(".")[2] in _NAMES]
    first: dict[str, KeyedText] = {}
    for value in sorted(names, key=lambda each: not each.text.isascii()):
        other = first.setdefault(skeleton(value.text), value)
        if other.folded != value.folded and not value.text.isascii():
            yield value.key, other


RULE = Rule(
    "PXG143",
    "Character that looks like another",
    "warning",
    "A Cyrillic or Greek letter in a Latin word, a hyphen or space that is not that of the keyboard: what is read is "
    "not what is written. Words that are Cyrillic or Greek as a whole, typographic quotes and dashes are not reported. "
    "Two names of one description that look alike and differ are an error: nobody could tell which object is meant.",
    _check,
)
