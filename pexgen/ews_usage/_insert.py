"""Puts entries under ``ews.keep`` of a description as a person would: every other character stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pexgen.description import load
from pexgen.description.model import Ews, Keep
from pexgen.discovery._yaml import scalar
from pexgen.errors import InputError, UsageError
from pexgen.ews_usage._known import entries, name_of

if TYPE_CHECKING:
    from pexgen.description import Loaded
    from pexgen.ews_usage._report import Application

_BOM = b"\xef\xbb\xbf"
_STEP = "  "


def with_kept(loaded: Loaded, applications: Sequence[Application]) -> bytes:
    """Return the file with these applications under ``ews.keep``, behind those that are there.

    Line ends, byte order mark and comments stay. Raises :class:`UsageError` where the file says that nobody else uses
    EWS, or is written in a way into which nothing can be put.
    """
    ews = loaded.description.ews
    if ews and ews.no_others:
        raise UsageError(
            f"{loaded.name} says under ews.no_others that nobody else uses EWS", "remove that line, then run this again"
        )
    text = loaded.text
    end = "\r\n" if "\r\n" in text else "\n"
    data = _inserted(loaded, applications, end).encode()
    made = _BOM + data if loaded.source.startswith(_BOM) else data
    _require_same(loaded, made, applications)
    return made


def _inserted(loaded: Loaded, applications: Sequence[Application], end: str) -> str:
    text, ews = loaded.text, loaded.description.ews
    if loaded.has("ews.keep"):
        start, stop = loaded.span("ews.keep").start, loaded.span("ews.keep").end
        if text[start] == "[":
            return _into_flow(text, start, stop, _items(applications), is_empty=not (ews and ews.keep))
        margin = _dash_margin(text, start)
        return _after_line(text, _last(loaded, "ews.keep"), entries(applications, margin), end)
    if loaded.has("ews"):
        start, stop = loaded.span("ews").start, loaded.span("ews").end
        if text[start] == "{":
            added = f"keep: [{_items(applications)}]"
            return _into_flow(text, start, stop, added, is_empty=len(loaded.spans_below("ews")) == 1)
        margin = _margin(text, start)
        lines = (f"{margin}keep:", *entries(applications, margin + _STEP))
        return _after_line(text, _last(loaded, "ews"), lines, end)
    lines = ("", "ews:", f"{_STEP}keep:", *entries(applications, _STEP * 2))
    if text.lstrip().startswith("{"):
        raise UsageError(f"{loaded.name} is written in braces", "write its keys one on a line, then run this again")
    return _after_line(text, len(text.rstrip()), lines, end)


def _items(applications: Sequence[Application]) -> str:
    return ", ".join(f"{{client_id: {each.client_id}, name: {_quoted(name_of(each))}}}" for each in applications)


def _quoted(name: str) -> str:
    """A scalar that also stands between brackets, where a comma would end it."""
    plain = scalar(name)
    return plain if re.fullmatch(r"[A-Za-z0-9 ._@/-]+", plain) or plain.startswith('"') else f'"{plain}"'


def _into_flow(text: str, start: int, stop: int, added: str, *, is_empty: bool) -> str:
    """Add items at the end of the list in brackets that reaches from ``start`` to ``stop``."""
    close = stop - 1
    before = text[start + 1 : close].rstrip()
    comma = "" if is_empty or before.endswith(",") else ", "
    blank = " " if before.endswith(",") else ""
    place = start + 1 + len(before)
    return f"{text[:place]}{comma}{blank}{added}{text[place:]}"


def _last(loaded: Loaded, key_path: str) -> int:
    """The offset behind the last value below a key; what follows on its line is a comment."""
    return max(span.end for span in loaded.spans_below(key_path)[1:] if loaded.text[span.start : span.end].strip())


def _after_line(text: str, offset: int, lines: Iterable[str], end: str) -> str:
    """Put lines behind the line in which the characters before ``offset`` end."""
    # A block's end is where the next thing begins; what it holds ends before the blanks and comments in between.
    place = len(_without_trailer(text[:offset]))
    found = re.compile(r"\r\n|\r|\n").search(text, place)
    added = "".join(f"{line}{end}" for line in lines)
    if found is None:
        return f"{text}{end}{added}"
    return f"{text[: found.end()]}{added}{text[found.end() :]}"


def _without_trailer(text: str) -> str:
    """Return text without the blank lines and the lines of comments at its end."""
    lines = text.splitlines(keepends=True)
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return "".join(lines).rstrip()


def _margin(text: str, offset: int) -> str:
    """Return the blanks before the first key of a section, which begins at ``offset``."""
    return " " * (offset - (text.rfind("\n", 0, offset) + 1))


def _dash_margin(text: str, offset: int) -> str:
    """Return the blanks before the first dash of a list, which begins at ``offset``."""
    return _margin(text, text.index("-", offset))


def _require_same(loaded: Loaded, made: bytes, applications: Sequence[Application]) -> None:
    """Raise :class:`UsageError` where the result says anything else than the description with these entries."""
    before = loaded.description
    ews = before.ews or Ews()
    added = tuple(Keep(client_id=each.client_id, name=name_of(each)) for each in applications)
    wanted = replace(before, ews=replace(ews, keep=(*ews.keep, *added)))
    try:
        is_same = load(made, loaded.name, needs_manifest=False).description == wanted
    except InputError:
        is_same = False
    if not is_same:
        message = f"{loaded.name} is written in a way into which no entries can be put; nothing was changed"
        raise UsageError(message, "without --into they are printed: put them under ews.keep by hand")
