"""PXG108: Exchange Online blocks EWS, and the description does not look at it."""

from __future__ import annotations

import re

import pytest

from pexgen.vendor_facts import EWS_LIST_REQUIRED

_PLATFORM = "  platform: exchange-online\n  environment: {}\n"


def test_missing_section_is_a_warning_with_the_date(findings) -> None:
    ((severity, meant, message),) = findings("PXG108", ("ews:\n  policy: check\n", ""))
    assert (severity, meant) == ("warning", "exchange-online")
    assert EWS_LIST_REQUIRED.value in message


@pytest.mark.parametrize("environment", ["gcc-high", "dod", "china"])
def test_no_other_cloud_is_told_a_date(findings, environment) -> None:
    changed = ("ews:\n  policy: check\n", ""), ("  platform: exchange-online\n", _PLATFORM.format(environment))
    ((severity, _, message),) = findings("PXG108", *changed)
    assert severity == "warning"
    assert not re.search(r"2026|October", message)


def test_looking_is_enough(findings) -> None:
    assert findings("PXG108") == []


def test_service_account_has_no_such_section(findings) -> None:
    assert findings("PXG108", of="online") == []
