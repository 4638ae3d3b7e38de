"""PXG125: the service account may act in the equipment mailbox alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _check(description: Description) -> Iterator[Finding]:
    impersonation = description.impersonation
    if description.target.platform == "exchange-server" and impersonation and impersonation.scope == "equipment-only":
        yield Finding(
            "impersonation.scope",
            "`scope: equipment-only` limits functionality, Pexip says; the service then cannot act for the organizers",
            "accept this where joining instructions that come later may be missing, or take `scope: group`",
        )


RULE = Rule(
    "PXG125",
    "Impersonation of the equipment mailbox alone",
    "warning",
    "With it, Pexip's service reads and answers requests in the equipment mailbox. Pexip says that this comes with "
    "reduced functionality; its text that says which is not publicly readable. That joining instructions which could "
    "not be inserted at scheduling time cannot be mailed later as the organizer is an inference from Pexip's reason "
    "for including the users.",
    _check,
)
