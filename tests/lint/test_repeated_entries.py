"""PXG115: an address or ID that stands twice in one list."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("old", "new", "meant"),
    [
        ("bob@contoso.com", "Alice@contoso.com", "Alice@contoso.com"),
        ("[ceo@contoso.com]", "[ceo@contoso.com, CEO@contoso.com]", "CEO@contoso.com"),
        ("ews:", "delegates: [{account: a@contoso.com}, {account: A@contoso.com}]\news:", "A@contoso.com"),
        ("ews:", "one_touch_join: {accounts: [o@contoso.com, O@contoso.com]}\news:", "O@contoso.com"),
        ("ews:", "one_touch_join: {groups: [g@contoso.com, G@contoso.com]}\news:", "G@contoso.com"),
        ("ews:", "add_in: {manifest: pexip-add-in.xml, users: [u@contoso.com, U@contoso.com]}\news:", "U@contoso.com"),
    ],
)
def test_repeated_entry_is_a_warning_at_the_second(findings, old, new, meant) -> None:
    ((severity, found, _),) = findings("PXG115", (old, new))
    assert (severity, found) == ("warning", meant)


def test_one_address_in_two_lists_is_fine(findings) -> None:
    assert findings("PXG115") == []


def test_application_that_is_retired_twice_is_a_warning(findings) -> None:
    old = "{client_id: 6c1d8e2a-7f94-4b03-9a5d-0e3f2b1c4d58}"
    ((severity, _, message),) = findings("PXG115", (f"[{old}]", f"[{old}, {old}]"), of="migrate")
    assert severity == "warning"
    assert "`ews.retire[0].client_id`" in message
