"""PXG127: the Exchange Server is out of support."""

from __future__ import annotations

import pytest

from pexgen.vendor_facts import SERVER_SUPPORT_ENDED


@pytest.mark.parametrize("version", ["2016", "2019"])
def test_version_out_of_support_is_a_warning_with_the_day(findings, version) -> None:
    ((severity, meant, message),) = findings("PXG127", ("version: SE", f'version: "{version}"'), of="server")
    assert (severity, meant) == ("warning", f'"{version}"')
    assert SERVER_SUPPORT_ENDED.value in message


def test_subscription_edition_is_no_finding(findings) -> None:
    assert findings("PXG127", of="server") == []
