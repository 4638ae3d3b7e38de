"""Which value follows from what, for each method; and what is asked for instead of guessed."""

from __future__ import annotations

import pytest

from pexgen.connector import fields, violation
from pexgen.errors import InputError

TENANT = "8a1c52f6-0d3b-4e79-9c1e-6b2f0c4d7a91"
SERVICE = "3f6d2b9e-51c8-4a07-8e9d-2c7b6a5f4e10"
LEGACY = "6c1d8e2a-7f94-4b03-9a5d-0e3f2b1c4d58"
ADDIN, WEB_API = "2a9b4c7d-8e1f-4036-95a2-b3c4d5e6f708", "c4d5e6f7-0819-4a2b-83c4-d5e6f7a8b9c0"
ENDPOINTS = f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0"
EWS_URL = "https://outlook.office365.com/EWS/Exchange.asmx"
PEXIP = f"""\
pexip:
  name: Contoso Exchange
  description: Single-use VMRs
  management_node: pexip-manager.contoso.com
  addin_server_domain: addin.contoso.com
  url: https://ews.contoso.com/EWS/Exchange.asmx
  alias_prefix: "555"
  alias_domain: vmr.contoso.com
  alias_suffix_length: 7
  enable_personal_vmrs: true
  meeting_buffer_before: 10
  addin_authentication_method: NAA_TOKEN
  addin_application_id: {ADDIN}
  addin_naa_web_api_application_id: {WEB_API}
"""
ALL_METHODS = pytest.mark.parametrize("method", ["app-permissions", "existing", "migrate", "server"])


def states(sheet) -> dict[str, str]:
    return {entry.field.name: entry.state for entry in sheet.entries}


def names(sheet, *wanted: str) -> set[str]:
    return {entry.field.name for entry in sheet.having(*wanted)}


@ALL_METHODS
@pytest.mark.parametrize("more", ["", PEXIP])
def test_every_field_is_there_once_and_every_value_is_one_that_pexip_takes(sheets, method, more) -> None:
    for sheet in sheets(method, more):
        assert [entry.field.name for entry in sheet.entries] == list(fields())
        assert [name for name, value in sheet.values().items() if violation(fields()[name], value)] == []


@ALL_METHODS
@pytest.mark.parametrize("more", ["", PEXIP])
def test_no_secret_and_nothing_of_infinitys_own_ever_has_a_value(sheets, method, more) -> None:
    for sheet in sheets(method, more):
        assert [name for name in sheet.values() if fields()[name].access] == []


def test_app_permissions_without_a_pexip_section(sheet) -> None:
    found = sheet("app-permissions")
    assert found.values() == {
        "name": "contoso",
        "url": EWS_URL,
        "authentication_method": "APP_PERM",
        "oauth_client_id": SERVICE,
        "oauth_token_endpoint": f"{ENDPOINTS}/token",
        "room_mailbox_email_address": "pexip@contoso.com",
        "room_mailbox_name": "Pexip Scheduling",
    }
    assert names(found, "compare") == {"oauth_token_endpoint", "name"}
    assert names(found, "secret") == {"oauth_client_secret"}
    alias = {"scheduled_alias_prefix", "scheduled_alias_domain"}
    assert names(found, "enter") == {*alias, "addin_server_domain", "addin_authentication_method"}


def test_what_the_pexip_section_says_is_taken(sheet) -> None:
    found = sheet("app-permissions", PEXIP)
    values = found.values()
    assert (
        values
        | {
            "name": "Contoso Exchange",
            "description": "Single-use VMRs",
            "addin_server_domain": "addin.contoso.com",
            "url": "https://ews.contoso.com/EWS/Exchange.asmx",
            "scheduled_alias_prefix": "555",
            "scheduled_alias_domain": "vmr.contoso.com",
            "scheduled_alias_suffix_length": 7,
            "enable_personal_vmrs": True,
            "meeting_buffer_before": 10,
            "addin_authentication_method": "NAA_TOKEN",
            "addin_application_id": ADDIN,
            "addin_naa_web_api_application_id": WEB_API,
            "addin_oidc_metadata_url": f"https://login.microsoftonline.com/{TENANT}/v2.0/.well-known/openid-configuration",
        }
        == values
    )
    assert {"addin_authority_url", "auth_provider", "personal_vmr_oauth_token_endpoint"} <= names(found, "enter")
    assert names(found, "secret") == {"oauth_client_secret", "personal_vmr_oauth_client_secret"}


