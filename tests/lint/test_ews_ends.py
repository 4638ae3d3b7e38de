"""PXG109: EWS in Exchange Online ends."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from support.days import EWS_ENDS_LATER, EWS_ENDS_SOON, EWS_LIVES

from pexgen import clock
from pexgen.description import load
from pexgen.lint import check
from pexgen.vendor_facts import EWS_ENDS

TODAY = clock.today


@pytest.mark.parametrize(
    ("today", "severity", "words"),
    [
        (EWS_ENDS_LATER, "note", f"ends for good on {EWS_ENDS.value}"),
        (EWS_ENDS_SOON, "warning", f"ends for good on {EWS_ENDS.value}"),
        (EWS_LIVES, "warning", f"ends for good on {EWS_ENDS.value}"),
        (EWS_ENDS.day, "error", f"ended on {EWS_ENDS.value}"),
        (EWS_ENDS.day + timedelta(days=1000), "error", "ended"),
    ],
)
def test_end_is_a_note_then_a_warning_and_then_an_error(findings, monkeypatch, today, severity, words) -> None:
    monkeypatch.setattr(clock, "today", lambda: today)
    ((found, _, message),) = findings("PXG109")
    assert (found, words in message) == (severity, True)


@pytest.mark.parametrize("of", ["app-permissions", "online", "migrate"])
def test_every_method_of_the_cloud_is_told(findings, of) -> None:
    assert len(findings("PXG109", of=of)) == 1


def test_what_to_do_about_it_is_said(clean) -> None:
    (problem,) = check(load(clean.encode(), "x"))
    assert all(words in problem.hint for words in ("Graph", "Exchange Server", "end of the service"))


def test_exchange_server_keeps_ews(findings) -> None:
    assert findings("PXG109", of="server") == []


@pytest.mark.parametrize(("epoch", "day"), [("0", date(1970, 1, 1)), ("1798761600", date(2027, 1, 1))])
def test_a_build_that_is_made_reproducible_says_what_day_it_is(monkeypatch, epoch, day) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    assert TODAY() == day


@pytest.mark.parametrize("epoch", ["", "tomorrow", "-1", "9" * 30, "\u0661"])
def test_what_is_no_number_of_seconds_is_passed_over(monkeypatch, epoch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    assert TODAY() == datetime.now(timezone.utc).date()
