"""PXG123: the add-in's authentication without the registration that it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule
from pexgen.words import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description

_NEEDED = {
    "SSO_TOKEN": ("addin_application_id",),
    "NAA_TOKEN": ("addin_application_id", "addin_naa_web_api_application_id"),
}


def _check(description: Description) -> Iterator[Finding]:
    pexip = description.pexip
    if pexip is None or pexip.addin_authentication_method is None:
        return
    method = pexip.addin_authentication_method
    missing = [f"`pexip.{key}`" for key in _NEEDED.get(method, ()) if getattr(pexip, key) is None]
    if missing:
        yield Finding(
            "pexip.addin_authentication_method",
            f"{method} needs {listed(missing, 'and')}, which the description lacks",
            "add the application (client) ID of the add-in's own registration, not that of the scheduling service",
        )


RULE = Rule(
    "PXG123",
    "Add-in authentication without its registration",
    "warning",
    "An add-in that proves its user with `SSO_TOKEN` needs a registration of its own in Entra "
    "(`pexip.addin_application_id`); with `NAA_TOKEN` it needs two, the second being the Web API "
    "(`pexip.addin_naa_web_api_application_id`). Without them `pexgen values` asks for the IDs, and the runbook is not "
    "affected.",
    _check,
)
