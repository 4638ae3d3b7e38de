"""PXG113: names longer than Exchange takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description

EXCHANGE_NAME_LENGTH = 64
EXCHANGE_DISPLAY_NAME_LENGTH = 256
"""What Exchange takes, in UTF-16 code units as .NET counts them."""


def _names(description: Description) -> Iterator[tuple[str, str | None, int]]:
    equipment, application, group = description.equipment, description.application, description.scheduling_group
    yield "equipment.name", equipment.name, EXCHANGE_NAME_LENGTH
    yield "equipment.alias", equipment.alias, EXCHANGE_NAME_LENGTH
    yield "equipment.display_name", equipment.display_name, EXCHANGE_DISPLAY_NAME_LENGTH
    if application:
        yield "application.name", application.name, EXCHANGE_DISPLAY_NAME_LENGTH
        yield "application.assignment", application.assignment, EXCHANGE_NAME_LENGTH
    if group:
        yield "scheduling_group.name", group.name, EXCHANGE_NAME_LENGTH
    if description.scope:
        yield "scope.name", description.scope.name, EXCHANGE_NAME_LENGTH
    if description.impersonation:
        yield "impersonation.assignment", description.impersonation.assignment, EXCHANGE_NAME_LENGTH
        yield "impersonation.scope_name", description.impersonation.scope_name, EXCHANGE_NAME_LENGTH


def _check(description: Description) -> Iterator[Finding]:
    for key, name, most in _names(description):
        units = len((name or "").encode("utf-16-le")) // 2
        if units > most:
            yield Finding(
                key,
                f"`{key}` counts {units} characters in Exchange, which takes {most}",
                "shorten it; a character beyond U+FFFF, such as an emoji, counts as two there",
            )


RULE = Rule(
    "PXG113",
    "Name longer than Exchange takes",
    "error",
    f"Exchange takes {EXCHANGE_NAME_LENGTH} characters for names, aliases, scopes and role assignments and "
    f"{EXCHANGE_DISPLAY_NAME_LENGTH} for display names, and counts UTF-16 code units: a character beyond U+FFFF, "
    "such as an emoji, is two. Names that pexgen makes from `name` are looked at like those that are written out.",
    _check,
)
