"""How the account signs in to Exchange Online is a step by hand, and the gates before it are looked at."""

from __future__ import annotations

import pytest
from support.sites import Applied, Site, SiteOf, states
from support.tenants import changed, detail

from pexgen.rehearsal import Result

NAME = "service-account-online"


@pytest.fixture(scope="module")
def site(sample: SiteOf) -> Site:
    return sample(NAME)


@pytest.fixture(scope="module")
def made(sample_applied: Applied) -> Result:
    return sample_applied(NAME)


def test_a_closed_gate_of_the_organization_is_blocked(site: Site, made: Result) -> None:
    run = site.run("Check", changed(made.tenant, lambda t: t["organization"].update(EwsEnabled=False)))
    assert (run.exit_code, states(run)["account-authentication"]) == (5, "blocked")


def test_the_second_gate_is_reported(site: Site, made: Result) -> None:
    tenant = changed(made.tenant, lambda one: one["organization"].update(EwsApplicationAccessPolicy="EnforceAllowList"))
    assert "EnforceAllowList: a second gate" in detail(site.run("Check", tenant), "account-authentication")


def test_without_a_described_registration_the_gates_are_looked_at_all_the_same(sample: SiteOf) -> None:
    site = sample(NAME, oauth=None)
    step = "account-authentication"
    found = site.run("Check")
    assert states(found)[step] == "in-place"
    assert "is not described" in detail(found, step)
    assert states(site.run("Verify"))[step] == "blocked"
    shut = changed(site.tenant, lambda one: one["organization"].update(EwsEnabled=False))
    assert states(site.run("Check", shut))[step] == "blocked"


def test_the_sign_in_is_a_numbered_step_by_hand_with_its_check(made: Result, site: Site) -> None:
    verify = site.run("Verify", made.tenant)
    (line,) = [line for line in verify.screen.splitlines() if "Sign in there AS THE SERVICE ACCOUNT" in line]
    assert "1. " in line
    assert "3. Check:" in line
