"""PXG117: members of somebody else's group would be removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _check(description: Description) -> Iterator[Finding]:
    group = description.scheduling_group
    if group and group.adopt and group.prune:
        yield Finding(
            "scheduling_group.prune",
            "`prune: true` with `adopt: true` removes everybody from an existing group who is not named here",
            "write `prune: false`, unless this description is meant to keep the whole membership; then accept this",
        )


RULE = Rule(
    "PXG117",
    "Adopted group is pruned",
    "warning",
    "A group that is adopted was somebody's before, and may serve other purposes. With `prune: true` the runbook "
    "removes every member who is not named under `members`.",
    _check,
)
