r"""Play what the pages show of a console, and write down what came out: ``python tools/transcripts.py [--check]``.

Played are ``console`` blocks behind ``<!-- played -->``. Their prompts are ``PS C:\change>``; a command is pexgen's, or
the path of a runbook, which is played on the simulated tenant. ``<!-- played: asked A Y -->`` lets a runbook ask, and
answers A, then Y; ``<!-- played: typed A | | B -->`` lets pexgen ask at a terminal, and answers A, then with Enter
alone, then B; ``<!-- played: beginnings -->`` leaves out lines that are indented; a ``diff`` block behind
``<!-- played: edit FILE -->`` changes that file. All blocks of a page share a tenant, and a folder that begins with the
samples in it. Bodies count as reviewed, as they do in a release. Folders and digests, which differ from day to day, are
shown as stand-ins.

With ``--check`` nothing is written, and the exit code is 1 if a page is not current. Needs a PowerShell, and a system
that has pseudo-terminals.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from made_files import ROOT, write_or_check

from pexgen.rehearsal import Engine, NoEngineError, find_engine
from pexgen.simulation import fresh

PAGES = ("README.md", "docs/quick-start.md")
PROMPT = r"PS C:\change> "
_BLOCK = re.compile(
    r"<!-- played(?:: (?P<note>[^\n]*?))? -->\n```(?P<kind>console|diff)\n(?P<text>.*?)```\n", re.DOTALL
)
_ASKED = re.compile(r"(\[\?\] Help \(default is \"[YN]\"\): )")
_REVIEWED = """
import sys
import pexgen.reviews, pexgen.runbook

def approved(catalogue):
    bodies = [pexgen.runbook.assemble(catalogue, method) for method in catalogue.methods.values()]
    said = {"by": "pexgen project", "date": "2026-11-23", "notes": "For a page."}
    items = pexgen.reviews.checklist(catalogue)
    return {each.method.key: pexgen.reviews.review_body(catalogue, each, checked=items, **said) for each in bodies}

