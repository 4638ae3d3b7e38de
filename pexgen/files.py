"""Writing files whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pexgen.errors import UsageError


@dataclass(frozen=True, slots=True)
class Output:
    """A file as it is to be."""

    path: Path
    data: bytes
    #: Whether other line ends make another file of it; git changes them in a working tree.
    ends_matter: bool = True

    def is_current(self) -> bool:
        """Whether the file on disk is already as wanted; raises :class:`UsageError` if it cannot be looked at."""
        with _as_usage_error(self.path, "read"):
            if not self.path.is_file():
                return False
            found = self.path.read_bytes()
            return found == self.data or (not self.ends_matter and found.replace(b"\r\n", b"\n") == self.data)


def write_new(outputs: Sequence[Output], *, force: bool) -> tuple[Output, ...]:
    """Write the files that are not current yet and return them.

    Every file is written under a temporary name in its own folder first and then takes the place of the old one, with
    that one's mode; none is replaced before all are on disk. A link is followed to its file, which has to be there:
    nothing new is made where a link points. Raises :class:`UsageError`, with nothing replaced, if a file that differs
    is there and ``force`` is not given, if a path cannot be a file, or if the system refuses.
    """
    changed = tuple(output for output in outputs if not output.is_current())
    for output in changed:
        _refuse(output.path, force=force)
    with contextlib.ExitStack() as stack:
        staged = [(stack.enter_context(_staged(output)), _real(output.path), output) for output in changed]
        for temporary, target, output in staged:
            with _as_usage_error(output.path, "write"):
                temporary.replace(target)
    return changed


def _refuse(path: Path, *, force: bool) -> None:
    if path.is_dir():
        raise UsageError(f"{path} is a folder", "name a file in it")
    if path.is_symlink() and not path.exists():
        raise UsageError(f"{path} is a link to a file that is not there", "remove the link, or name another output")
    if not _real(path).parent.is_dir():
        raise UsageError(f"{path}: the folder {path.parent} is not there", "make it first")
    if path.exists() and not path.is_file():
        raise UsageError(f"{path} is not a regular file", "name another output")
    if path.exists() and not force:
        raise UsageError(f"{path} is there and differs", "--diff shows how, --force replaces it")


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


@contextlib.contextmanager
def _staged(output: Output) -> Iterator[Path]:
    target = _real(output.path)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
    try:
        with _as_usage_error(output.path, "write"):
            with temporary.open("xb") as file:
                file.write(output.data)
                if target.exists():
                    # The old file must not go before the new one is safe from a power failure.
                    file.flush()
                    os.fsync(file.fileno())
            if target.exists():
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def _as_usage_error(path: Path, verb: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"{path}: cannot {verb} it: {reason}", "look at the path and its permissions") from error
