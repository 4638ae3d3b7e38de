"""Lines of a box: text is broken at blanks, an address that is too long for a line in front of its @ or its full stops.

How wide a letter is, is estimated, because nothing here knows the reader's font: in tenths of a digit, as in DejaVu
Sans, which is the widest of the usual ones.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_PIECES = re.compile(r"[@.]?[^@.]+|[@.]+")
_WIDTHS = {
    **dict.fromkeys(" !'(),-./:;I[]fijlrt|", 6),
    **dict.fromkeys("%@MWmw", 16),
    **dict.fromkeys('"#&+<=>ABCDEFGHJKLNOPQRSTUVXYZ~', 13),
}
_USUAL, _FOREIGN, _WIDE = 10, 14, 20


def width(text: str) -> int:
    """Return an upper estimate of the width of text, in tenths of a digit."""
    return sum(map(_width, text))


def _width(letter: str) -> int:
    if letter.isascii():
        return _WIDTHS.get(letter, _USUAL)
    if unicodedata.combining(letter):
        return 0
    return _WIDE if unicodedata.east_asian_width(letter) in "WF" else _FOREIGN


def wrapped(text: str, limit: int) -> list[str]:
    """Return text in lines that are at most ``limit`` wide, with nothing left out."""
    lines: list[str] = []
    for word in text.split():
        if lines and width(f"{lines[-1]} {word}") <= limit:
            lines[-1] += f" {word}"
            continue
        lines += _broken(word, limit)
    return lines


def _broken(word: str, limit: int) -> Iterator[str]:
    """Yield a word, or the lines that a word gives that is longer than one."""
    line = ""
    for piece in [word] if width(word) <= limit else _PIECES.findall(word):
        if width(line + piece) <= limit:
            line += piece
            continue
        if line:
            yield line
        line = piece
        while width(line) > limit:
            cut = next((end for end in range(len(line), 1, -1) if width(line[:end]) <= limit), 1)
            yield line[:cut]
            line = line[cut:]
    yield line
