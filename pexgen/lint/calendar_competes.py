"""PXG116: Exchange itself would answer the requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description

_HINT = "compare `automate_processing` with your copy of Pexip's page; `pexgen init` begins with None"

_DEFAULTS = {
    "exchange-online": "a new mailbox in Exchange Online",
    "exchange-server": "an equipment mailbox that was created in the Exchange admin center",
}


def _check(description: Description) -> Iterator[Finding]:
    calendar = description.equipment.calendar
    if calendar is not None and calendar.automate_processing == "AutoAccept":
        yield Finding(
            "equipment.calendar.automate_processing",
            "with AutoAccept Exchange itself accepts and declines, and competes with Pexip's service",
            _HINT,
        )
    elif calendar is None or calendar.automate_processing is None:
        yield Finding(
            "equipment.calendar",
            f"`automate_processing` is left alone; {_DEFAULTS[description.target.platform]} has AutoAccept, which "
            "competes with Pexip's service",
            _HINT,
        )


RULE = Rule(
    "PXG116",
    "Exchange may answer in Pexip's place",
    "warning",
    "Pexip's service reads every request in the equipment mailbox and answers it itself. With `AutoAccept` Exchange "
    "does so too: it declines overlapping meetings and removes the body, which carries the token by which Pexip "
    "recognizes its meeting. Resource mailboxes created with PowerShell in Exchange Online have `AutoAccept` unless "
    "told otherwise; on Exchange Server those created in the admin center do, and those created in the shell have "
    "`AutoUpdate`. That the two compete is an inference from Microsoft's documentation of the setting; which value "
    "Pexip's own page gives is not publicly known.",
    _check,
)
