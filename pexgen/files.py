"""Writes files whole or not at all, and replaces none that was not meant.

What is written is named by whoever calls pexgen, in a folder that others may write to as well. So a path is resolved
once; what is not there is put in place without replacing anything; and what is replaced is what was looked at.
"""

# No "from __future__ import annotations": named tuples look at the types of their fields, and resolving text is slow.

import contextlib
import errno
import os
import secrets
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pexgen import sizes
from pexgen.errors import UsageError
from pexgen.inputs import Inputs, reason_of

_DEVICES = ("/dev/", "/proc/", "/sys/", "\\\\.\\")
_IN_MEMORY = "/dev/shm/"  # noqa: S108 - a folder of files like any other, which Linux has among the devices
_HINTS = {
    errno.ENOSPC: "make room on that disk",
    errno.EROFS: "name an output on a disk that can be written to",
    errno.ENAMETOOLONG: "name the output with fewer letters",
}
_MOST_LINKS = 40
_MEDDLED = "see who writes there, and run it again"
_DENIED = "close it in every other program, and look at its permissions and its folder's"
_NO_LINKS = (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.EINVAL)


class Output(NamedTuple):
    """A file as it is to be."""

    path: Path
    data: bytes
    #: Whether other line ends make another file of it; git changes them in a working tree.
    ends_matter: bool = True

    def is_current(self) -> bool:
        """Whether the file on disk is already as wanted; raises :class:`UsageError` if it cannot be looked at."""
        return self.path.parent.is_dir() and self.is_wanted(_look(self).old)

    def is_wanted(self, found: bytes | None) -> bool:
        """Whether what was found is as wanted; None stands for no file."""
        if found is None or self.ends_matter:
            return found == self.data
        return found.replace(b"\r\n", b"\n") == self.data


def write_new(outputs: Sequence[Output], *, force: bool, inputs: Inputs | None = None) -> tuple[Output, ...]:
    """Write the files that are not current yet and return them.

    Every file is written under a temporary name in its own folder first. A new one is then put in place without
    replacing anything; one that is there is replaced with ``force`` alone, and keeps its mode but for bits that would
    give others more than they would have of a new file. None is put in place before all are on disk, and where one
    cannot be, those before it are taken back. A link is followed to its file, which has to be there. Raises
    :class:`UsageError`, with everything as it was, if a file that differs is there and ``force`` is not given, if it is
    one of ``inputs``, read-only or no place for a file, or if the system refuses.
    """
    if inputs is not None:
        for output in outputs:
            inputs.refuse(output.path)
    targets = [_look(output) for output in outputs]
    changed = [target for target in targets if not target.output.is_wanted(target.old)]
    for target in changed:
        _refuse(target, force=force)
    with contextlib.ExitStack() as stack:
        _put_all([(stack.enter_context(_staged(target)), target) for target in changed])
    return tuple(target.output for target in changed)


class _Target(NamedTuple):
    """Where an output goes, resolved once, and what was there then; ``old`` and ``status`` are None for nothing."""

    output: Output
    place: Path
    old: bytes | None
    status: os.stat_result | None

    @property
    def path(self) -> Path:
        return self.output.path


def _look(output: Output) -> _Target:
    path = output.path
    with _as_usage_error(path, "read"):
        place = _resolved(path)
        status = _status(place)
        if status is None:
            return _Target(output, place, None, None)
        if stat.S_ISDIR(status.st_mode):
            raise UsageError(f"{path} is a folder", "name a file in it")
        if not stat.S_ISREG(status.st_mode):
            raise UsageError(f"{path} is not a regular file", "name another output")
        if status.st_size > sizes.REPLACED:
            most = sizes.spoken(sizes.REPLACED)
            message = f"{path} exists and has more than {most}, which no file that pexgen writes has"
            raise UsageError(message, "name another output")
        return _Target(output, place, _bytes_of(place), status)


def _resolved(path: Path) -> Path:
    if path.is_dir():
        raise UsageError(f"{path} is a folder", "name a file in it")
    if path.is_symlink() and not os.path.exists(path):
        raise UsageError(f"{path} is a link to a file that does not exist", "remove the link, or name another output")
    place = path
    for hop in _hops(path):
        if str(hop).startswith(_DEVICES) and not str(hop).startswith(_IN_MEMORY):
            message = f"{path} is a device, or among devices, and no place for a file"
            raise UsageError(message, "`-o -` is standard output")
        place = hop
    if not place.parent.is_dir():
        raise UsageError(f"{path}: the folder {path.parent} does not exist", "create it first")
    return place


def _hops(path: Path) -> Iterator[Path]:
    """Yield where a path leads, link by link: the last is what is meant, and what comes there later is not followed."""
    place = Path(os.path.realpath(path.parent)) / path.name
    yield place
    for _ in range(_MOST_LINKS):
        if not place.is_symlink():
            return
        target = place.parent / os.readlink(place)
        place = Path(os.path.realpath(target.parent)) / target.name
        yield place
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))


