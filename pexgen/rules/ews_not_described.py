"""PXG108: Exchange Online blocks EWS, and the description does not look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.facts import EWS_BLOCKED
from pexgen.rules._interface import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _check(description: Description) -> Iterator[Finding]:
    # Without an application there is none to open the gate for; the service account's runbook looks at it all the same.
    if description.application is None or description.ews is not None:
        return
    yield Finding(
        "target.platform",
        f"there is no `ews` section, and from {EWS_BLOCKED.day} on Exchange Online blocks EWS by default",
        "add `ews: {policy: check}` to look, or `policy: merge` to put our application on the organization's list",
    )


RULE = Rule(
    "PXG108",
    "EWS is blocked by default and not described",
    "warning",
    f"Pexip's scheduling service uses EWS. {EWS_BLOCKED.text}, from {EWS_BLOCKED.day} on ({EWS_BLOCKED.source}). "
    "Without an `ews` section the runbook does not look at that gate, and a deployment that is right otherwise may "
    "not work.",
    _check,
)
