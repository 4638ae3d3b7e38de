"""PXG103: one name for two recipients."""

from __future__ import annotations

GROUP = ("scheduling_group:\n", "scheduling_group:\n  name: CONTOSO\n")


def test_mailbox_and_group_of_one_name_are_an_error(findings) -> None:
    ((severity, meant, message),) = findings("PXG103", GROUP)
    assert (severity, meant) == ("error", "CONTOSO")
    assert "`equipment.name`" in message


def test_names_of_adopted_objects_are_not_looked_at(findings) -> None:
    assert findings("PXG103", GROUP, ("equipment:\n", "equipment:\n  adopt: true\n")) == []


def test_derived_names_differ(findings) -> None:
    assert findings("PXG103") == []


def test_the_name_that_a_service_account_gets_by_default_counts_too(findings) -> None:
    named = ("  address: pexip@contoso.com", "  address: pexip@contoso.com\n  name: Pexip-Service")
    ((severity, meant, _),) = findings("PXG103", named, of="server")
    assert (severity, meant) == ("error", "pexip-service@contoso.com")
    assert findings("PXG103", named, ("service_account:\n", "service_account:\n  name: svc\n"), of="server") == []
    assert findings("PXG103", named, of="online") == []
