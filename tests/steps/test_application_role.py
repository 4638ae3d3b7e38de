"""The role is given over the described mailboxes, or not at all; and whose an assignment is, is never guessed."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from support.sites import OBJECT, OURS, Applied, Json, SiteOf, states
from support.step_cases import (
    Changes,
    Forgeries,
    corrected,
    forgery_changes_nothing,
    seen_later,
    side,
    stopped,
    unreadable_where_lacking,
)
from support.tenants import ASSIGNMENT, changed, named, pointer

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
    stopped(site(), changed(site().tenant, change), STEP, text)


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
    stopped(site(), changed(applied().tenant, change), STEP, text)


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


ROLE = "Application EWS.AccessAsApp"
DELEGATING = f"{ROLE}-Organization Management-Delegating"
FORGERIES: Forgeries = {
    "an assignment that hands the role on": (
        side(DELEGATING, {}, exists=False),
        side(DELEGATING, {"Role": ROLE, "App": OBJECT, "CustomResourceScope": ""}),
    ),
    "an assignment of another application": (
        side(THEIRS, {}, exists=False),
        side(THEIRS, {"Role": ROLE, "App": "", "CustomResourceScope": "Somebody else's scope"}),
    ),
    "a creation without properties": (side(ASSIGNMENT, {}, exists=False), side(ASSIGNMENT, {})),
    "another object than the one that is named": (
        side(ASSIGNMENT, {}, exists=False),
        side(DELEGATING, {"Role": "x", "App": "y", "CustomResourceScope": "z"}),
    ),
}


@pytest.mark.parametrize("case", FORGERIES)
def test_a_forged_journal_changes_nothing(site: SiteOf, applied: Applied, tmp_path: Path, case: str) -> None:
    forgery_changes_nothing(site(), applied(), tmp_path, STEP, *FORGERIES[case])


@pytest.mark.parametrize(("cmdlet", "lacking", "step"), [("Get-ManagementRoleAssignment", "Enabled", STEP)])
def test_an_answer_that_lacks_a_property_does_not_say_that_it_is_empty(
    site: SiteOf, applied: Applied, cmdlet: str, lacking: str, step: str
) -> None:
    unreadable_where_lacking(site, applied, cmdlet, lacking, step)


@pytest.mark.parametrize(("cmdlet", "after"), [("Get-ManagementRoleAssignment", "New-ManagementRoleAssignment")])
def test_a_cmdlet_that_sees_a_new_object_later_than_others_is_waited_for(
    site: SiteOf, applied: Applied, cmdlet: str, after: str
) -> None:
    seen_later(site(), applied(), cmdlet, after)


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
