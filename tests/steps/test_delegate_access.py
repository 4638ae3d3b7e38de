"""Delegates get access to the equipment mailbox and lose it again, whatever Exchange says of them or leaves out."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from support.service_accounts import SERVER, WITH_PASSWORD
from support.sites import Applied, Json, SiteOf, states
from support.step_cases import (
    ABSENT,
    Changes,
    Forgeries,
    forgery_changes_nothing,
    side,
    stopped,
    unreadable_where_lacking,
    unreadable_where_not_shown,
)
from support.tenants import EQUIPMENT, changed, in_conflict, recipient

STEP = "delegate-access"
ADMIN, DELEGATE = "admin@contoso.com", "pexip-admin@contoso.com"


BEFORE_ANYTHING: Changes = {
    "a delegate is not there": (
        lambda t: t["recipients"].remove(recipient(t, ADMIN)),
        "The delegate admin@contoso.com was not found",
    ),
}


@pytest.mark.parametrize("case", BEFORE_ANYTHING)
def test_a_conflict_in_a_tenant_where_nothing_is_there_yet(site: SiteOf, case: str) -> None:
    change, text = BEFORE_ANYTHING[case]
    stopped(site(), changed(site().tenant, change), STEP, text)


@pytest.mark.parametrize("shown", ["upn", "sid"])
@pytest.mark.parametrize("beside", [[], [{"AccessRights": ["FullAccess"]}]], ids=["alone", "beside one that allows"])
def test_an_entry_that_denies_a_delegate_is_a_conflict(
    site: SiteOf, applied: Applied, beside: list[Json], shown: str
) -> None:
    def denied(tenant: Json) -> None:
        who = recipient(tenant, ADMIN)["Guid"]
        rows = [{"AccessRights": ["FullAccess"], "Deny": True}, *beside]
        recipient(tenant, EQUIPMENT)["permissions"] = [{"User": who, **row} for row in rows]
        tenant["settings"]["permissionUserAs"] = shown

    words = f"denies {ADMIN} full access to {EQUIPMENT}"
    in_conflict(site(), changed(applied().tenant, denied), "delegate-access", words, "remove it yourself")


FORGERIES: Forgeries = {
    "access to a person's mailbox": (
        side("ceo@contoso.com", {ADMIN: True}),
        side("ceo@contoso.com", {ADMIN: False}),
    ),
}


@pytest.mark.parametrize("case", FORGERIES)
def test_a_forged_journal_changes_nothing(site: SiteOf, applied: Applied, tmp_path: Path, case: str) -> None:
    forgery_changes_nothing(site(), applied(), tmp_path, STEP, *FORGERIES[case])


@pytest.mark.parametrize(("cmdlet", "lacking", "step"), [("Get-MailboxPermission", "AccessRights", STEP)])
def test_an_answer_that_lacks_a_property_does_not_say_that_it_is_empty(
    site: SiteOf, applied: Applied, cmdlet: str, lacking: str, step: str
) -> None:
    unreadable_where_lacking(site, applied, cmdlet, lacking, step)


@pytest.mark.parametrize("form", ["name", "guid", "dn", "upn", "sid"])
def test_delegates_are_found_in_whatever_form_they_come_back(site: SiteOf, form: str) -> None:
    tenant = copy.deepcopy(site().tenant)
    tenant["settings"]["permissionUserAs"] = form
    run = site().run("Apply", tenant, Step=["equipment-mailbox", "delegate-access"])
    assert run.exit_code == 0, run.screen
    check = site().run("Check", run.tenant, Step=["equipment-mailbox", "delegate-access"])
    assert (check.exit_code, len(check.calls) <= 25) == (0, True)


@pytest.mark.parametrize(("mode", "state", "code"), [("Check", "unreadable", 5), ("Apply", "pending", 5)])
def test_permissions_that_a_mailbox_is_said_not_to_have_are_not_given_again(
    site: SiteOf, applied: Applied, mode: str, state: str, code: int
) -> None:
    fault = {**ABSENT, "cmdlet": "Get-MailboxPermission", "nth": 1, "times": 99}
    run = site().run(mode, applied().tenant, Step=["delegate-access"], WaitSeconds=2, options={"faults": [fault]})
    assert (states(run), run.exit_code, run.writes) == ({"delegate-access": state}, code, ()), run.screen


@pytest.mark.parametrize("cmdlet", ["Get-MailboxPermission"])
def test_rollback_does_not_call_undone_what_it_was_not_shown(
    site: SiteOf, applied: Applied, tmp_path: Path, cmdlet: str
) -> None:
    unreadable_where_not_shown(site(), applied(), tmp_path, STEP, cmdlet)


def test_an_entry_that_denies_somebody_else_is_nobodys_conflict(site: SiteOf, applied: Applied) -> None:
    def denied(tenant: Json) -> None:
        row = {"User": recipient(tenant, "ceo@contoso.com")["Guid"], "AccessRights": ["FullAccess"], "Deny": True}
        recipient(tenant, EQUIPMENT)["permissions"].append(row)
        tenant["settings"]["permissionUserAs"] = "sid"

    assert states(site().run("Check", changed(applied().tenant, denied)))[STEP] == "in-place"


def test_exchange_server_names_who_is_denied_as_no_recipient_does(sample: SiteOf, sample_applied: Applied) -> None:
    made = sample_applied(SERVER, **WITH_PASSWORD)

    def denied(tenant: Json) -> None:
        row = {"User": recipient(tenant, DELEGATE)["Guid"], "AccessRights": ["FullAccess"], "Deny": True}
        recipient(tenant, EQUIPMENT)["permissions"] = [row]
        tenant["settings"]["permissionUserAs"] = "account"

    in_conflict(sample(SERVER), changed(made.tenant, denied), STEP, f"denies {DELEGATE} full access to {EQUIPMENT}")