@pytest.mark.parametrize(
    ("environment", "domain", "host", "url"),
    [
        ("gcc", "contoso.onmicrosoft.com", "login.microsoftonline.com", "compare"),
        ("gcc-high", "contoso.onmicrosoft.us", "login.microsoftonline.us", "enter"),
        ("dod", "contoso.onmicrosoft.us", "login.microsoftonline.us", "enter"),
        ("china", "contoso.partner.onmschina.cn", "login.partner.microsoftonline.cn", "enter"),
    ],
)
def test_other_clouds_have_their_own_endpoints_and_no_guessed_ews_url(sheet, environment, domain, host, url) -> None:
    change = ("organization: contoso.onmicrosoft.com", f"environment: {environment}, organization: {domain}")
    found = sheet("app-permissions", "", change)
    assert found.values()["oauth_token_endpoint"] == f"https://{host}/{TENANT}/oauth2/v2.0/token"
    assert states(found)["url"] == url


def test_display_name_wins_over_name(sheet) -> None:
    change = ("name: Pexip Scheduling", "name: Pexip Scheduling, display_name: Besprechungen für alle")
    assert sheet("app-permissions", "", change).values()["room_mailbox_name"] == "Besprechungen für alle"


@pytest.mark.parametrize("method", ["basic", "ntlm", "kerberos"])
def test_one_method_on_exchange_server_is_taken(sheet, method) -> None:
    found = sheet("server", f"authentication: {{methods: [{method}]}}\n")
    assert found.values()["authentication_method"] == method.upper()
    assert found.values()["username"] == "svc@contoso.com"
    assert names(found, "secret") == {"password"}
    assert ("kerberos_realm" in names(found, "enter")) is (method == "kerberos")


def test_several_methods_are_a_choice_and_not_made_silently(sheet) -> None:
    found = sheet("server", "authentication: {methods: [ntlm, kerberos]}\n")
    assert "authentication_method" not in found.values()
    (entry,) = [entry for entry in found.having("enter") if entry.field.name == "authentication_method"]
    assert "NTLM and KERBEROS" in entry.note


def test_on_exchange_server_the_addin_has_exchanges_tokens_and_the_url_is_asked_for(sheet) -> None:
    found = sheet("server")
    assert found.values()["addin_authentication_method"] == "EXCHANGE_USER_ID_TOKEN"
    assert {"url", "domains", "authentication_method"} <= names(found, "enter")
    assert "oauth_client_id" not in found.values()


def test_the_service_account_of_exchange_online_has_its_redirect_uri_with_the_last_slash(sheet) -> None:
    found = sheet("existing")
    assert found.values() == {
        "url": EWS_URL,
        "authentication_method": "OAUTH",
        "oauth_client_id": LEGACY,
        "oauth_auth_endpoint": f"{ENDPOINTS}/authorize",
        "oauth_token_endpoint": f"{ENDPOINTS}/token",
        "oauth_redirect_uri": "https://pexip-manager.contoso.com/admin/platform/msexchangeconnector/oauth_redirect/",
        "room_mailbox_email_address": "pexip@contoso.com",
        "room_mailbox_name": "Pexip Scheduling",
    }


@pytest.mark.parametrize(
    ("more", "node"),
    [
        ("pexip: {management_node: other.contoso.com}\n", "other.contoso.com"),
        ("oauth: {management_node: own.contoso.com}\npexip: {management_node: other.contoso.com}\n", "own.contoso.com"),
        ("", None),
    ],
)
def test_the_redirect_uri_is_on_the_management_node_that_is_named(sheet, more, node) -> None:
    oauth = f"oauth: {{client_id: {LEGACY}, management_node: pexip-manager.contoso.com}}\n"
    uri = sheet("existing", more, (oauth, "")).values().get("oauth_redirect_uri")
    assert uri == (node and f"https://{node}/admin/platform/msexchangeconnector/oauth_redirect/")


DEFAULTS = {
    "enable_dynamic_vmrs",
    "enable_personal_vmrs",
    "scheduled_alias_suffix_length",
    "meeting_buffer_before",
    "meeting_buffer_after",
}


@ALL_METHODS
def test_infinitys_defaults_are_left_alone_where_nobody_described_them(sheets, method) -> None:
    for found in sheets(method, "pexip: {management_node: pexip-manager.contoso.com}\n"):
        assert names(found, "left") >= DEFAULTS
        assert not DEFAULTS & set(found.values())


