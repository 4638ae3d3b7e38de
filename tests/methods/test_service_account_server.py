"""A service account on Exchange Server, all five steps and what comes around them, on the simulated organization."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from support.deployments import PASSWORD
from support.journals import journal_text
from support.sites import Json, Site, SiteOf, copied_journal, result_file, states
from support.tenants import changed, detail, guarded, in_conflict, named, recipient

from pexgen.rehearsal import Result
from pexgen.simulation import drifted, without_bookkeeping

NAME = "service-account-server"
ACCOUNT, EQUIPMENT, GROUP = "pexip-service@contoso.com", "pexip-scheduling@contoso.com", "pexip-schedulers@contoso.com"
STEPS = (
    "account-mailbox",
    "impersonation",
    "equipment-mailbox",
    "equipment-calendar",
    "account-authentication",
    "delegate-access",
    "add-in",
)
SCOPES: dict[str, Json] = {
    "organization": {"scope": "organization", "group": None},
    "equipment-only": {"scope": "equipment-only", "group": None},
    "group": {},
}


def apply(site: Site, tenant: Json | None = None, **arguments: Any) -> Result:
    """Play Apply with a password, as an operator would who is to make the account."""
    return site.run("Apply", tenant, PasswordOfServiceAccount={"secure": PASSWORD}, **arguments)


@pytest.fixture(scope="module")
def site(sample: SiteOf) -> Site:
    return sample(NAME)


@pytest.fixture(scope="module")
def made(site: Site) -> Result:
    run = apply(site)
    assert run.exit_code == 0, run.screen
    return run


@pytest.mark.parametrize("scope", SCOPES)
def test_in_each_scope_it_is_made_found_in_place_proved_and_taken_back(
    sample: SiteOf, tmp_path: Any, scope: str
) -> None:
    proof = {} if scope == "group" else {"proof": None}
    site = sample(NAME, impersonation=SCOPES[scope], **proof)
    # A group that holds the equipment mailbox is there before, and the mailbox with it.
    there = {"equipment-mailbox": "in-place"} if scope == "group" else {}
    assert states(site.run("Check")) == {**dict.fromkeys(STEPS, "different"), **there}
    run = apply(site)
    assert (run.exit_code, states(run)) == (0, {**dict.fromkeys(STEPS, "changed"), **there}), run.screen
    again = apply(site, run.tenant)
    assert (again.exit_code, again.writes, states(again)) == (0, (), dict.fromkeys(STEPS, "in-place")), again.screen
    verify = site.run("Verify", run.tenant)
    assert (verify.exit_code, states(verify)) == (0, dict.fromkeys(STEPS, "proved")), verify.screen
    journal = copied_journal(run, tmp_path)
    back = site.run("Rollback", run.tenant, JournalPath=[journal], RemoveCreatedMailbox=True)
    assert (back.exit_code, set(states(back).values()) - {"in-place"}) == (0, {"undone"}), back.screen
    assert without_bookkeeping(back.tenant) == without_bookkeeping(site.tenant)


def test_the_assignment_and_its_scope_are_those_of_the_description(made: Result) -> None:
    row = named(made.tenant["assignments"], "contoso-server-impersonation")
    scope = named(made.tenant["scopes"], "contoso-server-impersonation-scope")
    assert (row["Role"], row["assignee"], row["scope"]) == (
        "ApplicationImpersonation",
        recipient(made.tenant, ACCOUNT)["Guid"],
        scope["Guid"],
    )
    assert scope["RecipientFilter"].startswith("(MemberOfGroup -eq 'CN=")


def test_the_password_reaches_exchange_and_no_file_and_no_screen(site: Site, made: Result) -> None:
    texts = [path.read_text("utf-8-sig", "replace") for path in made.folder.iterdir() if path.is_file()]
    assert journal_text(made)
    assert result_file(made)["steps"]
    assert [text for text in [*texts, made.screen] if PASSWORD in text] == []


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


def test_extended_protection_that_may_refuse_pexip_is_never_proved(site: Site, made: Result) -> None:
    def required(tenant: Json) -> None:
        for one in tenant["virtualDirectories"]:
            one["ExtendedProtectionTokenChecking"] = "Require"

    verify = site.run("Verify", changed(made.tenant, required))
    assert (verify.exit_code, states(verify)["account-authentication"]) == (5, "blocked"), verify.screen
    assert "All checks passed" not in verify.screen


def test_an_account_to_adopt_that_is_not_there_is_a_conflict(sample: SiteOf) -> None:
    site = sample(NAME, service_account={"adopt": True})
    run = site.run("Check", changed(site.tenant, lambda t: t["recipients"].remove(recipient(t, ACCOUNT))))
    assert (run.exit_code, states(run)["account-mailbox"], states(run)["impersonation"]) == (4, "conflict", "blocked")


def test_the_account_is_never_that_of_one_touch_join(site: Site) -> None:
    guarded(site.run("Check", OneTouchJoinAccounts=[ACCOUNT]), "values", "One-Touch Join")


def test_a_unit_that_is_not_there_is_exchanges_refusal_and_not_waited_for(sample: SiteOf, site: Site) -> None:
    wrong = sample(NAME, service_account={"organizational_unit": "contoso.com/Nowhere"})
    run = apply(wrong, site.tenant, Step=["account-mailbox"])
    assert (run.exit_code, states(run), run.waits) == (3, {"account-mailbox": "failed"}, ()), run.screen
    assert "organizational unit has to exist" in detail(run, "account-mailbox")


def test_an_account_that_reaches_further_than_described_is_a_conflict(site: Site, made: Result) -> None:
    def widen(tenant: Json) -> None:
        row = copy.deepcopy(named(tenant["assignments"], "contoso-server-impersonation"))
        tenant["assignments"].append({**row, "Name": "made by hand", "Guid": row["Guid"][::-1], "scope": ""})

    run = site.run("Check", changed(made.tenant, widen))
    assert (run.exit_code, states(run)["impersonation"]) == (4, "conflict")
    assert "'made by hand' of 'ApplicationImpersonation'" in detail(run, "impersonation")


@pytest.mark.parametrize("what", ["scope", "assignment"])
def test_a_name_that_somebody_else_uses_is_a_conflict(site: Site, made: Result, what: str) -> None:
    def take(tenant: Json) -> None:
        if what == "scope":
            named(tenant["scopes"], "contoso-server-impersonation-scope")["RecipientFilter"] = "Alias -like '*'"
        else:
            named(tenant["assignments"], "contoso-server-impersonation")["assignee"] = recipient(
                tenant, "adele.vance@contoso.com"
            )["Guid"]

    run = site.run("Apply", changed(made.tenant, take))
    assert (run.exit_code, states(run)["impersonation"], run.writes) == (4, "conflict", ())


def test_a_group_that_is_not_there_is_a_conflict(sample: SiteOf) -> None:
    site = sample(NAME)
    gone = changed(site.tenant, lambda t: t["recipients"].remove(recipient(t, GROUP)))
    run = site.run("Check", gone, Step=["account-mailbox", "impersonation"])
    assert (run.exit_code, states(run)["impersonation"]) == (4, "conflict")


def test_what_is_lost_over_the_equipment_mailbox_alone_is_said(sample: SiteOf) -> None:
    site = sample(NAME, impersonation=SCOPES["equipment-only"], proof=None)
    assert "limited" in detail(site.run("Check"), "impersonation")


def test_authentication_is_read_from_all_servers_and_switched_on_in_the_named_directory_alone(
    site: Site, made: Result
) -> None:
    before, after = site.tenant["virtualDirectories"], made.tenant["virtualDirectories"]
    assert [one["WindowsAuthentication"] for one in before] == [False, True]
    assert [one["WindowsAuthentication"] for one in after] == [True, True]
    assert [one["BasicAuthentication"] for one in before] == [one["BasicAuthentication"] for one in after]
    assert "EX02\\EWS (Default Web Site) takes" in detail(made, "account-authentication")


def test_without_a_named_directory_nothing_is_switched_on(sample: SiteOf, site: Site) -> None:
    careful = sample(NAME, authentication={"virtual_directory": None})
    run = careful.run("Apply", site.tenant, Step=["account-authentication"])
    assert (run.exit_code, states(run), run.writes) == (5, {"account-authentication": "blocked"}, ())


def test_a_directory_that_is_not_there_is_a_conflict_that_names_those_that_are(sample: SiteOf) -> None:
    site = sample(NAME, authentication={"virtual_directory": "EX09\\EWS (Default Web Site)"})
    run = site.run("Check", sample(NAME).tenant, Step=["account-authentication"])
    assert (run.exit_code, states(run)) == (4, {"account-authentication": "conflict"})
    assert "EX01\\EWS (Default Web Site)" in detail(run, "account-authentication")


def test_drift_is_corrected_value_by_value(site: Site, made: Result) -> None:
    tenant = drifted(made.tenant, site.engine.defaults(site.runbook))
    run = site.run("Apply", tenant)
    assert (run.exit_code, len(run.writes)) == (0, 5), run.screen
    assert without_bookkeeping(run.tenant) == without_bookkeeping(made.tenant)


def test_a_mailbox_made_here_is_kept_unless_rollback_is_told_and_finds_it_empty(
    site: Site, made: Result, tmp_path: Any
) -> None:
    full = changed(made.tenant, lambda t: recipient(t, ACCOUNT).update(items=3))
    for tenant, more in ((made.tenant, {}), (full, {"RemoveCreatedMailbox": True})):
        back = site.run("Rollback", tenant, JournalPath=[copied_journal(made, tmp_path)], **more)
        assert (back.exit_code, states(back)["account-mailbox"]) == (5, "kept"), back.screen
        assert recipient(back.tenant, ACCOUNT)


def test_the_journal_and_the_result_name_organization_and_server(made: Result) -> None:
    found = result_file(made)
    build = made.tenant["servers"][0]["AdminDisplayVersion"]
    assert found["tenant"] == {"acceptedDomain": "contoso.com", "serverVersion": build}
    assert (found["connectionUri"], found["versions"]["module"]) == ("contoso.com", None)


def side(identity: str, properties: Json, *, exists: bool = True) -> Json:
    return {"exists": exists, "id": identity, "properties": properties}


ADELE, THEIRS = "adele.vance@contoso.com", "Somebody else's impersonation"
EMPTY_ASSIGNMENT = {"Role": "ApplicationImpersonation", "User": "", "CustomRecipientWriteScope": ""}
FORGERIES: dict[str, tuple[str, Json, Json]] = {
    "a person's mailbox": (
        "account-mailbox",
        side(ADELE, {}, exists=False),
        side(ADELE, {"UserPrincipalName": ADELE}),
    ),
    "somebody else's assignment": (
        "impersonation",
        side(f"assignment:{THEIRS}", {}, exists=False),
        side(f"assignment:{THEIRS}", EMPTY_ASSIGNMENT),
    ),
    "switching somebody else's assignment off": (
        "impersonation",
        side(f"assignment:{THEIRS}", {"Enabled": False}),
        side(f"assignment:{THEIRS}", {"Enabled": True}),
    ),
    "a scope without a name": (
        "impersonation",
        side("scope:", {}, exists=False),
        side("scope:", {"RecipientFilter": ""}),
    ),
    "a scope by the shape of an assignment": (
        "impersonation",
        side("scope:Somebody else's scope", {}, exists=False),
        side("scope:Somebody else's scope", EMPTY_ASSIGNMENT),
    ),
    "a method of another server": (
        "account-authentication",
        side("EX02\\EWS (Default Web Site)", {"WindowsAuthentication": False}),
        side("EX02\\EWS (Default Web Site)", {"WindowsAuthentication": True}),
    ),
}


@pytest.mark.parametrize("what", FORGERIES)
def test_a_journal_cannot_make_rollback_touch_what_is_not_ours(
    site: Site, made: Result, tmp_path: Any, what: str
) -> None:
    step, before, wanted = FORGERIES[what]
    header = json.loads(journal_text(made).splitlines()[0])
    event = {"run": header["run"], "step": step, "before": before, "wanted": wanted, "utc": header["utc"]}
    lines = [header, {**event, "event": "intent", "after": None}, {**event, "event": "done", "after": wanted}]
    path = tmp_path / "forged.jsonl"
    path.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines), "utf-8")
    back = site.run("Rollback", made.tenant, JournalPath=[str(path)], RemoveCreatedMailbox=True)
    assert (back.writes, back.exit_code in {4, 5}) == ((), True), back.screen


def test_an_account_that_exchange_refused_to_make_is_never_removed(site: Site, made: Result, tmp_path: Any) -> None:
    refused = apply(site, Step=["account-mailbox"], options={"faults": [{"kind": "forbidden", "write": 1}]})
    assert refused.exit_code in {3, 4}
    journal = copied_journal(refused, tmp_path)
    back = site.run("Rollback", made.tenant, JournalPath=[journal], Step=["account-mailbox"], RemoveCreatedMailbox=True)
    assert (states(back), back.writes) == ({"account-mailbox": "kept"}, ()), back.screen


def test_a_server_that_is_down_does_not_hide_the_named_directory(site: Site, made: Result) -> None:
    tenant = changed(made.tenant, lambda t: t["virtualDirectories"][1].update(unreachable=True))
    run = site.run("Check", tenant, Step=["account-authentication"])
    assert (run.exit_code, states(run)) == (0, {"account-authentication": "in-place"}), run.screen


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


def test_a_group_without_the_equipment_mailbox_is_said_and_blocks(site: Site, made: Result) -> None:
    def take(tenant: Json) -> None:
        ours = recipient(tenant, EQUIPMENT)["Guid"]
        recipient(tenant, GROUP)["members"].remove(ours)

    found = site.run("Check", changed(made.tenant, take))
    assert (found.exit_code, states(found)["impersonation"]) == (5, "blocked")
    assert f"{EQUIPMENT} must be a direct member of {GROUP}" in detail(found, "impersonation")


def test_without_described_methods_the_directories_are_reported_and_nothing_is_written(sample: SiteOf) -> None:
    site = sample(NAME, authentication=None)
    found = site.run("Check", Step=["account-authentication"])
    assert (found.exit_code, states(found)) == (0, {"account-authentication": "in-place"})
    assert "EX02" in detail(found, "account-authentication")


def test_a_server_that_does_not_answer_is_said_and_never_taken_for_absent(sample: SiteOf, site: Site) -> None:
    step = "account-authentication"

    def down(tenant: Json) -> None:
        tenant["virtualDirectories"][1]["unreachable"] = True

    found = site.run("Check", changed(site.tenant, down), Step=[step])
    assert states(found)[step] == "different"
    assert "Only 'EX01" in detail(found, step)
    other = sample(NAME, authentication={"methods": ["ntlm"], "virtual_directory": "EX09\\EWS (Default Web Site)"})
    lost = other.run("Check", changed(site.tenant, down), Step=[step])
    assert states(lost)[step] == "unreadable", lost.screen


def test_a_directory_is_found_however_its_site_is_spaced(sample: SiteOf) -> None:
    site = sample(NAME, authentication={"methods": ["ntlm"], "virtual_directory": "EX01\\EWS(Default Web Site)"})
    run = site.run("Apply", Step=["account-authentication"])
    assert (run.exit_code, [call.cmdlet for call in run.writes]) == (0, ["Set-WebServicesVirtualDirectory"]), run.screen


def test_another_scope_for_the_same_account_is_called_what_it_is(sample: SiteOf, made: Result) -> None:
    whole = sample(NAME, impersonation=SCOPES["organization"], proof=None)
    in_conflict(whole, made.tenant, "impersonation", "over another scope than is described")


def test_only_a_mailbox_that_is_there_and_outside_is_proved_to_be_out_of_scope(sample: SiteOf) -> None:
    nobody = "nobody.at.all@contoso.com"
    site = sample(NAME, proof={"in_scope": ["adele.vance@contoso.com"], "out_of_scope": [nobody]})

    def leave(tenant: Json) -> None:
        tenant["recipients"] = [one for one in tenant["recipients"] if one["PrimarySmtpAddress"] != nobody]

    def name_too(tenant: Json) -> None:
        recipient(tenant, "adele.vance@contoso.com")["EmailAddresses"].append(f"smtp:{nobody}")

    run = site.run("Apply", changed(site.tenant, leave), PasswordOfServiceAccount={"secure": "a password"})
    assert run.exit_code == 0, run.screen
    absent = site.run("Verify", run.tenant)
    assert (absent.exit_code, states(absent)["impersonation"]) == (6, "disproved")
    assert "mailbox not found" in absent.screen
    inside = site.run("Verify", changed(run.tenant, name_too))
    assert (inside.exit_code, states(inside)["impersonation"]) == (6, "disproved"), inside.screen
