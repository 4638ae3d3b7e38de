"""What pexgen says beside its product: on standard error, in colour only on a terminal that wants it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TextIO


def wants_colour(stream: TextIO) -> bool:
    """Whether ``stream`` is a terminal and nobody said no (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


@dataclass(frozen=True, slots=True)
class Talk:
    """How much is said; a command finds it as its context's ``obj``."""

    quiet: bool = False
    verbose: bool = False

    def say(self, text: str) -> None:
        """Say what was done, unless ``--quiet``."""
        if not self.quiet:
            print(text, file=sys.stderr)

    def detail(self, text: str) -> None:
        """Say what only ``--verbose`` asks for."""
        if self.verbose:
            print(text, file=sys.stderr)

    def progress(self) -> bool:
        """Whether a progress bar has somebody to look at it."""
        return not self.quiet and sys.stderr.isatty()
