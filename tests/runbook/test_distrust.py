"""Answers, journals and moments that another runbook might believe, whatever step they are of."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from support.sites import Applied, SiteOf, copied_journal, states


def test_the_question_before_an_undo_names_what_exchange_shows(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    journal = copied_journal(applied(), tmp_path)
    dry = site().run("Rollback", applied().tenant, JournalPath=[journal], RemoveCreatedMailbox=True, WhatIf=True)
    shown = [one["property"] for step in dry.objects for one in step["differences"]]
    assert "EquipmentMailbox 'Pexip Schéduling ’O' <pexip-scheduling@contoso.com>" in shown
    assert "MailUniversalSecurityGroup 'Pexip Users' <pexip-users@contoso.com>" in shown


@pytest.mark.parametrize("lacking", ["Guid", "ExternalDirectoryObjectId"])
def test_objects_that_lack_an_identifier_are_told_by_another(site: SiteOf, lacking: str) -> None:
    tenant = copy.deepcopy(site().tenant)
    cmdlets = ("Get-Recipient", "Get-Mailbox", "Get-DistributionGroup", "Get-DistributionGroupMember")
    tenant["settings"]["answersLack"] = {cmdlet: [lacking] for cmdlet in cmdlets}
    run = site().run("Apply", tenant)
    assert run.exit_code == 0, run.screen
    assert site().run("Check", run.tenant).exit_code == 0


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
