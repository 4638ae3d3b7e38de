"""The exit codes of pexgen's commands for the pages, as the help of each command says its own.

``PAGES`` is what the pages' marks stand for, ``CodesOfDiff``, ``CodesOfTemplatesList`` and the like, and ``table`` the
one of all commands; ``tools/pages.py`` puts both in.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

import typer

from pexgen.cli import AFTER_SIGNAL, BROKEN_PIPE, DEFECT, END_SIGNALS, INTERRUPTED
from pexgen.cli._app import COMMANDS, app
from pexgen.errors import UsageError

_SAID = re.compile(r"^Exit codes: (.+?)\.$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(\d+) (.+?)(?=, \d+ |$)")
_USUAL = {0: "done", UsageError.exit_code: "usage"}
"""What a code means in most commands, in the word that their help has for it."""

_MORE = {
    UsageError.exit_code: "the command cannot be carried out as it was given; also a file that would have to be "
    "replaced without `--force`, an output that is an input, read-only or a device, and a disk that is full, standard "
    "output's too",
}
_OTHERS = {
    f"{DEFECT}": "a defect in pexgen; run it again with `--verbose` and report what it prints",
    ", ".join(f"{code}" for code in (INTERRUPTED, *(AFTER_SIGNAL + number for number in END_SIGNALS.values()))): (
        "interrupted with Ctrl-C, asked to end (SIGTERM), its terminal hung up, or Ctrl-Break on Windows; no file was "
        "left half written"
    ),
    f"{BROKEN_PIPE}": "the reader of a pipe went away",
}


def _commands() -> Iterator[tuple[str, Any]]:
    root: Any = typer.main.get_command(app)
    for name in COMMANDS:
        command = root.get_command(None, name)
        yield name, command
        yield from ((f"{name} {inner}", each) for inner, each in getattr(command, "commands", {}).items())


def _codes() -> dict[str, dict[int, str]]:
    """Return what each code means by command, for those whose help says it."""
    found = {name: _SAID.search(inspect.cleandoc(command.help or "")) for name, command in _commands()}
    return {
        name: {int(code): meaning for code, meaning in _CODE.findall(" ".join(said[1].split()))}
        for name, said in found.items()
        if said
    }


CODES: Mapping[str, Mapping[int, str]] = _codes()
"""What each code means, by command."""

PAGES: Mapping[str, str] = {
    "CodesOf" + "".join(word.capitalize() for word in re.split("[- ]", name)): ", ".join(
        f"{code} {meaning}" for code, meaning in codes.items()
    )
    for name, codes in CODES.items()
}


def table() -> str:
    """Return the table of all commands: those that say the same of a code stand together."""
    known = sorted({code for codes in CODES.values() for code in codes})
    rows = [(f"{code}", "; ".join(_meanings(code))) for code in known]
    lines = [f"| {code} | {meaning} |" for code, meaning in (*rows, *_OTHERS.items())]
    return "\n".join(["| code | meaning |", "|---|---|", *lines])


def _meanings(code: int) -> Iterator[str]:
    usual = _USUAL.get(code, "")
    if usual:
        yield f"{usual}: {_MORE[code]}" if code in _MORE else usual
    by_meaning: dict[str, list[str]] = {}
    for name, codes in CODES.items():
        if code in codes and codes[code] != usual:
            by_meaning.setdefault(codes[code], []).append(f"`{name}`")
    yield from (f"{', '.join(names)}: {meaning}" for meaning, names in by_meaning.items())
