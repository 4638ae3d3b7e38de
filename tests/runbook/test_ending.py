"""The end of a run says what this very run did, and what follows from it."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from support.journals import entries
from support.sites import Applied, Json, Site, SiteOf, copied_journal, states

CUTOVER = "run -Mode Apply -Phase Cleanup -ConfirmCutover"


def test_a_rollback_of_some_steps_names_the_others_that_the_journal_has(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    run = applied()
    others = [step for step in states(run) if step != "ews-access"]
    journal = copied_journal(run, tmp_path)
    back = site().run("Rollback", run.tenant, JournalPath=[journal], Step=others, RemoveCreatedMailbox=True)
    assert back.exit_code == 0, back.screen
    assert "The selected steps are undone. The journals also name: ews-access." in back.screen
    assert "keep it: another Rollback needs it" in back.screen
    none = site().run("Rollback", back.tenant, JournalPath=[journal], Step=["equipment-mailbox"])
    assert "The selected steps are undone. The journals also name: ews-access." in none.screen
    rest = site().run("Rollback", back.tenant, JournalPath=[journal], Step=["ews-access"])
    assert (rest.exit_code, states(rest)) == (0, {"ews-access": "undone"})
    assert "Everything that the journals name is undone." in rest.screen
    assert "(for the change ticket)" in rest.screen
    assert "another Rollback needs it" not in rest.screen


def test_an_apply_of_some_steps_says_nothing_of_the_others(site: SiteOf) -> None:
    run = site().run("Apply", Step=["equipment-mailbox"])
    assert "Exit code 0. Everything in the selected steps is set as described." in run.screen
    again = site().run("Apply", run.tenant, Step=["equipment-mailbox"])
    assert "Everything in the selected steps was as described already; this run changed nothing." in again.screen
    check = site().run("Check", run.tenant, Step=["equipment-mailbox"])
    assert "Exit code 0. Nothing differs in the selected steps." in check.screen


def test_what_was_not_sent_takes_no_effect(site: SiteOf) -> None:
    """The list is complete, EwsEnabled is not set: it waits for a day, and nothing is written."""
    here = site()
    tenant: Json = copy.deepcopy(here.tenant)
    tenant["organization"]["EwsEnabled"] = None
    listed = here.run("Apply", tenant, Step=["ews-access"])
    assert (listed.exit_code, len(listed.writes)) == (5, 1), listed.screen
    assert "Not in effect yet. From now on it takes: ews-access" in listed.screen
    again = here.run("Apply", listed.tenant, Step=["ews-access"])
    assert (again.exit_code, again.writes) == (5, ()), again.screen
    assert "Not in effect yet" not in again.screen


def test_what_follows_from_a_role_is_said_where_it_was_sent_and_does_not_show_yet(site: SiteOf) -> None:
    tenant: Json = copy.deepcopy(site().tenant)
    tenant["settings"]["late"] = {"assignment": 10_000}
    run = site().run("Apply", tenant, WaitSeconds=10)
    assert (run.exit_code, states(run)["application-role"]) == (5, "pending"), run.screen
    assert "full_access_as_app opens ALL mailboxes" in run.screen
    tenant["settings"]["late"] = {"mailbox": 10_000}
    waits = site().run("Apply", tenant, WaitSeconds=10)
    assert (waits.exit_code, states(waits)["application-role"]) == (5, "pending"), waits.screen
    assert "full_access_as_app opens ALL mailboxes" not in waits.screen


def test_what_exchange_refused_takes_no_effect(site: SiteOf) -> None:
    fault = {"kind": "forbidden", "cmdlet": "New-ManagementRoleAssignment", "nth": 1}
    run = site().run("Apply", options={"faults": [fault]})
    assert (run.exit_code, states(run)["application-role"]) == (3, "failed"), run.screen
    assert "Not in effect yet" not in run.screen


def test_a_refused_run_leaves_nothing_to_do_by_hand(site: SiteOf, applied: Applied) -> None:
    tenant = copy.deepcopy(applied().tenant)
    fault = {"kind": "unauthorized", "cmdlet": "Get-ManagementScope", "nth": 1}
    run = site().run("Apply", tenant, options={"faults": [fault]})
    assert run.exit_code == 4, run.screen
    assert "By hand" not in run.screen
    assert "Not in effect yet" not in run.screen


@pytest.fixture
def migration(sample: SiteOf) -> Site:
    return sample("migrate")


def test_only_a_prepare_that_was_applied_says_to_switch_over(migration: Site, tmp_path: Path) -> None:
    prepare = migration.run("Apply", Phase="Prepare")
    assert CUTOVER in prepare.screen
    verify = migration.run("Verify", prepare.tenant, Phase="Prepare")
    assert "remove its license" not in verify.screen
    back = migration.run("Rollback", prepare.tenant, JournalPath=[copied_journal(prepare, tmp_path)])
    assert CUTOVER not in back.screen
    assert "remove its license" not in back.screen


def test_where_nobody_is_asked_nobody_is_told_to_answer_no(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    run = applied()
    path = copied_journal(run, tmp_path)
    silent = site().run("Rollback", run.tenant, JournalPath=[path], Step=["ews-access"])
    assert silent.exit_code == 0, silent.screen
    assert "answer No" not in silent.screen
    lines = entries(Path(path).read_text("utf-8"))
    assert [one for one in lines if "answer No" in str(one.get("advice"))] == []
    again = copied_journal(run, tmp_path)
    asked = site().run("Rollback", run.tenant, JournalPath=[again], options={"answers": ["y", "y", "n"]})
    assert "answer No and type the line of this run again, with -Step equipment-mailbox, " in asked.screen


def test_the_sign_in_of_a_mailbox_that_was_there_is_not_spoken_of(site: SiteOf, tmp_path: Path) -> None:
    """Only its display name was changed, and somebody changed it again: it is kept, and nobody made its account."""
    here = site()
    made = here.run("Apply", Step=["equipment-mailbox"])
    tenant = copy.deepcopy(made.tenant)
    (mailbox,) = [one for one in tenant["recipients"] if one["PrimarySmtpAddress"] == "pexip-scheduling@contoso.com"]
    mailbox["DisplayName"] = "Another"
    renamed = here.run("Apply", tenant, Step=["equipment-mailbox"])
    assert len(renamed.writes) == 1, renamed.screen
    later = copy.deepcopy(renamed.tenant)
    (mailbox,) = [one for one in later["recipients"] if one["PrimarySmtpAddress"] == "pexip-scheduling@contoso.com"]
    mailbox["DisplayName"] = "A third"
    back = here.run("Rollback", later, JournalPath=[copied_journal(renamed, tmp_path)])
    assert states(back)["equipment-mailbox"] == "kept", back.screen
    assert "Block the sign-in" not in back.screen
