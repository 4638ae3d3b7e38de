"""PXG108: Exchange Online blocks EWS, and the description does not look at it."""

from __future__ import annotations


def test_missing_section_is_a_warning_with_the_date(findings) -> None:
    ((severity, meant, message),) = findings("PXG108", ("ews:\n  policy: check\n", ""))
    assert (severity, meant) == ("warning", "exchange-online")
    assert "2026-10-01" in message


def test_looking_is_enough(findings) -> None:
    assert findings("PXG108") == []


def test_service_account_has_no_such_section(findings) -> None:
    assert findings("PXG108", of="online") == []
