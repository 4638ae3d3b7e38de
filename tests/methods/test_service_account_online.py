"""An existing service account in Exchange Online: looked at, reported, and never claimed to work."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.sites import Json, Result, Site, SiteOf, states
from support.tenants import changed, detail, guarded, in_conflict, recipient

from pexgen.rehearsal import Call
from pexgen.simulation.online import without_impersonation

Late = Callable[[Site, str], Site]
NAME = "service-account-online"
ACCOUNT = "pexip-service@contoso.com"
LOOKS = ("account-mailbox", "impersonation", "account-authentication")


@pytest.fixture(scope="module")
def site(sample: SiteOf) -> Site:
    return sample(NAME)


@pytest.fixture(scope="module")
def made(site: Site) -> Result:
    run = site.run("Apply")
    assert run.exit_code == 0, run.screen
    return run


def written(calls: tuple[Call, ...]) -> set[str]:
    return {call.cmdlet for call in calls}


def test_only_equipment_calendar_and_delegates_are_written(made: Result) -> None:
    assert {step: state for step, state in states(made).items() if step in LOOKS} == dict.fromkeys(LOOKS, "in-place")
    assert written(made.writes) <= {"Set-Mailbox", "Set-CalendarProcessing", "Add-MailboxPermission"}


def test_what_is_left_of_the_role_is_reported_and_never_proved(site: Site, made: Result) -> None:
    verify = site.run("Verify", made.tenant)
    assert (verify.exit_code, states(verify)["impersonation"]) == (5, "blocked")
    assert [
        line for line in verify.screen.splitlines() if line.strip().startswith("proved") and "mpersonation" in line
    ] == []
    assert "Exit code 5. Not everything is proved. Blocked: impersonation." in verify.screen
    assert "Still there: 'pexip-service-impersonation'" in detail(verify, "impersonation")
    assert "move to app permissions" in detail(verify, "impersonation")


def test_where_the_role_is_gone_the_step_is_blocked_and_says_where_to_go(site: Site, made: Result) -> None:
    run = site.run("Check", changed(made.tenant, without_impersonation))
    assert (run.exit_code, states(run)["impersonation"]) == (5, "blocked")
    assert "removed in February 2025" in detail(run, "impersonation")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"SKUAssigned": False}, "no license"),
        ({"EwsEnabled": False}, "EWS is switched off"),
    ],
)
def test_an_account_that_cannot_use_ews_is_blocked(site: Site, made: Result, change: Json, text: str) -> None:
    run = site.run("Check", changed(made.tenant, lambda t: recipient(t, ACCOUNT).update(change)))
    assert (run.exit_code, states(run)["account-mailbox"]) == (5, "blocked"), run.screen
    assert text in detail(run, "account-mailbox")


def test_a_frontline_mailbox_plan_is_nothing_to_stop_for(site: Site, made: Result) -> None:
    change = {"MailboxPlan": "ExchangeOnlineDeskless-0527a260"}
    run = site.run("Check", changed(made.tenant, lambda t: recipient(t, ACCOUNT).update(change)))
    assert states(run)["account-mailbox"] == "in-place", run.screen


def test_an_account_that_is_not_there_is_a_conflict_with_microsofts_dates(site: Site, made: Result) -> None:
    run = site.run("Apply", changed(made.tenant, lambda t: t["recipients"].remove(recipient(t, ACCOUNT))))
    assert (run.exit_code, states(run)["account-mailbox"], run.writes) == (4, "conflict", ())
    assert "September 2024" in detail(run, "account-mailbox")
    assert "February 2025" in detail(run, "account-mailbox")


def test_a_closed_gate_of_the_organization_is_blocked(site: Site, made: Result) -> None:
    run = site.run("Check", changed(made.tenant, lambda t: t["organization"].update(EwsEnabled=False)))
    assert (run.exit_code, states(run)["account-authentication"]) == (5, "blocked")


def test_the_sign_in_is_a_numbered_step_by_hand_with_its_check(made: Result, site: Site) -> None:
    verify = site.run("Verify", made.tenant)
    (line,) = [line for line in verify.screen.splitlines() if "Sign in there AS THE SERVICE ACCOUNT" in line]
    assert "1. " in line
    assert "3. Check:" in line


def test_from_the_end_of_ews_on_apply_refuses_and_check_says_so(site: Site, made: Result, late: Late) -> None:
    after = late(site, "2027-04-01")
    guarded(after.run("Apply", made.tenant), "dates", "2027-04-01")
    check = after.run("Check", made.tenant)
    assert (check.exit_code, states(check)["impersonation"]) == (5, "blocked")
    before = late(site, "2027-03-31")
    assert before.run("Apply", made.tenant).exit_code == 0


def test_without_a_described_registration_the_gates_are_looked_at_all_the_same(sample: SiteOf) -> None:
    site = sample(NAME, oauth=None)
    step = "account-authentication"
    found = site.run("Check")
    assert states(found)[step] == "in-place"
    assert "is not described" in detail(found, step)
    assert states(site.run("Verify"))[step] == "blocked"
    shut = changed(site.tenant, lambda one: one["organization"].update(EwsEnabled=False))
    assert states(site.run("Check", shut))[step] == "blocked"


def test_the_second_gate_is_reported(site: Site, made: Result) -> None:
    tenant = changed(made.tenant, lambda one: one["organization"].update(EwsApplicationAccessPolicy="EnforceAllowList"))
    assert "EnforceAllowList: a second gate" in detail(site.run("Check", tenant), "account-authentication")


def test_of_what_is_left_every_scope_is_shown_with_its_filter_and_the_role_itself_is_looked_for(
    site: Site, made: Result
) -> None:
    text = detail(site.run("Check", made.tenant), "impersonation")
    assert "Exchange Online still lists the role" in text
    row = next(row for row in made.tenant["assignments"] if row["Name"] == "pexip-service-impersonation")
    scope = next(one for one in made.tenant["scopes"] if one["Guid"] == row["scope"])
    assert f"the scope '{scope['Name']}'" in text
    gone = changed(made.tenant, lambda one: one["roles"].remove("ApplicationImpersonation"))
    found = site.run("Check", gone)
    assert "does not list the role" in detail(found, "impersonation")
    assert "Still there: 'pexip-service-impersonation'" in detail(found, "impersonation")


@pytest.mark.parametrize("name", ["pexip.otj@contoso.com", "OTJ@contoso.com"])
def test_an_account_of_one_touch_join_is_known_by_every_name_of_it(sample: SiteOf, name: str) -> None:
    site = sample(NAME, one_touch_join={"accounts": ["otj@contoso.com"]})

    def rename(tenant: Json) -> None:
        account = recipient(tenant, ACCOUNT)
        account["EmailAddresses"].append("smtp:otj@contoso.com")
        if name != "OTJ@contoso.com":
            account["PrimarySmtpAddress"], account["EmailAddresses"] = name, [f"SMTP:{name}", "smtp:OTJ@contoso.com"]

    in_conflict(site, changed(site.tenant, rename), "account-mailbox", "which One-Touch Join uses")


def test_a_disabled_account_is_blocked(site: Site, made: Result) -> None:
    tenant = changed(made.tenant, lambda one: recipient(one, ACCOUNT).update(AccountDisabled=True))
    found = site.run("Check", tenant)
    assert (found.exit_code, states(found)["account-mailbox"]) == (5, "blocked")
    assert "disabled" in detail(found, "account-mailbox")
