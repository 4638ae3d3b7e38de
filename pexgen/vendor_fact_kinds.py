"""What a fact about Microsoft or Pexip is: a day, a version, a license or a delay, each with its source."""

# No "from __future__ import annotations": named tuples look at the types of their fields, and resolving text is slow.

from datetime import date
from typing import NamedTuple

from pexgen.clouds import CLOUDS

EVERY_CLOUD = tuple(CLOUDS)

# Not the system's names, which depend on its language.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class Source(NamedTuple):
    """A text of Microsoft's or Pexip's: its title, its number where it has one, where it stands, and its date."""

    title: str
    number: str
    address: str
    dated: str

    def __str__(self) -> str:
        """Return it as a sentence names it, without its address."""
        number = f", {self.number}" if self.number else ""
        return f"{self.title}{number} ({self.dated})"


class Fact(NamedTuple):
    """What happens on a day, in which clouds, and who says so; of some facts the sources name the month alone.

    ``clouds`` are values of ``target.environment``; none at all is Exchange Server.
    """

    name: str
    day: date
    text: str
    source: Source
    clouds: tuple[str, ...] = EVERY_CLOUD
    is_month: bool = False

    @property
    def value(self) -> str:
        """The day as ``yyyy-MM-dd``, or the month as ``MMMM yyyy``."""
        return f"{_MONTHS[self.day.month - 1]} {self.day.year}" if self.is_month else str(self.day)

    @property
    def spoken(self) -> str:
        """The day as ``d MMMM yyyy``, or the month as ``MMMM yyyy``."""
        return self.value if self.is_month else f"{self.day.day} {_MONTHS[self.day.month - 1]} {self.day.year}"


class Version(NamedTuple):
    """A version from which on something holds, what that is, and who says so."""

    name: str
    value: str
    text: str
    source: Source


class License(NamedTuple):
    """A license about which something was announced, and what holds now."""

    name: str
    text: str
    source: Source


class Delay(NamedTuple):
    """How long a change takes to act, as a sentence says it, and who says so."""

    name: str
    value: str
    text: str
    source: Source
