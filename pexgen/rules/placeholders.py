"""PXG120: a placeholder of ``pexgen init`` is still there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.rules._interface import Finding, Rule
from pexgen.rules._values import Value, kept, retired

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _identifiers(description: Description) -> Iterator[Value]:
    yield Value("target.tenant_id", description.target.tenant_id or "")
    if description.application:
        yield Value("application.client_id", description.application.client_id)
        yield Value("application.object_id", description.application.object_id)
    if description.oauth and description.oauth.client_id:
        yield Value("oauth.client_id", description.oauth.client_id)
    yield from kept(description)
    yield from retired(description)


def _check(description: Description) -> Iterator[Finding]:
    for value in _identifiers(description):
        if len(set(value.folded) - {"-"}) == 1:
            message = f"`{value.key}` is a placeholder, {value.text}"
            yield Finding(value.key, message, "replace it with the real ID from the Entra admin center")


RULE = Rule(
    "PXG120",
    "Placeholder is still there",
    "warning",
    "`pexgen init` writes GUIDs of one repeated digit where only a person knows the real one. No tenant, application "
    "or enterprise application has such an ID; the runbook would refuse the tenant, or Exchange the pointer.",
    _check,
)
