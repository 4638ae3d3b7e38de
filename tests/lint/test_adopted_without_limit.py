"""PXG145: an existing group of unknown size comes into reach."""

from __future__ import annotations

import pytest

LIMIT = "scope: {max_mailboxes: 9}\n"


def test_a_group_from_which_all_others_are_removed_needs_none(findings) -> None:
    assert findings("PXG145", ("members:", "adopt: true\n  prune: true\n  members:")) == []


@pytest.mark.parametrize(("adopt", "limit", "found"), [(True, "", 1), (True, LIMIT, 0), (False, "", 0)])
def test_an_adopted_group_needs_a_limit(findings, adopt, limit, found) -> None:
    lines = f"adopt: {str(adopt).lower()}\n  members:"
    result = findings("PXG145", ("members:", lines), ("proof:", f"{limit}proof:"))
    assert [severity for severity, _, _ in result] == ["warning"] * found
    assert all("schedulers@contoso.com comes into reach" in message for _, _, message in result)
