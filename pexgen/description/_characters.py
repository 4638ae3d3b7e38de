"""Characters that no description may hold, because a reader cannot see what they do."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

#: Control characters, bidirectional marks, embeddings, overrides and isolates, the byte order mark and two
#: non-characters, as the inside of a regular expression's character class. The schema's patterns hold the same class.
FORBIDDEN_CLASS = r"\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff"

#: One in a value. Unpaired surrogates can come out of an escape such as "\ud800" and are no characters at all.
FORBIDDEN_IN_VALUE = rf"[{FORBIDDEN_CLASS}\ud800-\udfff]"

#: One in the file's text, where tab and line ends have their place. YAML takes U+2028 and U+2029 for line ends
#: and editors do not, so there they have to be written as the escapes "\u2028" and "\u2029".
FORBIDDEN_IN_FILE = rf"(?![\t\n\r])[{FORBIDDEN_CLASS}\u2028\u2029]"

_BIDIRECTIONAL = r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
_CONTROL_NAMES = {"\0": "NUL", "\t": "tab", "\n": "line feed", "\r": "carriage return", "\x1b": "escape"}


def forbidden_in_value(text: str) -> re.Match[str] | None:
    """The first character of a value that none may hold.

    To Python none of them is printable either. So usual text is not searched, and the pattern not compiled.
    """
    return None if text.isprintable() else re.search(FORBIDDEN_IN_VALUE, text)


def forbidden_in_file(text: str) -> Iterator[re.Match[str]]:
    """Every character of a file's text that none may hold."""
    if all(line.isprintable() for line in text.replace("\r\n", "\n").split("\n")):
        return iter(())
    return re.finditer(FORBIDDEN_IN_FILE, text)


def character_name(character: str) -> str:
    """``U+202E RIGHT-TO-LEFT OVERRIDE``: the code point and, where there is one, the name of ``character``."""
    name = _CONTROL_NAMES.get(character) or unicodedata.name(character, "")
    return f"U+{ord(character):04X} {name}".rstrip()


def units_of(text: str) -> int:
    """How long a text is to .NET and so to Exchange, which count UTF-16 code units: one beyond U+FFFF is two."""
    return len(text.encode("utf-16-le")) // 2


def why_forbidden(character: str) -> str:
    """What to do about the forbidden ``character``, in words for the user."""
    if character in "\n\r":
        return "write the text on one line; `>-` folds several lines of the file into one"
    if character in "\u2028\u2029":
        return f'YAML takes it for a line end; where it is meant, write "\\u{ord(character):04x}" in double quotes'
    if re.match(_BIDIRECTIONAL, character):
        return "it changes the order in which text is shown, so that a reviewer reads something else; remove it"
    return "it is invisible and often comes with pasted text; remove it"


def escaped_character(character: str) -> str:
    """Return a character as the escape that a text in double quotes may have, in YAML too."""
    return f"\\u{ord(character):04x}" if ord(character) <= 0xFFFF else f"\\U{ord(character):08x}"  # noqa: PLR2004
