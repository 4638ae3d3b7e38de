"""For GitHub Actions: workflow commands, which become annotations of the change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.cli._text import printable

if TYPE_CHECKING:
    from pexgen.cli._lint_formats._interface import LintReport
    from pexgen.errors import Problem


def render(report: LintReport) -> str:
    """Return one command a line; accepted findings give none."""
    return "".join(_command(problem) for file in report for problem in file.problems)


def _command(problem: Problem) -> str:
    place = f"file={_property(problem.file)}"
    if problem.line:
        last = problem.column + problem.length - 1
        place += f",line={problem.line},col={problem.column},endColumn={last}"
    message = f"{problem.message} ({problem.hint})" if problem.hint else problem.message
    command = "notice" if problem.severity == "note" else problem.severity
    return f"::{command} {place},title={problem.code}::{_data(message)}\n"


def _data(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
