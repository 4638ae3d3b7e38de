"""YAML's syntax errors in plain words; the parsers' own wording differs between libyaml and pure Python."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pexgen.description import _schema
from pexgen.description._characters import character_name
from pexgen.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description._text import SourceText
    from pexgen.errors import Problem

AFTER_BLOCK_INDICATOR = ("nothing can follow | or > on its line", "begin the text in the next line")
TAB_IN_INDENTATION = ("a tab cannot be used for indentation", "indent with spaces, two for each level")
_INDENTATION = (
    "this line does not fit the lines above it",
    "check the indentation: keys of one section begin in one column",
)

#: A part of a parser's message, and what to say for it.
_WORDS: tuple[tuple[str, str, str], ...] = (
    (
        "mapping values are not allowed",
        "a `:` is where a value is expected",
        "put text with a colon into quotes, or check the indentation",
    ),
    (
        "could not find expected ':'",
        "a key without `:`",
        "write `key: value`, and put text with special characters into quotes",
    ),
    ("unexpected end of stream", "a quote or bracket that is opened here is not closed", "close it"),
    ("that cannot start any token", "text cannot begin with this character", "put the text into quotes"),
    ("alphabetic or numeric character", "text cannot begin with & or *", "put the text into quotes"),
    (
        "escape",
        "a backslash in double quotes begins an escape, and this is none",
        "use single quotes for text with backslashes",
    ),
    (
        "hexadecimal numbers",
        "a backslash in double quotes begins an escape, and this is none",
        "use single quotes for text with backslashes",
    ),
    (
        "sequence entries are not allowed",
        "a `-` is where a value is expected",
        "begin the list on a line of its own below its key, and put text that begins with `- ` into quotes",
    ),
    ("expected a comment or a line break", *AFTER_BLOCK_INDICATOR),
    ("expected the node content", "a value is missing here", "check brackets and commas"),
    ("expected <document start>", *_INDENTATION),
    ("expected <block end>", *_INDENTATION),
    ("did not find expected key", *_INDENTATION),
    ("did not find expected '-' indicator", *_INDENTATION),
    ("',' or '", "a list or mapping in brackets is not closed", "separate the items with commas and close the bracket"),
    ("directive", "a line that begins with % is not allowed here", "put text that begins with % into quotes"),
    ("version", "the %YAML line is not understood", "remove it"),
)


_LINES_BACK = 8
"""So far above the place where a parser stumbles a missing space may be."""

# Only a line that may be wrong asks for them: `re` compiles a text when it is first used, and not at every start.
_NO_SPACE_AFTER_KEY = r"^ *(?:- +)?(?P<key>[A-Za-z_][A-Za-z0-9_]*):(?P<next>[^\s/:,\]}])"
_ODD_SPACE_AFTER = r"^ *(?:- +)?(?:[A-Za-z_][A-Za-z0-9_]*:|-)(?P<odd>[^\S \t\r\n])"
_TEXT_WITH_COLON = (
    r"^ *(?:- +)?(?P<key>[A-Za-z_]\w*): +(?P<text>[^\s\"'\[{&*!|>#][^\"\\#]*:(?: [^\"\\#]*)?)(?<! ) *(?:#.*)?$"
)
_NO_SPACE_AFTER_HYPHEN = r"^ *-(?P<next>[^\s\-0-9])"
_ONLY_A_HYPHEN = r"^ *-(?P<next>[0-9][^ ]*@)"


def missing_space(source: SourceText, start: int, end: int) -> Problem | None:
    """The problem that a space is missing after a colon or hyphen in one of the lines from ``start`` to ``end``.

    A parser takes such a line for a part of the text above or below it, and stumbles later, or not at all.
    """
    first, last = source.locate(start)[0], source.locate(end)[0]
    found = [each for number in range(first, last + 1) for each in _in_line(source, number)]
    return found[-1] if found else None


def _in_line(source: SourceText, number: int) -> Iterator[Problem]:
    line = source.line(number)
    begin = source.offset(number, 1)
    if odd := re.match(_ODD_SPACE_AFTER, line):
        at = begin + odd.start("odd")
        sign = line[odd.start("odd") - 1]
        message = f"after the {sign} there is {character_name(odd['odd'])}, which YAML does not take for a space"
        yield source.problem("PXG005", at, at + 1, message, "type a space there")
    elif (colon := re.match(_NO_SPACE_AFTER_KEY, line)) and colon["key"] in _schema.sections():
        at = begin + colon.start("next") - 1
        key = colon["key"]
        yield source.problem(
            "PXG005", at, at + 1, f"a space is missing after `{key}:`", f"write `{key}: ` and the value"
        )
    elif hyphen := re.match(_NO_SPACE_AFTER_HYPHEN, line) or re.match(_ONLY_A_HYPHEN, line):
        at = begin + hyphen.start("next") - 1
        yield source.problem("PXG005", at, at + 1, "a space is missing after the hyphen", "write `- ` and the entry")


def syntax_problem(source: SourceText, error: Exception) -> Problem:
    """The problem that ``error`` of PyYAML stands for, where it was found."""
    words = " ".join(str(part) for part in (getattr(error, "context", ""), getattr(error, "problem", "")) if part)
    offset = _offset(source, error, words)
    above = max(1, source.locate(offset)[0] - _LINES_BACK)
    if (spaceless := missing_space(source, source.offset(above, 1), offset)) is not None:
        return spaceless
    if "mapping values are not allowed" in words:
        found = _indented_deeper(source, offset) or _colon_in_text(source, offset)
        if found is not None:
            return found
    message, hint = next(
        ((message, hint) for part, message, hint in _WORDS if part in words),
        ("this is not YAML", "check quotes, brackets and indentation in this line and the one above"),
    )
    return source.problem("PXG005", offset, offset + 1, message, hint)


def _indented_deeper(source: SourceText, offset: int) -> Problem | None:
    """The problem that a line with a key is indented further than the one above, which has its value already."""
    number = source.locate(offset)[0]
    line, above = source.line(number), source.line(number - 1)
    begin, begin_above = (len(each) - len(each.lstrip(" -")) for each in (line, above))
    if not re.match(r" *[A-Za-z_]\w*:(?: |$)", line) or not above.strip() or above.lstrip().startswith("#"):
        return None
    start = source.offset(number, begin + 1)
    if begin > begin_above and re.match(r" *(?:- +)?[A-Za-z_]\w*: +\S", above):
        by = counted(begin, "space")
        message = f"this key is indented by {by}, and the one above, which has a value, by {begin_above}"
        hint = f"begin it in column {begin_above + 1}, below the key above, if both belong to one section"
    elif re.match(r" *- +[^\s:]+$", above):
        message = "the entry above is text, and this is a key"
        hint = "give the entry above a key too: `- KEY: value`, with this key below KEY"
    else:
        return None
    return source.problem("PXG005", start, start + 1, message, hint)


def _colon_in_text(source: SourceText, offset: int) -> Problem | None:
    """The problem that a text without quotes has a colon in it."""
    found = re.match(_TEXT_WITH_COLON, source.line(source.locate(offset)[0]))
    if found is None:
        return None
    message = f"`{found['key']}` has a text with a `:` in it, which begins a value there"
    return source.problem("PXG005", offset, offset + 1, message, f'write `{found["key"]}: "{found["text"]}"`')


def _offset(source: SourceText, error: Any, words: str) -> int:
    """Where ``error`` is: for something unclosed where it was opened, since its end is the file's."""
    mark = getattr(error, "problem_mark", None)
    context = getattr(error, "context_mark", None)
    if context is not None and any(
        each in words for each in ("end of stream", "',' or '", "could not find expected ':'")
    ):
        mark = context
    offset = mark.index if mark is not None else len(source.text)
    if "escape" in words and source.text[offset - 1 : offset] == "\\":
        offset -= 1  # libyaml is at the backslash, pure Python behind it
    return min(offset, max(len(source.text.rstrip()) - 1, 0))
