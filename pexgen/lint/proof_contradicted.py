"""PXG106: a mailbox that must be out of scope is in scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule
from pexgen.lint._values import KeyedText, in_scope, members, out_of_scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _check(description: Description) -> Iterator[Finding]:
    inside = {
        value.folded: value.key
        for value in (
            *in_scope(description),
            *members(description),
            KeyedText("equipment.address", description.equipment.address),
        )
    }
    for value in out_of_scope(description):
        if value.folded in inside:
            yield Finding(
                value.key,
                f"{value.text} must be out of scope, and is in scope as `{inside[value.folded]}`",
                "name a mailbox here that is not a member of the group, preferably a sensitive one",
            )


RULE = Rule(
    "PXG106",
    "Out-of-scope mailbox is in scope",
    "error",
    "`proof.out_of_scope` names mailboxes that the application must not reach. One that is a described member of the "
    "group, the equipment mailbox, or in `proof.in_scope` too is reached by design: Verify would always end with "
    "`disproved`.",
    _check,
)
