"""The closing record of a change: what was planned beside what was done, and what is left open."""

from __future__ import annotations

from pexgen.output import FORMS, render_blocks
from pexgen.report._build import make_report
from pexgen.report.model import Report


def report_text(report: Report, form: str) -> str:
    """Return the report in the form called ``form``, one of FORMS."""
    if form == "json":
        from pexgen.report._json import render

        return render(report)
    from pexgen.report._document import document

    return render_blocks(form, document(report))


__all__ = ["FORMS", "Report", "make_report", "report_text"]
