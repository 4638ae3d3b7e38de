"""Answers, journals and moments that another runbook might believe."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from support.sites import Applied, Result, SiteOf, copied_journal, journal_path, states

from pexgen.simulation import without_bookkeeping

Json = dict[str, Any]
ABSENT = {
    "kind": "error",
    "class": "Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException",
    "text": "The operation couldn't be performed because object 'x' couldn't be found on 'y'.",
}


def find(tenant: Json, address: str) -> Json:
    found: Json = next(one for one in tenant["recipients"] if one["PrimarySmtpAddress"] == address)
    return found


def forged(applied: Applied, folder: Path, step: str, before: Json, wanted: Json) -> str:
    """A journal with a true header and one change that this product never made."""
    header = json.loads(journal_path(applied()).read_text("utf-8").splitlines()[0])
    event = {"run": header["run"], "step": step, "before": before, "wanted": wanted, "utc": header["utc"]}
    lines = [header, {**event, "event": "intent", "after": None}, {**event, "event": "done", "after": wanted}]
    path = folder / "forged.jsonl"
    path.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines), "utf-8")
    return str(path)


def side(identity: str, properties: Json, *, exists: bool = True) -> Json:
    return {"exists": exists, "id": identity, "properties": properties}


DELEGATING = "Application EWS.AccessAsApp-Organization Management-Delegating"
FORGERIES: dict[str, tuple[str, Json, Json]] = {
    "an assignment that hands the role on": (
        "application-role",
        side(DELEGATING, {}, exists=False),
        side(
            DELEGATING,
            {
                "Role": "Application EWS.AccessAsApp",
                "App": "66666666-7777-4888-9999-aaaaaaaaaaaa",
                "CustomResourceScope": "",
            },
        ),
    ),
    "an assignment of another application": (
        "application-role",
        side("Somebody else's access", {}, exists=False),
        side(
            "Somebody else's access",
            {"Role": "Application EWS.AccessAsApp", "App": "", "CustomResourceScope": "Somebody else's scope"},
        ),
    ),
    "a creation without properties": (
        "application-role",
        side("contoso-scheduling-ews", {}, exists=False),
        side("contoso-scheduling-ews", {}),
    ),
    "another object than the one that is named": (
        "application-role",
        side("contoso-scheduling-ews", {}, exists=False),
        side(DELEGATING, {"Role": "x", "App": "y", "CustomResourceScope": "z"}),
    ),
    "access to a person's mailbox": (
        "delegate-access",
        side("ceo@contoso.com", {"admin@contoso.com": True}),
        side("ceo@contoso.com", {"admin@contoso.com": False}),
    ),
    "a calendar setting that is none of ours": (
        "equipment-calendar",
        side("pexip-scheduling@contoso.com", {"ResourceDelegates": "admin@contoso.com"}),
        side("pexip-scheduling@contoso.com", {"ResourceDelegates": ""}),
    ),
    "a person's display name": (
        "equipment-mailbox",
        side("ceo@contoso.com", {"DisplayName": "Nobody"}),
        side("ceo@contoso.com", {"DisplayName": "Ceo"}),
    ),
}


@pytest.mark.parametrize("case", FORGERIES)
def test_a_forged_journal_changes_nothing(site: SiteOf, applied: Applied, tmp_path: Path, case: str) -> None:
    tenant = copy.deepcopy(applied().tenant)
    find(tenant, "ceo@contoso.com")["DisplayName"] = "Ceo"
    journal = forged(applied, tmp_path, *FORGERIES[case])
    back = site().run("Rollback", tenant, JournalPath=[journal], RemoveCreatedMailbox=True)
    assert back.exit_code in {4, 5}, back.screen
    assert back.writes == ()
    assert without_bookkeeping(back.tenant) == without_bookkeeping(tenant)


def test_the_question_before_an_undo_names_what_exchange_shows(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    journal = copied_journal(applied(), tmp_path)
    dry = site().run("Rollback", applied().tenant, JournalPath=[journal], RemoveCreatedMailbox=True, WhatIf=True)
    shown = [one["property"] for step in dry.objects for one in step["differences"]]
    assert "EquipmentMailbox 'Pexip Schéduling ’O' <pexip-scheduling@contoso.com>" in shown
    assert "MailUniversalSecurityGroup 'Pexip Users' <pexip-users@contoso.com>" in shown


@pytest.mark.parametrize("lacking", ["EwsAllowedAppIDs", "EwsEnabled"])
def test_an_answer_without_the_list_is_no_empty_list(site: SiteOf, lacking: str) -> None:
    tenant = copy.deepcopy(site().tenant)
    tenant["settings"]["answersLack"] = {"Get-OrganizationConfig": [lacking]}
    run = site().run("Apply", tenant, Step=["ews-access"])
    assert (run.exit_code, states(run), run.writes) == (4, {"ews-access": "unreadable"}, ())


def test_a_negative_proof_needs_an_answer(site: SiteOf, applied: Applied) -> None:
    tenant = copy.deepcopy(applied().tenant)
    tenant["settings"]["inScopeAs"] = "not-run"
    verify = site().run("Verify", tenant)
    assert (verify.exit_code, states(verify)["application-role"]) == (5, "unreadable")


@pytest.mark.parametrize("lacking", ["Guid", "ExternalDirectoryObjectId"])
def test_objects_that_lack_an_identifier_are_told_by_another(site: SiteOf, lacking: str) -> None:
    tenant = copy.deepcopy(site().tenant)
    cmdlets = ("Get-Recipient", "Get-Mailbox", "Get-DistributionGroup", "Get-DistributionGroupMember")
    tenant["settings"]["answersLack"] = {cmdlet: [lacking] for cmdlet in cmdlets}
    run = site().run("Apply", tenant)
    assert run.exit_code == 0, run.screen
    assert site().run("Check", run.tenant).exit_code == 0


@pytest.mark.parametrize("form", ["name", "guid", "dn", "upn", "sid"])
def test_delegates_are_found_in_whatever_form_they_come_back(site: SiteOf, form: str) -> None:
    tenant = copy.deepcopy(site().tenant)
    tenant["settings"]["permissionUserAs"] = form
    run = site().run("Apply", tenant, Step=["equipment-mailbox", "delegate-access"])
    assert run.exit_code == 0, run.screen
    check = site().run("Check", run.tenant, Step=["equipment-mailbox", "delegate-access"])
    assert (check.exit_code, len(check.calls) <= 25) == (0, True)


def absent_after(site: SiteOf, cmdlet: str, after: str, times: int) -> Result:
    """Apply where one cmdlet does not find an object for a while after another one made it."""
    first = site().run("Apply")
    made = next(call.n for call in first.calls if call.cmdlet == after)
    seen = sum(1 for call in first.calls if call.cmdlet == cmdlet and call.n < made)
    fault = {**ABSENT, "cmdlet": cmdlet, "nth": seen + 1, "times": times}
    return site().run("Apply", options={"faults": [fault]})


@pytest.mark.parametrize(
    ("cmdlet", "after"),
    [
        ("Get-Recipient", "New-Mailbox"),
        ("Get-CalendarProcessing", "New-Mailbox"),
        ("Get-DistributionGroup", "New-DistributionGroup"),
        ("Get-DistributionGroupMember", "New-DistributionGroup"),
        ("Get-ServicePrincipal", "New-ServicePrincipal"),
        ("Get-ManagementScope", "New-ManagementScope"),
        ("Get-ManagementRoleAssignment", "New-ManagementRoleAssignment"),
    ],
)
def test_a_cmdlet_that_sees_a_new_object_later_than_others_is_waited_for(
    site: SiteOf, applied: Applied, cmdlet: str, after: str
) -> None:
    run = absent_after(site, cmdlet, after, 3)
    assert run.exit_code == 0, run.screen
    assert run.waits
    assert without_bookkeeping(run.tenant) == without_bookkeeping(applied().tenant)


@pytest.mark.parametrize(("mode", "state", "code"), [("Check", "unreadable", 5), ("Apply", "pending", 5)])
def test_permissions_that_a_mailbox_is_said_not_to_have_are_not_given_again(
    site: SiteOf, applied: Applied, mode: str, state: str, code: int
) -> None:
    fault = {**ABSENT, "cmdlet": "Get-MailboxPermission", "nth": 1, "times": 99}
    run = site().run(mode, applied().tenant, Step=["delegate-access"], WaitSeconds=2, options={"faults": [fault]})
    assert (states(run), run.exit_code, run.writes) == ({"delegate-access": state}, code, ()), run.screen


@pytest.mark.parametrize("cmdlet", ["Get-MailboxPermission", "Get-DistributionGroupMember"])
def test_rollback_does_not_call_undone_what_it_was_not_shown(
    site: SiteOf, applied: Applied, tmp_path: Path, cmdlet: str
) -> None:
    step = "delegate-access" if cmdlet == "Get-MailboxPermission" else "scheduling-members"
    fault = {**ABSENT, "cmdlet": cmdlet, "nth": 1, "times": 99}
    journal = copied_journal(applied(), tmp_path)
    back = site().run("Rollback", applied().tenant, JournalPath=[journal], Step=[step], options={"faults": [fault]})
    assert (states(back), back.exit_code, back.writes) == ({step: "unreadable"}, 4, ()), back.screen


def test_a_group_that_is_mastered_on_premises_gets_no_members(site: SiteOf, applied: Applied) -> None:
    tenant = copy.deepcopy(applied().tenant)
    group = find(tenant, "pexip-users@contoso.com")
    group["members"].remove(find(tenant, "alice@contoso.com")["Guid"])
    group["IsDirSynced"] = True
    run = site().run("Apply", tenant)
    assert (states(run)["scheduling-members"], run.writes) == ("blocked", ()), run.screen


@pytest.mark.parametrize("mode", ["Check", "Apply", "Rollback"])
def test_a_result_never_replaces_a_journal(site: SiteOf, applied: Applied, tmp_path: Path, mode: str) -> None:
    journal = Path(copied_journal(applied(), tmp_path))
    before = journal.read_bytes()
    more = {"JournalPath": [str(journal)]} if mode != "Check" else {}
    run = site().run(mode, applied().tenant, ResultPath=str(journal), **more)
    assert (run.exit_code, journal.read_bytes()) == (4, before)


def test_a_removal_that_is_answered_with_not_found_claims_nothing(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    gone = {"path": "assignments.[Name=contoso-scheduling-ews]", "remove": True}
    reads = site().run(
        "Rollback", applied().tenant, JournalPath=[copied_journal(applied(), tmp_path)], Step=["application-role"]
    )
    before_write = next(call for call in reads.calls if call.is_write).n - 1
    fault = {"kind": "change", "call": before_write, "set": [gone]}
    # The first Rollback wrote into its copy.
    journal = copied_journal(applied(), tmp_path)
    back = site().run(
        "Rollback", applied().tenant, JournalPath=[journal], Step=["application-role"], options={"faults": [fault]}
    )
    assert (back.exit_code, states(back)) == (5, {"application-role": "kept"}), back.screen
    assert "Exchange does not find it. Run the same command again later." in back.screen


@pytest.mark.parametrize("kind", ["server-error", "session-gone"])
def test_verify_reports_every_step_whichever_proof_cannot_be_read(site: SiteOf, applied: Applied, kind: str) -> None:
    undisturbed = site().run("Verify", applied().tenant)
    last = max(call.n for call in undisturbed.calls if call.cmdlet == "Get-OrganizationConfig")
    run = site().run("Verify", applied().tenant, options={"faults": [{"kind": kind, "call": last, "times": 4}]})
    assert (run.exit_code, list(states(run))) == (5, list(states(undisturbed))), run.screen
    assert states(run)["ews-access"] == "unreadable"


LACKING = [
    ("Get-Mailbox", "DisplayName", "equipment-mailbox"),
    ("Get-CalendarProcessing", "AutomateProcessing", "equipment-calendar"),
    ("Get-DistributionGroup", "DisplayName", "scheduling-group"),
    ("Get-DistributionGroup", "ManagedBy", "scheduling-group"),
    ("Get-ServicePrincipal", "DisplayName", "application-pointer"),
    ("Get-ManagementRoleAssignment", "Enabled", "application-role"),
    ("Get-MailboxPermission", "AccessRights", "delegate-access"),
    ("Get-App", "DefaultStateForUser", "add-in"),
]


@pytest.mark.parametrize(("cmdlet", "lacking", "step"), LACKING)
def test_an_answer_that_lacks_a_property_does_not_say_that_it_is_empty(
    site: SiteOf, applied: Applied, cmdlet: str, lacking: str, step: str
) -> None:
    here = site(scheduling_group={"managed_by": "ceo@contoso.com"})
    tenant = copy.deepcopy(applied().tenant)
    tenant["settings"]["answersLack"] = {cmdlet: [lacking]}
    run = here.run("Apply", tenant)
    assert (run.exit_code, states(run)[step], run.writes) == (4, "unreadable", ()), run.screen
    assert lacking in run.screen


def test_owners_are_never_written_away_where_the_group_cannot_be_seen(site: SiteOf, applied: Applied) -> None:
    here = site(scheduling_group={"managed_by": "ceo@contoso.com"})
    good = here.run("Apply", applied().tenant)
    (write,) = good.writes
    look = [call for call in good.calls if call.cmdlet == "Get-DistributionGroup" and call.n < write.n][-1]
    fault = {**ABSENT, "call": look.n}
    run = here.run("Apply", applied().tenant, options={"faults": [fault]}, WaitSeconds=0)
    assert [call.cmdlet for call in run.writes] == [], run.screen


def test_a_wider_assignment_is_seen_however_exchange_names_who_holds_it(site: SiteOf, applied: Applied) -> None:
    tenant = copy.deepcopy(applied().tenant)
    tenant["settings"].update(assigneeAs="displayName", assigneeUnknown=True)
    (ours,) = [row for row in tenant["assignments"] if row["Name"] == "contoso-scheduling-ews"]
    assert site().run("Check", tenant).exit_code == 0
    wide = {**ours, "Name": "wide", "Guid": ours["Guid"][::-1], "scope": "", "scopeKind": "Organization"}
    tenant["assignments"].append(wide)
    run = site().run("Check", tenant)
    assert (run.exit_code, states(run)["application-role"]) == (4, "conflict"), run.screen
