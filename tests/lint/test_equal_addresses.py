"""PXG102: one address for two different objects."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("change", "meant"),
    [
        (("schedulers@contoso.com", "Pexip@contoso.com"), "Pexip@contoso.com"),
        (("bob@contoso.com", "SCHEDULERS@contoso.com"), "SCHEDULERS@contoso.com"),
    ],
)
def test_one_address_for_two_objects_is_an_error(findings, change, meant) -> None:
    ((severity, found, _),) = findings("PXG102", change)
    assert (severity, found) == ("error", meant)


def test_equipment_mailbox_as_its_own_delegate_is_an_error(findings) -> None:
    ((_, meant, message),) = findings("PXG102", ("ews:", "delegates: [{account: pexip@contoso.com}]\news:"))
    assert meant == "pexip@contoso.com"
    assert "the equipment mailbox itself" in message


def test_different_addresses_are_fine(findings) -> None:
    assert findings("PXG102", ("ews:", "delegates: [{account: alice@contoso.com}]\news:")) == []


@pytest.mark.parametrize("method", ["server", "online", "migrate"])
def test_service_account_that_is_the_equipment_mailbox_is_an_error(findings, method) -> None:
    ((severity, meant, _),) = findings("PXG102", ("pexip-service@contoso.com", "PEXIP@contoso.com"), of=method)
    assert (severity, meant) == ("error", "PEXIP@contoso.com")
