"""The scope is made and taken back, and one that reaches others is never taken for ours."""

from __future__ import annotations

import copy

import pytest
from support.sites import Applied, SiteOf
from support.step_cases import Changes, fails_where_it_never_shows, seen_later, stopped
from support.tenants import GROUP, SCOPE, changed, named, recipient

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
    stopped(site(), changed(site().tenant, change), STEP, text)


AFTERWARDS: Changes = {
    "the scope has another filter": (
        lambda t: named(t["scopes"], SCOPE).update(RecipientFilter="PrimarySmtpAddress -eq 'ceo@contoso.com'"),
        "another filter",
    ),
    "the scope has one clause more": (
        lambda t: named(t["scopes"], SCOPE).update(RecipientFilter="(MemberOfGroup -eq 'CN=x') -or (Alias -eq 'ceo')"),
        "another filter",
    ),
    "the scope is exclusive": (lambda t: named(t["scopes"], SCOPE).update(Exclusive=True), "another filter"),
}


@pytest.mark.parametrize("case", AFTERWARDS)
def test_a_conflict_in_a_tenant_where_everything_was_right(site: SiteOf, applied: Applied, case: str) -> None:
    change, text = AFTERWARDS[case]
    stopped(site(), changed(applied().tenant, change), STEP, text)


def test_a_scope_that_would_reach_more_than_the_description_allows_is_stopped(site: SiteOf) -> None:
    small = site(scope={"max_mailboxes": 3})
    assert small.run("Check").exit_code == 2
    tenant = copy.deepcopy(site().run("Apply", Step=["scheduling-group", "equipment-mailbox"]).tenant)
    recipient(tenant, GROUP)["members"].append(recipient(tenant, "ceo@contoso.com")["Guid"])
    stopped(small, tenant, "application-scope", "4 mailboxes; the description allows 3")


@pytest.mark.parametrize(("cmdlet", "after"), [("Get-ManagementScope", "New-ManagementScope")])
def test_a_cmdlet_that_sees_a_new_object_later_than_others_is_waited_for(
    site: SiteOf, applied: Applied, cmdlet: str, after: str
) -> None:
    seen_later(site(), applied(), cmdlet, after)


@pytest.mark.parametrize(("cmdlet", "step"), [("New-ManagementScope", STEP)])
def test_what_is_said_to_exist_and_never_shows_has_failed(site: SiteOf, cmdlet: str, step: str) -> None:
    fails_where_it_never_shows(site(), cmdlet, step)
