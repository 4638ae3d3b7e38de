"""PXG101: identifiers that are equal and must not be."""

from __future__ import annotations

import pytest

CLIENT = "3f6d2b9e-51c8-4a07-8e9d-2c7b6a5f4e10"
OBJECT = "b7a4e8d1-9c36-4f52-a1e0-7d8c5b3f2a64"
TENANT = "8a1c52f6-0d3b-4e79-9c1e-6b2f0c4d7a91"


@pytest.mark.parametrize(
    ("old", "new", "key", "other"),
    [
        (OBJECT, CLIENT, "application.object_id", "application.client_id"),
        (OBJECT, CLIENT.upper(), "application.object_id", "application.client_id"),
        (CLIENT, TENANT, "application.client_id", "target.tenant_id"),
        (OBJECT, TENANT, "application.object_id", "target.tenant_id"),
    ],
)
def test_equal_identifiers_are_an_error_at_the_second(findings, old, new, key, other) -> None:
    ((severity, meant, message),) = findings("PXG101", (old, new))
    assert (severity, meant) == ("error", new)
    assert message.startswith(f"`{key}` is the same GUID as `{other}`")


def test_different_identifiers_are_fine(findings) -> None:
    assert findings("PXG101") == []


def test_registration_of_a_service_account_is_not_the_tenant(findings) -> None:
    tenant = "8a1c52f6-0d3b-4e79-9c1e-6b2f0c4d7a91"
    ((severity, meant, _),) = findings("PXG101", ("6c1d8e2a-7f94-4b03-9a5d-0e3f2b1c4d58", tenant), of="online")
    assert (severity, meant) == ("error", tenant)
