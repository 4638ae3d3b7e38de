"""PXG105: the equipment mailbox sends from the tenant's initial domain."""

from __future__ import annotations


def test_equipment_in_the_initial_domain_is_a_warning(findings) -> None:
    ((severity, meant, _),) = findings("PXG105", ("pexip@contoso.com", "pexip@contoso.onmicrosoft.com"))
    assert (severity, meant) == ("warning", "pexip@contoso.onmicrosoft.com")


def test_equipment_in_a_domain_of_ones_own_is_fine(findings) -> None:
    assert findings("PXG105") == []
