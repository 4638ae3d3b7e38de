"""PXG135: nobody has said who else uses EWS, or it is said twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule
from pexgen.vendor_facts import EWS_SECOND_PHASE, EWS_USAGE_REPORT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _check(description: Description) -> Iterator[Finding]:
    ews = description.ews
    if ews is None or ews.policy != "merge":
        return
    ours = description.application.client_id.casefold() if description.application else ""
    others = [each for each in ews.keep if each.client_id.casefold() != ours]
    if others and ews.no_others:
        yield Finding(
            "ews.no_others",
            "`no_others` says that nobody else uses EWS, and `keep` names who does",
            "keep the one that is true",
            "error",
        )
    elif not others and not ews.no_others:
        yield Finding(
            "ews.policy",
            "nobody has said who else uses EWS: where EwsEnabled is not set and no list exists, the runbook writes "
            "nothing, because Microsoft fills no list that an administrator created, and everybody else would be shut "
            "out later",
            f"check {EWS_USAGE_REPORT}, and name who uses EWS under `keep` (`pexgen ews-usage` reads the exported "
            "report), or say with `no_others` why nobody does",
        )


RULE = Rule(
    "PXG135",
    "Nobody has said who else uses EWS",
    "warning",
    f"With `policy: merge` the runbook writes the organization's list of EWS applications. {EWS_SECOND_PHASE}. A list "
    "of our application alone takes an organization out of that: it is harmless while EwsEnabled is not set, and shuts "
    "out everybody else on the day on which it becomes true. So nothing is written there before the description names "
    f"who else uses EWS (`keep`), or says that nobody does (`no_others`). {EWS_USAGE_REPORT} shows who does; "
    "`pexgen ews-usage` reads its export. Both keys at once are an error.",
    _check,
)
