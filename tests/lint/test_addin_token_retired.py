"""PXG122: the add-in would use tokens that Exchange Online no longer gives."""

from __future__ import annotations

import pytest

METHOD = "addin_authentication_method"


def with_pexip(text: str) -> tuple[str, str]:
    return "ews:\n", f"pexip:\n  {text}\news:\n"


def test_exchange_tokens_in_exchange_online_are_an_error(findings) -> None:
    found = findings("PXG122", with_pexip(f"{METHOD}: EXCHANGE_USER_ID_TOKEN"))
    assert [(severity, meant) for severity, meant, _ in found] == [("error", "EXCHANGE_USER_ID_TOKEN")]


def test_leaving_the_choice_to_infinitys_default_is_a_warning(findings) -> None:
    found = findings("PXG122", with_pexip("alias_prefix: '555'"))
    assert [(severity, meant) for severity, meant, _ in found] == [("warning", "pexip")]


def test_an_integration_that_exists_has_a_method_already(findings) -> None:
    migrate = ("app-permissions", "migrate\nservice_account: {user_principal_name: svc@contoso.com}")
    assert findings("PXG122", migrate, with_pexip("alias_prefix: '555'")) == []


@pytest.mark.parametrize("method", ["NAA_TOKEN", "SSO_TOKEN"])
def test_tokens_of_entra_are_right(findings, method) -> None:
    assert findings("PXG122", with_pexip(f"{METHOD}: {method}")) == []


def test_exchange_server_still_gives_its_tokens(problems_of) -> None:
    text = f"""\
version: 1
name: contoso
method: service-account
target: {{platform: exchange-server, accepted_domain: contoso.com, version: SE}}
equipment: {{address: pexip@contoso.com}}
service_account: {{user_principal_name: svc@contoso.com}}
impersonation: {{scope: organization}}
pexip: {{{METHOD}: EXCHANGE_USER_ID_TOKEN}}
"""
    assert [problem for problem in problems_of(text) if problem.code == "PXG122"] == []
