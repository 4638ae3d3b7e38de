"""PXG107: a mailbox that must be in scope is no described member."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule
from pexgen.lint._values import in_scope, members

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _check(description: Description) -> Iterator[Finding]:
    group = description.scheduling_group
    if group is None:
        return
    inside = {value.folded for value in members(description)} | {description.equipment.address.casefold()}
    for value in in_scope(description):
        if value.folded not in inside:
            yield Finding(
                value.key,
                f"{value.text} must be in scope, and is not among `scheduling_group.members`",
                "`prune: true` would remove it from the group; add it to the members"
                if group.prune
                else "add it to the members, or accept this where the membership is kept elsewhere",
                "error" if group.prune else None,
            )


RULE = Rule(
    "PXG107",
    "In-scope mailbox is not a described member",
    "warning",
    "`proof.in_scope` names mailboxes that the application must reach, and it reaches direct members of the group. A "
    "mailbox that is not described as one is reached only if somebody else keeps it in the group. With `prune: true` "
    "nobody else can, and this is an error.",
    _check,
)
