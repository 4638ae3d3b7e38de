"""PXG110: the switch may be set, but nothing may be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _check(description: Description) -> Iterator[Finding]:
    ews = description.ews
    if ews and ews.switch_on and ews.policy == "check":
        yield Finding(
            "ews.switch_on",
            "`switch_on: true` with `policy: check`: with that policy the runbook writes nothing",
            "write `policy: merge`, or `switch_on: false`",
        )


RULE = Rule(
    "PXG110",
    "EWS switch without permission to write",
    "error",
    "`ews.switch_on: true` lets the runbook set EwsEnabled to true, and `ews.policy: check` forbids it to write. The "
    "two contradict each other; which is meant is for a person to say.",
    _check,
)
