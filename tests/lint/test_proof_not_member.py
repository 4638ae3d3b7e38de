"""PXG107: a mailbox that must be in scope is no described member."""

from __future__ import annotations

CARL = ("in_scope: [alice@contoso.com]", "in_scope: [carl@contoso.com]")


def test_mailbox_in_scope_that_is_no_member_is_a_warning(findings) -> None:
    ((severity, meant, _),) = findings("PXG107", CARL)
    assert (severity, meant) == ("warning", "carl@contoso.com")


def test_with_prune_it_is_an_error(findings) -> None:
    ((severity, _, _),) = findings("PXG107", CARL, ("members:", "prune: true\n  members:"))
    assert severity == "error"


def test_members_and_the_equipment_mailbox_are_fine(findings) -> None:
    assert (
        findings("PXG107", ("in_scope: [alice@contoso.com]", "in_scope: [ALICE@contoso.com, pexip@contoso.com]")) == []
    )
