"""Apply changes what was approved after a Check, or refuses and shows what differs."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from support.journals import entries, journal_text
from support.sites import KEEP, Applied, Json, SiteOf, copied_journal, journal_path, result_file, states
from support.tenants import EQUIPMENT, changed, guarded, recipient

from pexgen.catalogue import load_catalogue
from pexgen.template_files import template_folder

METHOD = load_catalogue(template_folder()).methods["app-permissions", "exchange-online"]


def digest(screen: str) -> str:
    (found,) = re.findall(r"^Plan +([0-9a-f]{64})  ", screen, re.MULTILINE)
    return str(found)


@pytest.fixture(scope="module")
def approved(site: SiteOf) -> str:
    """The digest of Check where nothing of the deployment is there."""
    return digest(site().run("Check").screen)


def test_check_prints_a_digest_of_what_differs_and_the_result_has_it(site: SiteOf, approved: str, tmp_path) -> None:
    path = tmp_path / "check.json"
    run = site().run("Check", ResultPath=str(path))
    assert json.loads(path.read_text("utf-8"))["planSha256"] == digest(run.screen)
    assert digest(run.screen) == approved


def test_apply_does_what_was_approved_and_says_by_which_approval(site: SiteOf, approved: str) -> None:
    run = site().run("Apply", ApprovedPlan=approved.upper())
    assert run.exit_code == 0, run.screen
    assert result_file(run)["approvedPlan"] == approved
    header = json.loads(journal_path(run).read_text("utf-8").splitlines()[0])
    assert header["approvedPlan"] == approved


def test_another_difference_than_the_approved_one_is_refused_and_shown(site: SiteOf, approved: str) -> None:
    there = site().run("Apply", Step=["equipment-mailbox"]).tenant
    drift = changed(there, lambda tenant: recipient(tenant, EQUIPMENT).update(DisplayName="Somebody else's"))
    run = site().run("Apply", drift, ApprovedPlan=approved)
    guarded(run, "approval", "is not what was approved", approved)
    assert "DisplayName: 'Somebody else's' -> " in run.screen


def test_an_interrupted_run_goes_on_with_its_approval_but_with_nothing_new(
    site: SiteOf, approved: str, tmp_path
) -> None:
    begun = site().run("Apply", ApprovedPlan=approved, options={"answers": ["y", "y", "n"]})
    assert (begun.exit_code, len(begun.writes)) == (3, 2)
    journal = copied_journal(begun, tmp_path)
    drift = changed(begun.tenant, lambda tenant: recipient(tenant, EQUIPMENT).update(DisplayName="Somebody else's"))
    refused = site().run("Apply", drift, ApprovedPlan=approved, JournalPath=journal)
    guarded(refused, "approval", "not what was approved", "Not approved: equipment-mailbox DisplayName.")
    rest = site().run("Apply", begun.tenant, ApprovedPlan=approved, JournalPath=journal)
    assert rest.exit_code == 0, rest.screen
    assert set(states(rest).values()) == {"changed", "in-place"}
    other = site().run("Apply", begun.tenant, ApprovedPlan=approved)
    guarded(other, "approval", "not what was approved")


@pytest.mark.parametrize("answered", [1, 3, 5])
def test_what_the_run_itself_created_is_no_reason_to_refuse_the_rest(
    site: SiteOf, approved: str, tmp_path: Path, answered: int
) -> None:
    """A calendar that Exchange gave its values, and a filter by the name of the group, are known only then."""
    begun = site().run("Apply", ApprovedPlan=approved, options={"answers": [*["y"] * answered, "n"]})
    journal = copied_journal(begun, tmp_path)
    rest = site().run("Apply", begun.tenant, ApprovedPlan=approved, JournalPath=journal)
    assert rest.exit_code == 0, rest.screen


@pytest.mark.parametrize("cmdlet", ["Set-CalendarProcessing", "New-ManagementScope"])
@pytest.mark.parametrize("kind", ["server-error", "freeze-before"])
def test_a_write_that_was_announced_and_did_not_happen_is_still_approved(
    site: SiteOf, approved: str, tmp_path: Path, kind: str, cmdlet: str
) -> None:
    fault = {"kind": kind, "cmdlet": cmdlet}
    stopped = site().run("Apply", ApprovedPlan=approved, options={"faults": [fault]})
    assert stopped.killed or stopped.exit_code == 3
    journal = copied_journal(stopped, tmp_path)
    rest = site().run("Apply", stopped.tenant, ApprovedPlan=approved, JournalPath=journal)
    assert rest.exit_code == 0, rest.screen


def test_what_was_changed_after_the_run_had_written_it_is_not_approved(
    site: SiteOf, approved: str, tmp_path: Path
) -> None:
    begun = site().run("Apply", ApprovedPlan=approved, options={"answers": ["y", "y", "n"]})
    calendar = {"AutomateProcessing": "AutoAccept"}
    drift = changed(begun.tenant, lambda tenant: recipient(tenant, EQUIPMENT)["calendar"].update(calendar))
    journal = copied_journal(begun, tmp_path)
    guarded(site().run("Apply", drift, ApprovedPlan=approved, JournalPath=journal), "approval", "not what was approved")


def test_the_switch_of_ews_that_has_to_wait_is_approved_with_the_list(site: SiteOf, tmp_path: Path) -> None:
    unset = changed(site().tenant, lambda tenant: tenant["organization"].update(EwsEnabled=None))
    given: Json = {"Step": ["ews-access"]}
    check = site().run("Check", unset, **given)
    assert "EwsEnabled: (not set) -> True" in check.screen
    given["ApprovedPlan"] = digest(check.screen)
    listed = site().run("Apply", unset, **given)
    assert (listed.exit_code, states(listed)) == (5, {"ews-access": "pending"}), listed.screen
    (step,) = result_file(listed)["steps"]
    changed_now = {difference["property"].partition(":")[0] for difference in step["differences"]}
    assert changed_now == {"EwsAllowedAppIDs"}
    assert f"-ApprovedPlan '{given['ApprovedPlan']}'" in listed.screen
    assert "-EwsListInPlaceSince '" in listed.screen
    given |= {"JournalPath": copied_journal(listed, tmp_path), "EwsListInPlaceSince": "2026-11-20T10:00:00Z"}
    switched = site().run("Apply", listed.tenant, **given)
    assert (switched.exit_code, states(switched)) == (0, {"ews-access": "changed"}), switched.screen


def test_a_check_over_a_complete_list_approves_the_switch_that_is_left(site: SiteOf) -> None:
    unset = changed(site().tenant, lambda tenant: tenant["organization"].update(EwsEnabled=None))
    given: Json = {"Step": ["ews-access"]}
    listed = site().run("Apply", unset, **given).tenant
    check = site().run("Check", listed, **given)
    assert (check.exit_code, states(check)) == (5, {"ews-access": "blocked"}), check.screen
    given |= {"ApprovedPlan": digest(check.screen), "EwsListInPlaceSince": "2026-11-20T10:00:00Z"}
    switched = site().run("Apply", listed, **given)
    assert (switched.exit_code, states(switched)) == (0, {"ews-access": "changed"}), switched.screen


def test_a_value_of_the_command_line_is_part_of_what_is_approved(site: SiteOf, approved: str) -> None:
    # The name of an assignment is no difference of its own.
    own: Json = {"ApplicationAssignment": "another-name"}
    guarded(site().run("Apply", ApprovedPlan=approved, **own), "approval", "not what was approved")
    of_own = digest(site().run("Check", **own).screen)
    assert site().run("Apply", ApprovedPlan=of_own, WhatIf=True, **own).exit_code == 2


def test_a_value_of_the_file_that_shows_in_no_difference_is_part_of_what_is_approved(
    site: SiteOf, approved: str
) -> None:
    mapped = site(delegates=[{"account": "admin@contoso.com", "automapping": True}])
    guarded(mapped.run("Apply", ApprovedPlan=approved), "approval", "not what was approved")


def test_what_differs_anew_in_the_middle_ends_the_run_with_every_step_reported(site: SiteOf, applied: Applied) -> None:
    drift = changed(applied().tenant, lambda tenant: recipient(tenant, EQUIPMENT).update(DisplayName="Theirs"))
    approved = digest(site().run("Check", drift).screen)
    theirs = {"path": "organization.EwsEnabled", "value": False}
    fault = {"kind": "change", "write": 1, "set": [theirs]}
    run = site().run("Apply", drift, ApprovedPlan=approved, options={"faults": [fault]})
    found = states(run)
    assert (run.exit_code, found["equipment-mailbox"], found["ews-access"]) == (3, "changed", "blocked"), run.screen
    assert set(list(found.values())[list(found).index("ews-access") + 1 :]) == {"blocked"}
    assert "EwsEnabled of the step ews-access differs since the first look, and that was not approved" in run.screen
    # The same line again would be refused again.
    assert "Go on" not in run.screen


def test_a_digest_is_of_64_digits_and_for_apply_alone(site: SiteOf) -> None:
    guarded(site().run("Apply", ApprovedPlan="abc"), "values", "-ApprovedPlan must be the digest")
    guarded(site().run("Verify", ApprovedPlan="0" * 64), "values", "with -Mode Apply only")


def test_a_later_run_with_the_same_journal_leaves_the_earlier_result_where_it_is(site: SiteOf, tmp_path) -> None:
    journal = str(tmp_path / "CHG1.jsonl")
    given: Json = {"JournalPath": journal, "Step": ["equipment-mailbox"]}
    first = site().run("Apply", **given)
    assert first.exit_code == 0
    before = (tmp_path / "CHG1.Apply.result.json").read_text("utf-8")
    site().run("Apply", first.tenant, **given)
    assert (tmp_path / "CHG1.Apply.result.json").read_text("utf-8") == before
    assert len(list(tmp_path.glob("CHG1.Apply.*.result.json"))) == 1


def canonical(value: object) -> str:
    """Return a value as the digest has it, whatever PowerShell plays the runbook."""
    if isinstance(value, dict):
        pairs = sorted((name.lower(), canonical(each)) for name, each in value.items())
        return f"{{{','.join(f'{canonical(name)}:{each}' for name, each in pairs)}}}"
    if isinstance(value, (list, tuple)):
        return f"[{','.join(canonical(each) for each in value)}]"
    return f"{len(value)}:{value}" if isinstance(value, str) else str(value).lower()


def test_what_is_approved_has_the_same_digest_in_every_powershell(site: SiteOf) -> None:
    """Windows PowerShell 5.1 writes some letters otherwise as JSON, so nothing of it may be in the digest."""
    odd = "R&D <Pexip> O'Hara"
    here = site(ews={"keep": [{"client_id": KEEP, "name": odd}]}, application={"name": odd})
    step: Json = {"Step": ["equipment-mailbox"]}
    run = here.run("Apply", ApprovedPlan=digest(here.run("Check", **step).screen), **step)
    given = here.engine.defaults(here.runbook)
    values = canonical({each.name: given[each.name] for each in METHOD.parameters if each.name != "ChangeTicket"})
    expected = hashlib.sha256(f"1:-6:values{len(values)}:{values}".encode()).hexdigest()
    header = entries(journal_text(run))[0]
    assert header["differences"][-1] == expected


def test_a_ticket_that_is_given_after_the_approval_changes_nothing(site: SiteOf, approved: str) -> None:
    assert site(change={"ticket": "CHG0099999"}).run("Apply", ApprovedPlan=approved, WhatIf=True).exit_code == 2
