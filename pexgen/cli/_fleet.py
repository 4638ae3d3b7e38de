"""Many descriptions in one command: where they are found, how far it has come, and what became of them in one line."""

from __future__ import annotations

import os
import re
import sys
from codecs import BOM_UTF8, BOM_UTF16_LE
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from pexgen.cli._completion_values import YAML
from pexgen.cli._inputs import expand, is_folder
from pexgen.cli._progress import Progress
from pexgen.cli._talk import Talk, progress_shown
from pexgen.errors import FilesError, PexgenError, UsageError
from pexgen.inputs import STANDARD
from pexgen.words import first_few

_HEAD = 64 * 1024
_VERSION = rb"(?m)^version:[ \t]*1[ \t]*(?:#.*)?\r?$"
_NAME = rb"(?m)^name[ \t]*:"
_MARKS = BOM_UTF16_LE + BOM_UTF8
"""Bytes of the marks with which programs begin text."""

_MOST_NAMES = 5


def descriptions(names: Sequence[str], talk: Talk) -> list[str]:
    """Return the files that are meant by names, patterns and folders, each once, in the order given.

    A folder stands for every description in it and below it, by name; what is hidden, or no description, is left out,
    and that is said. Raises :class:`UsageError` for a pattern that no file matches and a folder without a description.
    """
    return _found(names, talk, YAML, _is_description, "description")


def runbooks(names: Sequence[str], talk: Talk) -> list[str]:
    """Return the runbooks that are meant by names, patterns and folders, as :func:`descriptions` does."""
    return _found(names, talk, (".ps1",), _is_runbook, "runbook")


def _found(
    names: Sequence[str], talk: Talk, endings: tuple[str, ...], is_one: Callable[[Path], bool], kind: str
) -> list[str]:
    # One file is one, however it is called.
    found: dict[str, str] = {}
    for name in expand(names):
        if name == STANDARD or not is_folder(name):
            found.setdefault(_place(name), name)
            continue
        files = sorted(_below(Path(name), endings), key=lambda path: (path.as_posix().casefold(), path.as_posix()))
        kept = [path for path in files if is_one(path)]
        if not kept:
            raise UsageError(f"{name} is a folder without a {kind}", f"name a folder that has a {kind}, or a file")
        for path in kept:
            found.setdefault(_place(str(path)), str(path))
        left = [str(path.relative_to(name)) for path in files if path not in set(kept)]
        if left:
            talk.say(f"{name}: left out, because it is not a {kind}: {first_few(left, _MOST_NAMES)}")
    return list(found.values())


def _place(name: str) -> str:
    try:
        return name if name == STANDARD else os.path.realpath(name)
    except (OSError, ValueError):
        return name


def pairs(old: str, new: str, talk: Talk) -> tuple[dict[str, tuple[str, str]], tuple[str, ...], tuple[str, ...]]:
    """Return which files are compared with each other, by name, and which files only the old or new folder has.

    Of two folders those are one pair that have one path below them. Raises :class:`UsageError` for a folder and a file.
    """
    folders = [name != STANDARD and is_folder(name) for name in (old, new)]
    if not any(folders):
        return {new: (old, new)}, (), ()
    if not all(folders):
        raise UsageError("a folder is compared with another folder alone", "name two files, or two folders")
    here, there = (
        {Path(file).relative_to(name).as_posix(): file for file in descriptions([name], talk)} for name in (old, new)
    )
    both = {name: (here[name], there[name]) for name in here if name in there}
    gone = tuple(file for name, file in here.items() if name not in there)
    return both, gone, tuple(file for name, file in there.items() if name not in here)


def _below(folder: Path, endings: tuple[str, ...]) -> Iterator[Path]:
    """Yield the files with one of the endings in a folder and below it; a link to a folder is not followed."""
    from pexgen.policy import FILE

    for place, folders, files in os.walk(folder):
        folders[:] = [each for each in folders if not each.startswith(".")]
        for each in files:
            path = Path(place) / each
            if not each.startswith(".") and each != FILE and each.lower().endswith(endings) and path.is_file():
                yield path


def _head(path: Path) -> bytes:
    """Return a file's beginning; nothing where it cannot be read."""
    try:
        with path.open("rb") as file:
            # A description that was saved as UTF-16 is one, and has to be named.
            return file.read(_HEAD).replace(b"\0", b"").lstrip(_MARKS)
    except OSError:
        return b""


def _is_description(path: Path) -> bool:
    """Whether a file is meant as a description, right or wrong: a wrong one must not be passed over in silence."""
    head = _head(path)
    if not head:
        # What cannot be read is named by whoever reads it next; an empty file is nobody's.
        return not os.access(path, os.R_OK)
    return bool(_own_keys().search(head)) or bool(re.search(_VERSION, head) and re.search(_NAME, head))


def _is_runbook(path: Path) -> bool:
    from pexgen.cli._file_kinds import kind_of

    return kind_of(_head(path)) in {"runbook", "discover"}


@lru_cache(maxsize=1)
def _own_keys() -> re.Pattern[bytes]:
    """What begins a line of a description and of no other file: its keys but those that every file may have."""
    from pexgen.description import load_schema

    keys = "|".join(sorted(set(load_schema()["properties"]) - {"version", "name"}))
    return re.compile(rf"^(?:{keys})[ \t]*:".encode(), re.MULTILINE)


def work_through(
    names: Sequence[str],
    work: Callable[[str], str],
    talk: Talk,
    words: Iterable[str],
    finish: Callable[[], None] = lambda: None,
) -> Counter[str]:
    """Do ``work`` with each file, whatever becomes of the others, and say in one line how many ended how.

    ``work`` returns the word that its file is counted under; ``words`` are said even where there is none. ``finish`` is
    called when all are done, before that line. With one file nothing is counted. Raises the error of the one file, or
    :class:`FilesError` when all are done.
    """
    if len(names) == 1:
        word = work(names[0])
        finish()
        return Counter([word])
    counted: Counter[str] = Counter(dict.fromkeys(words, 0))
    failed: dict[str, PexgenError] = {}
    for name in stepping(names, talk):
        try:
            counted[work(name)] += 1
        except PexgenError as error:
            failed[name] = error
    finish()
    parts = [f"{word} {number:,}" for word, number in counted.items()]
    summary = ", ".join([*parts, f"failed {len(failed):,}"])
    if failed:
        raise FilesError(tuple(failed.values()), f"{summary}: {first_few(list(failed), _MOST_NAMES)}")
    talk.say(summary)
    return counted


def stepping(names: Sequence[str], talk: Talk) -> Iterator[str]:
    """Yield the names, with a line of progress where somebody sees it."""
    if not talk.progress():
        yield from names
        return
    progress = Progress(len(names), sys.stderr)
    with progress_shown(progress):
        for done, name in enumerate(names):
            progress.step(done)
            yield name


def folder_of(output: str, names: Sequence[str]) -> Path | None:
    """Return the folder that ``output`` names, None for a file or standard output.

    Raises :class:`UsageError` where there are several descriptions and no folder for them.
    """
    if output != STANDARD and (is_folder(output) or output.endswith(("/", "\\"))):
        return Path(output)
    if len(names) > 1:
        raise UsageError("several descriptions need a folder to write to", "name an existing folder with -o")
    return None
