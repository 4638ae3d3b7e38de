"""The scope is made and taken back, and one that reaches others is never taken for ours."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from support.function_cases import WITH
from support.functions import Functions
from support.sites import Applied, SiteOf
from support.step_cases import Changes, fails_where_it_never_shows, seen_later
from support.step_undos import (
    kept_at_the_last_look,
    ours_by_its_time,
    removed_though_not_found_once,
    scope_gets_another_user,
    unreadable_on_the_next_look,
)
from support.tenants import GROUP, SCOPE, changed, in_conflict, named, recipient

from pexgen.rehearsal import Result
from pexgen.simulation.objects import guid

STEP = "application-scope"
BEFORE_ANYTHING: Changes = {
    "the scope is there before its group": (
        lambda t: t["scopes"].append({**copy.deepcopy(t["scopes"][0]), "Guid": guid("scope"), "Name": SCOPE}),
        "another filter",
    ),
}


@pytest.mark.parametrize("case", BEFORE_ANYTHING)
def test_a_conflict_in_a_tenant_where_nothing_is_there_yet(site: SiteOf, case: str) -> None:
    change, text = BEFORE_ANYTHING[case]
    in_conflict(site(), changed(site().tenant, change), STEP, text)


AFTERWARDS: Changes = {
    "the scope has another filter": (
        lambda t: named(t["scopes"], SCOPE).update(RecipientFilter="PrimarySmtpAddress -eq 'ceo@contoso.com'"),
        "another filter",
    ),
    "the scope has one clause more": (
        lambda t: named(t["scopes"], SCOPE).update(RecipientFilter="(MemberOfGroup -eq 'CN=x') -or (Alias -eq 'ceo')"),
        "another filter",
    ),
    "the scope is exclusive": (lambda t: named(t["scopes"], SCOPE).update(Exclusive=True), "exists and is exclusive"),
}


@pytest.mark.parametrize("case", AFTERWARDS)
def test_a_conflict_in_a_tenant_where_everything_was_right(site: SiteOf, applied: Applied, case: str) -> None:
    change, text = AFTERWARDS[case]
    in_conflict(site(), changed(applied().tenant, change), STEP, text)


def test_a_scope_that_would_reach_more_than_the_description_allows_is_stopped(site: SiteOf) -> None:
    small = site(scope={"max_mailboxes": 3})
    assert small.run("Check").exit_code == 2
    tenant = copy.deepcopy(site().run("Apply", Step=["scheduling-group", "equipment-mailbox"]).tenant)
    recipient(tenant, GROUP)["members"].append(recipient(tenant, "ceo@contoso.com")["Guid"])
    in_conflict(small, tenant, "application-scope", "4 mailboxes; the description allows 3")


def test_a_cmdlet_that_sees_a_new_object_later_than_others_is_waited_for(site: SiteOf, applied: Applied) -> None:
    seen_later(site(), applied(), "Get-ManagementScope", "New-ManagementScope")


def test_what_is_said_to_exist_and_never_shows_has_failed(site: SiteOf) -> None:
    fails_where_it_never_shows(site(), "New-ManagementScope", STEP)


def test_what_was_only_announced_is_ours_by_the_time_at_which_it_was_created(site: SiteOf, tmp_path: Path) -> None:
    ours_by_its_time(site(), tmp_path, STEP, "New-ManagementScope", lambda one: named(one["scopes"], SCOPE))


def test_a_single_not_found_right_before_a_removal_is_asked_about_again(
    site: SiteOf, applied: Applied, undone: Result, tmp_path: Path
) -> None:
    removed_though_not_found_once(site(), applied(), undone, tmp_path, "Remove-ManagementScope")


def test_what_was_just_seen_and_is_not_found_on_the_next_look_is_unreadable_and_not_somebody_else_s(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    unreadable_on_the_next_look(site(), applied(), tmp_path, STEP, "Get-ManagementScope", 2)


RELIED_ON: Changes = {"the scope gets another user": (scope_gets_another_user, "'theirs'")}


@pytest.mark.parametrize("case", RELIED_ON)
def test_what_somebody_came_to_rely_on_while_the_question_stood_open_is_kept(
    site: SiteOf, tmp_path: Path, case: str
) -> None:
    meanwhile, reason = RELIED_ON[case]
    kept_at_the_last_look(site(), tmp_path, [STEP, "scheduling-group"], meanwhile, reason)


def test_the_reach_counts_who_is_in_it_and_whom_this_run_adds(functions: Functions) -> None:
    reach = """
function Read-Reach { if ($Now) { 1..$Now } }
function Test-Reach {
    param([string] $Filter, [int] $Now, [int] $Planned, [int] $Most = 5)
    With { Assert-Reach $Filter } @{ GroupSize = $Planned } @{ ScopeMaxMailboxes = $Most }
}
"""
    cases = {
        "Test-Reach 'f' 5 5": "",
        "Test-Reach 'f' 6 0": "The scope would reach 6 mailboxes; the description allows 5.",
        "Test-Reach 'f' 0 6": "The scope would reach 6 mailboxes; the description allows 5.",
        # A group that is not there yet has the members that this run adds.
        "Test-Reach '' 9 5": "",
        "Test-Reach '' 0 6": "The scope would reach 6 mailboxes; the description allows 5.",
    }
    assert functions.stops(cases, before=WITH + reach, ends="conflict") == cases
