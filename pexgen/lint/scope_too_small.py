"""PXG114: the limit of the scope stops what is described."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule
from pexgen.lint._values import in_scope, members
from pexgen.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _check(description: Description) -> Iterator[Finding]:
    scope = description.scope
    if scope is None or scope.max_mailboxes is None:
        return
    inside = {value.folded for value in (*members(description), *in_scope(description))}
    inside.add(description.equipment.address.casefold())
    if len(inside) > scope.max_mailboxes:
        yield Finding(
            "scope.max_mailboxes",
            f"at most {counted(scope.max_mailboxes, 'mailbox', 'mailboxes')} may be in scope, and {len(inside)} are "
            "described",
            "count the equipment mailbox too, and leave room for members who are not described",
        )


RULE = Rule(
    "PXG114",
    "Scope smaller than what is described",
    "error",
    "`scope.max_mailboxes` stops the run when the scope matches more mailboxes. The described members, the mailboxes "
    "of `proof.in_scope` and the equipment mailbox, which is always a member, are in scope at least; a smaller "
    "number stops every run.",
    _check,
)
