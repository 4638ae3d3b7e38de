"""One line on a terminal that moves, and goes away: above all, how far a command has come with many files."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import TextIO

_AFTER = 1.0
_EVERY = 0.2
_MINUTE = 60


class Line:
    """A line of ``stream``, which is a terminal; one that takes nothing is no error."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._shown, self._text = stream, 0, ""

    def show(self, text: str) -> None:
        """Show this text in place of what stood there."""
        self._text = text
        self.again()

    def again(self) -> None:
        """Show the line as it is, if there is one yet."""
        if not self._text:
            return
        # Blanks and not an escape sequence: they are understood by every console.
        with contextlib.suppress(OSError):
            self._stream.write(f"\r{self._text.ljust(self._shown)}")
            self._stream.flush()
        self._shown = max(self._shown, len(self._text))

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            with contextlib.suppress(OSError):
                self._stream.write(f"\r{' ' * self._shown}\r")
                self._stream.flush()
            self._shown = 0


class Progress(Line):
    """Shows ``120 of 300, 95 a second, 2 s left`` in one line of ``stream``, which is a terminal.

    Nothing is shown in the first second: what is done by then needs no waiting for. ``clock`` gives seconds.
    """

    def __init__(self, total: int, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream)
        self._total, self._clock = total, clock
        self._begun = clock()
        self._next = self._begun + _AFTER

    def step(self, done: int) -> None:
        """Show that so many are done, if it is time to."""
        now = self._clock()
        if now < self._next:
            return
        self._next = now + _EVERY
        rate = done / (now - self._begun)
        left = (self._total - done) / rate if rate else 0.0
        self.show(f"{done:,} of {self._total:,}, {_figure(rate)} a second, {_spoken(left)} left")


def _figure(rate: float) -> str:
    return f"{rate:.1f}" if rate < 10 else f"{rate:,.0f}"  # noqa: PLR2004 - below it a digit more says something


def _spoken(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // _MINUTE} min {whole % _MINUTE} s" if whole >= _MINUTE else f"{whole} s"
