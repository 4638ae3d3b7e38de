"""PXG111: switching EWS on cuts off every application that is not listed."""

from __future__ import annotations

SWITCH = ("policy: check", "policy: merge\n  switch_on: true")
KEEP = ("policy: merge", "policy: merge\n  keep: [{client_id: 5e3ce6c0-2b1f-4285-8d4b-75ee78787346}]")


def test_switching_on_and_keeping_nobody_is_a_warning(findings) -> None:
    ((severity, meant, _),) = findings("PXG111", SWITCH)
    assert (severity, meant) == ("warning", "true")


def test_switching_on_with_a_reason_for_keeping_nobody_is_fine(findings) -> None:
    assert findings("PXG111", SWITCH, ("policy: merge", "policy: merge\n  no_others: looked")) == []


def test_switching_on_and_keeping_somebody_is_fine(findings) -> None:
    assert findings("PXG111", SWITCH, KEEP) == []
