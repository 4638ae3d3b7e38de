"""PXG114: the limit of the scope stops what is described."""

from __future__ import annotations


def test_brake_below_members_and_equipment_is_an_error(findings) -> None:
    ((severity, meant, message),) = findings("PXG114", ("ews:", "scope: {max_mailboxes: 2}\news:"))
    assert (severity, meant) == ("error", "2")
    assert "3 are described" in message


def test_brake_at_members_and_equipment_is_fine(findings) -> None:
    assert findings("PXG114", ("ews:", "scope: {max_mailboxes: 3}\news:")) == []
