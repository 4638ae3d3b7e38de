"""Each shell completes with what ``pexgen completion`` prints: the real shell, with Tab or what it has for scripts."""

from __future__ import annotations

import json
import os
import re
import select
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pexgen.cli import run
from pexgen.cli._lint_formats import FORMATS

NOT_ON_WINDOWS = pytest.mark.skipif(sys.platform == "win32", reason="there is no pseudo-terminal")

# What is typed, and what stands there after Tab.
TYPED = [
    ("pexgen li", "pexgen lint"),
    ("pexgen templates app", "pexgen templates approve"),
    ("pexgen lint --str", "pexgen lint --strict"),
    ("pexgen lint --format sa", "pexgen lint --format sarif"),
    ("pexgen lint --format=sa", "pexgen lint --format=sarif"),
    ("pexgen rehearse contoso.yaml --fault kill-a", "pexgen rehearse contoso.yaml --fault kill-after@"),
    ("pexgen rehearse contoso.yaml --mode roll", "pexgen rehearse contoso.yaml --mode rollback"),
    ("pexgen explain ews-a", "pexgen explain ews-access"),
    ("pexgen explain PXG14", "pexgen explain PXG14"),
    ("pexgen lint con", "pexgen lint contoso.yaml"),
    ("pexgen verify con", "pexgen verify contoso.ps1"),
    ("pexgen verify contoso.ps1 --description con", "pexgen verify contoso.ps1 --description contoso.yaml"),
    ("pexgen lint customers/", "pexgen lint customers/fabrikam.yaml"),
    ("pexgen lint cust", "pexgen lint customers/"),
    ("pexgen lint nor", "pexgen lint north wind.yaml"),
    ("pexgen init --set target.environment=gcc-", "pexgen init --set target.environment=gcc-high"),
    ("pexgen lint -q --format gi", "pexgen lint -q --format github"),
]


def shell(name: str) -> str:
    """Return the path of a shell; the test is skipped where there is none."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"there is no {name} here")
    return found


@pytest.fixture
def script(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[[str], Path]:
    """Write what ``pexgen completion`` prints for a shell into a file."""

    def write(name: str) -> Path:
        assert run(["completion", name]) == 0
        path = tmp_path / f"completion-{name}"
        path.write_text(capsys.readouterr().out, encoding="ascii", newline="\n")
        return path

    return write


class Terminal:
    """A shell at a pseudo-terminal, which knows nothing of the user's settings."""

    def __init__(self, command: list[str], environment: dict[str, str], folder: Path) -> None:
        import pty

        self._number = 0
        self._master, slave = pty.openpty()
        self._process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=environment, cwd=folder, start_new_session=True
        )
        os.close(slave)

    def run(self, line: str) -> str:
        """Run a line and return what it printed."""
        self._number += 1
        begin, end = f"begin{self._number}", f"end{self._number}"
        os.write(self._master, line.encode())
        # In two pieces, so that the marks are not found in what the terminal echoes.
        return self._until(f"; printf '%s%s\\n' {end[:3]} {end[3:]}\r", begin, end)

    def typed(self, line: str) -> str:
        """Type a line and Tab, and return the words that stand there then."""
        self._number += 1
        begin, end = f"begin{self._number}", f"end{self._number}"
        os.write(self._master, f"{line}\t".encode())
        # To the line's beginning, where a command is put that shows the words and does not run them.
        show = f"\x01printf '%s%s\\n' {begin[:5]} {begin[5:]}; printf '%s\\n' "
        return self._until(f"{show}\x05; printf '%s%s\\n' {end[:3]} {end[3:]}\r", begin, end)

    def _until(self, keys: str, begin: str, end: str) -> str:
        os.write(self._master, keys.encode())
        seen = ""
        while f"\n{end}\r" not in seen:
            assert select.select([self._master], [], [], 60)[0], f"the shell says nothing more behind {seen}"
            seen += os.read(self._master, 4096).decode("utf-8", "replace")
        return seen.partition(f"\n{begin}\r")[2].partition(f"\n{end}\r")[0].replace("\r", "").strip("\n")

    def close(self) -> None:
        """End the shell."""
        self._process.kill()
        self._process.wait()
        os.close(self._master)


