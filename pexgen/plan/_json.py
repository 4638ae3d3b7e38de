"""For programs: ``pexgen.plan/2``.

Within version 2 keys are added, and none is removed, renamed or given another meaning.
"""

from __future__ import annotations

from pexgen.output.plain import as_json
from pexgen.plan.model import Plan
from pexgen.run_records import PLAN


def render(plan: Plan) -> str:
    """Return the plan as one JSON object."""
    return as_json(PLAN, plan)
