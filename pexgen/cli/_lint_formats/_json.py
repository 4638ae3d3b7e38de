"""For programs: ``pexgen.lint/1``.

Within version 1 keys are added, and none is removed, renamed or given another meaning.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pexgen.description.codes import CODES
from pexgen.lint import RULES
from pexgen.pages import page_of

if TYPE_CHECKING:
    from pexgen.cli._lint_formats._interface import FileReport, LintReport
    from pexgen.errors import Problem

FORMAT = "pexgen.lint/1"
_TITLES = {**{each.code: each.title for each in CODES}, **{each.code: each.title for each in RULES}}


def render(report: LintReport) -> str:
    """Return the report as one JSON object: ASCII, two spaces a level."""
    return json.dumps({"format": FORMAT, "files": [_file(file) for file in report]}, indent=2) + "\n"


def _file(file: FileReport) -> dict[str, Any]:
    return {
        "file": file.name,
        "errors": file.count("error"),
        "warnings": file.count("warning"),
        "findings": [_finding(problem) for problem in file.problems],
        "accepted": [{**_finding(accepted.problem), "reason": accepted.reason} for accepted in file.accepted],
    }


def _finding(problem: Problem) -> dict[str, Any]:
    """Return one finding; line and column count from 1 and are 0 for the file as a whole; ``page`` says more of it."""
    return {
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
        "hint": problem.hint,
        "line": problem.line,
        "column": problem.column,
        "length": problem.length if problem.line else 0,
        "sourceLine": problem.source_line,
        "page": page_of(problem.code, _TITLES[problem.code]),
    }
