"""PXG111: switching EWS on cuts off every application that is not listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule
from pexgen.vendor_facts import EWS_USAGE_REPORT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _check(description: Description) -> Iterator[Finding]:
    ews = description.ews
    if ews and ews.switch_on and ews.policy == "merge" and not ews.keep and not ews.no_others:
        yield Finding(
            "ews.switch_on",
            "`switch_on: true` and no `keep`: what is not on the organization's list by then is cut off from EWS",
            f"check {EWS_USAGE_REPORT}, and name under `keep` what must stay, or say why nothing does: `no_others`",
        )


RULE = Rule(
    "PXG111",
    "Switching EWS on may cut off others",
    "warning",
    "With EwsEnabled true, exactly the applications on the organization's list reach EWS; traffic of Organization "
    "Relationships stays. Room panels, backup products, older Outlook for Mac and, in a hybrid organization, Exchange "
    "Server itself are among those that may be missing. The runbook keeps what is on the list already. With "
    "`no_others` somebody has said why an empty `keep` is right.",
    _check,
)
