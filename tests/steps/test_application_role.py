"""The role is given over the described mailboxes, or not at all; and whose an assignment is, is never guessed."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from support.sites import OBJECT, OURS, Applied, Json, SiteOf, states
from support.step_cases import Changes, corrected, stopped
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
