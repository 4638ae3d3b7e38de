"""PXG142: a character that nobody sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.description import character_in_words, hidden_at
from pexgen.lint._interface import Finding, Rule
from pexgen.lint._values import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _check(description: Description) -> Iterator[Finding]:
    for value in texts(description, reasons=True):
        at = hidden_at(value.text)
        if at >= 0:
            yield Finding(
                value.key,
                f"character {at + 1} of `{value.key}` is {character_in_words(value.text[at])}",
                "remove it; type the text anew rather than paste it",
                character=value.text[at],
            )


RULE = Rule(
    "PXG142",
    "Invisible character",
    "error",
    "Zero width spaces and joiners, soft hyphens, tags, fillers and line separators cannot be seen. A name with one "
    "of them is another one than a reviewer reads, in Exchange, in Pexip Infinity and in all records. Joiners are left "
    "where they do something: between pictures, and between letters of scripts that need them.",
    _check,
)
