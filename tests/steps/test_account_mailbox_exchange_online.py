"""The existing service account on Exchange Online is looked at, and what keeps it from EWS is said."""

from __future__ import annotations

import pytest
from support.deployments import ACCOUNT
from support.sites import Applied, Json, Site, SiteOf, states
from support.tenants import changed, detail, in_conflict, recipient

from pexgen.rehearsal import Result
from pexgen.vendor_facts import IMPERSONATION_CLOSED, IMPERSONATION_REMOVED

NAME = "service-account-online"


@pytest.fixture(scope="module")
def site(sample: SiteOf) -> Site:
    return sample(NAME)


@pytest.fixture(scope="module")
def made(sample_applied: Applied) -> Result:
    return sample_applied(NAME)


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


def test_a_disabled_account_is_blocked(site: Site, made: Result) -> None:
    tenant = changed(made.tenant, lambda one: recipient(one, ACCOUNT).update(AccountDisabled=True))
    found = site.run("Check", tenant)
    assert (found.exit_code, states(found)["account-mailbox"]) == (5, "blocked")
    assert "disabled" in detail(found, "account-mailbox")


def test_an_account_that_is_not_there_is_a_conflict_with_microsofts_dates(site: Site, made: Result) -> None:
    run = site.run("Apply", changed(made.tenant, lambda t: t["recipients"].remove(recipient(t, ACCOUNT))))
    assert (run.exit_code, states(run)["account-mailbox"], run.writes) == (4, "conflict", ())
    assert IMPERSONATION_CLOSED.value in detail(run, "account-mailbox")
    assert IMPERSONATION_REMOVED.value in detail(run, "account-mailbox")


@pytest.mark.parametrize("name", ["pexip.otj@contoso.com", "OTJ@contoso.com"])
def test_an_account_of_one_touch_join_is_known_by_every_name_of_it(sample: SiteOf, name: str) -> None:
    site = sample(NAME, one_touch_join={"accounts": ["otj@contoso.com"]})

    def rename(tenant: Json) -> None:
        account = recipient(tenant, ACCOUNT)
        account["EmailAddresses"].append("smtp:otj@contoso.com")
        if name != "OTJ@contoso.com":
            account["PrimarySmtpAddress"], account["EmailAddresses"] = name, [f"SMTP:{name}", "smtp:OTJ@contoso.com"]

    in_conflict(site, changed(site.tenant, rename), "account-mailbox", "which One-Touch Join uses")
