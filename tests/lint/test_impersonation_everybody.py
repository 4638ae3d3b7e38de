"""PXG124: the service account may act in every mailbox."""

from __future__ import annotations

WITHOUT_PROOF = ("proof:\n  in_scope: [alice@contoso.com]\n  out_of_scope: [ceo@contoso.com]\n", "")


def test_whole_organization_is_a_warning(findings) -> None:
    change = ("scope: group\n  group: schedulers@contoso.com", "scope: organization")
    ((severity, meant, message),) = findings("PXG124", change, WITHOUT_PROOF, of="server")
    assert (severity, meant) == ("warning", "organization")
    assert "every mailbox" in message


def test_group_is_no_finding(findings) -> None:
    assert findings("PXG124", of="server") == []


def test_what_a_migration_leaves_behind_is_no_finding(findings) -> None:
    assert findings("PXG124", ("oauth:", "impersonation: {scope: organization}\noauth:"), of="migrate") == []
