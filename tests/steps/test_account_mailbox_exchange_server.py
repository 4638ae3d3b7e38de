"""A service account on Exchange Server is made with the given password, and one that is there is never changed."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from support.deployments import ACCOUNT
from support.service_accounts import SERVER, WITH_PASSWORD, apply
from support.sites import Applied, Json, Site, SiteOf, copied_journal, states
from support.step_cases import ABSENT
from support.tenants import changed, detail, guarded, in_conflict, recipient

from pexgen.rehearsal import Result

STEP = "account-mailbox"
ADELE = "adele.vance@contoso.com"


@pytest.fixture(scope="module")
def site(sample: SiteOf) -> Site:
    return sample(SERVER)


@pytest.fixture(scope="module")
def made(sample_applied: Applied) -> Result:
    return sample_applied(SERVER, **WITH_PASSWORD)


def test_without_a_password_an_account_that_is_due_is_refused_before_any_write(site: Site, made: Result) -> None:
    guarded(site.run("Apply"), "password", "-PasswordOfServiceAccount", ACCOUNT)
    plan = site.run("Apply", WhatIf=True)
    assert (plan.exit_code, plan.writes) == (2, ())
    assert "-PasswordOfServiceAccount" in detail(plan, "account-mailbox")
    assert site.run("Apply", made.tenant).exit_code == 0


def test_an_existing_account_is_taken_as_it_is(site: Site, made: Result) -> None:
    tenant = changed(made.tenant, lambda t: recipient(t, ACCOUNT).update(DisplayName="Somebody's own name"))
    run = site.run("Apply", tenant)
    assert (run.exit_code, run.writes) == (0, ())


def test_an_account_to_adopt_that_is_not_there_is_a_conflict(sample: SiteOf) -> None:
    site = sample(SERVER, service_account={"adopt": True})
    run = site.run("Check", changed(site.tenant, lambda t: t["recipients"].remove(recipient(t, ACCOUNT))))
    assert (run.exit_code, states(run)["account-mailbox"], states(run)["impersonation"]) == (4, "conflict", "blocked")


def test_the_account_is_never_that_of_one_touch_join(site: Site) -> None:
    guarded(site.run("Check", OneTouchJoinAccounts=[ACCOUNT]), "values", "One-Touch Join")


def test_a_unit_that_is_not_there_is_exchanges_refusal_and_not_waited_for(sample: SiteOf, site: Site) -> None:
    wrong = sample(SERVER, service_account={"organizational_unit": "contoso.com/Nowhere"})
    run = apply(wrong, site.tenant, Step=["account-mailbox"])
    assert (run.exit_code, states(run), run.waits) == (3, {"account-mailbox": "failed"}, ()), run.screen
    assert "organizational unit has to exist" in detail(run, "account-mailbox")


def test_an_account_without_a_mailbox_is_a_conflict_before_anything_is_made(site: Site) -> None:
    def add(tenant: Json) -> None:
        bare = copy.deepcopy(recipient(tenant, "operator@contoso.com"))
        bare.update(Guid="0" * 8 + bare["Guid"][8:], RecipientTypeDetails="User", PrimarySmtpAddress="")
        bare.update(UserPrincipalName=ACCOUNT, Name="Bare", Alias="bare", EmailAddresses=[])
        tenant["recipients"].append(bare)

    in_conflict(site, changed(site.tenant, add), "account-mailbox", "Enable-Mailbox")


def test_a_disabled_account_is_blocked(site: Site, made: Result) -> None:
    tenant = changed(made.tenant, lambda one: recipient(one, ACCOUNT).update(AccountDisabled=True))
    verify = site.run("Verify", tenant)
    assert (verify.exit_code, states(verify)["account-mailbox"]) == (6, "disproved"), verify.screen


def test_an_account_of_one_touch_join_is_known_by_every_name_of_it(site: Site, made: Result) -> None:
    def rename(tenant: Json) -> None:
        recipient(tenant, ACCOUNT)["EmailAddresses"].append("smtp:pexip-otj@contoso.com")
        tenant["recipients"].remove(recipient(tenant, "pexip-otj@contoso.com"))

    in_conflict(site, changed(made.tenant, rename), "account-mailbox", "which One-Touch Join uses")


def test_a_mailbox_made_here_is_kept_unless_rollback_is_told_and_finds_it_empty(
    site: Site, made: Result, tmp_path: Path
) -> None:
    full = changed(made.tenant, lambda t: recipient(t, ACCOUNT).update(items=3))
    for tenant, more in ((made.tenant, {}), (full, {"RemoveCreatedMailbox": True})):
        back = site.run("Rollback", tenant, JournalPath=[copied_journal(made, tmp_path)], **more)
        assert (back.exit_code, states(back)["account-mailbox"]) == (5, "kept"), back.screen
        assert recipient(back.tenant, ACCOUNT)


def test_an_account_that_still_has_the_role_is_kept_however_empty_its_own_mailbox_is(
    site: Site, made: Result, tmp_path: Path
) -> None:
    given = {"JournalPath": [copied_journal(made, tmp_path)], "RemoveCreatedMailbox": True}
    alone = site.run("Rollback", made.tenant, Step=["account-mailbox"], **given)
    assert (alone.exit_code, states(alone), alone.writes) == (5, {"account-mailbox": "kept"}, ()), alone.screen
    assert "it has the role assignment 'contoso-server-impersonation' of 'ApplicationImpersonation'" in alone.screen
    assert f"Kept {ACCOUNT} (" in alone.screen


def test_a_password_for_an_account_that_exists_is_said_not_to_be_used(site: Site, made: Result) -> None:
    again = apply(site, made.tenant)
    assert f"{ACCOUNT} exists: the given password is not used." in detail(again, "account-mailbox")


def test_an_account_that_exchange_refused_to_make_is_never_removed(site: Site, made: Result, tmp_path: Path) -> None:
    refused = apply(site, Step=["account-mailbox"], options={"faults": [{"kind": "forbidden", "write": 1}]})
    assert refused.exit_code in {3, 4}
    journal = copied_journal(refused, tmp_path)
    back = site.run("Rollback", made.tenant, JournalPath=[journal], Step=["account-mailbox"], RemoveCreatedMailbox=True)
    assert (states(back), back.writes) == ({"account-mailbox": "kept"}, ()), back.screen


def test_a_mailbox_that_one_cmdlet_does_not_see_yet_is_no_conflict(site: Site, made: Result) -> None:
    fault = {**ABSENT, "cmdlet": "Get-Mailbox", "nth": 1}
    check = site.run("Check", made.tenant, options={"faults": [fault]})
    assert states(check)["account-mailbox"] == "unreadable", check.screen
    assert "Exchange does not find its mailbox yet" in detail(check, "account-mailbox")


def test_an_adopted_account_needs_no_right_to_create_one(sample: SiteOf, made: Result) -> None:
    site = sample(SERVER, service_account={"adopt": True}, equipment={"adopt": True})
    tenant: Json = copy.deepcopy(made.tenant)
    tenant["operator"]["hidden"] = ["New-Mailbox", "Set-Mailbox"]
    run = site.run("Apply", tenant)
    assert run.exit_code == 0, run.screen


def test_the_line_to_go_on_with_asks_for_the_password_and_names_no_variable(site: Site) -> None:
    run = apply(site, options={"faults": [{"kind": "forbidden", "cmdlet": "New-ManagementScope", "nth": 1}]})
    line = run.screen.partition("Go on")[2]
    assert f"(Get-Credential -UserName '{ACCOUNT}' -Message 'Service account').Password" in " ".join(line.split())
