"""Reads a command's input files, and knows them again under other names, so that none is overwritten."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator
from pathlib import Path

from pexgen.errors import InputError, Problem, UsageError

STANDARD = "-"
"""Standard input as a file that is read, standard output as a destination."""

_ABSENT = ("the file was not found", "check the name and the current folder")


def shown_name(name: str) -> str:
    """Return what messages call an input."""
    return "<stdin>" if name == STANDARD else name


def read_input(name: str, most: int, *, code: str = "PXG001", absent: tuple[str, str] = _ABSENT) -> bytes:
    """Return the bytes of a file, ``-`` being standard input; one byte more than ``most`` where it has more than those.

    Raises :class:`InputError` of this ``code`` where it cannot be read; ``absent`` is what is said and advised where it
    is not there.
    """
    try:
        if name == STANDARD:
            return sys.stdin.buffer.read(most + 1)
        with Path(name).open("rb") as file:
            return file.read(most + 1)
    except (OSError, ValueError) as error:
        said, hint = _cause(name, error, absent)
        raise InputError((Problem(code, said, shown_name(name), hint=hint),)) from error


def _cause(name: str, error: OSError | ValueError, absent: tuple[str, str]) -> tuple[str, str]:
    """Return why a file cannot be read, and what to do."""
    if isinstance(error, FileNotFoundError):
        return absent
    # To Windows, opening a folder is a lack of permission.
    if os.path.isdir(name):
        return "this is a folder, not a file", "name the file in it"
    return f"the file cannot be read: {reason_of(error)}", "look at its path and permissions"


def reason_of(error: OSError | ValueError) -> str:
    """Return why a file cannot be used: in the system's words, or that no file can have such a name."""
    return getattr(error, "strerror", None) or "the name is not one that a file can have"


def is_utf16(data: bytes) -> bool:
    """Whether a file begins with a byte order mark of UTF-16, as some programs store whatever they write."""
    return data.startswith((BOM_UTF16_LE, BOM_UTF16_BE))


class Inputs:
    """The files that a command reads, which it never writes, whatever they are called when they are named again."""

    def __init__(self, names: Iterable[str | Path]) -> None:
        self._known: dict[tuple[object, ...], str] = {}
        self.add(names)

    def add(self, names: Iterable[str | Path]) -> None:
        """Add files that are read as well; ``-`` is whatever standard input is."""
        for name in names:
            self._known.update((key, str(name)) for key in _identities(str(name)))

    def refuse(self, path: Path) -> None:
        """Raise :class:`UsageError` where ``path`` is one of the files."""
        for key in _identities(str(path)):
            if key in self._known:
                message = f"{path} is what it would be made from ({self._known[key]})"
                raise UsageError(message, "name another output; no --force replaces an input")


def _identities(name: str) -> Iterator[tuple[object, ...]]:
    """Yield what makes two names the same file: the file itself, and the name without regard to case."""
    if name != STANDARD:
        # A name that no file can have is that of none.
        with contextlib.suppress(OSError, ValueError):
            yield "name", os.path.realpath(name).casefold()
    # Standard input may be an object that is no file.
    with contextlib.suppress(AttributeError, OSError, ValueError):
        status = os.fstat(sys.stdin.fileno()) if name == STANDARD else os.stat(name)
        if status.st_ino and stat.S_ISREG(status.st_mode):
            yield "file", status.st_dev, status.st_ino
