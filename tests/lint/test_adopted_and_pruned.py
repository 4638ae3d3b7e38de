"""PXG117: members of somebody else's group would be removed."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(("adopt", "prune", "found"), [(True, True, 1), (True, False, 0), (False, True, 0)])
def test_only_both_together_are_a_warning(findings, adopt, prune, found) -> None:
    lines = f"adopt: {str(adopt).lower()}\n  prune: {str(prune).lower()}\n  members:"
    result = findings("PXG117", ("members:", lines))
    assert [severity for severity, _, _ in result] == ["warning"] * found
