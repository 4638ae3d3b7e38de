"""What a format of ``pexgen lint`` takes and gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pexgen.errors import Problem
    from pexgen.lint import AcceptedFinding


@dataclass(frozen=True, slots=True)
class FileReport:
    """What was found in one file, in the file's order; ``name`` is how it was called on the command line."""

    name: str
    problems: tuple[Problem, ...] = ()
    accepted: tuple[AcceptedFinding, ...] = ()

    def count(self, severity: str) -> int:
        """Return how many problems are of that severity."""
        return sum(problem.severity == severity for problem in self.problems)


LintReport = tuple[FileReport, ...]
"""One entry a file, in the order of the command line."""

Format = Callable[[LintReport], str]
"""From a report to all that goes to standard output, with a line end after the last line; pure."""
