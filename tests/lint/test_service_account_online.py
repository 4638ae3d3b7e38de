"""PXG126: a service account in Exchange Online has to be replaced."""

from __future__ import annotations

import pytest

from pexgen.vendor_facts import EWS_ENDS, IMPERSONATION_REMOVED


def test_service_account_in_exchange_online_is_a_warning_with_the_dates(findings) -> None:
    accepted = "accept:\n  - code: PXG126\n    reason: It moves next month.\n"
    ((severity, meant, message),) = findings("PXG126", (accepted, ""), of="online")
    assert (severity, meant) == ("warning", "service-account")
    assert IMPERSONATION_REMOVED.value in message
    assert EWS_ENDS.value in message


@pytest.mark.parametrize("method", ["server", "migrate", "app-permissions"])
def test_the_other_methods_are_no_finding(findings, method) -> None:
    assert findings("PXG126", of=method) == []
