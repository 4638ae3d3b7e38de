"""PXG101: identifiers that are equal and must not be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule
from pexgen.lint._values import KeyedText, repeated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _identifiers(description: Description) -> Iterator[KeyedText]:
    application, oauth, tenant = description.application, description.oauth, description.target.tenant_id
    if tenant:
        yield KeyedText("target.tenant_id", tenant)
    if application:
        yield KeyedText("application.client_id", application.client_id)
        yield KeyedText("application.object_id", application.object_id)
    if oauth and oauth.client_id:
        # A migration may go on with the registration that the service account signed in by.
        is_shared = application is not None and application.client_id.casefold() == oauth.client_id.casefold()
        if not is_shared:
            yield KeyedText("oauth.client_id", oauth.client_id)


def _check(description: Description) -> Iterator[Finding]:
    for value, earlier in repeated(_identifiers(description)):
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
    "the runbook would look for the wrong application. The registration of a service account (`oauth.client_id`) is a "
    "fourth, unless a migration goes on with it as its application.",
    _check,
)
