"""PXG129: a mailbox must be reached that the impersonation leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule
from pexgen.lint._values import in_scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _check(description: Description) -> Iterator[Finding]:
    impersonation = description.impersonation
    if description.method != "service-account" or impersonation is None or impersonation.scope != "equipment-only":
        return
    for value in in_scope(description):
        if value.folded != description.equipment.address.casefold():
            yield Finding(
                value.key,
                f"{value.text} must be reached, and `scope: equipment-only` reaches the equipment mailbox alone",
                "name the equipment mailbox here, or take another `impersonation.scope`",
            )


RULE = Rule(
    "PXG129",
    "In-scope mailbox beyond the equipment mailbox",
    "error",
    "`proof.in_scope` names mailboxes that the service account must reach. With `impersonation.scope: equipment-only` "
    "it reaches the equipment mailbox and no other, so that nothing else can be proved.",
    _check,
)
