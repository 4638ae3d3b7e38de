"""Numbers with their words, as messages and records say them."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """Return ``1 file`` or ``1,200 files``; ``many`` is what any number but 1 goes with, else ``one`` with an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
