"""PXG129: a mailbox must be reached that the impersonation leaves out."""

from __future__ import annotations

EQUIPMENT_ONLY = ("scope: group\n  group: schedulers@contoso.com", "scope: equipment-only")


def test_another_mailbox_than_the_equipment_mailbox_is_an_error(findings) -> None:
    ((severity, meant, _),) = findings("PXG129", EQUIPMENT_ONLY, of="server")
    assert (severity, meant) == ("error", "alice@contoso.com")


def test_the_equipment_mailbox_itself_is_no_finding(findings) -> None:
    assert findings("PXG129", EQUIPMENT_ONLY, ("alice@", "Pexip@"), of="server") == []


def test_members_of_a_group_are_no_finding(findings) -> None:
    assert findings("PXG129", of="server") == []
