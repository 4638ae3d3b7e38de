"""For people: every problem with its line, a caret and a hint."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pexgen.cli._talk import wants_color, width_of
from pexgen.cli._text import render_problems

if TYPE_CHECKING:
    from pexgen.cli._lint_formats._interface import LintReport


def render(report: LintReport) -> str:
    """Return the open problems of all files; accepted ones stand in the records, not here."""
    problems = [problem for file in report for problem in file.problems]
    return render_problems(problems, color=wants_color(sys.stdout), width=width_of(sys.stdout))