@pytest.fixture
def terminal(surroundings: dict[str, str], work: Path):
    """Begin a shell at a terminal, with some lines as its settings."""
    begun = []

    def begin(command: list[str], settings: str) -> Terminal:
        begun.append(Terminal(command, {**surroundings, "PS1": "> "}, work))
        begun[-1].run(settings)
        return begun[-1]

    yield begin
    for each in begun:
        each.close()


@NOT_ON_WINDOWS
def test_bash_completes_with_tab(script, terminal) -> None:
    settings = f"bind 'set bell-style none'; source {shlex.quote(str(script('bash')))}"
    at = terminal([shell("bash"), "--norc", "--noprofile", "-i"], settings)
    for line, there in TYPED:
        assert at.typed(line).split("\n") == words(there), line


@NOT_ON_WINDOWS
def test_zsh_completes_with_tab(script, terminal) -> None:
    settings = f"unsetopt beep; autoload -Uz compinit; compinit -u -D; source {shlex.quote(str(script('zsh')))}"
    at = terminal([shell("zsh"), "-f", "-i"], settings)
    for line, there in TYPED:
        assert at.typed(line).split("\n") == words(there), line


@NOT_ON_WINDOWS
def test_fish_completes(script, surroundings, work) -> None:
    asked = "".join(f"echo ---; complete --do-complete {shlex.quote(line)}\n" for line, _ in TYPED)
    text = f"source {shlex.quote(str(script('fish')))}\n{asked}"
    command = [shell("fish"), "--no-config", "-c", text]
    done = subprocess.run(command, capture_output=True, env=surroundings, cwd=work, check=True, encoding="utf-8")
    answers = [each.strip("\n") for each in done.stdout.split("---\n")[1:]]
    for (line, there), answer in zip(TYPED, answers, strict=True):
        offered = [each.partition("\t")[0] for each in answer.splitlines()]
        last = words(there)[-1]
        assert (last in offered) if there != line else all(each.startswith(last) for each in offered), line


def test_powershell_completes(script, surroundings, work, pwsh) -> None:
    """TabExpansion2 is what both PowerShells call when somebody presses Tab."""
    lines = ", ".join("'" + line + "'" for line in [*(line for line, _ in TYPED), "$null = pexgen lint --format "])
    text = (
        f"Get-Content -Raw '{script('powershell')}' | Invoke-Expression; "
        f"@(foreach ($line in {lines}) {{ , @((TabExpansion2 $line $line.Length).CompletionMatches | "
        "ForEach-Object { $_.CompletionText }) }) | ConvertTo-Json -Depth 3 -Compress"
    )
    command = [pwsh, "-NoProfile", "-NonInteractive", "-Command", text]
    done = subprocess.run(command, capture_output=True, env=surroundings, cwd=work, check=True, encoding="utf-8")
    answers = json.loads(done.stdout)
    assert answers.pop() == list(FORMATS)
    for (line, there), offered in zip(TYPED, answers, strict=True):
        last = words(there)[-1]
        last = f"'{last}'" if " " in last else last
        assert (last in offered) if there != line else all(each.startswith(last) for each in offered), (line, offered)


def test_the_script_for_powershell_has_nothing_that_windows_powershell_lacks(script) -> None:
    text = script("powershell").read_text(encoding="ascii")
    assert re.search(r"\?\?|\?\.|&&|\|\||\? .* : ", text) is None


def words(line: str) -> list[str]:
    """Return the words of a line of the table above; only the last one may have a blank."""
    return line.split(" ", 2 if "north" in line else -1)
