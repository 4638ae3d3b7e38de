"""What is said of an engine that cannot be used: which program it was, how it ended, its last words, what to try."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from pexgen.rehearsal.runs import EngineError

_LINES_SHOWN = 12
# The words of a refusal are the machine's language; what is looked for stands in it in every language. Windows
# PowerShell breaks lines where they happen to end.
_POLICY = re.compile(r"about_Execution_Policies|LinkI[Dd]=135170|PSSecurityException|:UnauthorizedAccess(?!Exception)")
_ANOTHER = "set PEXGEN_PWSH to another PowerShell, or rehearse on another machine"


class EngineUnusableError(EngineError):
    """The PowerShell that was found cannot play a run; ``hint`` says what to try."""

    exit_code = 3

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class EngineEndedError(EngineUnusableError):
    """The PowerShell process ended without an answer."""


class EngineSilentError(EngineUnusableError):
    """The PowerShell process gave no answer in time."""


@dataclass(frozen=True, slots=True)
class Program:
    """The PowerShell that was started."""

    path: str

    @property
    def trial(self) -> str:
        """A command that shows whether the program works at all."""
        return f'"{self.path}" -NoProfile -Command "$PSVersionTable"'


def cannot_start(program: Program, reason: str) -> EngineUnusableError:
    """Return the error about a program that the system does not start."""
    message = f"{program.path} cannot be started: {reason}"
    return EngineUnusableError(message, f"try `{program.trial}`; {_ANOTHER}")


def ended_without_answer(program: Program, code: int | None, talk: Iterable[bytes]) -> EngineEndedError:
    """Return the error about a process that ended without an answer; ``code`` is None where it did not end itself."""
    words = _words(talk)
    if _POLICY.search("".join(words.split())):
        message = f"{program.path} refuses to run scripts: a group policy overrules `-ExecutionPolicy Bypass`"
        listed = f'`"{program.path}" -NoProfile -Command "Get-ExecutionPolicy -List"`'
        hint = f"{listed} shows the policy; ask whoever sets it, {_ANOTHER}"
        return EngineEndedError(f"{message}.{_quoted(words)}", hint)
    message = f"{program.path} ended without an answer, {_how(code)}."
    return EngineEndedError(f"{message}{_quoted(words)}", f"try `{program.trial}`; {_ANOTHER}")


def session_ended_early(program: Program, code: int) -> EngineUnusableError:
    """Return the error about a session that was over before anybody could type; its words are on the screen."""
    message = f"{program.path} ended before the session was ready, {_how(code)}; its output is above"
    return EngineUnusableError(message, f"try `{program.trial}`; {_ANOTHER}")


def no_answer_in_time(program: Program, seconds: float, talk: Iterable[bytes]) -> EngineSilentError:
    """Return the error about a process that went on for too long."""
    message = f"No answer within {seconds:g} seconds from {program.path}; it was stopped."
    hint = f"try `{program.trial}`; where it is only slow, give a longer --timeout"
    return EngineSilentError(f"{message}{_quoted(_words(talk))}", hint)


def _how(code: int | None) -> str:
    if code is None:
        return "and went on running; it was stopped"
    return f"by signal {-code}" if code < 0 else f"with exit code {code}"


def _words(talk: Iterable[bytes]) -> str:
    return "\n".join(line for line in (_decoded(line).rstrip() for line in talk) if line)


def _decoded(line: bytes) -> str:
    """Return talk as text: UTF-8, else the code page of a console; no byte of it is worth an error."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("oem" if sys.platform == "win32" else "latin-1", "replace")


def _quoted(words: str) -> str:
    last = words.splitlines()[-_LINES_SHOWN:]
    return "\nIt last said:\n" + "\n".join(f"| {line}" for line in last) if last else " It said nothing."
