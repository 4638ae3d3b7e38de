"""The change record of a runbook: one model, and a form for each kind of reader."""

from __future__ import annotations

from pexgen.output import PROSE, prose
from pexgen.plan._build import make_plan
from pexgen.plan.model import Plan

FORMS = (*PROSE, "json")
"""Names of the forms of a plan."""


def plan_text(plan: Plan, form: str) -> str:
    """Return the plan in the form called ``form``, one of FORMS."""
    if form == "json":
        from pexgen.plan._json import render

        return render(plan)
    from pexgen.plan._document import document

    return prose(form, document(plan))


__all__ = ["FORMS", "Plan", "make_plan", "plan_text"]
