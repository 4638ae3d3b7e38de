"""The values that a shell offers for an option or argument; each list is made when somebody presses Tab, not before."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TypeAlias

Word: TypeAlias = "str | tuple[str, str]"
"""A word, or a word with what it is."""

YAML = (".yaml", ".yml")
"""How the names of descriptions end."""


def one_of(words: Callable[[], Iterable[Word]] | Iterable[str]) -> Callable[[str], list[Word]]:
    """Offer words in the case in which somebody began to type; those of a function are not made before."""

    def offer(incomplete: str) -> list[Word]:
        found = words() if callable(words) else words
        return [_as_typed(each, incomplete) for each in found]

    return offer


def _as_typed(offered: Word, incomplete: str) -> Word:
    word, meaning = offered if isinstance(offered, tuple) else (offered, "")
    if word.casefold().startswith(incomplete.casefold()):
        word = incomplete + word[len(incomplete) :]
    return word, meaning


def file_of(*endings: str, words: Callable[[], Iterable[Word]] | Iterable[str] = ()) -> Callable[[str], list[Word]]:
    """Offer ``words``, files with one of these endings, and folders; where there is nothing of it, every file."""

    def offer(incomplete: str) -> list[Word]:
        found = [*one_of(words)(incomplete), *_files(incomplete, endings)]
        return found or [*_files(incomplete, ())]

    return offer


def _files(incomplete: str, endings: tuple[str, ...]) -> list[str]:
    split = max(incomplete.rfind("/"), incomplete.rfind(os.sep)) + 1
    folder, begun = incomplete[:split], incomplete[split:]
    sign = incomplete[split - 1] if split else os.sep
    try:
        entries = sorted(os.scandir(os.path.expanduser(folder) or "."), key=lambda entry: entry.name)  # noqa: PTH111
    except OSError:
        return []
    # As shells do: what begins with a period is shown to those who type it.
    hidden = "" if begun.startswith(".") else "."
    shown = [each for each in entries if each.name.startswith(begun) and not (hidden and each.name.startswith(hidden))]
    folders = [f"{folder}{each.name}{sign}" for each in shown if _is_folder(each)]
    names = [each.name for each in shown if not _is_folder(each)]
    meant = [name for name in names if name.casefold().endswith(endings)] if endings else names
    return [*(f"{folder}{name}" for name in meant), *folders]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
