"""PXG118: an account, application or group is shared with One-Touch Join."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("section", "meant"),
    [
        ("{client_ids: [3F6D2B9E-51c8-4a07-8e9d-2c7b6a5f4e10]}", "3F6D2B9E-51c8-4a07-8e9d-2c7b6a5f4e10"),
        ("{accounts: [x@contoso.com, Pexip@contoso.com]}", "Pexip@contoso.com"),
        ("{groups: [Schedulers@contoso.com]}", "Schedulers@contoso.com"),
        ("{accounts: [x@contoso.com], client_ids: [5e3ce6c0-2b1f-4285-8d4b-75ee78787346]}", None),
    ],
)
def test_shared_account_application_or_group_is_an_error(findings, section, meant) -> None:
    found = findings("PXG118", ("ews:", f"one_touch_join: {section}\news:"))
    assert [(severity, text) for severity, text, _ in found] == ([("error", meant)] if meant else [])


@pytest.mark.parametrize("method", ["server", "online", "migrate"])
def test_service_account_of_one_touch_join_is_an_error(findings, method) -> None:
    theirs = "one_touch_join: {accounts: [Pexip-Service@contoso.com]}\nservice_account:"
    ((severity, meant, _),) = findings("PXG118", ("service_account:", theirs), of=method)
    assert (severity, meant) == ("error", "Pexip-Service@contoso.com")
