"""Which of several candidates is meant: a person says, never pexgen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pexgen.discovery._document import Discovered
from pexgen.discovery._screen import alike
from pexgen.errors import UndecidedError


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a person decided; empty where what was found decides."""

    name: str = ""
    method: str = ""
    equipment: str = ""
    assignment: str = ""
    out_of_scope: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class CandidateKind:
    """A kind of candidate: what one is called, the option that says which, and whether more were there than read."""

    what: str
    option: str
    is_cut: bool = False


def choose(
    rows: tuple[Discovered, ...] | None, name: Callable[[Discovered], str], wanted: str, kind: CandidateKind
) -> Discovered:
    """Return the only candidate, or the one that is called ``wanted``; raises :class:`UndecidedError` otherwise.

    The only one of a list that was cut off is not the only one that is there.
    """
    what, option = kind.what, kind.option
    if rows is None:
        raise UndecidedError(f"{what}: not read", "run the discovery with a role that may read it, or for this method")
    found = [row for row in rows if not wanted or alike(wanted, name(row))]
    if len(found) == 1 and (wanted or not kind.is_cut):
        return found[0]
    names = ", ".join(name(row) for row in rows) or "none"
    cut = " and more, which were cut off" if kind.is_cut else ""
    if found:
        raise UndecidedError(f"{what}: {len(found)} were found: {names}{cut}", f"choose one with {option}")
    missing = f", and none is {wanted}" if wanted else ""
    again = (
        "run the discovery with a higher -MaximumMailboxes or with the one that you want"
        if kind.is_cut
        else "run the discovery again"
    )
    raise UndecidedError(f"{what}: found {names}{cut}{missing}", f"{again}, and choose one with {option}")


def only(rows: tuple[Discovered, ...] | None, what: str) -> Discovered:
    """Return the one record of a list that describes one thing."""
    if rows is None:
        raise UndecidedError(f"{what}: not read", "run the discovery with a role that may read it")
    if len(rows) != 1:
        hint = "this cannot be described; see what the discovery wrote about it"
        raise UndecidedError(f"{what}: {len(rows)} were found, and one is needed", hint)
    return rows[0]
