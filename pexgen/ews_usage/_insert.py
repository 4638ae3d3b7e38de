"""Puts entries under ``ews.keep`` of a description as a person would: every other character stays as it is."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pexgen.description import Editor, in_flow, load
from pexgen.description.model import Ews, Keep
from pexgen.errors import InputError, UsageError
from pexgen.ews_usage._entries import entries, name_of

if TYPE_CHECKING:
    from pexgen.description import Loaded
    from pexgen.ews_usage._report import ReportedApplication


def with_kept(loaded: Loaded, applications: Sequence[ReportedApplication]) -> bytes:
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
    made = BOM_UTF8 + data if loaded.source.startswith(BOM_UTF8) else data
    _require_same(loaded, made, applications)
    return made


def _inserted(loaded: Loaded, applications: Sequence[ReportedApplication], end: str) -> str:
    flow = ", ".join(f"{{client_id: {each.client_id}, name: {in_flow(name_of(each))}}}" for each in applications)
    try:
        return Editor(loaded.text, end).append(("ews", "keep"), flow, lambda margin: entries(applications, margin))
    except ValueError:
        raise UsageError(
            f"{loaded.name} is written in braces", "write its keys one on a line, then run this again"
        ) from None


def _require_same(loaded: Loaded, made: bytes, applications: Sequence[ReportedApplication]) -> None:
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
