"""Who is described as a member gets into the group and out of it again, and everybody else stays where they are."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from support.sites import Applied, Json, SiteOf, states
from support.step_cases import Changes, corrected, seen_later, stopped, unreadable_where_not_shown
from support.tenants import EQUIPMENT, GROUP, NOT_FOUND, changed, detail, recipient

STEP = "scheduling-members"


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


BEFORE_ANYTHING: Changes = {
    "a member is not there": (
        lambda t: t["recipients"].remove(recipient(t, BOB)),
        "The member bob@contoso.com was not found",
    ),
    "a member is a group": (
        lambda t: recipient(t, BOB).update(RecipientTypeDetails="MailUniversalSecurityGroup", members=[]),
        "is a group",
    ),
}


@pytest.mark.parametrize("case", BEFORE_ANYTHING)
def test_a_conflict_in_a_tenant_where_nothing_is_there_yet(site: SiteOf, case: str) -> None:
    change, text = BEFORE_ANYTHING[case]
    stopped(site(), changed(site().tenant, change), STEP, text)


def test_a_member_of_the_group_that_is_ambiguous_is_a_conflict(site: SiteOf, applied: Applied) -> None:
    """Exchange Online says so of group members with the class of what is not found."""
    fault = {
        "kind": "error",
        "cmdlet": "Get-DistributionGroupMember",
        "class": NOT_FOUND,
        "text": "The operation couldn't be performed because 'it' matches multiple entries.",
        "id": "Ex9E65A2",
        "times": 1000,
    }
    run = site().run("Check", applied().tenant, options={"faults": [fault]})
    assert (run.exit_code, states(run)["scheduling-members"]) == (4, "conflict"), run.screen


def leave_group(tenant: Json) -> None:
    recipient(tenant, GROUP)["members"].remove(recipient(tenant, "alice@contoso.com")["Guid"])


DRIFTS: Changes = {"a member that left": (leave_group, "Add-DistributionGroupMember")}


@pytest.mark.parametrize("case", DRIFTS)
def test_each_drift_is_one_step_that_differs_and_one_write(site: SiteOf, applied: Applied, case: str) -> None:
    change, cmdlet = DRIFTS[case]
    corrected(site(), changed(applied().tenant, change), STEP, cmdlet)


def test_members_that_are_not_named_stay_unless_they_are_pruned(site: SiteOf, applied: Applied) -> None:
    tenant = copy.deepcopy(applied().tenant)
    ceo = recipient(tenant, "ceo@contoso.com")["Guid"]
    recipient(tenant, "pexip-users@contoso.com")["members"].append(ceo)
    kept = site().run("Apply", tenant)
    assert (kept.exit_code, kept.writes) == (0, ())
    assert "Not in the description, and in the scope all the same (1): ceo@contoso.com." in kept.screen
    pruned = site(scheduling_group={"prune": True}).run("Apply", tenant)
    assert (pruned.exit_code, [call.cmdlet for call in pruned.writes]) == (0, ["Remove-DistributionGroupMember"])
    assert ceo not in recipient(pruned.tenant, "pexip-users@contoso.com")["members"]


def test_a_member_described_by_a_second_address_is_found(site: SiteOf, applied: Applied) -> None:
    tenant = copy.deepcopy(applied().tenant)
    recipient(tenant, "alice@contoso.com")["EmailAddresses"].append("smtp:alice.smith@contoso.com")
    other = site(scheduling_group={"members": ["alice.smith@contoso.com", "bob@contoso.com"]})
    check = other.run("Check", tenant)
    assert (check.exit_code, states(check)["scheduling-members"]) == (0, "in-place")


@pytest.mark.parametrize(("cmdlet", "after"), [("Get-DistributionGroupMember", "New-DistributionGroup")])
def test_a_cmdlet_that_sees_a_new_object_later_than_others_is_waited_for(
    site: SiteOf, applied: Applied, cmdlet: str, after: str
) -> None:
    seen_later(site(), applied(), cmdlet, after)


def test_a_group_that_is_mastered_on_premises_gets_no_members(site: SiteOf, applied: Applied) -> None:
    tenant = copy.deepcopy(applied().tenant)
    group = recipient(tenant, "pexip-users@contoso.com")
    group["members"].remove(recipient(tenant, "alice@contoso.com")["Guid"])
    group["IsDirSynced"] = True
    run = site().run("Apply", tenant)
    assert (states(run)["scheduling-members"], run.writes) == ("blocked", ()), run.screen


@pytest.mark.parametrize("cmdlet", ["Get-DistributionGroupMember"])
def test_rollback_does_not_call_undone_what_it_was_not_shown(
    site: SiteOf, applied: Applied, tmp_path: Path, cmdlet: str
) -> None:
    unreadable_where_not_shown(site(), applied(), tmp_path, STEP, cmdlet)
