"""The one root of pexgen's errors; :mod:`pexgen.cli` turns them into text and exit codes, and nothing else does."""

# No "from __future__ import annotations": named tuples look at the types of their fields, and resolving text is slow.

from typing import Literal, NamedTuple

Severity = Literal["error", "warning", "note"]
"""How grave a problem is; a note is for reading, and never fails a command."""


class Problem(NamedTuple):
    """Something about a user's input that the user can mend.

    ``line`` and ``column`` count from 1 (0: the file as a whole); ``length`` is the width of the caret in characters;
    ``source_line`` is the text of that line without its line end.
    """

    code: str
    message: str
    file: str
    line: int = 0
    column: int = 0
    length: int = 1
    source_line: str = ""
    hint: str = ""
    severity: Severity = "error"


class PexgenError(Exception):
    """Root of every error that pexgen raises on purpose.

    ``exit_code`` is what the command line ends with; ``hint`` says what to do, and is empty where that is plain.
    """

    exit_code = 70
    hint = ""


class InputError(PexgenError):
    """An input that cannot be used; carries every problem found in it, in the file's order."""

    exit_code = 3

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


class UsageError(PexgenError):
    """A command that cannot be carried out as it was given; the hint says what to do instead."""

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UndecidedError(PexgenError):
    """What was found leaves something open that a person has to decide; the hint says how."""

    exit_code = 1

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class DefectError(PexgenError):
    """pexgen's own data or code is wrong (a template, the catalogue, a type); no input can mend it."""


class UnreviewedError(PexgenError):
    """A runbook was asked for whose body nobody has reviewed in its present form; the hint says what to do."""

    exit_code = 3

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class FilesError(PexgenError):
    """What went wrong with some of several files of one command; the exit code is the first one's.

    ``summary`` is the command's last line: how many went well and which did not; empty where it says nothing.
    """

    def __init__(self, errors: tuple[PexgenError, ...], summary: str = "") -> None:
        super().__init__("; ".join(str(error) for error in errors))
        self.errors, self.summary = errors, summary
        self.exit_code = errors[0].exit_code
