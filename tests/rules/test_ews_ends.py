"""PXG109: EWS in Exchange Online ends."""

from __future__ import annotations

from datetime import date

import pytest

from pexgen.rules import _clock


@pytest.mark.parametrize(
    ("today", "severity", "words"),
    [
        (date(2026, 12, 31), None, ""),
        (date(2027, 1, 1), "warning", "in 90 days"),
        (date(2027, 3, 31), "warning", "in 1 days"),
        (date(2027, 4, 1), "error", "ended on 2027-04-01"),
        (date(2030, 1, 1), "error", "ended"),
    ],
)
def test_end_is_announced_ninety_days_before_and_then_an_error(findings, monkeypatch, today, severity, words) -> None:
    monkeypatch.setattr(_clock, "today", lambda: today)
    found = findings("PXG109")
    assert [each for each, _, _ in found] == ([severity] if severity else [])
    assert all(words in message for _, _, message in found)
