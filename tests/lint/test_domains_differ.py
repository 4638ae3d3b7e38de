"""PXG104: addresses in domains that differ."""

from __future__ import annotations

import pytest


def test_group_in_another_domain_than_the_equipment_is_a_warning(findings) -> None:
    ((severity, meant, message),) = findings("PXG104", ("schedulers@contoso.com", "schedulers@contso.com"))
    assert (severity, meant) == ("warning", "schedulers@contso.com")
    assert "contso.com" in message


def test_each_other_domain_of_members_is_reported_once(findings) -> None:
    found = findings("PXG104", ("bob@contoso.com", "bob@fabrikam.com, eve@fabrikam.com, joe@tailspin.com"))
    assert [meant for _, meant, _ in found] == ["bob@fabrikam.com", "joe@tailspin.com"]
    assert "and 1 more" in found[0][2]


def test_delegate_in_another_domain_is_a_warning(findings) -> None:
    found = findings("PXG104", ("ews:", "delegates: [{account: admin@fabrikam.com}]\news:"))
    assert [meant for _, meant, _ in found] == ["admin@fabrikam.com"]


def test_domains_do_not_differ_by_case(findings) -> None:
    assert findings("PXG104", ("bob@contoso.com", "bob@Contoso.COM")) == []


@pytest.mark.parametrize(
    ("old", "message"),
    [
        ("pexip-service@contoso.com", "`target.accepted_domain`"),
        ("schedulers@contoso.com", "`target.accepted_domain`"),
    ],
)
def test_account_and_group_of_impersonation_are_looked_at(findings, old, message) -> None:
    ((_, meant, text),) = findings("PXG104", (old, old.replace("contoso", "contso")), of="server")
    assert meant == old.replace("contoso", "contso")
    assert message in text
