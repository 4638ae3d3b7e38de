"""Rollback says undone only of what it took back and saw gone, and of what a journal says that it took back before."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from support.bad_days import ews_list
from support.sites import OURS, Applied, Json, Result, Site, SiteOf, copied_journal, states
from support.tenants import ASSIGNMENT, EQUIPMENT, GROUP, SCOPE, changed, detail, named, recipient

from pexgen.simulation import without_bookkeeping

NOT_FOUND = "Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException"


def undo(site: Site, tenant: Json, journals: list[str], **arguments: Any) -> Result:
    return site.run("Rollback", tenant, JournalPath=journals, RemoveCreatedMailbox=True, **arguments)


def unseen(cmdlet: str, nth: int, times: int) -> Json:
    fault = {"kind": "error", "cmdlet": cmdlet, "nth": nth, "times": times, "class": NOT_FOUND, "text": "not now"}
    return {"faults": [fault]}


LIVE = {
    "application-role": "Get-ManagementRoleAssignment",
    "scheduling-members": "Get-DistributionGroup",
}


@pytest.mark.parametrize("wait", [900, 0])
@pytest.mark.parametrize("nth", range(1, 7))
@pytest.mark.parametrize("step", ["application-role", "scheduling-members"])
def test_two_answers_of_not_found_over_what_is_there_never_make_it_undone(
    site: SiteOf, applied: Applied, tmp_path: Path, step: str, nth: int, wait: int
) -> None:
    given: Json = {"Step": [step], "WaitSeconds": wait, "options": unseen(LIVE[step], nth, 2)}
    back = undo(site(), applied().tenant, [copied_journal(applied(), tmp_path)], **given)
    still = {
        "application-role": any(one["Name"] == ASSIGNMENT for one in back.tenant["assignments"]),
        "scheduling-members": bool(recipient(back.tenant, GROUP)["members"]),
    }[step]
    assert back.uncaught is None
    assert states(back)[step] in {"kept", "gone", "unreadable"} | ({"undone"} if not still else set()), back.screen
    assert back.exit_code != 0 or not still


@pytest.mark.parametrize("step", ["application-role", "scheduling-members"])
def test_what_is_found_late_in_its_time_is_taken_back(
    site: SiteOf, applied: Applied, tmp_path: Path, step: str
) -> None:
    given: Json = {"Step": [step], "options": unseen(LIVE[step], 1, 8)}
    back = undo(site(), applied().tenant, [copied_journal(applied(), tmp_path)], **given)
    assert (back.exit_code, states(back)) == (0, {step: "undone"}), back.screen
    assert back.writes
    assert back.waits


def test_what_is_not_found_by_its_name_and_stands_in_a_list_is_kept(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    # By its name the assignment is never found; the application's list has it all the time.
    tenant = changed(applied().tenant, lambda one: named(one["assignments"], ASSIGNMENT).update(unnamed=True))
    prelude = """
        & (Get-Module -Name 'tmpEXO_*') {
            $script:ByName = $script:Handler['Get-ManagementRoleAssignment']
            $script:Handler['Get-ManagementRoleAssignment'] = {
                param($Sent)
                if (Get-Text $Sent['Identity']) { Stop-NotFound (Get-Text $Sent['Identity']) }
                & $script:ByName $Sent
            }
        }
    """
    given: Json = {"Step": ["application-role", "application-scope"], "options": {"prelude": prelude}}
    back = undo(site(), tenant, [copied_journal(applied(), tmp_path)], **given)
    assert (back.exit_code, back.writes) == (5, ()), back.screen
    assert states(back) == {"application-role": "kept", "application-scope": "kept"}
    assert sum(back.waits) >= 900
    assert "lists it" in detail(back, "application-role")


def removed_by_hand(tenant: Json) -> None:
    tenant["assignments"] = [one for one in tenant["assignments"] if one["Name"] != ASSIGNMENT]


def test_what_somebody_removed_by_hand_is_gone_after_the_whole_time_and_not_undone(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    tenant = changed(applied().tenant, removed_by_hand)
    back = undo(site(), tenant, [copied_journal(applied(), tmp_path)], Step=["application-role"])
    assert (back.exit_code, states(back), back.writes) == (5, {"application-role": "gone"}, ()), back.screen
    assert sum(back.waits) == 900
    assert "This run removed nothing" in detail(back, "application-role")


def test_a_value_that_another_server_still_shows_as_it_was_is_looked_at_again(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    prelude = """
        & (Get-Module -Name 'tmpEXO_*') {
            $script:Late = 6
            $script:Calendar = $script:Handler['Get-CalendarProcessing']
            $script:Handler['Get-CalendarProcessing'] = {
                param($Sent)
                $answer = & $script:Calendar $Sent
                if ($script:Late-- -gt 0) { $answer.AutomateProcessing = 'AutoAccept' }
                $answer
            }
        }
    """
    given: Json = {"Step": ["equipment-calendar"], "options": {"prelude": prelude}}
    back = undo(site(), applied().tenant, [copied_journal(applied(), tmp_path)], **given)
    assert (back.exit_code, states(back)) == (0, {"equipment-calendar": "undone"}), back.screen
    assert len(back.writes) == 1


def test_a_value_that_reads_as_before_for_good_is_gone(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    tenant = changed(
        applied().tenant, lambda one: recipient(one, EQUIPMENT)["calendar"].update(AutomateProcessing="AutoAccept")
    )
    back = undo(site(), tenant, [copied_journal(applied(), tmp_path)], Step=["equipment-calendar"])
    assert (back.exit_code, states(back), back.writes) == (5, {"equipment-calendar": "gone"}, ()), back.screen


def test_what_a_rollback_took_back_is_not_taken_back_again_whatever_came_since(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    here, journal = site(), copied_journal(applied(), tmp_path)
    # The mailbox stays: a deleted one would hold its address for a month.
    first = here.run("Rollback", applied().tenant, JournalPath=[journal])
    assert first.exit_code == 5
    second = here.run("Apply", first.tenant)
    assert second.exit_code == 0
    again = here.run("Rollback", second.tenant, JournalPath=[journal])
    assert (again.exit_code, again.writes) == (5, ()), again.screen
    assert without_bookkeeping(again.tenant) == without_bookkeeping(second.tenant)
    # Nothing that stands there is said to be undone; the first run's own group is gone, and another one is there.
    undone = {step for step, state in states(again).items() if state == "undone"}
    assert undone <= {"scheduling-group", "scheduling-members"}


def test_what_another_run_made_of_the_same_name_is_not_the_journals(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    here = site()
    by_hand = changed(applied().tenant, removed_by_hand)
    second = here.run("Apply", by_hand)
    assert [call.cmdlet for call in second.writes] == ["New-ManagementRoleAssignment"]
    back = undo(here, second.tenant, [copied_journal(applied(), tmp_path)])
    assert {step for step, state in states(back).items() if state == "kept"} == {
        "application-role",
        "application-scope",
        "application-pointer",
        "scheduling-group",
        "scheduling-members",
    }, back.screen
    assert any(one["Name"] == ASSIGNMENT for one in back.tenant["assignments"])
    assert "another object" in detail(back, "application-role")


def killed(site: Site, cmdlet: str, folder: Path) -> tuple[Result, str]:
    run = site.run("Apply", options={"faults": [{"kind": "kill-after", "cmdlet": cmdlet}]})
    assert run.killed
    return run, copied_journal(run, folder)


CREATED: dict[str, tuple[str, Callable[[Json], Json]]] = {
    "equipment-mailbox": ("New-Mailbox", lambda one: recipient(one, EQUIPMENT)),
    "scheduling-group": ("New-DistributionGroup", lambda one: recipient(one, GROUP)),
    "application-scope": ("New-ManagementScope", lambda one: named(one["scopes"], SCOPE)),
    "application-role": ("New-ManagementRoleAssignment", lambda one: named(one["assignments"], ASSIGNMENT)),
    "application-pointer": (
        "New-ServicePrincipal",
        lambda one: next(row for row in one["servicePrincipals"] if row["AppId"] == OURS),
    ),
}


@pytest.mark.parametrize("hours", [-1, 2])
@pytest.mark.parametrize("step", CREATED)
def test_what_was_only_announced_is_ours_by_the_time_at_which_it_was_created(
    site: SiteOf, tmp_path: Path, step: str, hours: int
) -> None:
    cmdlet, find = CREATED[step]
    run, journal = killed(site(), cmdlet, tmp_path)
    created = (datetime.now(timezone.utc) + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S")
    tenant = changed(run.tenant, lambda one: find(one).update(WhenCreatedUTC=created))
    back = undo(site(), tenant, [journal], Step=[step])
    assert (back.exit_code, states(back), back.writes) == (5, {step: "kept"}, ()), back.screen
    said = detail(back, step)
    assert f"created at {created.replace(' ', 'T')}Z" in said
    assert json.loads(Path(journal).read_text("utf-8").splitlines()[-2])["utc"][:10] in said


def test_a_pointer_that_had_no_display_name_keeps_the_one_that_it_has(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    def bare(tenant: Json) -> None:
        next(one for one in tenant["servicePrincipals"] if one["AppId"] == OURS)["DisplayName"] = ""

    run = site().run("Apply", changed(applied().tenant, bare), Step=["application-pointer"])
    assert len(run.writes) == 1, run.screen
    back = undo(site(), run.tenant, [copied_journal(run, tmp_path)])
    assert (back.exit_code, states(back)["application-pointer"], back.writes) == (5, "kept", ()), back.screen
    assert "it had no display name before" in detail(back, "application-pointer")


def test_somebody_who_was_taken_out_and_is_not_described_comes_back_only_when_asked_for(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    ceo = recipient(applied().tenant, "ceo@contoso.com")["Guid"]
    here = site(scheduling_group={"prune": True})
    with_ceo = changed(applied().tenant, lambda one: recipient(one, GROUP)["members"].append(ceo))
    run = here.run("Apply", with_ceo, Step=["scheduling-members"])
    assert ceo not in recipient(run.tenant, GROUP)["members"]
    (tmp_path / "asked").mkdir()
    back = undo(here, run.tenant, [copied_journal(run, tmp_path)])
    assert (back.exit_code, states(back)["scheduling-members"], back.writes) == (5, "kept", ()), back.screen
    assert "which needs a question" in detail(back, "scheduling-members")
    dry = undo(here, run.tenant, [copied_journal(run, tmp_path / "asked")], WhatIf=True)
    assert states(dry)["scheduling-members"] == "different", dry.screen


def test_entries_that_a_first_rollback_kept_are_still_its_to_take_back(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    here, journal = site(), copied_journal(applied(), tmp_path)
    first = here.run("Rollback", applied().tenant, JournalPath=[journal])
    assert states(first)["equipment-mailbox"] == "kept"
    second = undo(here, first.tenant, [journal])
    assert (second.exit_code, set(states(second).values())) == (0, {"undone"}), second.screen
    assert ews_list(second.tenant) == ews_list(here.tenant)
