"""How Pexip's scheduling service signs in to Exchange: the fields of each method."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.clouds import CLOUDS, DEFAULT, WORLDWIDE
from pexgen.connector.fields import REDIRECT_PATH
from pexgen.description.model import Pexip
from pexgen.words import listed

if TYPE_CHECKING:
    from pexgen.connector.sheet import SheetDraft
    from pexgen.description import Description

#: Pexip's page "Configuring Pexip Infinity for VMR Scheduling for Exchange", v19 and v24, for Office 365.
_EWS_URL = "https://outlook.office365.com/EWS/Exchange.asmx"
_ENDPOINT = (
    "usually this; take it from Endpoints in the registration's Overview. Which of the endpoints there Pexip's page "
    "names is not verified"
)


def app_permissions(description: Description, draft: SheetDraft) -> None:
    """Fill in what ``APP_PERM`` needs."""
    draft.set("authentication_method", "APP_PERM", "method")
    if description.application is not None:
        draft.set("oauth_client_id", description.application.client_id, "application.client_id")
    _endpoint(description, draft, "oauth_token_endpoint", "token")
    draft.secret("oauth_client_secret", "from the registration of `application.client_id`; note the day it expires")
    _ews_url(description, draft)
    if draft.existing:
        draft.notes.append(
            "Save these when the runbook's Prepare is done and Verify has proved it; what OAUTH alone used may stay. "
            "Cleanup comes after meetings were booked this way."
        )


def oauth(description: Description, draft: SheetDraft) -> None:
    """Fill in what ``OAUTH`` has: an integration of a service account in Exchange Online, which exists."""
    pexip, section = description.pexip or Pexip(), description.oauth
    draft.set("authentication_method", "OAUTH", "method")
    if section is not None and section.client_id is not None:
        draft.set("oauth_client_id", section.client_id, "oauth.client_id")
    _endpoint(description, draft, "oauth_auth_endpoint", "authorize")
    _endpoint(description, draft, "oauth_token_endpoint", "token")
    own = section.management_node if section is not None else None
    node, key = (own, "oauth.management_node") if own is not None else (pexip.management_node, "pexip.management_node")
    if node is not None:
        note = "the registration has to have exactly this one, last slash included"
        draft.set("oauth_redirect_uri", f"https://{node}{REDIRECT_PATH}", key, note)
    draft.secret("oauth_client_secret", "from the registration of `oauth.client_id`, when it is renewed")
    _ews_url(description, draft)
    if description.service_account is not None:
        account = description.service_account.user_principal_name
        draft.notes.append(
            f"A new secret or a changed password needs a new sign-in as {account}, in a browser that reaches the "
            "redirect URI (concluded, not Pexip's text)."
        )
    draft.notes.append("Pexip removes OAUTH in a future release (release notes of v39.1); APP_PERM takes its place.")


def exchange_server(description: Description, draft: SheetDraft) -> None:
    """Fill in what a service account on Exchange Server needs."""
    section = description.authentication
    methods = tuple(dict.fromkeys(each.upper() for each in section.methods)) if section is not None else ()
    if len(methods) == 1:
        draft.set("authentication_method", methods[0], "authentication.methods[0]")
    elif methods:
        draft.enter("authentication_method", f"it takes one, and the description has {listed(methods, 'and')}: choose")
    else:
        draft.enter("authentication_method", "BASIC, NTLM or KERBEROS; `authentication.methods` would hold it")
    if description.service_account is not None:
        note = "as user principal name; whether Pexip's page wants DOMAIN\\name instead is not known"
        account = description.service_account.user_principal_name
        draft.compare("username", account, note, "service_account.user_principal_name")
    draft.secret("password", "that of `service_account.user_principal_name`")
    if "KERBEROS" in methods:
        _kerberos(draft)
    _ews_url(description, draft)


def _kerberos(draft: SheetDraft) -> None:
    for name in ("kerberos_realm", "kerberos_kdc", "kerberos_exchange_spn"):
        draft.enter(name, "for KERBEROS")
    draft.enter("kerberos_kdc_https_proxy", "for KERBEROS, unless `kerberos_enable_tls` is switched off")


def _endpoint(description: Description, draft: SheetDraft, name: str, end: str) -> None:
    target = description.target
    host = CLOUDS[target.environment].entra
    draft.compare(name, f"https://{host}/{target.tenant_id}/oauth2/v2.0/{end}", _ENDPOINT, "target.tenant_id")


def _ews_url(description: Description, draft: SheetDraft) -> None:
    url, target = (description.pexip or Pexip()).url, description.target
    if url is not None:
        draft.set("url", url, "pexip.url")
    elif target.platform == "exchange-server":
        why = "usually https://<server>/EWS/Exchange.asmx; of several servers any one, or the load balancer's name"
        draft.enter("url", f"{why}; `pexip.url` would hold it")
    elif target.environment == DEFAULT:
        draft.set("url", _EWS_URL, "target.environment", "Pexip's page gives it for Office 365")
    elif target.environment in WORLDWIDE:
        note = f"{CLOUDS[target.environment].name} is reached like {DEFAULT}; ask your administrator"
        draft.compare("url", _EWS_URL, note, "target.environment")
    else:
        draft.enter("url", f"the EWS URL of the cloud `{target.environment}`; `pexip.url` would hold it")
