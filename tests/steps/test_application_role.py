"""The role is given over the described mailboxes, or not at all; and whose an assignment is, is never guessed."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from support.journals import entries, journal_text
from support.sites import OBJECT, OURS, Applied, Json, Site, SiteOf, copied_journal, states
from support.step_cases import (
    Changes,
    corrected,
    fails_where_it_never_shows,
    grants,
    seen_later,
    unreadable_where_lacking,
)
from support.tenants import ASSIGNMENT, GROUP, SCOPE, changed, detail, in_conflict, named, pointer, recipient

from pexgen.simulation.objects import guid

STEP = "application-role"
THEIRS = "Somebody else's access"


def like_theirs(tenant: Json, **values: Any) -> Json:
    """Return an assignment like the one that another application has."""
    return {**copy.deepcopy(named(tenant["assignments"], THEIRS)), "Guid": guid("assignment"), **values}


def wide_assignment(tenant: Json) -> None:
    tenant["servicePrincipals"].append(pointer(OURS, OBJECT))
    whole = {"assignee": guid(OBJECT), "scope": "", "scopeKind": "Organization", "Name": "everything"}
    tenant["assignments"].append(like_theirs(tenant, **whole))


BEFORE_ANYTHING: Changes = {
    "the assignment's name is another application's": (
        lambda t: t["assignments"].append(like_theirs(t, Name=ASSIGNMENT)),
        "name is taken",
    ),
    "the application reaches every mailbox": (wide_assignment, "every mailbox"),
}


@pytest.mark.parametrize("case", BEFORE_ANYTHING)
def test_a_conflict_in_a_tenant_where_nothing_is_there_yet(site: SiteOf, case: str) -> None:
    change, text = BEFORE_ANYTHING[case]
    in_conflict(site(), changed(site().tenant, change), STEP, text)


def second_and_wide(tenant: Json, **values: Any) -> None:
    ours = named(tenant["assignments"], ASSIGNMENT)
    whole = {"Guid": guid("x"), "Name": "wide", "scope": "", "scopeKind": "Organization"}
    tenant["assignments"].append({**ours, **whole, **values})


AFTERWARDS: Changes = {
    "the application got a second, wide assignment": (second_and_wide, "every mailbox"),
    "the wide assignment is switched off": (
        lambda t: second_and_wide(t, Enabled=False),
        "'wide' of 'Application EWS.AccessAsApp' on every mailbox (disabled)",
    ),
}


@pytest.mark.parametrize("case", AFTERWARDS)
def test_a_conflict_in_a_tenant_where_everything_was_right(site: SiteOf, applied: Applied, case: str) -> None:
    change, text = AFTERWARDS[case]
    in_conflict(site(), changed(applied().tenant, change), STEP, text)


def test_verify_disproves_an_application_that_reaches_more_than_its_scope(site: SiteOf, applied: Applied) -> None:
    verify = site().run("Verify", changed(applied().tenant, second_and_wide))
    assert (verify.exit_code, states(verify)["application-role"]) == (6, "disproved")


def without_ours(tenant: Json) -> None:
    tenant["assignments"].remove(named(tenant["assignments"], ASSIGNMENT))


def ours_disabled(tenant: Json) -> None:
    named(tenant["assignments"], ASSIGNMENT)["Enabled"] = False


DRIFTS: Changes = {
    "an assignment that is switched off": (ours_disabled, "Set-ManagementRoleAssignment"),
    "an assignment that is gone": (without_ours, "New-ManagementRoleAssignment"),
}


@pytest.mark.parametrize("case", DRIFTS)
def test_each_drift_is_one_step_that_differs_and_one_write(site: SiteOf, applied: Applied, case: str) -> None:
    change, cmdlet = DRIFTS[case]
    corrected(site(), changed(applied().tenant, change), STEP, cmdlet)


def test_an_answer_that_lacks_a_property_does_not_say_that_it_is_empty(site: SiteOf, applied: Applied) -> None:
    unreadable_where_lacking(site, applied, "Get-ManagementRoleAssignment", "Enabled", STEP)


def test_a_cmdlet_that_sees_a_new_object_later_than_others_is_waited_for(site: SiteOf, applied: Applied) -> None:
    seen_later(site(), applied(), "Get-ManagementRoleAssignment", "New-ManagementRoleAssignment")


def test_a_negative_proof_needs_an_answer(site: SiteOf, applied: Applied) -> None:
    tenant = copy.deepcopy(applied().tenant)
    tenant["settings"]["inScopeAs"] = "not-run"
    verify = site().run("Verify", tenant)
    assert (verify.exit_code, states(verify)["application-role"]) == (5, "unreadable")


def test_a_wider_assignment_is_seen_however_exchange_names_who_holds_it(site: SiteOf, applied: Applied) -> None:
    tenant = copy.deepcopy(applied().tenant)
    tenant["settings"].update(assigneeAs="displayName", assigneeUnknown=True)
    (ours,) = [row for row in tenant["assignments"] if row["Name"] == "contoso-scheduling-ews"]
    assert site().run("Check", tenant).exit_code == 0
    wide = {**ours, "Name": "wide", "Guid": ours["Guid"][::-1], "scope": "", "scopeKind": "Organization"}
    tenant["assignments"].append(wide)
    run = site().run("Check", tenant)
    assert (run.exit_code, states(run)["application-role"]) == (4, "conflict"), run.screen


ONLY: Json = {"Step": [STEP]}
EVERYBODY = "Alias -like '*'"
WIDER = {"path": f"scopes.[Name={SCOPE}].RecipientFilter", "value": EVERYBODY}


def widened(tenant: Json) -> None:
    named(tenant["scopes"], SCOPE)["RecipientFilter"] = EVERYBODY


TO_DO = {"not there": without_ours, "disabled": ours_disabled}


def stopped_alone(site: Site, tenant: Json, mode: str, *texts: str) -> None:
    """Check that the step alone is stopped before any write, with these words."""
    run = site.run(mode, tenant, **ONLY)
    assert (run.exit_code, states(run), run.writes) == (4, {"application-role": "conflict"}, ()), run.screen
    for text in texts:
        assert text in detail(run, "application-role")


@pytest.mark.parametrize("mode", ["Check", "Apply"])
@pytest.mark.parametrize("what", TO_DO)
def test_the_role_is_not_given_over_a_scope_with_another_filter(
    site: SiteOf, applied: Applied, what: str, mode: str
) -> None:
    tenant = changed(changed(applied().tenant, TO_DO[what]), widened)
    stopped_alone(site(), tenant, mode, f"another filter: {EVERYBODY}", "another scope name")


def test_a_filter_that_is_rewritten_after_the_scope_was_compared_stops_the_whole_run_before_the_role(
    site: SiteOf, applied: Applied
) -> None:
    (write,) = [call for call in applied().writes if call.cmdlet == "New-ManagementRoleAssignment"]
    look = max(call.n for call in applied().calls[: write.n - 1] if call.cmdlet == "Get-ManagementRoleAssignment")
    run = site().run("Apply", options={"faults": [{"kind": "change", "call": look, "set": [WIDER]}]})
    assert (run.exit_code, states(run)["application-scope"]) == (3, "changed"), run.screen
    assert (states(run)["application-role"], EVERYBODY in detail(run, "application-role")) == ("conflict", True)
    assert "New-ManagementRoleAssignment" not in {call.cmdlet for call in run.writes}


@pytest.mark.parametrize("what", TO_DO)
def test_a_filter_that_is_rewritten_while_the_question_stood_open_stops_the_step(
    site: SiteOf, applied: Applied, what: str
) -> None:
    tenant = changed(applied().tenant, TO_DO[what])
    asked = len(site().run("Apply", tenant, WhatIf=True, **ONLY).calls)
    run = site().run(
        "Apply", tenant, options={"faults": [{"kind": "change", "call": asked + 1, "set": [WIDER]}]}, **ONLY
    )
    assert (run.exit_code, states(run), run.writes) == (4, {"application-role": "conflict"}, ()), run.screen
    assert "Go on" not in run.screen


def test_what_the_last_look_stopped_was_not_done_and_what_stands_there_later_is_somebody_elses(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    tenant = changed(applied().tenant, without_ours)
    asked = len(site().run("Apply", tenant, WhatIf=True, **ONLY).calls)
    fault = {"kind": "change", "call": asked + 1, "set": [WIDER]}
    run = site().run("Apply", tenant, options={"faults": [fault]}, **ONLY)
    events = [line["event"] for line in entries(journal_text(run)) if "event" in line]
    assert events == ["intent", "failed"]
    # Somebody puts the scope right and makes the very assignment that was announced.
    back = site().run("Rollback", applied().tenant, JournalPath=[copied_journal(run, tmp_path)])
    assert (back.exit_code, states(back)["application-role"], back.writes, back.waits) == (5, "kept", (), ())


@pytest.mark.parametrize("mode", ["Check", "Apply"])
@pytest.mark.parametrize("what", TO_DO)
def test_the_role_is_not_given_where_the_scope_reaches_more_than_the_description_allows(
    site: SiteOf, applied: Applied, what: str, mode: str
) -> None:
    def crowded(tenant: Json) -> None:
        TO_DO[what](tenant)
        recipient(tenant, GROUP)["members"].append(recipient(tenant, "ceo@contoso.com")["Guid"])

    small = site(scope={"max_mailboxes": 3})
    stopped_alone(small, changed(applied().tenant, crowded), mode, "4 mailboxes; the description allows 3")


def test_a_second_assignment_that_is_disabled_stays_so_beside_the_enabled_one(site: SiteOf, applied: Applied) -> None:
    def second(tenant: Json) -> None:
        ours = named(tenant["assignments"], ASSIGNMENT)
        tenant["assignments"].insert(0, {**ours, "Guid": guid("older"), "Name": "older", "Enabled": False})

    tenant = changed(applied().tenant, second)
    assert site().run("Check", tenant, **ONLY).exit_code == 0
    run = site().run("Apply", tenant, **ONLY)
    assert (run.exit_code, states(run), run.writes) == (0, {"application-role": "in-place"}, ()), run.screen


@pytest.mark.parametrize("enabled", [True, False])
def test_what_another_application_of_the_same_display_name_holds_is_not_ours(
    site: SiteOf,
    applied: Applied,
    enabled: bool,  # noqa: FBT001 - whether theirs is switched on
) -> None:
    def namesake(tenant: Json) -> None:
        without_ours(tenant)
        (other,) = [one for one in tenant["servicePrincipals"] if one["AppId"] != OURS]
        (ours,) = [one for one in tenant["servicePrincipals"] if one["AppId"] == OURS]
        other["DisplayName"] = ours["DisplayName"]
        scope = named(tenant["scopes"], SCOPE)["Guid"]
        named(tenant["assignments"], THEIRS).update(scope=scope, Enabled=enabled)
        tenant["settings"].update(assigneeAs="displayName", assigneeUnknown=True)

    tenant = changed(applied().tenant, namesake)
    run = site().run("Apply", tenant, **ONLY)
    assert states(run)["application-role"] != "in-place", run.screen
    assert named(run.tenant["assignments"], THEIRS) == named(tenant["assignments"], THEIRS)


def test_verify_disproves_the_role_where_the_scope_was_given_a_filter_that_reaches_others(
    site: SiteOf, applied: Applied
) -> None:
    verify = site().run("Verify", changed(applied().tenant, widened))
    assert states(verify)["application-role"] == "disproved", verify.screen
    assert "ceo@contoso.com: in scope: True; expected in scope: False" in verify.screen


def test_what_is_said_to_exist_and_never_shows_has_failed(site: SiteOf) -> None:
    fails_where_it_never_shows(site(), "New-ManagementRoleAssignment", STEP)


def test_no_role_is_given_while_the_mailbox_is_not_there(site: SiteOf) -> None:
    """What hands out access waits for all that it rests on."""
    tenant = changed(site().tenant, lambda tenant: tenant["settings"].update(late={"mailbox": 10_000}))
    run = site().run("Apply", tenant, WaitSeconds=10)
    assert (run.exit_code, states(run)["application-role"]) == (5, "pending"), run.screen
    assert grants(run) == []