pexgen.reviews.load_ledger = approved
from pexgen.cli import run
sys.exit(run(sys.argv[1:]))
"""


@dataclass
class Stage:
    """What the blocks of one page share: their folder, their engine, and the tenant as the last run left it."""

    folder: Path
    engine: Engine
    tenant: dict[str, Any] = field(default_factory=dict)

    def play(self, command: str, note: str) -> str:
        """Return what a command answers; ValueError where it shows a defect, which no page is to present."""
        words = shlex.split(command.replace("\\", "/"), posix=True)
        if note.startswith("typed "):
            text = self._at_terminal(words[1:], [each.strip() for each in note.removeprefix("typed ").split("|")])
        else:
            text = self._pexgen(words[1:]) if words[0] == "pexgen" else self._runbook(words, note)
        if "NOT as expected" in text or "a defect" in text.lower():
            message = f"{command} shows a defect:\n{text}"
            raise ValueError(message)
        shown = self._stand_ins(text)
        if note == "beginnings":
            shown = "\n".join(line for line in shown.splitlines() if line and not line.startswith(" ")) + "\n"
        return shown

    def edit(self, name: str, diff: str) -> None:
        """Change a file as a diff says; ValueError where the file has not what the diff takes away, or has it twice."""
        path = self.folder / name
        lines = diff.splitlines()
        before = "\n".join(line[1:] for line in lines if not line.startswith("+"))
        after = "\n".join(line[1:] for line in lines if not line.startswith("-"))
        text = path.read_text(encoding="utf-8")
        if text.count(before) != 1:
            message = f"{name} has this {text.count(before)} times:\n{before}"
            raise ValueError(message)
        path.write_text(text.replace(before, after), encoding="utf-8", newline="\n")

    def _pexgen(self, arguments: list[str]) -> str:
        surroundings = {**os.environ, "NO_COLOR": "1", "COLUMNS": "100", "PYTHONUNBUFFERED": "1"}
        done = subprocess.run(
            [sys.executable, "-c", _REVIEWED, *arguments],
            cwd=self.folder,
            env=surroundings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        return done.stdout.decode().replace("\r\n", "\n")

    def _at_terminal(self, arguments: list[str], answers: list[str]) -> str:
        """Return what a terminal of 80 columns shows while somebody answers pexgen's questions."""
        import fcntl
        import pty
        import struct
        import termios

        keys, screen = pty.openpty()
        fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        process = subprocess.Popen(
            [sys.executable, "-c", _REVIEWED, *arguments],
            cwd=self.folder,
            env={**os.environ, "NO_COLOR": "1", "TERM": "dumb"},
            stdin=screen,
            stdout=screen,
            stderr=screen,
        )
        os.close(screen)
        shown, left = "", iter(answers)
        # A terminal whose other side has gone answers with an error.
        with contextlib.suppress(OSError):
            while piece := os.read(keys, 4096):
                shown += piece.decode()
                if shown.endswith(("]: ", "\n> ")):
                    os.write(keys, f"{next(left)}\n".encode())
        os.close(keys)
        process.wait()
        return re.sub(r" +\n", "\n", shown.replace("\r", ""))

    def _runbook(self, words: list[str], note: str) -> str:
        runbook = self.folder / words[0]
        if not self.tenant:
            self.tenant = fresh(self.engine.defaults(runbook))
        answers = note.removeprefix("asked ").split() if note.startswith("asked ") else None
        result = self.engine.play(runbook, self.tenant, _arguments(words[1:]), folder=self.folder, answers=answers)
        self.tenant = result.tenant
        typed = iter(answers or ())
        # What is typed at a prompt comes from standard input and leaves no trace on the screen, not even its line end.
        return _ASKED.sub(lambda found: f"{found.group(1)}{next(typed)}\n", str(result.screen).replace("\r\n", "\n"))

    def _stand_ins(self, text: str) -> str:
        # The engines of the tests play a runbook by a link to its folder.
        folder = rf"(?:{re.escape(str(self.folder.resolve()))}|/[^\s']*/shared-[0-9a-f-]+)"
        text = re.sub(
            rf"{folder}[\\/]([^\s']*)", lambda found: "C:\\change\\" + found.group(1).replace("/", "\\"), text
        )
        text = re.sub(r"\b[0-9a-f]{64}\b", "<digest>", text)
        # The run that a result is of, where its journal has another one already.
        text = re.sub(r"(?<=\.Apply\.)[0-9a-f]{8}(?=\.result\.json)", "c6759de5", text)
        return re.sub(r"(?<=; body )[0-9a-f]{12}\b", "<digest>", text)


def _arguments(words: list[str]) -> dict[str, Any]:
    """Return a runbook's arguments as the engine takes them: a name without a value is a switch."""
    arguments: dict[str, Any] = {}
    name = ""
    for word in words:
        if word.startswith("-"):
            name, _, value = word[1:].partition(":")
            arguments[name] = value != "$false"
        else:
            arguments[name] = word
    return arguments


def current(page: str, engine: Engine) -> str:
    """Return a page with what its commands answer now."""
    with tempfile.TemporaryDirectory(prefix="pexgen-") as place:
        stage = Stage(Path(place).resolve(), engine)
        shutil.copytree(ROOT / "samples", stage.folder / "samples")
        return "".join(_played(page, stage))


def _played(page: str, stage: Stage) -> Iterator[str]:
    end = 0
    for found in _BLOCK.finditer(page):
        yield page[end : found.start()]
        end = found.end()
        note, text = found.group("note") or "", found.group("text")
        if found.group("kind") == "diff":
            stage.edit(note.removeprefix("edit "), text)
            yield found.group()
            continue
        commands = [line.removeprefix(PROMPT) for line in text.splitlines() if line.startswith(PROMPT)]
        answers = [f"{PROMPT}{command}\n{stage.play(command, note).strip()}\n" for command in commands]
        yield found.group().replace(text, "".join(answers))
    yield page[end:]


def main(arguments: list[str]) -> int:
    """Write the pages, or with ``--check`` compare them; return the exit code."""
    try:
        powershell = find_engine()
    except NoEngineError as error:
        sys.exit(f"transcripts.py: {error}")
    with Engine(powershell) as engine:
        paths = (ROOT / name for name in PAGES)
        made = ((path, current(path.read_text(encoding="utf-8"), engine)) for path in paths)
        return write_or_check(made, "transcripts.py", arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
