"""Exchange Server's session: which servers, which organization, and nothing of the cloud beside it."""

from __future__ import annotations

import pytest
from support.sites import Json, Site, SiteOf, states
from support.tenants import changed, guarded

NAME = "service-account-server"


@pytest.fixture(scope="module")
def site(sample: SiteOf) -> Site:
    return sample(NAME)


def versions(tenant: Json, *texts: str) -> None:
    for server, text in zip(tenant["servers"], texts, strict=False):
        server["AdminDisplayVersion"] = text


@pytest.mark.parametrize(
    ("wanted", "build", "code"),
    [
        ("2016", "Version 15.1 (Build 2507.6)", 2),
        ("2019", "Version 15.2 (Build 2561.99)", 2),
        ("SE", "Version 15.2 (Build 2562.17)", 2),
        ("SE", "Version 15.2 (Build 1748.10)", 4),
        ("2016", "Version 15.0 (Build 1497.2)", 4),
    ],
)
def test_the_build_tells_the_version(sample: SiteOf, wanted: str, build: str, code: int) -> None:
    small = {"scope": "equipment-only", "group": None}
    site = sample(NAME, target={"version": wanted}, impersonation=small, proof=None)
    tenant = changed(site.tenant, lambda t: versions(t, build, "Version 15.0 (Build 1.1)"))
    run = site.run("Check", tenant, Step=["equipment-mailbox"])
    assert run.exit_code == code, run.screen
    if code == 4:
        guarded(run, "connection", f"No Exchange Server {wanted}")


def test_a_session_without_exchange_servers_cmdlets_is_refused(site: Site) -> None:
    tenant = changed(site.tenant, lambda t: t["session"].update(connections=[]))
    guarded(site.run("Check", tenant), "module", "Exchange Management Shell")


def test_another_organization_is_refused(site: Site) -> None:
    tenant = changed(site.tenant, lambda t: [one.update(DomainName="fabrikam.com") for one in t["domains"]])
    guarded(site.run("Check", tenant), "organization", "contoso.com")


def test_an_operator_who_may_not_hand_out_the_role_is_refused(site: Site) -> None:
    def take(tenant: Json) -> None:
        tenant["assignments"] = [
            row
            for row in tenant["assignments"]
            if row["Name"] != "ApplicationImpersonation-Organization Management-Delegating"
        ]

    guarded(site.run("Apply", changed(site.tenant, take)), "organization", "ApplicationImpersonation")


def test_a_journal_of_another_organization_is_refused(sample: SiteOf, site: Site) -> None:
    run = site.run("Apply", Step=["equipment-mailbox"])
    other = sample(NAME, target={"accepted_domain": "fabrikam.com"})
    tenant = changed(site.tenant, lambda t: t["domains"].append({**t["domains"][0], "DomainName": "fabrikam.com"}))
    (journal,) = run.folder.glob("*.jsonl")
    guarded(other.run("Rollback", tenant, JournalPath=[str(journal)]), "journal", "another tenant")


def test_only_the_operators_own_right_to_hand_out_the_role_counts(site: Site) -> None:
    def take(tenant: Json) -> None:
        tenant["roleGroups"][0]["members"] = []

    guarded(site.run("Apply", changed(site.tenant, take)), "organization", "ApplicationImpersonation")


def test_whose_right_cannot_be_seen_is_let_through_with_a_note(site: Site) -> None:
    tenant = changed(site.tenant, lambda one: one["settings"].update(otherSession=True))
    run = site.run("Apply", tenant, Step=["account-mailbox", "impersonation"], WhatIf=True)
    assert (run.exit_code, states(run)["impersonation"]) == (2, "different"), run.screen
    assert "does not show whether the operator may assign the role" in run.screen


def test_an_edge_server_counts_for_nothing(site: Site) -> None:
    def add(tenant: Json) -> None:
        edge = {"Name": "AEDGE", "Fqdn": "aedge.dmz.invalid", "IsEdgeServer": True}
        tenant["servers"].insert(0, {**edge, "AdminDisplayVersion": "Version 15.2 (Build 2562.17)"})

    run = site.run("Check", changed(site.tenant, add))
    assert "AEDGE" not in run.screen
    only = changed(site.tenant, lambda one: (add(one), one.update(servers=one["servers"][:1])))
    guarded(site.run("Check", only), "connection", "No Exchange Server SE")


def test_a_journal_of_another_forest_is_refused_and_one_of_another_server_is_not(site: Site) -> None:
    run = site.run("Apply", Step=["account-authentication"])
    (journal,) = run.folder.glob("*.jsonl")
    older = {"Name": "EX00", "Fqdn": "ex00.elsewhere.invalid", "AdminDisplayVersion": "Version 15.2 (Build 2562.17)"}
    grown = changed(run.tenant, lambda one: one["servers"].insert(0, older))
    assert site.run("Rollback", grown, JournalPath=[str(journal)], WhatIf=True).exit_code == 2
    other = changed(run.tenant, lambda one: one["settings"].update(forest="other.invalid"))
    guarded(site.run("Rollback", other, JournalPath=[str(journal)]), "journal", "another forest")