def _status(place: Path) -> os.stat_result | None:
    try:
        return os.lstat(place)
    except FileNotFoundError:
        return None


def _bytes_of(place: Path) -> bytes:
    # Neither a link nor a pipe that has come there since is read.
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(place, flags), "rb") as file:
        return file.read(sizes.REPLACED + 1)


def _refuse(target: _Target, *, force: bool) -> None:
    if target.status is None:
        return
    if not force:
        raise UsageError(
            f"{target.path} exists and differs",
            "--force replaces it; `pexgen render --diff` shows how a runbook differs",
        )
    if not target.status.st_mode & stat.S_IWUSR:
        free = f'attrib -r "{target.path}"' if sys.platform == "win32" else f"chmod u+w '{target.path}'"
        hint = f"check it out of source control, or `{free}`, and run it again"
        raise UsageError(f"{target.path} is marked read-only, and was not replaced", hint)


@contextlib.contextmanager
def _staged(target: _Target) -> Iterator[Path]:
    temporary = target.place.with_name(f".pexgen-{secrets.token_hex(8)}.tmp")
    try:
        with _as_usage_error(target.path, "write"):
            _write(temporary, target.output.data, target.status)
        yield temporary
    except UsageError as error:
        if not _is_removed(temporary):
            raise UsageError(f"{error}; {temporary} could not be removed either", f"{error.hint}; remove it") from error
        raise
    finally:
        _is_removed(temporary)


def _write(temporary: Path, data: bytes, replaced: os.stat_result | None) -> None:
    with temporary.open("xb") as file:
        file.write(data)
        if replaced is None:
            return
        # The old file must not go before the new one is safe from a power failure.
        file.flush()
        os.fsync(file.fileno())
        allowed = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        os.chmod(file.fileno() if os.chmod in os.supports_fd else temporary, _mode_of_replacement(replaced, allowed))


def _mode_of_replacement(replaced: os.stat_result, allowed: int) -> int:
    """Return the new file's mode: the old one's, without rights to write that a new file of ours would not give."""
    writers = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
    if replaced.st_uid != getattr(os, "geteuid", lambda: replaced.st_uid)():
        allowed &= ~(stat.S_IWGRP | stat.S_IWOTH)
    return replaced.st_mode & 0o777 & (~writers | allowed)


def _put_all(staged: Sequence[tuple[Path, _Target]]) -> None:
    done: list[_Target] = []
    try:
        for temporary, target in staged:
            with _as_usage_error(target.path, "write"):
                _put(temporary, target)
            done.append(target)
    except BaseException:
        for target in reversed(done):
            _take_back(target)
        raise


def _put(temporary: Path, target: _Target) -> None:
    if target.status is None:
        _put_new(temporary, target)
        return
    now = _status(target.place)
    if now is None or _identity(now) != _identity(target.status):
        raise UsageError(f"{target.path} was changed while pexgen was at it", _MEDDLED)
    os.replace(temporary, target.place)


def _identity(status: os.stat_result) -> tuple[int, ...]:
    # A number that became free is given to the next file.
    return status.st_dev, status.st_ino, stat.S_IFMT(status.st_mode), status.st_size, status.st_mtime_ns


def _put_new(temporary: Path, target: _Target) -> None:
    """Give the file its name, which nothing else may have got in the meantime."""
    try:
        if sys.platform == "win32":
            os.rename(temporary, target.place)
            return
        os.link(temporary, target.place)
    except FileExistsError:
        message = f"{target.path} came into being while pexgen was at it, and was not replaced"
        raise UsageError(message, _MEDDLED) from None
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A file system without links to files.
        _write_new(target)


def _write_new(target: _Target) -> None:
    with target.place.open("xb") as file:
        try:
            file.write(target.output.data)
            file.flush()
        except BaseException:
            target.place.unlink()
            raise


def _take_back(target: _Target) -> None:
    """Undo what was put in place, as far as the system lets it."""
    with contextlib.suppress(OSError, UsageError):
        if target.old is None or target.status is None:
            if _bytes_of(target.place) == target.output.data:
                os.unlink(target.place)
            return
        with _staged(_Target(Output(target.path, target.old), target.place, None, target.status)) as temporary:
            os.replace(temporary, target.place)


def _is_removed(temporary: Path) -> bool:
    """Remove a temporary file and say whether it is gone."""
    try:
        os.unlink(temporary)
    except FileNotFoundError:
        pass
    except OSError:
        return False
    return True


@contextlib.contextmanager
def _as_usage_error(path: Path, verb: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        number = getattr(error, "errno", None)
        hint = _DENIED if number in (errno.EACCES, errno.EPERM) else _HINTS.get(number or 0, "look at the path")
        raise UsageError(f"{path}: cannot {verb} it: {reason_of(error)}", hint) from error
