"""A service account on Exchange Server, all steps together and what comes around them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from support.deployments import PASSWORD
from support.described import each_step
from support.journals import journal_text
from support.runbooks import SAMPLES
from support.service_accounts import SCOPES, SERVER, WITH_PASSWORD, apply
from support.sites import Applied, Site, SiteOf, copied_journal, result_file, states

from pexgen.rehearsal import Result
from pexgen.simulation import drifted, without_bookkeeping

DESCRIPTION = yaml.safe_load((SAMPLES / f"{SERVER}.yaml").read_bytes())


@pytest.fixture(scope="module")
def site(sample: SiteOf) -> Site:
    return sample(SERVER)


@pytest.fixture(scope="module")
def made(sample_applied: Applied) -> Result:
    return sample_applied(SERVER, **WITH_PASSWORD)


@pytest.mark.parametrize("scope", SCOPES)
def test_in_each_scope_it_is_made_proved_and_taken_back(sample: SiteOf, tmp_path: Any, scope: str) -> None:
    proof = {} if scope == "group" else {"proof": None}
    site = sample(SERVER, impersonation=SCOPES[scope], **proof)
    # A group that holds the equipment mailbox is there before, and the mailbox with it.
    there = {"equipment-mailbox": "in-place"} if scope == "group" else {}
    run = apply(site)
    assert (run.exit_code, states(run)) == (0, {**each_step(DESCRIPTION, "changed"), **there}), run.screen
    # Proved is what Verify finds in place, by the look of Check and Apply.
    verify = site.run("Verify", run.tenant)
    assert (verify.exit_code, states(verify)) == (0, each_step(DESCRIPTION, "proved")), verify.screen
    journal = copied_journal(run, tmp_path)
    back = site.run("Rollback", run.tenant, JournalPath=[journal], RemoveCreatedMailbox=True)
    assert (back.exit_code, set(states(back).values()) - {"in-place"}) == (0, {"undone"}), back.screen
    assert without_bookkeeping(back.tenant) == without_bookkeeping(site.tenant)


def test_the_password_reaches_exchange_and_no_file_and_no_screen(site: Site, made: Result) -> None:
    texts = [path.read_text("utf-8-sig", "replace") for path in made.folder.iterdir() if path.is_file()]
    assert journal_text(made)
    assert result_file(made)["steps"]
    assert [text for text in [*texts, made.screen] if PASSWORD in text] == []


def test_drift_is_corrected_value_by_value(site: Site, made: Result) -> None:
    tenant = drifted(made.tenant, site.engine.defaults(site.runbook))
    run = site.run("Apply", tenant)
    assert (run.exit_code, len(run.writes)) == (0, 5), run.screen
    assert without_bookkeeping(run.tenant) == without_bookkeeping(made.tenant)


def test_the_journal_and_the_result_name_organization_and_server(made: Result) -> None:
    found = result_file(made)
    build = made.tenant["servers"][0]["AdminDisplayVersion"]
    assert found["tenant"] == {"acceptedDomain": "contoso.com", "serverVersion": build}
    assert (found["connectionUri"], found["versions"]["module"]) == ("contoso.com", None)
