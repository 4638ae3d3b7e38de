"""The scheduling group is made, corrected and taken back, and nobody's group or owner is lost over it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from support.sites import Applied, SiteOf, states
from support.step_cases import (
    ABSENT,
    Changes,
    corrected,
    fails_where_it_never_shows,
    fails_where_the_alias_is_taken,
    seen_later,
    stopped,
    taken_right_before,
    unreadable_where_lacking,
)
from support.tenants import GROUP, changed, detail, in_conflict, recipient

from pexgen.simulation.objects import user

STEP = "scheduling-group"


BEFORE_ANYTHING: Changes = {
    "the group address is a Microsoft 365 group's": (
        lambda t: t["recipients"].append({**user(GROUP), "RecipientTypeDetails": "GroupMailbox", "members": []}),
        "GroupMailbox",
    ),
    "the group is a distribution group that is not adopted": (
        lambda t: t["recipients"].append(
            {**user(GROUP), "RecipientTypeDetails": "MailUniversalDistributionGroup", "members": []}
        ),
        "adopt: true",
    ),
}


@pytest.mark.parametrize("case", BEFORE_ANYTHING)
def test_a_conflict_in_a_tenant_where_nothing_is_there_yet(site: SiteOf, case: str) -> None:
    change, text = BEFORE_ANYTHING[case]
    stopped(site(), changed(site().tenant, change), STEP, text)


@pytest.mark.parametrize("section", ["scheduling_group"])
def test_what_is_to_be_adopted_and_is_not_there_is_refused(site: SiteOf, section: str) -> None:
    stopped(site(**{section: {"adopt": True}}), site().tenant, STEP, "adopt is true")


@pytest.mark.parametrize(
    ("kind", "adopt", "helps", "helps_not"),
    [
        ("RoomList", True, "cannot be the scheduling group", "adopt"),
        ("RoomList", False, "cannot be the scheduling group", "adopt"),
        ("MailUniversalDistributionGroup", False, "adopt: true", "room list"),
        ("UserMailbox", False, "Choose another address", "adopt"),
    ],
)
def test_a_conflict_about_the_groups_address_advises_what_helps(
    site: SiteOf, kind: str, adopt: Any, helps: str, helps_not: str
) -> None:
    here = site(scheduling_group={"adopt": adopt})
    there = user(GROUP, RecipientTypeDetails=kind, members=[])
    tenant = changed(here.tenant, lambda t: t["recipients"].append(there))
    if adopt:
        tenant["recipients"] = [r for r in tenant["recipients"] if r["PrimarySmtpAddress"] != GROUP] + [there]
    in_conflict(here, tenant, "scheduling-group", helps)
    assert helps_not not in detail(here.run("Check", tenant), "scheduling-group")


def test_a_group_address_that_a_deleted_mailbox_holds_is_a_conflict(site: SiteOf) -> None:
    gone = user(GROUP, DisplayName="Old list", WhenSoftDeleted="2026-10-30 09:00:00")
    tenant = changed(site().tenant, lambda t: t["softDeleted"].append(gone))
    in_conflict(site(), tenant, "scheduling-group", "'Old list'", GROUP, "2026-10-30", "Restore it", "another address")


@pytest.mark.parametrize("cmdlet", ["New-DistributionGroup"])
def test_what_takes_the_place_right_before_the_creation_is_a_conflict_and_not_waited_for(
    site: SiteOf, cmdlet: str
) -> None:
    theirs = user(GROUP, RecipientTypeDetails="GroupMailbox", members=[])
    taken_right_before(site(), STEP, cmdlet, {"path": "recipients", "add": [theirs]}, "GroupMailbox")


NOBODY = "00000000-0000-4000-8000-0000000000ee"


def test_an_owner_who_is_gone_fails_the_step_with_exchanges_words_after_a_handful_of_attempts(
    site: SiteOf, applied: Applied
) -> None:
    tenant = changed(applied().tenant, lambda t: recipient(t, GROUP)["ManagedBy"].append(NOBODY))
    run = site(scheduling_group={"managed_by": "ceo@contoso.com"}).run("Apply", tenant, Step=["scheduling-group"])
    assert (run.exit_code, states(run), len(run.writes) <= 6) == (3, {"scheduling-group": "failed"}, True), run.screen
    assert f"'{NOBODY}' couldn't be found" in detail(run, "scheduling-group")


DRIFTS: Changes = {
    "display name of the group": (lambda t: recipient(t, GROUP).update(DisplayName="Users"), "Set-DistributionGroup"),
}


@pytest.mark.parametrize("case", DRIFTS)
def test_each_drift_is_one_step_that_differs_and_one_write(site: SiteOf, applied: Applied, case: str) -> None:
    change, cmdlet = DRIFTS[case]
    corrected(site(), changed(applied().tenant, change), STEP, cmdlet)


def test_an_open_group_is_reported_and_closed_only_when_asked(site: SiteOf, applied: Applied) -> None:
    tenant = copy.deepcopy(applied().tenant)
    recipient(tenant, "pexip-users@contoso.com")["MemberJoinRestriction"] = "Open"
    check = site().run("Check", tenant)
    assert (check.exit_code, "Anybody can join this group" in check.screen) == (0, True)
    closed = site(scheduling_group={"harden": True}).run("Apply", tenant)
    group = recipient(closed.tenant, "pexip-users@contoso.com")
    assert (closed.exit_code, group["MemberJoinRestriction"]) == (0, "Closed")


def test_an_owner_is_added_and_the_others_stay(site: SiteOf, applied: Applied) -> None:
    here = site(scheduling_group={"managed_by": "ceo@contoso.com"})
    tenant = copy.deepcopy(applied().tenant)
    before = recipient(tenant, "pexip-users@contoso.com")["ManagedBy"]
    apply = here.run("Apply", tenant)
    assert apply.exit_code == 0, apply.screen
    after = recipient(apply.tenant, "pexip-users@contoso.com")["ManagedBy"]
    assert set(after) == {*before, recipient(tenant, "ceo@contoso.com")["Guid"]}
    assert here.run("Check", apply.tenant).exit_code == 0


@pytest.mark.parametrize(
    ("cmdlet", "lacking", "step"),
    [("Get-DistributionGroup", "DisplayName", STEP), ("Get-DistributionGroup", "ManagedBy", STEP)],
)
def test_an_answer_that_lacks_a_property_does_not_say_that_it_is_empty(
    site: SiteOf, applied: Applied, cmdlet: str, lacking: str, step: str
) -> None:
    unreadable_where_lacking(site, applied, cmdlet, lacking, step)


@pytest.mark.parametrize(("cmdlet", "after"), [("Get-DistributionGroup", "New-DistributionGroup")])
def test_a_cmdlet_that_sees_a_new_object_later_than_others_is_waited_for(
    site: SiteOf, applied: Applied, cmdlet: str, after: str
) -> None:
    seen_later(site(), applied(), cmdlet, after)


def test_owners_are_never_written_away_where_the_group_cannot_be_seen(site: SiteOf, applied: Applied) -> None:
    here = site(scheduling_group={"managed_by": "ceo@contoso.com"})
    good = here.run("Apply", applied().tenant)
    (write,) = good.writes
    look = [call for call in good.calls if call.cmdlet == "Get-DistributionGroup" and call.n < write.n][-1]
    fault = {**ABSENT, "call": look.n}
    run = here.run("Apply", applied().tenant, options={"faults": [fault]}, WaitSeconds=0)
    assert [call.cmdlet for call in run.writes] == [], run.screen


@pytest.mark.parametrize(("address", "step"), [(GROUP, STEP)])
def test_an_alias_that_is_taken_at_the_initial_domain_fails_at_once(site: SiteOf, address: str, step: str) -> None:
    fails_where_the_alias_is_taken(site(), address, step)


@pytest.mark.parametrize(("cmdlet", "step"), [("New-DistributionGroup", STEP)])
def test_what_is_said_to_exist_and_never_shows_has_failed(site: SiteOf, cmdlet: str, step: str) -> None:
    fails_where_it_never_shows(site(), cmdlet, step)
