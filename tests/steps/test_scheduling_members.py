"""Who is described as a member and has no mailbox here, and names that are somebody's and not ours."""

from __future__ import annotations

from typing import Any

import pytest
from support.sites import DESCRIPTION, Applied, Json, SiteOf, states
from support.tenants import EQUIPMENT, GROUP, changed, detail, guarded, in_conflict, recipient

from pexgen.simulation.objects import user

NAME = DESCRIPTION["equipment"]["name"]
BOB = "bob@contoso.com"
ELSEWHERE = ("MailUser", "MailContact", "GuestMailUser", "RemoteUserMailbox")


def member_keys(tenant: Json) -> list[str]:
    """Return the primary addresses of the group's members."""
    known = {one["Guid"]: one["PrimarySmtpAddress"] for one in tenant["recipients"]}
    return sorted(known[guid] for guid in recipient(tenant, GROUP)["members"])


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_who_has_no_mailbox_here_is_named_and_not_added_and_the_rest_is_done(site: SiteOf, kind: str) -> None:
    tenant = changed(site().tenant, lambda t: recipient(t, BOB).update(RecipientTypeDetails=kind))
    check = site().run("Check", tenant)
    assert (check.exit_code, states(check)["scheduling-members"]) == (2, "different"), check.screen
    for text in ("1 described members have no mailbox in this organization", BOB, kind):
        assert text in detail(check, "scheduling-members")
    run = site().run("Apply", tenant)
    assert (run.exit_code, states(run)["scheduling-members"]) == (5, "blocked"), run.screen
    assert states(run)["application-role"] == "changed"
    assert member_keys(run.tenant) == ["alice@contoso.com", EQUIPMENT]
    again = site().run("Check", run.tenant)
    assert (again.exit_code, states(again)["scheduling-members"]) == (5, "blocked"), again.screen


def test_who_is_a_member_without_a_mailbox_here_is_named_and_left(site: SiteOf, applied: Applied) -> None:
    tenant = changed(applied().tenant, lambda t: recipient(t, BOB).update(RecipientTypeDetails="MailUser"))
    run = site().run("Apply", tenant)
    assert (run.exit_code, states(run)["scheduling-members"], run.writes) == (5, "blocked", ()), run.screen
    assert BOB in detail(run, "scheduling-members")


def test_two_with_our_display_name_are_no_conflict(site: SiteOf) -> None:
    """Exchange finds people by it, but only the Name of an object has to be free."""
    group = DESCRIPTION["scheduling_group"]["name"]
    people = [user(f"{n}@contoso.com", DisplayName=name) for n, name in enumerate([NAME, NAME, group, group])]
    run = site().run("Apply", changed(site().tenant, lambda t: t["recipients"].extend(people)))
    assert run.exit_code == 0, run.screen


def test_one_with_our_name_is_a_conflict(site: SiteOf) -> None:
    other = user("other@contoso.com", Name=NAME)
    tenant = changed(site().tenant, lambda t: t["recipients"].append(other))
    in_conflict(site(), tenant, "equipment-mailbox", NAME, "other@contoso.com", "another equipment name")


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


@pytest.mark.parametrize("letter", ["*", "?"])
@pytest.mark.parametrize(
    "name",
    ["ScopeName", "ApplicationAssignment", "SchedulingGroupName", "EquipmentName", "EquipmentAddress", "ProofInScope"],
)
def test_a_name_that_would_be_a_pattern_is_refused(site: SiteOf, name: str, letter: str) -> None:
    given = f"pexip{letter}@contoso.com" if name in {"EquipmentAddress", "ProofInScope"} else f"Pexip{letter}"
    run = site().run("Check", **{name: given})
    guarded(run, "values", f"-{name}")
    assert not [call for call in run.calls if letter in str(call.parameters)]


def test_what_is_only_text_may_have_any_letter(site: SiteOf) -> None:
    run = site().run("Check", EquipmentDisplayName="Which *room*?", ChangeTicket="CHG?*")
    assert run.exit_code == 2, run.screen
