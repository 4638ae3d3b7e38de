"""PXG130: switching EWS on would shut out the way that is still in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule
from pexgen.lint._values import kept, retired

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _check(description: Description) -> Iterator[Finding]:
    ews, oauth = description.ews, description.oauth
    if description.method != "migrate" or ews is None or not ews.switch_on or oauth is None or oauth.client_id is None:
        return
    named = {value.folded for value in (*kept(description), *retired(description))}
    if description.application:
        named.add(description.application.client_id.casefold())
    if oauth.client_id.casefold() not in named:
        yield Finding(
            "oauth.client_id",
            "this registration is not under `ews.keep` or `ews.retire`, and `switch_on` shuts out all others",
            "name it under `ews.retire`: it stays on the list until Cleanup removes it",
        )


RULE = Rule(
    "PXG130",
    "The old registration would be shut out",
    "error",
    "With `ews.switch_on` phase Prepare makes the organization's EWS list decide, and users still schedule through "
    "the old registration (`oauth.client_id`) until Pexip Infinity is switched. Under `ews.retire` it is added to the "
    "list where the list begins to decide, and removed by Cleanup; under `ews.keep` it stays for good.",
    _check,
)
