"""PXG113: names longer than Exchange takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.description import longest, units_of
from pexgen.lint._interface import Finding, Rule
from pexgen.lint._values import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description

_NAMES = (
    *("equipment.name", "equipment.alias", "equipment.display_name", "application.name", "application.assignment"),
    *("scheduling_group.name", "scope.name", "impersonation.assignment", "impersonation.scope_name"),
)


def _check(description: Description) -> Iterator[Finding]:
    for key, name in texts(description):
        if key not in _NAMES:
            continue
        units = units_of(name)
        if units > (most := longest(key)):
            yield Finding(
                key,
                f"`{key}` counts {units} characters in Exchange, which takes {most}",
                "shorten it; a character beyond U+FFFF, such as an emoji, counts as two there",
            )


RULE = Rule(
    "PXG113",
    "Name longer than Exchange takes",
    "error",
    f"Exchange takes {longest('scope.name')} characters for names, aliases, scopes and role assignments and "
    f"{longest('equipment.display_name')} for display names, and counts UTF-16 code units: a character beyond U+FFFF, "
    "such as an emoji, is two. Names that pexgen makes from `name` are checked like those that are written out.",
    _check,
)
