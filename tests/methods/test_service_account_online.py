"""An existing service account in Exchange Online: only what is around it is written, and only until EWS ends there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.days import EWS_LIVES
from support.sites import Applied, Result, Site, SiteOf, states
from support.tenants import guarded

from pexgen.rehearsal import Call
from pexgen.vendor_facts import EWS_ENDS

Late = Callable[[Site, str], Site]
NAME = "service-account-online"
LOOKS = ("account-mailbox", "impersonation", "account-authentication")


@pytest.fixture(scope="module")
def site(sample: SiteOf) -> Site:
    return sample(NAME)


@pytest.fixture(scope="module")
def made(sample_applied: Applied) -> Result:
    return sample_applied(NAME)


def written(calls: tuple[Call, ...]) -> set[str]:
    return {call.cmdlet for call in calls}


def test_only_equipment_calendar_and_delegates_are_written(made: Result) -> None:
    assert {step: state for step, state in states(made).items() if step in LOOKS} == dict.fromkeys(LOOKS, "in-place")
    assert written(made.writes) <= {"Set-Mailbox", "Set-CalendarProcessing", "Add-MailboxPermission"}


def test_from_the_end_of_ews_on_apply_refuses_and_check_says_so(site: Site, made: Result, late: Late) -> None:
    after = late(site, EWS_ENDS.value)
    guarded(after.run("Apply", made.tenant), "dates", EWS_ENDS.value)
    check = after.run("Check", made.tenant)
    assert (check.exit_code, states(check)["impersonation"]) == (5, "blocked")
    before = late(site, str(EWS_LIVES))
    assert before.run("Apply", made.tenant).exit_code == 0
