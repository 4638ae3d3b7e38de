"""Characters that would break a line or hide something, and signs that give an order: on a screen and in any record."""

from __future__ import annotations

import re
import unicodedata

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_ORDER = re.compile(r"##(?=\[|vso\[)", re.IGNORECASE)


def is_seen(character: str) -> bool:
    """Whether a character can be seen, moves no cursor and turns no direction; a tab does not count as seen."""
    return unicodedata.category(character) not in _UNSEEN


def on_one_line(text: str) -> str:
    """Return text of one line: line ends become blanks, whatever else nobody can see becomes U+FFFD."""
    joined = " ".join(text.splitlines())
    return "".join(character if is_seen(character) else "\ufffd" for character in joined)


def without_orders(text: str) -> str:
    """Return text with one character replaced in ``##[`` and ``##vso[``.

    Build services take what follows for a command, anywhere in a line.
    """
    return _ORDER.sub("#\ufffd", text)
