"""What is refused before anything is read of the deployment: exit code 4, and not one write."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from support.sites import Site, SiteOf, result_file

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


def connected(site: Site, told: Json) -> Json:
    """The tenant whose connection says this of itself."""
    tenant = copy.deepcopy(site.tenant)
    tenant["session"]["connections"][0].update(told)
    return tenant


def test_a_connection_to_another_tenant_is_refused_with_a_result_and_no_journal(site: SiteOf) -> None:
    # What else is not the one connection tests/engine/test_session_exchange_online.py tries.
    here = site()
    other = {"TenantID": "00000000-0000-4000-8000-00000000000b"}
    assert "this runbook is for 8a1c2b3d" in refused(here, connected(here, other), "connection")


def test_a_cmdlet_that_the_operator_lacks_is_named_and_explained_by_how_a_session_was_opened(site: SiteOf) -> None:
    here = site()
    tenant = copy.deepcopy(here.tenant)
    tenant["operator"]["hidden"] = ["New-ManagementScope"]
    message = refused(here, tenant, "cmdlets")
    assert ("New-ManagementScope" in message, "-CommandName" in message) == (True, True)


def test_what_only_another_step_needs_is_not_missed(site: SiteOf) -> None:
    here = site()
    tenant = copy.deepcopy(here.tenant)
    # A step that assigns no role needs no right to look at assignments either.
    tenant["operator"]["hidden"] = ["New-ManagementScope", "Get-ManagementRoleAssignment"]
    assert here.run("Apply", tenant, Step=["equipment-mailbox"]).exit_code == 0


def test_check_needs_no_right_to_write(site: SiteOf) -> None:
    here = site()
    tenant = copy.deepcopy(here.tenant)
    tenant["operator"]["hidden"] = ["New-Mailbox", "Set-Mailbox", "New-ManagementScope", "Set-OrganizationConfig"]
    assert here.run("Check", tenant).exit_code == 2


def test_a_cmdlet_that_the_session_shadows_is_refused(site: SiteOf) -> None:
    here = site()
    assert "shadowed" in refused(here, here.tenant, "cmdlets", options={"prelude": "function New-Mailbox { }"})


def test_a_guards_own_read_that_fails_is_a_refusal(site: SiteOf) -> None:
    faults = [{"kind": "server-error", "cmdlet": "Get-AcceptedDomain", "times": 4}]
    run = site().run("Check", options={"faults": faults}, ResultPath="r.json")
    assert (run.exit_code, run.writes) == (4, ())
    assert "The organization could not be read" in run.screen


# Values right at each kind of limit of the schema; tests/engine/test_guards.py tries those beyond.
LIMITS = {
    "EquipmentDisplayName": "x" * 256,
    "EquipmentAlias": "two.words",
    "EquipmentCalendar": {"BookingWindowInDays": 1080},
    "EquipmentName": "Pexip",
    "ScopeMaxMailboxes": 1000000,
    "ScopeName": "Pexip Umfang \u00e4",
    "EwsKeep": [],
    "SchedulingGroupMembers": ["alice@contoso.com"],
    "ChangeTicket": "CHG1",
    "AddInDefaultState": "enabled",
    "Delegates": [{"Account": "admin@contoso.com"}],
}


def test_the_guard_has_the_limits_of_the_schema(site: SiteOf) -> None:
    here = site()
    run = here.engine.play(here.runbook, here.tenant, {"Mode": "Check", **LIMITS})
    assert (run.exit_code, "guard 'values'" in run.screen) == (2, False), run.screen


def test_equal_tables_are_no_override_in_whatever_order_and_case(site: SiteOf) -> None:
    keep = [{"name": "Room panels", "CLIENTID": "99999999-2222-4333-8444-555555555555"}]
    run = site().run("Check", EwsKeep=keep, EquipmentCalendar={"automateprocessing": "None"})
    assert (run.exit_code, "Override" in run.screen) == (2, False), run.screen


def test_an_operator_whom_exchange_shows_under_another_name_may_apply_and_is_told(site: SiteOf) -> None:
    here = site()
    identity = "11111111-aaaa-4bbb-8ccc-222222222222@contoso.onmicrosoft.com"
    run = here.run("Apply", connected(here, {"UserPrincipalName": identity}))
    assert run.exit_code == 0, run.screen
    assert "does not show whether the operator may assign the role" in run.screen


@pytest.mark.parametrize(
    ("name", "given"),
    [("EquipmentAddress", "*"), ("TargetTenantId", "00000000-0000-4000-8000-00000000000b"), ("Step", ["no-such-step"])],
)
def test_a_value_that_makes_no_sense_is_refused_before_the_first_call(site: SiteOf, name: str, given: Any) -> None:
    run = site().run("Apply", **{"ResultPath": "r.json", name: given})
    assert (run.exit_code, run.calls) == (4, ()), run.screen
    assert f"Refused by the guard 'values': -{name}" in run.screen


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


def test_a_null_list_is_an_empty_one(site: SiteOf) -> None:
    lists = ("Delegates", "EquipmentCalendar", "EwsKeep", "SchedulingGroupMembers", "OneTouchJoinAccounts")
    run = site().run("Check", **dict.fromkeys(lists))
    assert run.exit_code == 2, run.screen


def test_one_text_with_commas_is_a_list(site: SiteOf) -> None:
    run = site().run("Check", SchedulingGroupMembers=["alice@contoso.com, ceo@contoso.com"])
    assert (run.exit_code, "member:ceo@contoso.com" in run.screen) == (2, True)


def test_rollback_without_a_journal_says_so(site: SiteOf) -> None:
    run = site().run("Rollback")
    assert (run.exit_code, run.calls) == (4, ())
    assert "needs -JournalPath" in result_file(run)["refusal"]["message"]


def test_a_file_that_is_no_journal_is_not_continued(site: SiteOf, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("my notes\nof yesterday\n", "utf-8")
    run = site().run("Apply", JournalPath=[str(notes)])
    assert (run.exit_code, run.writes, notes.read_text("utf-8")) == (4, (), "my notes\nof yesterday\n")
