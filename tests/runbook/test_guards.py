"""What is refused before anything is read of the deployment: exit code 4, and not one write."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.sites import Site, SiteOf, result_file
from support.tenants import guarded

Json = dict[str, Any]


def refused(site: Site, tenant: Json, guard: str, *, options: Json | None = None, **arguments: Any) -> str:
    """Check that Apply is refused by this guard and nothing was written; give the message."""
    run = site.run("Apply", tenant, options=options, **arguments)
    assert (run.exit_code, run.writes, run.objects) == (4, (), []), run.screen
    refusal = result_file(run)["refusal"]
    assert refusal["guard"] == guard
    assert refusal["message"] in run.screen
    assert not list(run.folder.glob("*.jsonl"))
    message: str = refusal["message"]
    return message


def connected(change: Callable[[list[Json]], Any]) -> Callable[[Site], Json]:
    def make(site: Site) -> Json:
        tenant = copy.deepcopy(site.tenant)
        change(tenant["session"]["connections"])
        return tenant

    return make


CONNECTIONS = {
    "none": (connected(list.clear), "not connected to Exchange Online"),
    "two": (connected(lambda all_: all_.append({**all_[0], "ConnectionId": "another"})), "2 connections"),
    "broken": (connected(lambda all_: all_[0].update(State="Broken")), "not connected to Exchange Online"),
    "another tenant": (
        connected(lambda all_: all_[0].update(TenantID="00000000-0000-4000-8000-00000000000b")),
        "this runbook is for 8a1c2b3d",
    ),
    "prefix": (connected(lambda all_: all_[0].update(ModulePrefix="EXO")), "prefix 'EXO'"),
    "compliance": (connected(lambda all_: all_[0].update(IsEopSession=True)), "Security & Compliance"),
    "expired": (connected(lambda all_: all_[0].update(TokenStatus="Expired")), "expired"),
    "expired by its time": (
        connected(lambda all_: all_[0].update(TokenStatus="", TokenExpiryTimeUTC="2026-01-01 00:00:00 +00:00")),
        "expired",
    ),
    "acting for another": (
        connected(lambda all_: all_[0].update(DelegatedOrganization="fabrikam.onmicrosoft.com")),
        "fabrikam.onmicrosoft.com",
    ),
}


@pytest.mark.parametrize("case", CONNECTIONS)
def test_a_connection_that_is_not_the_one_is_refused(site: SiteOf, case: str) -> None:
    make, text = CONNECTIONS[case]
    here = site()
    assert text in refused(here, make(here), "connection")


def test_a_sign_in_of_which_only_the_time_is_told_is_good_until_then(site: SiteOf) -> None:
    here = site()
    told = {"TokenStatus": "", "TokenExpiryTimeUTC": "2099-01-01 00:00:00 +00:00"}
    assert here.run("Check", connected(lambda all_: all_[0].update(told))(here)).exit_code == 2


def test_a_delegated_connection_to_the_described_organization_is_allowed_and_printed(site: SiteOf) -> None:
    here = site()
    tenant = connected(lambda all_: all_[0].update(DelegatedOrganization="contoso.onmicrosoft.com"))(here)
    run = here.run("Apply", tenant)
    assert run.exit_code == 0
    assert "delegated administration of contoso.onmicrosoft.com" in run.screen
    assert result_file(run)["tenant"]["delegated"] is True


@pytest.mark.parametrize("hidden", ["New-ManagementScope", "Get-OrganizationConfig:RetrieveEwsOperationAccessPolicy"])
def test_a_cmdlet_or_parameter_that_the_operator_lacks_is_named(site: SiteOf, hidden: str) -> None:
    here = site()
    tenant = copy.deepcopy(here.tenant)
    tenant["operator"]["hidden"] = [hidden]
    message = refused(here, tenant, "cmdlets")
    assert all(part in message for part in hidden.split(":"))


def test_what_only_another_step_needs_is_not_missed(site: SiteOf) -> None:
    here = site()
    tenant = copy.deepcopy(here.tenant)
    tenant["operator"]["hidden"] = ["New-ManagementScope"]
    assert here.run("Apply", tenant, Step=["equipment-mailbox"]).exit_code == 0


def test_check_needs_no_right_to_write(site: SiteOf) -> None:
    here = site()
    tenant = copy.deepcopy(here.tenant)
    tenant["operator"]["hidden"] = ["New-Mailbox", "Set-Mailbox", "New-ManagementScope", "Set-OrganizationConfig"]
    assert here.run("Check", tenant).exit_code == 2


@pytest.mark.parametrize("prelude", ["function New-Mailbox { }", "Set-Alias Get-Recipient Get-Item"])
def test_a_cmdlet_that_the_session_shadows_is_refused(site: SiteOf, prelude: str) -> None:
    here = site()
    assert "shadowed" in refused(here, here.tenant, "cmdlets", options={"prelude": prelude})


@pytest.mark.parametrize(("version", "text"), [("3.1.0", "3.2.0 or later"), ("0.0.1", "3.2.0 or later")])
def test_a_module_that_is_too_old_is_refused(site: SiteOf, version: str, text: str) -> None:
    here = site()
    assert text in refused(here, here.tenant, "module", options={"module_version": version})


def test_an_organization_with_another_initial_domain_is_refused(site: SiteOf) -> None:
    here = site()
    tenant = copy.deepcopy(here.tenant)
    for domain in tenant["domains"]:
        domain["InitialDomain"] = not domain["InitialDomain"]
    assert "initial domain" in refused(here, tenant, "organization")


def test_an_organization_that_was_never_customized_is_refused_and_not_customized(site: SiteOf) -> None:
    here = site()
    tenant = copy.deepcopy(here.tenant)
    tenant["organization"]["IsDehydrated"] = True
    assert "Enable-OrganizationCustomization" in refused(here, tenant, "organization")


def test_an_operator_who_may_not_hand_out_the_role_is_told_before_anything_is_made(site: SiteOf) -> None:
    here = site()
    tenant = copy.deepcopy(here.tenant)
    tenant["assignments"] = [one for one in tenant["assignments"] if not one["delegating"]]
    assert "Organization Management" in refused(here, tenant, "organization")


@pytest.mark.parametrize("mode", ["Check", "Apply", "Verify"])
def test_a_guards_own_read_that_fails_is_a_refusal_in_every_mode(site: SiteOf, mode: str) -> None:
    faults = [{"kind": "server-error", "cmdlet": "Get-AcceptedDomain", "times": 4}]
    run = site().run(mode, options={"faults": faults}, ResultPath="r.json")
    assert (run.exit_code, run.writes) == (4, ())


BAD_VALUES = {
    "Mode": "Destroy",
    "Step": ["no-such-step"],
    "WaitSeconds": -1,
    "EquipmentAddress": "*",
    "EquipmentName": "",
    "ApplicationClientId": "*",
    "ApplicationObjectId": "00000000-0000-0000-0000-000000000000",
    "SchedulingGroupAddress": "",
    "SchedulingGroupMembers": ["alice@contoso.com", "*"],
    "ScopeName": "",
    "ScopeMaxMailboxes": -1,
    "ApplicationAssignment": "x" * 65,
    "EwsPolicy": "destroy",
    "EwsKeep": [{"ClientId": "*"}],
    "EquipmentCalendar": {"ForwardRequestsToDelegates": True},
    "Delegates": [{"Account": ""}],
    "ProofInScope": [],
    "TargetTenantId": "00000000-0000-4000-8000-00000000000b",
    "OneTouchJoinClientIds": ["11111111-2222-4333-8444-555555555555"],
    "EquipmentDisplayName": "two\nlines",
}


# One value beyond each kind of limit of the schema, and one that stands right at it.
LIMITS = {
    "EquipmentDisplayName": ("x" * 257, "x" * 256),
    "EquipmentAlias": ("two words", "two.words"),
    "EquipmentCalendar": ({"BookingWindowInDays": 1081}, {"BookingWindowInDays": 1080}),
    "ScopeMaxMailboxes": (1000001, 1000000),
    "EwsKeep": ([{"ClientId": "99999999-2222-4333-8444-555555555555", "Name": "x" * 257}], []),
    "SchedulingGroupMembers": (["a b@contoso.com"], ["alice@contoso.com"]),
    "ChangeTicket": ("an override\u202e", "CHG1"),
    "ScopeName": ("zero\ufeffwidth", "Pexip Umfang \u00e4"),
    "AddInDefaultState": ("on", "enabled"),
    "EquipmentName": ("a\u2066b", "Pexip"),
    "Delegates": ([{"Account": "admin@contoso.com", "Color": "red"}], [{"Account": "admin@contoso.com"}]),
}


@pytest.mark.parametrize("name", LIMITS)
def test_the_guard_has_the_limits_of_the_schema(site: SiteOf, name: str) -> None:
    here = site()
    beyond, at = LIMITS[name]
    run = here.engine.play(here.runbook, here.tenant, {"Mode": "Apply", "Confirm": False, name: beyond})
    assert (run.exit_code, run.calls) == (4, ()), run.screen
    assert f"Refused by the guard 'values': -{name}" in run.screen
    run = here.engine.play(here.runbook, here.tenant, {"Mode": "Check", name: at})
    assert "guard 'values'" not in run.screen, run.screen


def test_equal_tables_are_no_override_in_whatever_order_and_case(site: SiteOf) -> None:
    keep = [{"name": "Room panels", "CLIENTID": "99999999-2222-4333-8444-555555555555"}]
    run = site().run("Check", EwsKeep=keep, EquipmentCalendar={"automateprocessing": "None"})
    assert (run.exit_code, "Override" in run.screen) == (2, False), run.screen


def test_an_operator_whom_exchange_shows_under_another_name_may_apply_and_is_told(site: SiteOf) -> None:
    here = site()
    identity = "11111111-aaaa-4bbb-8ccc-222222222222@contoso.onmicrosoft.com"
    tenant = connected(lambda all_: all_[0].update(UserPrincipalName=identity))(here)
    run = here.run("Apply", tenant)
    assert run.exit_code == 0, run.screen
    assert "does not show whether the operator may assign the role" in run.screen


def test_a_session_of_a_few_named_cmdlets_is_explained_by_how_it_was_opened(site: SiteOf) -> None:
    here = site()
    tenant = copy.deepcopy(here.tenant)
    tenant["operator"]["hidden"] = ["New-ManagementScope"]
    assert "-CommandName" in refused(here, tenant, "cmdlets")


@pytest.mark.parametrize("name", BAD_VALUES)
def test_a_value_that_makes_no_sense_is_refused_before_the_first_call(site: SiteOf, name: str) -> None:
    here = site()
    run = here.engine.play(
        here.runbook, here.tenant, {"Mode": "Apply", "Confirm": False, "ResultPath": "r.json", name: BAD_VALUES[name]}
    )
    assert (run.exit_code, run.calls) == (4, ()), run.screen
    assert "guard 'values'" in run.screen


@pytest.mark.parametrize("letter", ["*", "?"])
@pytest.mark.parametrize(
    "name",
    ["ScopeName", "ApplicationAssignment", "SchedulingGroupName", "EquipmentName", "EquipmentAddress", "ProofInScope"],
)
def test_a_name_that_would_be_a_pattern_is_refused(site: SiteOf, name: str, letter: str) -> None:
    given = f"pexip{letter}@contoso.com" if name in {"EquipmentAddress", "ProofInScope"} else f"Pexip{letter}"
    run = site().run("Check", **{name: given})
    guarded(run, "values", f"-{name}")
    assert not [call for call in run.calls if letter in str(call.parameters)]


def test_what_is_only_text_may_have_any_letter(site: SiteOf) -> None:
    run = site().run("Check", EquipmentDisplayName="Which *room*?", ChangeTicket="CHG?*")
    assert run.exit_code == 2, run.screen


def test_a_script_that_does_not_run_from_a_file_refuses(site: SiteOf, run_powershell: Any) -> None:
    pasted = f"& ([scriptblock]::Create([IO.File]::ReadAllText('{site().runbook}'))); exit $LASTEXITCODE"
    done = run_powershell(pasted, check=False)
    assert (done.returncode, b"does not run from a file" in done.stdout) == (4, True), done


def test_constrained_language_mode_is_refused_at_once(site: SiteOf, run_powershell: Any) -> None:
    mode = "$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'"
    done = run_powershell(f"{mode}; & '{site().runbook}'; exit $LASTEXITCODE", check=False)
    assert (done.returncode, b"ConstrainedLanguage" in done.stdout) == (4, True), done


@pytest.mark.parametrize("name", ["ResultPath", "JournalPath"])
def test_a_path_on_a_drive_that_does_not_exist_is_refused(site: SiteOf, name: str) -> None:
    value = "Nope:/x.json" if name == "ResultPath" else ["Nope:/x.jsonl"]
    run = site().run("Apply", **{name: value})
    assert (run.exit_code, run.calls) == (4, ()), run.screen
    assert "guard 'paths'" in run.screen


def test_a_path_that_is_no_file_is_refused(site: SiteOf) -> None:
    run = site().run("Check", ResultPath="Env:/x")
    assert (run.exit_code, run.calls) == (4, ())


@pytest.mark.parametrize(
    "name", ["Delegates", "EquipmentCalendar", "EwsKeep", "SchedulingGroupMembers", "OneTouchJoinAccounts"]
)
def test_a_null_list_is_an_empty_one(site: SiteOf, name: str) -> None:
    run = site().run("Check", **{name: None})
    assert run.exit_code == 2, run.screen


def test_one_text_with_commas_is_a_list(site: SiteOf) -> None:
    run = site().run("Check", SchedulingGroupMembers=["alice@contoso.com, ceo@contoso.com"])
    assert (run.exit_code, "member:ceo@contoso.com" in run.screen) == (2, True)


def test_a_step_that_assigns_no_role_needs_no_right_to_look_at_assignments(site: SiteOf) -> None:
    here = site()
    tenant = copy.deepcopy(here.tenant)
    tenant["operator"]["hidden"] = ["Get-ManagementRoleAssignment"]
    assert here.run("Apply", tenant, Step=["equipment-mailbox"]).exit_code == 0


def test_rollback_without_a_journal_says_so(site: SiteOf) -> None:
    run = site().run("Rollback")
    assert (run.exit_code, run.calls) == (4, ())
    assert "needs -JournalPath" in result_file(run)["refusal"]["message"]


def test_a_file_that_is_no_journal_is_not_continued(site: SiteOf, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("my notes\nof yesterday\n", "utf-8")
    run = site().run("Apply", JournalPath=[str(notes)])
    assert (run.exit_code, run.writes, notes.read_text("utf-8")) == (4, (), "my notes\nof yesterday\n")
