"""Characters that nobody sees, and characters that look like others: what a reader of a description cannot tell."""

from __future__ import annotations

import re
import unicodedata

from pexgen.description._characters import character_name

# `re` compiles these texts when a text that is not ASCII first asks for one.
# Soft hyphen, joiners, fillers, zero width, separators, invisible operators, tags and selectors of variants.
_HIDDEN = (
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2028\u2029\u2060-\u2065\u206a-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_JOINERS = "\u200c\u200d"
_VARIANTS = "[\ufe00-\ufe0f]"

_CYRILLIC = dict(zip("аеорсхуіјѕԁһԛԝАВЕКМНОРСТХУІЈЅ", "aeopcxyijsdhqwABEKMHOPCTXYIJS", strict=True))
_GREEK = dict(zip("οανιρυΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "oavipuABEZHIKMNOPTYX", strict=True))
_DASHES = dict.fromkeys("\u2010\u2011\u2012\u2212\ufe58\ufe63\uff0d", "-")
_SIGNS = {"\u2024": ".", "\u02bc": "'", "\u2032": "'", "\uff07": "'", "\u2215": "/", "\u2044": "/"}
_LETTERS = {**_CYRILLIC, **_GREEK}
_SHAPES = {**_LETTERS, **_DASHES, **_SIGNS}
_WORD = r"[^\W\d_]+"
_WIDE = ("W", "F")


def hidden_at(text: str) -> int:
    """Return where the first character is that nobody sees, -1 where there is none.

    Joiners between letters of scripts that need them, or between pictures, and selectors behind a picture are seen in
    what they do.
    """
    if text.isascii():
        return -1
    return next((found.start() for found in re.finditer(_HIDDEN, text) if not _is_seen(text, found.start())), -1)


def _is_seen(text: str, at: int) -> bool:
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if text[at] in _JOINERS:
        # Behind a picture its selector may come first.
        kinds = [unicodedata.category(each) for each in before + after if not re.match(_VARIANTS, each)]
        return bool(before and after and kinds) and all(kind in {"Lo", "Mn", "Mc", "So", "Sk"} for kind in kinds)
    is_variant = re.match(_VARIANTS, text[at]) is not None
    return is_variant and bool(before) and unicodedata.category(before) in {"So", "Sm", "Po"}


def lookalike_at(text: str) -> int:
    """Return where the first character is that looks like another one of the words around it, -1 where there is none.

    Words all of Cyrillic or Greek letters are names like any other; a letter of theirs in a Latin word is not. Spaces
    other than the usual one are found, but for the wide one beside wide letters.
    """
    if text.isascii():
        return -1
    mixed = {
        found.start() + place
        for found in re.finditer(_WORD, text)
        if any(each.isascii() for each in found.group())
        for place, each in enumerate(found.group())
        if each in _LETTERS or _is_full_width(each)
    }
    return next((at for at, each in enumerate(text) if at in mixed or _is_odd(text, at, each)), -1)


def _is_odd(text: str, at: int, character: str) -> bool:
    if character == "\u3000":
        beside = text[max(0, at - 1) : at] + text[at + 1 : at + 2]
        return not any(unicodedata.east_asian_width(each) in _WIDE for each in beside)
    return character in _DASHES or character in {"\u2024", "\u2215"} or _is_space(character)


def odd_at(text: str) -> int:
    """Return where the first character is that no text of ASCII letters would have by intention, -1 for none."""
    if text.isascii():
        return -1
    found = (at for at, each in enumerate(text) if each in _SHAPES or _is_space(each) or _is_full_width(each))
    places = [at for at in (hidden_at(text), next(found, -1)) if at >= 0]
    return min(places, default=-1)


def _is_space(character: str) -> bool:
    return character != " " and unicodedata.category(character) == "Zs"


def _is_full_width(character: str) -> bool:
    return "\uff01" <= character <= "\uff5e"


def skeleton(text: str) -> str:
    """Return the same text for texts that look alike."""
    if text.isascii():
        return " ".join(text.split()).casefold()
    seen = re.sub(_HIDDEN, "", unicodedata.normalize("NFKC", text))
    shown = "".join(_SHAPES.get(each, each) for each in seen)
    return " ".join(shown.split()).casefold()


def character_in_words(character: str) -> str:
    """Return number and name of a character, and what it looks like."""
    name = character_name(character)
    shape = _SHAPES.get(character) or (unicodedata.normalize("NFKC", character) if _is_full_width(character) else "")
    if shape:
        return f"{name}, which looks like {shape}"
    if _is_space(character):
        return f"{name}, which looks like a space"
    return f"{name}, which nobody sees" if re.match(_HIDDEN, character) else name
