"""PXG108: Exchange Online closes EWS, and the description does not look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule
from pexgen.vendor_facts import EWS_LIST_REQUIRED, EWS_OTHER_CLOUDS, EWS_SECOND_PHASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _check(description: Description) -> Iterator[Finding]:
    # Without an application there is none to open the gate for; the service account's runbook looks at it all the same.
    if description.application is None or description.ews is not None:
        return
    if description.target.environment in EWS_LIST_REQUIRED.clouds:
        why = f"since {EWS_LIST_REQUIRED.day} EwsEnabled true lets only listed applications use EWS in Exchange Online"
    else:
        why = "Exchange Online is going to let only listed applications use EWS in this cloud too"
    yield Finding(
        "target.platform",
        f"the section `ews` is missing, and {why}",
        "add `ews: {policy: check}` to read it, or `policy: merge` to add our application to the organization's list",
    )


RULE = Rule(
    "PXG108",
    "EWS is closed by default and not described",
    "warning",
    f"Pexip's scheduling service uses EWS. In the worldwide cloud, on {EWS_LIST_REQUIRED.day}: "
    f"{EWS_LIST_REQUIRED.text} ({EWS_LIST_REQUIRED.source}). {EWS_SECOND_PHASE}. {EWS_OTHER_CLOUDS}. Without an `ews` "
    "section the runbook does not check that gate, and a deployment that is right otherwise may not work.",
    _check,
)
