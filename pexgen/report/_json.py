"""For programs: ``pexgen.report/1``. Within version 1 keys are added, and none is removed, renamed or changed."""

from __future__ import annotations

from pexgen.output.plain import as_json
from pexgen.report.model import Report

FORMAT = "pexgen.report/1"


def render(report: Report) -> str:
    """Return the report as one JSON object."""
    return as_json(FORMAT, report)
