"""What pexgen says beside its product: on standard error, in colour only on a terminal that wants it."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from typing import TextIO


def wants_colour(stream: TextIO) -> bool:
    """Whether ``stream`` is a terminal and nobody said no (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def tell(text: str) -> None:
    """Say one line on standard error; names in it come from a disk, and where nobody can hear it nothing is lost."""
    from pexgen.cli._text import printable

    with contextlib.suppress(OSError):
        print(printable(text), file=sys.stderr)


@dataclass(frozen=True, slots=True)
class Talk:
    """How much is said; a command finds it as its context's ``obj``."""

    quiet: bool = False
    verbose: bool = False

    def say(self, text: str) -> None:
        """Say what was done, unless ``--quiet``."""
        if not self.quiet:
            tell(text)

    def detail(self, text: str) -> None:
        """Say what only ``--verbose`` asks for."""
        if self.verbose:
            tell(text)

    def progress(self) -> bool:
        """Whether a progress bar has somebody to look at it."""
        return not self.quiet and sys.stderr.isatty()
