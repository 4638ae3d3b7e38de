"""PXG101: identifiers that are equal and must not be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.rules._interface import Finding, Rule
from pexgen.rules._values import Value, repeated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _check(description: Description) -> Iterator[Finding]:
    application, tenant = description.application, description.target.tenant_id
    if application is None:
        return
    identifiers = [
        *([Value("target.tenant_id", tenant)] if tenant else []),
        Value("application.client_id", application.client_id),
        Value("application.object_id", application.object_id),
    ]
    for value, earlier in repeated(identifiers):
        yield Finding(
            value.key,
            f"`{value.key}` is the same GUID as `{earlier.key}`; the two never are",
            "copy both again from Enterprise applications in the Entra admin center: Application ID and Object ID",
        )


RULE = Rule(
    "PXG101",
    "Identifiers that must differ are equal",
    "error",
    "The tenant's ID, the application (client) ID and the object ID of the enterprise application are three different "
    "GUIDs. Where two of them are equal, one was pasted into the wrong place, and Exchange would refuse the pointer or "
    "the runbook would look for the wrong application.",
    _check,
)
