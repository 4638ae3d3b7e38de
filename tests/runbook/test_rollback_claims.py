"""Rollback says undone only of what it took back and saw gone, and of what a journal says that it took back before."""

from __future__ import annotations

from pathlib import Path

from support.bad_days import ews_list
from support.described import asked_states
from support.sites import Applied, Json, SiteOf, copied_journal, states, undo
from support.tenants import ASSIGNMENT, EQUIPMENT, changed, detail, recipient

from pexgen.simulation import without_bookkeeping


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


def test_entries_that_a_first_rollback_kept_are_still_its_to_take_back(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    here, journal = site(), copied_journal(applied(), tmp_path)
    first = here.run("Rollback", applied().tenant, JournalPath=[journal])
    assert states(first)["equipment-mailbox"] == "kept"
    second = undo(here, first.tenant, [journal])
    assert (second.exit_code, set(asked_states(second))) == (0, {"undone"}), second.screen
    assert ews_list(second.tenant) == ews_list(here.tenant)