@ALL_METHODS
def test_a_default_that_is_described_is_a_value(sheets, method) -> None:
    more = "pexip: {enable_dynamic_vmrs: true, enable_personal_vmrs: false, meeting_buffer_before: 30}\n"
    for found in sheets(method, more):
        described = {"enable_dynamic_vmrs": True, "enable_personal_vmrs": False, "meeting_buffer_before": 30}
        assert found.values().items() >= described.items()


@pytest.mark.parametrize("method", ["app-permissions", "server"])
def test_a_name_that_nobody_chose_is_for_a_new_integration_and_not_to_be_overwritten(sheet, method) -> None:
    (entry,) = [entry for entry in sheet(method).having("compare") if entry.field.name == "name"]
    assert (entry.keeps, entry.value) == (True, "contoso")
    assert states(sheet(method, "pexip: {name: Contoso Exchange}\n"))["name"] == "set"


ADOPTED = ("name: Pexip Scheduling", "name: Pexip Scheduling, adopt: true")


@ALL_METHODS
def test_the_name_of_an_adopted_mailbox_is_compared_and_not_sent_to_an_integration_that_exists(sheet, method) -> None:
    found = sheet(method, "", ADOPTED)
    (entry,) = [entry for entry in found.having("compare") if entry.field.name == "room_mailbox_name"]
    assert (entry.keeps, entry.value) == (True, "Pexip Scheduling")
    assert ("room_mailbox_name" in found.values()) is (method in {"app-permissions", "server"})


@pytest.mark.parametrize("method", ["app-permissions", "server"])
def test_what_a_new_integration_needs_is_in_the_values_where_the_description_has_it(sheet, method) -> None:
    values = sheet(method, "pexip: {addin_server_domain: addin.contoso.com}\n").values()
    assert {name for name, field in fields().items() if field.required} <= set(values)


@pytest.mark.parametrize("method", ["existing", "migrate"])
def test_an_integration_that_exists_keeps_what_nobody_described(sheets, method) -> None:
    for found in sheets(method):
        assert names(found, "enter") == set()
        assert {"name", "addin_server_domain", "meeting_buffer_after", "enable_dynamic_vmrs"} <= names(found, "left")


def test_a_migration_switches_from_the_account_to_the_application(sheets) -> None:
    before, after = sheets("migrate")
    assert (before.name, after.name) == ("before", "after")
    old, new = before.values(), after.values()
    assert (old["authentication_method"], new["authentication_method"]) == ("OAUTH", "APP_PERM")
    assert (old["oauth_client_id"], new["oauth_client_id"]) == (LEGACY, SERVICE)
    assert "oauth_redirect_uri" in old
    assert "oauth_redirect_uri" not in new
    changed = {"authentication_method", "oauth_client_id"}
    assert {name for name in new if old.get(name) != new[name]} == changed


@pytest.mark.parametrize(
    ("key", "value", "meant"),
    [
        ("address: pexip@contoso.com", f"pexip@{'mail.' * 20}contoso.com", "room_mailbox_email_address"),
        ("display_name: Pexip Meetings", "Pexip Meetings " * 17, "room_mailbox_name"),
    ],
)
def test_what_infinity_would_not_take_is_refused_where_it_stands(sheets, key, value, meant) -> None:
    long = f'{key.partition(": ")[0]}: "{value.strip()}"'
    name = ("name: Pexip Scheduling}", "name: Pexip Scheduling, display_name: Pexip Meetings}")
    with pytest.raises(InputError) as caught:
        sheets("migrate", "", name, (key, long))
    (problem,) = [each for each in caught.value.problems if each.severity == "error"]
    assert problem.code == "PXG025"
    assert meant in problem.message
    assert problem.source_line[problem.column - 1 :][: problem.length] == f'"{value.strip()}"'


def test_errors_of_the_rules_make_no_sheet(sheet) -> None:
    with pytest.raises(InputError, match="cannot authenticate"):
        sheet("app-permissions", "pexip: {addin_authentication_method: EXCHANGE_USER_ID_TOKEN}\n")


def test_an_ews_url_without_https_is_refused_where_it_stands(sheet) -> None:
    with pytest.raises(InputError, match="begins with https://") as caught:
        sheet("server", "pexip: {url: http://ex01.contoso.com/EWS/Exchange.asmx}\n")
    (problem,) = caught.value.problems
    assert problem.code == "PXG024"
    assert problem.source_line[problem.column - 1 :].startswith("http://ex01")
