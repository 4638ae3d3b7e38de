"""PXG126: a service account in Exchange Online has to be replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule
from pexgen.vendor_facts import EWS_ENDS, IMPERSONATION_CLOSED, IMPERSONATION_REMOVED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _check(description: Description) -> Iterator[Finding]:
    if description.method == "service-account" and description.target.platform == "exchange-online":
        yield Finding(
            "method",
            f"a service account in Exchange Online has no future: Microsoft removed its role from "
            f"{IMPERSONATION_REMOVED.value} on, and ends EWS on {EWS_ENDS.day}",
            "move to app permissions with `method: migrate`, as soon as possible",
        )


RULE = Rule(
    "PXG126",
    "Service account in Exchange Online",
    "warning",
    f"From {IMPERSONATION_CLOSED.value} on: {IMPERSONATION_CLOSED.text} ({IMPERSONATION_CLOSED.source}). From "
    f"{IMPERSONATION_REMOVED.value} on: {IMPERSONATION_REMOVED.text} ({IMPERSONATION_REMOVED.source}). What such a "
    "deployment has lost cannot be given back. Pexip says that existing deployments should move to app permissions as "
    f"soon as possible. That way uses EWS too, which ends for both: {EWS_ENDS.day} ({EWS_ENDS.source}).",
    _check,
)
