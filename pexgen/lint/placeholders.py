"""PXG120: a GUID that ``pexgen init`` wrote is still there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule
from pexgen.lint._values import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description

_ONE_DIGIT = re.compile(r"([0-9a-f])\1{7}(?:-\1{4}){3}-\1{12}")
_APPLICATION = "the Application ID is in the Entra admin center under Enterprise applications"
_WHERE = {
    "target.tenant_id": "the tenant's ID is in the Entra admin center under Overview",
    "application.object_id": "the Object ID is in the Entra admin center under Enterprise applications",
}


def is_placeholder(text: str) -> bool:
    """Whether a text is a GUID of one repeated digit."""
    return _ONE_DIGIT.fullmatch(text.casefold()) is not None


def _check(description: Description) -> Iterator[Finding]:
    for value in texts(description):
        if is_placeholder(value.text):
            where = _WHERE.get(value.key, _APPLICATION)
            yield Finding(
                value.key,
                f"`{value.key}` is a placeholder, {value.text}",
                f"replace it with the real ID: {where}",
            )


RULE = Rule(
    "PXG120",
    "Placeholder is still there",
    "error",
    "`pexgen init` writes GUIDs of one repeated digit where only a person knows the real one. No tenant, application "
    "or enterprise application has such an ID; the runbook would refuse the tenant, or Exchange the pointer.",
    _check,
)
