"""What pexgen says beside its product: on standard error, in color only on a terminal that wants it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple, TextIO

if TYPE_CHECKING:
    from pexgen.cli._progress import Progress
    from pexgen.errors import Problem

COLORS = ("auto", "always", "never")
"""What ``--color`` takes."""

_asked = {"color": "auto"}
_shown: list[Progress] = []


def choose_color(given: str) -> None:
    """Take what ``--color`` says for this process; raises UsageError for what is none of COLORS."""
    # The refusal of a word is shown as if none had been given.
    _asked["color"] = "auto"
    if given.lower() not in COLORS:
        from pexgen.errors import UsageError

        raise UsageError(f"--color does not take {given}", f"it takes {', '.join(COLORS)}")
    _asked["color"] = given.lower()


def wants_color(stream: TextIO) -> bool:
    """Whether ``stream`` gets colors: ``--color`` decides, then NO_COLOR, then FORCE_COLOR, then a terminal does.

    The variables are those of https://no-color.org and https://force-color.org; empty they say nothing.
    """
    if _asked["color"] == "auto" and not os.environ.get("NO_COLOR"):
        is_wanted = bool(os.environ.get("FORCE_COLOR")) or (stream.isatty() and os.environ.get("TERM") != "dumb")
    else:
        is_wanted = _asked["color"] == "always"
    if is_wanted and sys.platform == "win32" and stream.isatty():
        # A console of Windows shows colors after it has been asked to.
        from colorama import just_fix_windows_console

        just_fix_windows_console()
    return is_wanted


def width_of(stream: TextIO) -> int:
    """Return how many cells a line of a terminal has; 0 for a file or a pipe, whose lines are as long as they are."""
    if not stream.isatty():
        return 0
    import shutil

    return shutil.get_terminal_size().columns


@contextlib.contextmanager
def progress_shown(progress: Progress) -> Iterator[None]:
    """Show a line of progress within this; what is said meanwhile hides it for a moment."""
    _shown.append(progress)
    try:
        yield
    finally:
        _shown.remove(progress)
        progress.clear()


@contextlib.contextmanager
def progress_hidden() -> Iterator[None]:
    """Hide the line of progress while something is written to the terminal; it comes back below."""
    for progress in _shown:
        progress.clear()
    yield
    for progress in _shown:
        progress.again()


def tell(text: str, severity: str = "") -> None:
    """Say one line on standard error; names in it come from a disk, and where nobody can hear it nothing is lost.

    ``severity`` stands in front of it, in its color.
    """
    from pexgen.cli._text import fitted, printable, styled

    begin = f"{styled(severity, severity, color=wants_color(sys.stderr))}: " if severity else ""
    with progress_hidden(), contextlib.suppress(OSError):
        print(fitted(begin + printable(text), width_of(sys.stderr)), file=sys.stderr)


def tell_problems(problems: Iterable[Problem]) -> None:
    """Say on standard error what was found on the way and stops nothing."""
    found = tuple(problems)
    if not found:
        return
    from pexgen.cli._text import render_problems

    # Where nobody can hear it, what was asked for is done all the same.
    with progress_hidden(), contextlib.suppress(OSError):
        sys.stderr.write(render_problems(found, color=wants_color(sys.stderr), width=width_of(sys.stderr)))


class Talk(NamedTuple):
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
        """Whether progress has somebody to look at it."""
        return not self.quiet and sys.stderr.isatty()
