"""PXG145: everybody in an existing group comes into reach, however many they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _check(description: Description) -> Iterator[Finding]:
    group, scope = description.scheduling_group, description.scope
    if group is None or not group.adopt or group.prune or (scope is not None and scope.max_mailboxes is not None):
        return
    yield Finding(
        "scheduling_group.adopt",
        f"everybody who is in {group.address} comes into reach, not only those named here, and no limit is set",
        "state `max_mailboxes` under `scope`; `pexgen discover` and Check show how many members the group has",
    )


RULE = Rule(
    "PXG145",
    "Adopted group without a limit",
    "warning",
    "With `adopt: true` the group exists already, and the application reaches the mailbox of every direct member, "
    "whether the description names them or not, unless `prune` removes the others. `scope.max_mailboxes` stops the "
    "run before the role is given where they are more than was thought.",
    _check,
)
