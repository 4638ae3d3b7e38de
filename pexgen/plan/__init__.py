"""The change record of a runbook: one model, and a form for each kind of reader."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pexgen.output import FORMS, file_ending, render_blocks
from pexgen.plan._build import make_plan, plan_of
from pexgen.plan._from_runbook import plan_of_runbook
from pexgen.plan.model import Plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def plan_text(plan: Plan, form: str) -> str:
    """Return the plan in the form called ``form``, one of FORMS."""
    if form == "json":
        from pexgen.plan._json import render

        return render(plan)
    from pexgen.plan._document import document

    return render_blocks(form, document(_naming_itself(plan, form)))


def record_name(plan: Plan, form: str) -> str:
    """Return what the file of a plan is called in the form called ``form``."""
    return f"{plan.name}.plan.{file_ending(form)}"


def record_files(plan: Plan, forms: Iterable[str]) -> Mapping[str, bytes]:
    """Return the plan's files in these forms, as they are written, by their names."""
    return {record_name(plan, form): plan_text(plan, form).encode("utf-8", "backslashreplace") for form in forms}


def _naming_itself(plan: Plan, form: str) -> Plan:
    """Return the plan whose line for the reviewer names the very file that is read."""
    own, other = record_name(plan, form), record_name(plan, "json")
    return replace(
        plan, pre_checks=tuple(replace(each, line=each.line.replace(other, own)) for each in plan.pre_checks)
    )


__all__ = ["FORMS", "Plan", "make_plan", "plan_of", "plan_of_runbook", "plan_text", "record_files", "record_name"]
