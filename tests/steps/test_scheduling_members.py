"""Who is described as a member gets into the group and out of it again, and everybody else stays where they are."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from support.function_cases import ENTRY, WITH
from support.functions import Functions
from support.sites import Applied, Json, SiteOf, copied_journal, copied_journals, states, undo
from support.step_cases import Changes, corrected, seen_later, unreadable_where_not_shown
from support.step_undos import never_undone_while_there, taken_back_though_found_late, unseen
from support.tenants import EQUIPMENT, GROUP, NOT_FOUND, changed, detail, in_conflict, recipient

from pexgen.simulation import without_bookkeeping

STEP = "scheduling-members"
BOB = "bob@contoso.com"
ELSEWHERE = ("MailUser", "MailContact", "GuestMailUser", "RemoteUserMailbox")


def member_keys(tenant: Json) -> list[str]:
    """Return the primary addresses of the group's members."""
    known = {one["Guid"]: one["PrimarySmtpAddress"] for one in tenant["recipients"]}
    return sorted(known[guid] for guid in recipient(tenant, GROUP)["members"])


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_who_has_no_mailbox_here_is_named(site: SiteOf, kind: str) -> None:
    tenant = changed(site().tenant, lambda t: recipient(t, BOB).update(RecipientTypeDetails=kind))
    check = site().run("Check", tenant)
    assert (check.exit_code, states(check)["scheduling-members"]) == (2, "different"), check.screen
    for text in ("1 described members have no mailbox in this organization", BOB, kind):
        assert text in detail(check, "scheduling-members")


def test_where_somebody_has_no_mailbox_here_all_else_is_done_and_the_step_stays_blocked(site: SiteOf) -> None:
    tenant = changed(site().tenant, lambda t: recipient(t, BOB).update(RecipientTypeDetails=ELSEWHERE[0]))
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
    in_conflict(site(), changed(site().tenant, change), STEP, text)


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


def test_a_cmdlet_that_sees_a_new_object_later_than_others_is_waited_for(site: SiteOf, applied: Applied) -> None:
    seen_later(site(), applied(), "Get-DistributionGroupMember", "New-DistributionGroup")


def test_a_group_that_is_mastered_on_premises_gets_no_members(site: SiteOf, applied: Applied) -> None:
    tenant = copy.deepcopy(applied().tenant)
    group = recipient(tenant, "pexip-users@contoso.com")
    group["members"].remove(recipient(tenant, "alice@contoso.com")["Guid"])
    group["IsDirSynced"] = True
    run = site().run("Apply", tenant)
    assert (states(run)["scheduling-members"], run.writes) == ("blocked", ()), run.screen


