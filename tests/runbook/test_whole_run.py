"""From a tenant in which nothing is there to one in which everything is, and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from support.described import asked_states, described_steps, each_step
from support.sites import (
    DESCRIPTION,
    KEEP,
    OURS,
    Applied,
    SiteOf,
    copied_journal,
    journal_path,
    merged,
    result_file,
    states,
)

from pexgen.simulation import without_bookkeeping
from pexgen.simulation.objects import user


def test_check_finds_everything_different_and_writes_nothing(site: SiteOf) -> None:
    check = site().run("Check")
    assert check.exit_code == 2
    assert states(check) == each_step(DESCRIPTION, "different")
    assert check.writes == ()
    assert list(check.folder.iterdir()) == []


def test_what_if_of_apply_writes_neither_to_exchange_nor_to_disk(site: SiteOf) -> None:
    dry = site().run("Apply", WhatIf=True)
    assert dry.exit_code == 2
    assert states(dry) == each_step(DESCRIPTION, "different")
    assert dry.writes == ()
    assert list(dry.folder.iterdir()) == []


def test_apply_makes_one_write_for_each_thing_that_differs(applied: Applied) -> None:
    run = applied()
    assert states(run) == each_step(DESCRIPTION, "changed")
    assert [call.cmdlet for call in run.writes] == [
        "New-Mailbox",
        "Set-CalendarProcessing",
        "New-DistributionGroup",
        "Add-DistributionGroupMember",
        "Add-DistributionGroupMember",
        "Add-DistributionGroupMember",
        "New-ServicePrincipal",
        "New-ManagementScope",
        "New-ManagementRoleAssignment",
        "Set-OrganizationConfig",
        "Set-OrganizationConfig",
        "Add-MailboxPermission",
        "New-App",
    ]


def test_after_apply_check_finds_nothing_and_a_second_apply_writes_nothing(site: SiteOf, applied: Applied) -> None:
    tenant = applied().tenant
    check = site().run("Check", tenant)
    assert (check.exit_code, states(check)) == (0, each_step(DESCRIPTION, "in-place"))
    again = site().run("Apply", tenant)
    assert (again.exit_code, states(again), again.writes) == (0, each_step(DESCRIPTION, "in-place"), ())


def test_verify_proves_the_scope_both_ways_and_says_what_it_cannot_see(site: SiteOf, applied: Applied) -> None:
    verify = site().run("Verify", applied().tenant, ResultPath="verify.json")
    assert (verify.exit_code, states(verify)) == (0, each_step(DESCRIPTION, "proved"))
    result = result_file_named(verify, "verify.json")
    proofs = {(proof["target"], proof["expected"], proof["actual"]) for proof in result["proofs"]}
    role = "Application EWS.AccessAsApp in"
    assert (f"{role} alice@contoso.com", "in scope: True", "in scope: True") in proofs
    assert (f"{role} pexip-scheduling@contoso.com", "in scope: True", "in scope: True") in proofs
    assert (f"{role} ceo@contoso.com", "in scope: False", "in scope: False") in proofs
    assert any("full_access_as_app" in text for text in result["notChecked"])
    assert verify.screen.splitlines()[-3:-1] == [
        "What is proved is proved in Exchange only.",
        "Exit code 0. All checks passed; see Not checked.",
    ]


def test_rollback_gives_back_the_tenant_as_it_was(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    run = applied()
    back = site().run("Rollback", run.tenant, JournalPath=[copied_journal(run, tmp_path)], RemoveCreatedMailbox=True)
    assert (back.exit_code, states(back)) == (0, each_step(DESCRIPTION, "undone", otherwise="in-place"))
    assert without_bookkeeping(back.tenant) == without_bookkeeping(site().tenant)


def test_a_converged_check_costs_at_most_25_calls_however_many_members_there_are(
    site: SiteOf, applied: Applied
) -> None:
    tenant = json.loads(json.dumps(applied().tenant))
    crowd = [user(f"member{n}@contoso.com") for n in range(1200)]
    tenant["recipients"] += crowd
    (group,) = [one for one in tenant["recipients"] if one["PrimarySmtpAddress"] == "pexip-users@contoso.com"]
    group["members"] += [one["Guid"] for one in crowd]
    many = site(
        scope={"max_mailboxes": None}, scheduling_group={"members": [one["PrimarySmtpAddress"] for one in crowd]}
    )
    check = many.run("Check", tenant)
    assert (check.exit_code, states(check)["scheduling-members"]) == (0, "in-place"), check.screen
    assert len(check.calls) <= 25


def test_the_result_file_holds_every_field_of_its_format(applied: Applied) -> None:
    run = applied()
    result = result_file(run)
    assert list(result) == [
        "format", "name", "method", "platform", "mode", "phase", "exitCode", "bodySha256", "changeTicket", "tenant",
        "planSha256", "approvedPlan", "connectionUri", "operator", "computer", "user", "startedUtc", "finishedUtc",
        "versions", "logPath",
        "overrides", "refusal", "steps", "proofs", "notChecked",
    ]  # fmt: skip
    assert result["format"] == "pexgen.result/1"
    assert result["exitCode"] == 0
    assert result["changeTicket"] == "CHG0031337"
    assert result["tenant"] == {
        "tenantId": "8a1c2b3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
        "organization": "contoso.onmicrosoft.com",
        "delegated": False,
    }
    assert [step["id"] for step in result["steps"]] == list(each_step(DESCRIPTION, ""))
    assert set(result["steps"][0]) == {"id", "state", "differences", "detail", "requestId", "consent"}
    assert result["steps"] == run.objects


def test_every_write_stands_in_the_journal_once_announced_and_once_done(applied: Applied) -> None:
    run = applied()
    header, *events = (json.loads(line) for line in journal_path(run).read_text("utf-8").splitlines())
    assert list(header) == [
        "format", "run", "name", "method", "platform", "phase", "bodySha256", "tenant", "connectionUri", "operator",
        "computer", "user", "versions", "changeTicket", "approvedPlan", "differences", "overrides", "utc", "prev",
    ]  # fmt: skip
    keys = ("step", "before", "wanted")
    intents = [{key: event[key] for key in keys} for event in events if event["event"] == "intent"]
    done = [{key: event[key] for key in keys} for event in events if event["event"] == "done"]
    assert len(intents) == len(run.writes)
    assert sorted(intents, key=json.dumps) == sorted(done, key=json.dumps)
    assert {event["run"] for event in events} == {header["run"]}


def test_the_lists_entries_of_others_stay(applied: Applied, site: SiteOf) -> None:
    before = set(listed(site().tenant))
    after = set(listed(applied().tenant))
    assert before
    assert after == before | {OURS, KEEP}


def test_sections_that_the_description_lacks_are_not_asked_and_never_affect_the_code(site: SiteOf) -> None:
    bare: dict[str, Any] = {"ews": None, "delegates": None, "equipment": {"calendar": None}}
    run = site(**bare).run("Apply")
    assert run.exit_code == 0
    unasked = {step for step, state in states(run).items() if state == "not-asked"}
    assert unasked >= {"ews-access", "delegate-access", "equipment-calendar"}
    assert unasked == set(states(run)) - set(described_steps(merged(DESCRIPTION, bare)))
    assert "Set-OrganizationConfig" not in {call.cmdlet for call in run.calls}


def test_only_the_named_steps_are_run_in_catalogue_order(site: SiteOf) -> None:
    run = site().run("Apply", Step=["scheduling-group", "equipment-mailbox"])
    assert (run.exit_code, states(run)) == (0, {"equipment-mailbox": "changed", "scheduling-group": "changed"})
    joined = site().run("Check", Step=["scheduling-group,equipment-mailbox"])
    assert list(states(joined)) == ["equipment-mailbox", "scheduling-group"]


def test_a_step_whose_prerequisite_is_absent_and_not_selected_is_blocked(site: SiteOf) -> None:
    run = site().run("Apply", Step=["application-role"])
    assert (run.exit_code, states(run), run.writes) == (5, {"application-role": "blocked"}, ())


def test_verify_before_apply_finds_everything_pending(site: SiteOf) -> None:
    verify = site().run("Verify")
    assert (verify.exit_code, set(asked_states(verify))) == (5, {"pending"})


def test_an_override_is_shown_with_both_values_and_recorded(site: SiteOf) -> None:
    run = site().run("Apply", EquipmentDisplayName="Another name", ApplicationName="Pexip Scheduler")
    assert run.exit_code == 0
    expected = {"parameter": "EquipmentDisplayName", "rendered": "Pexip Schéduling ’O", "used": "Another name"}
    assert result_file(run)["overrides"] == [expected]
    header = json.loads(journal_path(run).read_text("utf-8").splitlines()[0])
    assert header["overrides"] == [expected]
    assert "Another name" in run.screen


def test_an_empty_list_given_on_the_command_line_is_an_override_too(site: SiteOf) -> None:
    check = site().run("Check", Delegates=[], ResultPath="r.json")
    result = result_file_named(check, "r.json")
    assert [override["parameter"] for override in result["overrides"]] == ["Delegates"]
    assert states(check)["delegate-access"] == "not-asked"


def listed(tenant: dict[str, Any]) -> list[str]:
    ids = tenant["organization"]["EwsAllowedAppIDs"]
    return [text.strip().lower() for text in (ids.split(",") if isinstance(ids, str) else ids)]


def result_file_named(result: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((result.folder / name).read_text("utf-8"))
    return found
