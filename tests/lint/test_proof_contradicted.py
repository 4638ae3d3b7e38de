"""PXG106: a mailbox that must be out of scope is in scope."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("address", "where"),
    [
        ("Bob@contoso.com", "scheduling_group.members[1]"),
        ("pexip@contoso.com", "equipment.address"),
        ("alice@contoso.com", "scheduling_group.members[0]"),
    ],
)
def test_mailbox_that_is_in_scope_by_description_cannot_be_out_of_it(findings, address, where) -> None:
    ((severity, meant, message),) = findings("PXG106", ("ceo@contoso.com", address))
    assert (severity, meant) == ("error", address)
    assert f"`{where}`" in message


def test_mailbox_in_both_proofs_is_an_error(findings) -> None:
    found = findings("PXG106", ("in_scope: [alice@contoso.com]", "in_scope: [ceo@contoso.com]"))
    assert [severity for severity, _, _ in found] == ["error"]


def test_mailbox_that_is_nowhere_else_is_fine(findings) -> None:
    assert findings("PXG106") == []
