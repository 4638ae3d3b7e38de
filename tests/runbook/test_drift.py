"""Things that are there and differ: corrected one by one, and nothing else touched."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from support.sites import OURS, Applied, SiteOf, states

Json = dict[str, Any]


def find(tenant: Json, address: str) -> Json:
    found: Json = next(one for one in tenant["recipients"] if one["PrimarySmtpAddress"] == address)
    return found


def leave_group(tenant: Json) -> None:
    find(tenant, "pexip-users@contoso.com")["members"].remove(find(tenant, "alice@contoso.com")["Guid"])


DRIFTS: dict[str, tuple[str, Callable[[Json], Any], str]] = {
    "display name of the mailbox": (
        "equipment-mailbox",
        lambda t: find(t, "pexip-scheduling@contoso.com").update(DisplayName="pexip schéduling ’O"),
        "Set-Mailbox",
    ),
    "calendar processing": (
        "equipment-calendar",
        lambda t: find(t, "pexip-scheduling@contoso.com")["calendar"].update(AutomateProcessing="AutoAccept"),
        "Set-CalendarProcessing",
    ),
    "display name of the group": (
        "scheduling-group",
        lambda t: find(t, "pexip-users@contoso.com").update(DisplayName="Users"),
        "Set-DistributionGroup",
    ),
    "a member that left": ("scheduling-members", leave_group, "Add-DistributionGroupMember"),
    "name of the pointer": (
        "application-pointer",
        lambda t: next(s for s in t["servicePrincipals"] if s["AppId"] == OURS).update(DisplayName="x"),
        "Set-ServicePrincipal",
    ),
    "an assignment that is switched off": (
        "application-role",
        lambda t: next(a for a in t["assignments"] if a["Name"] == "contoso-scheduling-ews").update(Enabled=False),
        "Set-ManagementRoleAssignment",
    ),
    "an assignment that is gone": (
        "application-role",
        lambda t: t["assignments"].remove(next(a for a in t["assignments"] if a["Name"] == "contoso-scheduling-ews")),
        "New-ManagementRoleAssignment",
    ),
}


@pytest.mark.parametrize("case", DRIFTS)
def test_each_drift_is_one_step_that_differs_and_one_write(site: SiteOf, applied: Applied, case: str) -> None:
    step, change, cmdlet = DRIFTS[case]
    tenant = copy.deepcopy(applied().tenant)
    change(tenant)
    check = site().run("Check", tenant)
    assert (check.exit_code, [one for one, state in states(check).items() if state != "in-place"]) == (2, [step])
    apply = site().run("Apply", tenant)
    assert (apply.exit_code, [call.cmdlet for call in apply.writes]) == (0, [cmdlet]), apply.screen
    assert site().run("Check", apply.tenant).exit_code == 0


def test_an_alias_is_corrected_only_where_the_description_names_one(site: SiteOf, applied: Applied) -> None:
    assert find(applied().tenant, "pexip-scheduling@contoso.com")["Alias"] == "pexip-scheduling"
    tenant = copy.deepcopy(applied().tenant)
    find(tenant, "pexip-scheduling@contoso.com")["Alias"] = "other"
    assert site().run("Check", tenant).exit_code == 0
    apply = site(equipment={"alias": "pexip"}).run("Apply", tenant)
    assert (apply.exit_code, find(apply.tenant, "pexip-scheduling@contoso.com")["Alias"]) == (0, "pexip")


def test_members_that_are_not_named_stay_unless_they_are_pruned(site: SiteOf, applied: Applied) -> None:
    tenant = copy.deepcopy(applied().tenant)
    ceo = find(tenant, "ceo@contoso.com")["Guid"]
    find(tenant, "pexip-users@contoso.com")["members"].append(ceo)
    kept = site().run("Apply", tenant)
    assert (kept.exit_code, kept.writes) == (0, ())
    assert "Not in the description, and in the scope all the same (1): ceo@contoso.com." in kept.screen
    pruned = site(scheduling_group={"prune": True}).run("Apply", tenant)
    assert (pruned.exit_code, [call.cmdlet for call in pruned.writes]) == (0, ["Remove-DistributionGroupMember"])
    assert ceo not in find(pruned.tenant, "pexip-users@contoso.com")["members"]


def test_a_member_described_by_a_second_address_is_found(site: SiteOf, applied: Applied) -> None:
    tenant = copy.deepcopy(applied().tenant)
    find(tenant, "alice@contoso.com")["EmailAddresses"].append("smtp:alice.smith@contoso.com")
    other = site(scheduling_group={"members": ["alice.smith@contoso.com", "bob@contoso.com"]})
    check = other.run("Check", tenant)
    assert (check.exit_code, states(check)["scheduling-members"]) == (0, "in-place")


def test_an_open_group_is_reported_and_closed_only_when_asked(site: SiteOf, applied: Applied) -> None:
    tenant = copy.deepcopy(applied().tenant)
    find(tenant, "pexip-users@contoso.com")["MemberJoinRestriction"] = "Open"
    check = site().run("Check", tenant)
    assert (check.exit_code, "Anybody can join this group" in check.screen) == (0, True)
    closed = site(scheduling_group={"harden": True}).run("Apply", tenant)
    assert (closed.exit_code, find(closed.tenant, "pexip-users@contoso.com")["MemberJoinRestriction"]) == (0, "Closed")


def test_an_owner_is_added_and_the_others_stay(site: SiteOf, applied: Applied) -> None:
    here = site(scheduling_group={"managed_by": "ceo@contoso.com"})
    tenant = copy.deepcopy(applied().tenant)
    before = find(tenant, "pexip-users@contoso.com")["ManagedBy"]
    apply = here.run("Apply", tenant)
    assert apply.exit_code == 0, apply.screen
    after = find(apply.tenant, "pexip-users@contoso.com")["ManagedBy"]
    assert set(after) == {*before, find(tenant, "ceo@contoso.com")["Guid"]}
    assert here.run("Check", apply.tenant).exit_code == 0


def test_an_object_that_is_mastered_on_premises_is_blocked(site: SiteOf, applied: Applied) -> None:
    tenant = copy.deepcopy(applied().tenant)
    find(tenant, "pexip-scheduling@contoso.com").update(DisplayName="x", IsDirSynced=True)
    apply = site().run("Apply", tenant, Step=["equipment-mailbox"])
    assert (apply.exit_code, apply.writes, "synchronized from on-premises" in apply.screen) == (5, (), True)
