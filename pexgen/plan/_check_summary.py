"""What a Check found in the tenant that a plan is for: what differs there, and by whom and when it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.errors import InputError, Problem
from pexgen.outcomes import SETTLED
from pexgen.plan.model import CheckSummary, StepDifferences

if TYPE_CHECKING:
    from pexgen.description import Description
    from pexgen.plan.model import Digests
    from pexgen.run_records import RunResult


def summarize_check(result: RunResult, description: Description, digests: Digests) -> CheckSummary:
    """Return what the result of a Check says.

    Raises :class:`InputError` for the result of another mode, deployment, tenant or body: it says nothing about this
    change.
    """
    target = description.target
    expected = {
        "mode": "Check",
        "name": description.name,
        "method": description.method,
        "platform": target.platform,
        "bodySha256": digests.body,
    }
    for key, wanted in expected.items():
        if result.text(key) != wanted:
            raise _problem(result.file, f"its {key} is '{result.text(key)}', and this plan is for '{wanted}'")
    tenant = target.tenant_id or target.accepted_domain or ""
    if result.tenant.lower() != tenant.lower():
        raise _problem(result.file, f"it is of the tenant '{result.tenant}', and this plan is for '{tenant}'")
    changed = tuple(
        StepDifferences(step=step.id, state=step.state, changes=step.differences, detail=step.detail)
        for step in result.steps
        if step.differences or step.detail or step.state not in SETTLED
    )
    return CheckSummary(
        file=result.file,
        digest=result.digest,
        plan_digest=result.text("planSha256"),
        read_by=result.text("operator") or result.text("user"),
        read_at=result.text("finishedUtc"),
        found=changed,
        in_place=tuple(step.id for step in result.steps if step.state == "in-place"),
    )


def _problem(file: str, message: str) -> InputError:
    return InputError((Problem("PXG097", message, file, hint="run Check with the runbook of this very description"),))
