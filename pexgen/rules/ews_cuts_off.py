"""PXG111: switching EWS on cuts off every application that is not listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.rules._interface import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _check(description: Description) -> Iterator[Finding]:
    ews = description.ews
    if ews and ews.switch_on and ews.policy == "merge" and not ews.keep:
        yield Finding(
            "ews.switch_on",
            "`switch_on: true` and no `keep`: what is not on the organization's list by then is cut off from EWS",
            "look at Reports > Usage > Exchange > EWS usage, and name under `keep` what must stay; else accept this",
        )


RULE = Rule(
    "PXG111",
    "Switching EWS on may cut off others",
    "warning",
    "With EwsEnabled true, exactly the applications on the organization's list reach EWS: Teams' calendar, room panels "
    "and backup products among them. The runbook keeps what is on the list already, and Microsoft fills it from "
    "observed use in some tenants only. An empty `keep` is right where somebody has looked.",
    _check,
)
