"""The add-in's own fields: where its content comes from, and how it proves who the user is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.clouds import CLOUDS
from pexgen.description.model import Pexip

if TYPE_CHECKING:
    from pexgen.connector.sheet import SheetDraft
    from pexgen.description import Description

_METHOD = "addin_authentication_method"
_OIDC = "the form that Pexip's page on multi-tenant environments gives; the registration's Endpoints show the document"
_COPIED = "copied from Endpoints in the add-in's registration"
_XML = "a change to or from SSO needs the add-in's XML generated and installed again (Pexip)"


def fill(description: Description, draft: SheetDraft) -> None:
    """Fill in the add-in's fields."""
    pexip = description.pexip or Pexip()
    if pexip.addin_server_domain is not None:
        draft.set("addin_server_domain", pexip.addin_server_domain, "pexip.addin_server_domain")
    else:
        why = "no integration without it: the reverse proxy or Conferencing Node that serves the add-in"
        draft.enter("addin_server_domain", f"{why}; `pexip.addin_server_domain` would hold it")
    method = pexip.addin_authentication_method
    on_premises = description.target.platform == "exchange-server"
    if method is not None:
        draft.set(_METHOD, method, f"pexip.{_METHOD}", _XML if method == "SSO_TOKEN" else "")
    elif on_premises:
        method = "EXCHANGE_USER_ID_TOKEN"
        draft.set(_METHOD, method, "target.platform", "on Exchange Server the add-in has no other (Pexip)")
    else:
        draft.enter(
            _METHOD,
            "NAA_TOKEN, or SSO_TOKEN where an Outlook is Office LTSC 2021 (Pexip). Infinity's default, "
            f"EXCHANGE_USER_ID_TOKEN, cannot work with Exchange Online; `pexip.{_METHOD}` would hold it",
        )
    if method in {"SSO_TOKEN", "NAA_TOKEN"}:
        _registration(description, pexip, draft)
    elif on_premises:
        draft.enter("domains", "the add-in's tokens are Exchange's; see Pexip's page for what to enter")


def _registration(description: Description, pexip: Pexip, draft: SheetDraft) -> None:
    """Fill in the add-in's own registrations in Entra, which are not the scheduling service's."""
    wanted = [("addin_application_id", "application ID of the add-in's registration")]
    if pexip.addin_authentication_method == "NAA_TOKEN":
        wanted.append(("addin_naa_web_api_application_id", "application ID of the Web API registration"))
    for name, what in wanted:
        value = getattr(pexip, name)
        if value is not None:
            draft.set(name, value, f"pexip.{name}")
        else:
            draft.enter(name, f"{what}, not the scheduling service's; `pexip.{name}` would hold it", always=True)
    draft.enter("addin_authority_url", _COPIED)
    target = description.target
    if target.tenant_id is not None:
        document = f"{target.tenant_id}/v2.0/.well-known/openid-configuration"
        url = f"https://{CLOUDS[target.environment].entra}/{document}"
        draft.compare("addin_oidc_metadata_url", url, _OIDC, "target.tenant_id")
    else:
        draft.enter("addin_oidc_metadata_url", _COPIED)
