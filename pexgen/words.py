"""Numbers with their words, and lists in words, as messages and records say them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def counted(number: int, one: str, many: str = "") -> str:
    """Return ``1 file`` or ``1,200 files``; ``many`` is what any number but 1 goes with, else ``one`` with an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def first_few(names: Sequence[str], most: int) -> str:
    """Return so many of the names, and how many there are besides: ``a, b and 7 more``."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest:,} more" if rest > 0 else "")


def listed(names: Iterable[str], last: str = "or") -> str:
    """Return names as a sentence lists them, ``2016, 2019 or SE``; ValueError for none at all."""
    *most, end = names
    return f"{', '.join(most)} {last} {end}" if most else end
