"""PXG109: EWS in Exchange Online ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen import clock
from pexgen.lint._interface import Finding, Rule
from pexgen.vendor_facts import EWS_ENDS, EWS_WAY_OUT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description

EWS_ENDS_SOON_DAYS = 180
"""Days before the end of EWS from which a description that rests on it is worth a warning."""


def _check(description: Description) -> Iterator[Finding]:
    if description.target.platform != "exchange-online":
        return
    days = (EWS_ENDS.day - clock.today()).days
    if days <= 0:
        yield Finding(
            "target.platform",
            f"EWS in Exchange Online ended on {EWS_ENDS.day}",
            "ask Pexip for the way that replaces it; what this description renders cannot work any more",
            "error",
        )
        return
    yield Finding(
        "target.platform",
        f"EWS in Exchange Online ends for good on {EWS_ENDS.day}, and with it what this description sets up",
        f"{EWS_WAY_OUT[0].lower()}{EWS_WAY_OUT[1:].rstrip('.')}",
        "warning" if days <= EWS_ENDS_SOON_DAYS else "note",
    )


RULE = Rule(
    "PXG109",
    "EWS in Exchange Online ends",
    "warning",
    f"On {EWS_ENDS.day}: {EWS_ENDS.text} ({EWS_ENDS.source}). {EWS_WAY_OUT} A note at first, a warning from "
    f"{EWS_ENDS_SOON_DAYS} days before that day, an error from that day on. This is the only finding that depends on "
    "the day on which lint runs.",
    _check,
    depends_on_day=True,
)