def test_rollback_does_not_call_undone_what_it_was_not_shown(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    unreadable_where_not_shown(site(), applied(), tmp_path, STEP, "Get-DistributionGroupMember")


# With time to wait each of the looks is the first that finds nothing; without it two of them.
@pytest.mark.parametrize(("nth", "wait"), [*((nth, 900) for nth in range(1, 7)), (1, 0), (3, 0)])
def test_two_answers_of_not_found_over_what_is_there_never_make_it_undone(
    site: SiteOf, applied: Applied, tmp_path: Path, nth: int, wait: int
) -> None:
    given: Json = {"step": STEP, "WaitSeconds": wait, "options": unseen("Get-DistributionGroup", nth, 2)}
    never_undone_while_there(site(), applied(), tmp_path, lambda one: bool(recipient(one, GROUP)["members"]), **given)


def test_what_is_found_late_in_its_time_is_taken_back(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    taken_back_though_found_late(site(), applied(), tmp_path, STEP, "Get-DistributionGroup")


def test_who_was_added_and_then_pruned_goes_back_both_ways(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    run = applied()
    pruned = site(scheduling_group={"members": ["alice@contoso.com"], "prune": True}).run("Apply", run.tenant)
    assert [call.cmdlet for call in pruned.writes] == ["Remove-DistributionGroupMember"]
    back = undo(site(scheduling_group={"prune": True}), pruned.tenant, copied_journals(tmp_path, run, pruned))
    assert back.exit_code == 0, back.screen
    assert without_bookkeeping(back.tenant) == without_bookkeeping(site().tenant)


def test_who_has_left_is_kept_and_holds_up_nobody(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    run = applied()
    guids = {name: recipient(run.tenant, name)["Guid"] for name in ("alice@contoso.com", "bob@contoso.com")}
    pruning = site(
        scheduling_group={"members": [], "prune": True}, proof={"in_scope": ["pexip-scheduling@contoso.com"]}
    )
    pruned = pruning.run("Apply", run.tenant)
    assert len(pruned.writes) == 2, pruned.screen
    tenant = copy.deepcopy(pruned.tenant)
    tenant["recipients"].remove(recipient(tenant, "alice@contoso.com"))
    # By a description that names them again: others come back only where somebody is asked.
    back = undo(site(scheduling_group={"prune": True}), tenant, [copied_journal(pruned, tmp_path)])
    assert (back.exit_code, states(back)["scheduling-members"]) == (5, "kept"), back.screen
    assert guids["bob@contoso.com"] in recipient(back.tenant, "pexip-users@contoso.com")["members"]
    assert "alice@contoso.com was not found" in back.screen
    assert back.waits == ()


def test_somebody_who_was_taken_out_and_is_not_described_comes_back_only_when_asked_for(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    ceo = recipient(applied().tenant, "ceo@contoso.com")["Guid"]
    here = site(scheduling_group={"prune": True})
    with_ceo = changed(applied().tenant, lambda one: recipient(one, GROUP)["members"].append(ceo))
    run = here.run("Apply", with_ceo, Step=["scheduling-members"])
    assert ceo not in recipient(run.tenant, GROUP)["members"]
    (tmp_path / "asked").mkdir()
    back = undo(here, run.tenant, [copied_journal(run, tmp_path)])
    assert (back.exit_code, states(back)["scheduling-members"], back.writes) == (5, "kept", ()), back.screen
    assert "which needs a question" in detail(back, "scheduling-members")
    dry = undo(here, run.tenant, [copied_journal(run, tmp_path / "asked")], WhatIf=True)
    assert states(dry)["scheduling-members"] == "different", dry.screen


def test_members_alone_are_not_added_beyond_the_number_that_the_scope_may_reach(site: SiteOf, applied: Applied) -> None:
    def crowded(tenant: Json) -> None:
        group = recipient(tenant, GROUP)
        group["members"].remove(recipient(tenant, BOB)["Guid"])
        group["members"] += [recipient(tenant, f"{name}@contoso.com")["Guid"] for name in ("ceo", "admin")]

    tenant = changed(applied().tenant, crowded)
    for most, state, writes in ((4, "conflict", 0), (5, "changed", 1)):
        run = site(scope={"max_mailboxes": most}).run("Apply", tenant, Step=[STEP])
        assert (states(run), len(run.writes)) == ({STEP: state}, writes), run.screen
    # Verify names who is missing, and where nobody is added, how many there are is the scope's to say.
    small = site(scope={"max_mailboxes": 4})
    assert states(small.run("Verify", tenant, Step=[STEP])) == {STEP: "disproved"}
    assert states(small.run("Check", run.tenant, Step=[STEP])) == {STEP: "in-place"}


def test_members_are_taken_out_whatever_the_scope_may_reach(site: SiteOf, applied: Applied) -> None:
    ceo = recipient(applied().tenant, "ceo@contoso.com")["Guid"]
    with_ceo = changed(applied().tenant, lambda one: recipient(one, GROUP)["members"].append(ceo))
    run = site(scheduling_group={"prune": True}).run("Apply", with_ceo, Step=[STEP], ScopeMaxMailboxes=1)
    assert (states(run), ceo in recipient(run.tenant, GROUP)["members"]) == ({STEP: "changed"}, False), run.screen


PEOPLE = """
function New-Person {
    param([string] $Address, [string] $Type = 'UserMailbox')
    [pscustomobject] @{ PrimarySmtpAddress = $Address; Name = "n-$Address"; RecipientTypeDetails = $Type }
}
function Test-Here { param($Type) Test-MailboxHere (New-Person 'a' $Type) }
function Get-RecipientOf { param($Address) if ($Address -eq 'second@contoso.com') { New-Person 'Anna@contoso.com' } }
function Find-One {
    param([string] $Address)
    $Run = @{ People = (Get-Table) }
    (Find-Member (Get-MemberIndex @((New-Person 'Anna@contoso.com'), (New-Person ''))) $Address).PrimarySmtpAddress
}
function Get-Claim {
    param([string] $Name, $Before, $Wanted, [bool] $Prune = $false)
    $entry = New-Entry @{ $Name = $Before } @{ $Name = $Wanted }
    With { Get-SchedulingMemberClaim $entry -Name $Name } @{} @{ SchedulingGroupPrune = $Prune }
}
function Get-Hold {
    param($Before, $Wanted, $Now, [string] $Scope = 'gone', [string] $Who = 'second@contoso.com')
    $current = Get-Present 'g' @{ $Who = $Now }
    $entry = New-Entry @{ $Who = $Before } @{ $Who = $Wanted }
    $of = @{ States = @{ 'application-scope' = $Scope } }
    With { Get-SchedulingMemberHold $entry -Current $current -Name $Who } $of
}
"""
NOBODY, NEVER = "the description does not name that member", "no run of this step does that"
PRUNED = "the description removes nobody from the group"
SCOPED = "the management scope still exists, and it reaches the members of the group"
MEMBERS: dict[str, Any] = {
    "Test-Here 'UserMailbox'": True,
    "Test-Here 'RoomMailbox'": True,
    "Test-Here 'RemoteUserMailbox'": False,
    "Test-Here 'MailUser'": False,
    "Test-Here 'GuestMailUser'": False,
    "Test-Here 'MailContact'": False,
    # A group that is a member already is counted on its own, and where Exchange does not say, it decides.
    "Test-Here 'MailUniversalSecurityGroup'": True,
    "Test-Here ''": True,
    "Find-One 'anna@CONTOSO.com'": "Anna@contoso.com",
    "Find-One 'second@contoso.com'": "Anna@contoso.com",
    "$null -eq (Find-Member (Get-MemberIndex @()) 'bob@contoso.com')": True,
    "Get-MemberKey (New-Person 'Anna@Contoso.com')": "anna@contoso.com",
    "Get-MemberKey (New-Person '')": "n-",
    "Get-Claim 'BOB@contoso.com' $false $true": [],
    "Get-Claim $Value.EquipmentAddress $false $true": [],
    "Get-Claim 'ceo@contoso.com' $false $true": NOBODY,
    "Get-Claim 'ceo@contoso.com' $true $false": PRUNED,
    "Get-Claim 'ceo@contoso.com' $true $false $true": [],
    "Get-Claim '*@contoso.com' $true $false $true": "it is a pattern",
    "Get-Claim 'bob@contoso.com' $null $false $true": NEVER,
    "Get-Claim 'bob@contoso.com' $false 'True'": NEVER,
    "Get-Hold $false $true $true": [],
    "Get-Hold $false $true $true 'kept'": SCOPED,
    "Get-Hold $true $false $false 'pending'": SCOPED,
    # Who was taken out and has left since cannot come back.
    "Get-Hold $true $false $false": [],
    "Get-Hold $true $false $false 'gone' 'left@contoso.com'": "left@contoso.com was not found",
    "Get-Hold $false $true $true 'gone' 'left@contoso.com'": [],
}


def test_a_member_is_found_by_each_name_and_goes_back_only_where_that_is_ours(functions: Functions) -> None:
    assert functions.values(*MEMBERS, before=WITH + ENTRY + PEOPLE) == MEMBERS
