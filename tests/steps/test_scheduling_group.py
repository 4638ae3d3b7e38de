"""The scheduling group is made, corrected and taken back, and nobody's group or owner is lost over it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from support.described import each_step
from support.function_cases import WITH
from support.functions import Functions
from support.sites import DESCRIPTION, OURS, Applied, Json, SiteOf, copied_journal, copied_journals, states, undo
from support.step_cases import (
    ABSENT,
    Changes,
    corrected,
    fails_where_it_never_shows,
    fails_where_the_alias_is_taken,
    seen_later,
    taken_right_before,
    unreadable_where_lacking,
)
from support.step_undos import (
    kept_at_the_last_look,
    ours_by_its_time,
    removed_though_not_found_once,
    unreadable_on_the_next_look,
)
from support.tenants import GROUP, SCOPE, changed, detail, in_conflict, named, recipient

from pexgen.rehearsal import Result
from pexgen.simulation.objects import assignment, scope, user

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
    in_conflict(site(), changed(site().tenant, change), STEP, text)


def test_what_is_to_be_adopted_and_is_not_there_is_refused(site: SiteOf) -> None:
    in_conflict(site(scheduling_group={"adopt": True}), site().tenant, STEP, "adopt is true")


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
    assert helps_not not in detail(in_conflict(here, tenant, STEP, helps), STEP)


def test_a_group_address_that_a_deleted_mailbox_holds_is_a_conflict(site: SiteOf) -> None:
    gone = user(GROUP, DisplayName="Old list", WhenSoftDeleted="2026-10-30 09:00:00")
    tenant = changed(site().tenant, lambda t: t["softDeleted"].append(gone))
    in_conflict(site(), tenant, "scheduling-group", "'Old list'", GROUP, "2026-10-30", "Restore it", "another address")


def test_what_takes_the_place_right_before_the_creation_is_a_conflict_and_not_waited_for(site: SiteOf) -> None:
    theirs = user(GROUP, RecipientTypeDetails="GroupMailbox", members=[])
    taken_right_before(site(), STEP, "New-DistributionGroup", {"path": "recipients", "add": [theirs]}, "GroupMailbox")


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


def test_the_owner_of_a_new_group_stands_in_plan_and_question(site: SiteOf) -> None:
    here = site(scheduling_group={"managed_by": "ceo@contoso.com"})
    run = here.run("Apply", Step=["equipment-mailbox", STEP], options={"answers": ["y", "y"]})
    plan, _, asked = run.screen.partition("pexgen Apply\nStep")
    assert "    ManagedBy: (missing) -> 'ceo@contoso.com'\n" in plan
    assert "closed to joining and leaving, owner ceo@contoso.com" in " ".join(asked.split())
    (made,) = [call for call in run.writes if call.cmdlet == "New-DistributionGroup"]
    assert made.parameters["ManagedBy"] == "ceo@contoso.com"


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


def test_a_cmdlet_that_sees_a_new_object_later_than_others_is_waited_for(site: SiteOf, applied: Applied) -> None:
    seen_later(site(), applied(), "Get-DistributionGroup", "New-DistributionGroup")


def test_owners_are_never_written_away_where_the_group_cannot_be_seen(site: SiteOf, applied: Applied) -> None:
    here = site(scheduling_group={"managed_by": "ceo@contoso.com"})
    good = here.run("Apply", applied().tenant)
    (write,) = good.writes
    look = [call for call in good.calls if call.cmdlet == "Get-DistributionGroup" and call.n < write.n][-1]
    fault = {**ABSENT, "call": look.n}
    run = here.run("Apply", applied().tenant, options={"faults": [fault]}, WaitSeconds=0)
    assert (states(run)["scheduling-group"], run.writes) == ("pending", ()), run.screen


def test_an_alias_that_is_taken_at_the_initial_domain_fails_at_once(site: SiteOf) -> None:
    fails_where_the_alias_is_taken(site(), GROUP, STEP)


def test_what_is_said_to_exist_and_never_shows_has_failed(site: SiteOf) -> None:
    fails_where_it_never_shows(site(), "New-DistributionGroup", STEP)


def test_what_was_only_announced_is_ours_by_the_time_at_which_it_was_created(site: SiteOf, tmp_path: Path) -> None:
    ours_by_its_time(site(), tmp_path, STEP, "New-DistributionGroup", lambda one: recipient(one, GROUP))


def test_a_single_not_found_right_before_a_removal_is_asked_about_again(
    site: SiteOf, applied: Applied, undone: Result, tmp_path: Path
) -> None:
    removed_though_not_found_once(site(), applied(), undone, tmp_path, "Remove-DistributionGroup")


def test_what_was_just_seen_and_is_not_found_on_the_next_look_is_unreadable_and_not_somebody_else_s(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    unreadable_on_the_next_look(site(), applied(), tmp_path, STEP, "Get-DistributionGroup", 2)


def test_a_naming_policy_adds_nothing_to_a_group_that_is_renamed_there_and_back(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    def drift(tenant: Json) -> None:
        tenant["settings"]["groupNamePrefix"] = "GRP_"
        recipient(tenant, GROUP)["DisplayName"] = "Users"

    run = site().run("Apply", changed(applied().tenant, drift))
    assert (run.exit_code, recipient(run.tenant, GROUP)["DisplayName"]) == (0, "Pexip Users"), run.screen
    back = undo(site(), run.tenant, [copied_journal(run, tmp_path)])
    assert (back.exit_code, recipient(back.tenant, GROUP)["DisplayName"]) == (0, "Users"), back.screen


@pytest.mark.parametrize(
    ("given", "code", "state"), [({"WhatIf": True}, 2, "different"), ({"Confirm": False}, 0, "undone")]
)
def test_a_group_with_a_member_described_by_a_second_address_is_removed_and_a_dry_run_says_so(
    site: SiteOf, tmp_path: Path, given: Json, code: int, state: str
) -> None:
    second = "alice.smith@contoso.com"
    here = site(scheduling_group={"members": [second, "bob@contoso.com"]})
    start = changed(
        site().tenant, lambda t: recipient(t, "alice@contoso.com")["EmailAddresses"].append(f"smtp:{second}")
    )
    run = here.run("Apply", start, Step=["scheduling-group", "scheduling-members", "equipment-mailbox"])
    back = undo(here, run.tenant, [copied_journal(run, tmp_path)], **given)
    assert (back.exit_code, states(back)["scheduling-group"]) == (code, state), back.screen


def test_a_group_stays_with_members_that_are_put_back_into_it(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    def join(tenant: Json) -> None:
        recipient(tenant, GROUP)["members"].append(recipient(tenant, "ceo@contoso.com")["Guid"])

    pruned = site(scheduling_group={"prune": True}).run("Apply", changed(applied().tenant, join))
    assert pruned.exit_code == 0, pruned.screen
    # The description does not name who comes back: that is asked in a question of its own.
    given: Json = {"options": {"answers": ["y"] * 14}}
    back = undo(
        site(scheduling_group={"prune": True}), pruned.tenant, copied_journals(tmp_path, applied(), pruned), **given
    )
    assert back.screen.count("WIDENS access") >= 1
    assert (back.exit_code, states(back)["scheduling-group"]) == (5, "kept"), back.screen
    assert recipient(back.tenant, GROUP)["members"] == [recipient(back.tenant, "ceo@contoso.com")["Guid"]]
    group = "MailUniversalSecurityGroup 'Pexip Users' <pexip-users@contoso.com>"
    assert f"add member ceo@contoso.com to {group} again. This WIDENS access" in back.screen
    assert f"remove member alice@contoso.com from {group}" in back.screen


def scope_on_the_group(tenant: Json) -> None:
    tenant["scopes"].append(scope("theirs", named(tenant["scopes"], SCOPE)["RecipientFilter"]))


def role_on_the_group(tenant: Json) -> None:
    (other,) = [one["Guid"] for one in tenant["servicePrincipals"] if one["AppId"] != OURS]
    row = assignment("theirs", "Application Mail.Read", other, "ServicePrincipal")
    tenant["assignments"].append({**row, "scopeKind": "Group", "scope": recipient(tenant, GROUP)["Guid"]})


HELD: Changes = {
    "a scope is built on the group": (scope_on_the_group, "scope 'theirs' is built on it"),
    "a role is scoped to the group": (role_on_the_group, "assignment 'theirs' is scoped to it"),
}


@pytest.mark.parametrize("case", HELD)
def test_what_others_use_is_kept_and_all_else_taken_back(
    site: SiteOf, applied: Applied, tmp_path: Path, case: str
) -> None:
    use, reason = HELD[case]
    back = undo(site(), changed(applied().tenant, use), [copied_journal(applied(), tmp_path)])
    assert back.exit_code == 5, back.screen
    assert states(back) == {**each_step(DESCRIPTION, "undone", otherwise="in-place"), STEP: "kept"}
    assert reason in detail(back, STEP)


def member_is_added(tenant: Json) -> Json:
    member = recipient(tenant, "ceo@contoso.com")["Guid"]
    return {"path": f"recipients.[PrimarySmtpAddress={GROUP}].members", "add": [member]}


RELIED_ON: Changes = {"the group gets a member": (member_is_added, "it has 1 members")}


@pytest.mark.parametrize("case", RELIED_ON)
def test_what_somebody_came_to_rely_on_while_the_question_stood_open_is_kept(
    site: SiteOf, tmp_path: Path, case: str
) -> None:
    meanwhile, reason = RELIED_ON[case]
    kept_at_the_last_look(site(), tmp_path, [STEP], meanwhile, reason)


def test_whoever_else_is_a_member_of_a_group_that_stays_is_named(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    joined = changed(
        applied().tenant, lambda t: recipient(t, GROUP)["members"].append(recipient(t, "ceo@contoso.com")["Guid"])
    )
    back = undo(site(), joined, [copied_journal(applied(), tmp_path)])
    assert states(back)[STEP] == "kept"
    assert "that this Rollback does not remove: ceo@contoso.com" in detail(back, STEP)


def test_the_question_of_a_rollback_says_which_uses_of_the_group_nobody_looked_for(functions: Functions) -> None:
    asked = """
function Get-Decided {
    param($Wanted)
    With { Get-SchedulingGroupDecider @{ Changes = @(@{ Wanted = $Wanted }) } } @{ Mode = 'Rollback' }
}
"""
    unseen = (
        "Note      No other member, management scope or role of an application was found that uses it. Other uses, as "
        "in mail flow rules, permissions or other groups, are not looked for."
    )
    opened = (
        "Effect    Joining the group is Open again. Whoever joins comes into the application's reach while its role is "
        "there."
    )
    wanted = {
        "Get-Decided (Get-Absent 'g')": unseen,
        "Get-Decided (Get-Present 'g' ([ordered] @{ MemberJoinRestriction = 'Open' }))": opened,
        "Get-Decided (Get-Present 'g' ([ordered] @{ DisplayName = 'x' }))": [],
    }
    assert functions.values(*wanted, before=WITH + asked) == wanted
