"""PXG125: the service account may act in the equipment mailbox alone."""

from __future__ import annotations


def test_equipment_mailbox_alone_is_a_warning_that_says_whose_word_it_is(findings) -> None:
    change = ("scope: group\n  group: schedulers@contoso.com", "scope: equipment-only")
    ((severity, meant, message),) = findings("PXG125", change, of="server")
    assert (severity, meant) == ("warning", "equipment-only")
    assert "Pexip says" in message


def test_group_is_no_finding(findings) -> None:
    assert findings("PXG125", of="server") == []
