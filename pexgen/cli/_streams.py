"""Standard input, output and error: their encoding, and what is done where one is closed or takes no more."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pexgen.errors import UsageError

if TYPE_CHECKING:
    from typing_extensions import Buffer as ReadableBuffer


def use_utf8() -> None:
    """Make output UTF-8 whatever the locale or the console's code page says; messages never fail on a character."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


class StdoutError(OSError):
    """Standard output takes nothing; no other OSError says so of itself."""


class ClosedError(StdoutError):
    """What was to go to standard output, which the caller has closed."""


class _Raw(io.FileIO):
    """Standard output, whose refusals can be told from those of other files."""

    def write(self, data: ReadableBuffer) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise StdoutError(error.errno, error.strerror) from error


def wrap_stdout() -> None:
    """Wrap standard output, where it is a file, a pipe or a device, so that it raises an error of its own."""
    old = sys.stdout
    if not isinstance(old, io.TextIOWrapper):
        return
    # With PYTHONUNBUFFERED there is nothing between the text and the file.
    raw = getattr(old.buffer, "raw", old.buffer)
    if isinstance(raw, io.FileIO):
        buffer = io.BufferedWriter(_Raw(old.fileno(), "wb", closefd=False))
        by_line = old.line_buffering or raw is old.buffer
        sys.stdout = io.TextIOWrapper(buffer, "utf-8", "backslashreplace", line_buffering=by_line)


class _Closed(io.TextIOBase):
    """Standard output that the caller has closed: what is written to it is lost, and that is an error."""

    @property
    def buffer(self) -> _Closed:
        return self

    def write(self, _text: object) -> int:
        raise ClosedError

    def writelines(self, _lines: object) -> None:
        raise ClosedError


def replace_closed_streams() -> None:
    """Replace streams that the caller has closed: messages are lost then, and a product is an error."""
    if sys.stdout is None:
        sys.stdout = _Closed()
    if sys.stdin is None:
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - as below
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - it is this process's to its end


def stdout_refusal(error: StdoutError) -> UsageError:
    """Return the error about a standard output that takes nothing."""
    try:
        # Where a system says what standard output is, that is the path.
        name = f" ({Path('/proc/self/fd/1').readlink()})"
    except OSError:
        name = ""
    if isinstance(error, ClosedError):
        return UsageError("standard output is closed", "leave it open, or write to a file with -o")
    reason = error.strerror or type(error).__name__
    return UsageError(f"standard output{name}: cannot write it: {reason}", "make room, or write elsewhere with -o")


def discard_stdout() -> None:
    """Send what is left to nowhere, so that the interpreter's last flush does not fail."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
