"""What Exchange Online has left of Application Impersonation is reported, and never proved."""

from __future__ import annotations

import pytest
from support.sites import Applied, Site, SiteOf, states
from support.tenants import changed, detail, without_impersonation

from pexgen.rehearsal import Result
from pexgen.vendor_facts import EWS_ENDS, IMPERSONATION_REMOVED

NAME = "service-account-online"


@pytest.fixture(scope="module")
def site(sample: SiteOf) -> Site:
    return sample(NAME)


@pytest.fixture(scope="module")
def made(sample_applied: Applied) -> Result:
    return sample_applied(NAME)


def test_what_is_left_of_the_role_is_reported_and_never_proved(site: Site, made: Result) -> None:
    verify = site.run("Verify", made.tenant)
    assert (verify.exit_code, states(verify)["impersonation"]) == (5, "blocked")
    assert [
        line for line in verify.screen.splitlines() if line.strip().startswith("proved") and "mpersonation" in line
    ] == []
    assert "Exit code 5. Not everything is proved. Blocked: impersonation." in verify.screen
    assert "Still there: 'pexip-service-impersonation'" in detail(verify, "impersonation")
    assert f"ends on {EWS_ENDS.value}, for app permissions too" in detail(verify, "impersonation")


def test_where_the_role_is_gone_the_step_is_blocked_and_says_where_to_go(site: Site, made: Result) -> None:
    run = site.run("Check", changed(made.tenant, without_impersonation))
    assert (run.exit_code, states(run)["impersonation"]) == (5, "blocked")
    assert f"removed in {IMPERSONATION_REMOVED.value}" in detail(run, "impersonation")


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
