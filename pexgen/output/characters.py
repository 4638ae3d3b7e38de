"""Characters that would break a line or hide something, in any form of a record."""

from __future__ import annotations

import unicodedata

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def on_one_line(text: str) -> str:
    """Return text of one line: line ends become blanks, whatever else nobody can see becomes U+FFFD."""
    joined = " ".join(text.splitlines())
    return "".join("\ufffd" if unicodedata.category(character) in _UNSEEN else character for character in joined)
