"""What a plain scalar means: text, a whole number or true/false, and nothing on which YAML's versions disagree.

And back: how a value is written so that it means itself.
"""

# No "from __future__ import annotations": named tuples look at the types of their fields, and resolving text is slow.

import json
import re
from functools import lru_cache
from typing import NamedTuple

from pexgen.description._characters import escaped_character

#: The greatest size of a number that the runbook takes; larger ones are text that lacks its quotes.
_MOST_DIGITS = 10

_WHOLE_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
_TRUE_FALSE = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_SURPRISES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?:yes|Yes|YES|on|On|ON|y|Y)\Z"), "true"),
    (re.compile(r"(?:no|No|NO|off|Off|OFF|n|N)\Z"), "false"),
    (re.compile(r"[-+]?0o?[0-7_]+\Z"), "an octal number"),
    (re.compile(r"[-+]?0x[0-9a-fA-F_]+\Z"), "a hexadecimal number"),
    (re.compile(r"[-+]?0b[01_]+\Z"), "a binary number"),
    (re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z"), "a number in base 60"),
    (re.compile(r"\+?[0-9][0-9_]*\Z|-[0-9][0-9_]*\Z"), "a number"),
    (re.compile(r"[-+]?(?:[0-9][0-9_]*)?\.?[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?\Z|[-+]?[0-9][0-9_]*\.\Z"), "a number"),
    (re.compile(r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?\Z"), "a number"),
    (re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z"), "a number"),
    (
        re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}[-+.:0-9Z \t]*)?\Z"),
        "a date",
    ),
    (re.compile(r"=\Z"), "a default value"),
)
_PLAIN = r"[A-Za-z0-9](?:[A-Za-z0-9._@/\\+-]| (?=[A-Za-z0-9]))*"
_EMPTY = {"", "~", "null", "Null", "NULL"}
_CURLY_QUOTES = "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb"
_SURPRISE_STARTS = frozenset("+-.0123456789=YyNnOo")


class Scalar(NamedTuple):
    """The meaning of a scalar; with a ``code`` it has none that can be relied on."""

    value: str | int | bool | None
    code: str = ""
    message: str = ""
    hint: str = ""


@lru_cache(maxsize=256)
def resolve(text: str) -> Scalar:
    """What the plain (unquoted) scalar ``text`` means; the keys and many values are the same in every description."""
    if text in _TRUE_FALSE:
        return Scalar(_TRUE_FALSE[text])
    if text in _EMPTY:
        return Scalar(
            None, "PXG015", "has no value", "fill it in, or remove the key; what is left out takes its default"
        )
    if text[0] in _CURLY_QUOTES:
        return _curly(text)
    if _WHOLE_NUMBER.match(text) and len(text) <= _MOST_DIGITS and text != "-0":
        return Scalar(int(text))
    if text[0] in _SURPRISE_STARTS:
        return next((_surprise(text, reading) for pattern, reading in _SURPRISES if pattern.match(text)), Scalar(text))
    return Scalar(text)


def _curly(text: str) -> Scalar:
    inner = text.strip(_CURLY_QUOTES)
    return Scalar(
        None,
        "PXG014",
        f"begins with a typographic quote, {text[0]}, which does not delimit text in YAML",
        f'write "{inner}"; where the typographic quotes belong to the text, put straight ones around them',
    )


def _surprise(text: str, reading: str) -> Scalar:
    if reading in ("true", "false"):
        hint = f'write {reading} where that is meant, and "{text}" in quotes where the text is'
    elif reading in ("a date", "a default value"):
        hint = f'write "{text}" in quotes'
    else:
        hint = (
            f'write "{text}" in quotes where text is meant, else a decimal number without leading zero, sign or point'
        )
    return Scalar(None, "PXG014", f"is written as {text}, which some YAML readers take for {reading}", hint)


def scalar(value: str | int) -> str:
    """Return a value as YAML; a text that could be read as anything else is quoted."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if re.fullmatch(_PLAIN, value) and resolve(value) == Scalar(value):
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    # A reader sees an escape, and does not see what it stands for.
    return "".join(each if each.isprintable() else escaped_character(each) for each in quoted)
