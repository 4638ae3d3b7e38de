"""Of the role's assignment Rollback takes back what is ours alone, and calls undone only what it saw gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.sites import Applied, Json, SiteOf, copied_journal, states, undo
from support.step_undos import (
    never_undone_while_there,
    ours_by_its_time,
    taken_back_though_found_late,
    unreadable_on_the_next_look,
    unseen,
)
from support.tenants import ASSIGNMENT, changed, detail, named

STEP = "application-role"


def is_there(tenant: Json) -> bool:
    return any(one["Name"] == ASSIGNMENT for one in tenant["assignments"])


# With time to wait each of the looks is the first that finds nothing; without it two of them.
@pytest.mark.parametrize(("nth", "wait"), [*((nth, 900) for nth in range(1, 7)), (1, 0), (3, 0)])
def test_two_answers_of_not_found_over_what_is_there_never_make_it_undone(
    site: SiteOf, applied: Applied, tmp_path: Path, nth: int, wait: int
) -> None:
    given: Json = {"step": STEP, "WaitSeconds": wait, "options": unseen("Get-ManagementRoleAssignment", nth, 2)}
    never_undone_while_there(site(), applied(), tmp_path, is_there, **given)


def test_what_is_found_late_in_its_time_is_taken_back(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    taken_back_though_found_late(site(), applied(), tmp_path, STEP, "Get-ManagementRoleAssignment")


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


def test_what_was_only_announced_is_ours_by_the_time_at_which_it_was_created(site: SiteOf, tmp_path: Path) -> None:
    ours_by_its_time(
        site(), tmp_path, STEP, "New-ManagementRoleAssignment", lambda one: named(one["assignments"], ASSIGNMENT)
    )


def test_what_was_just_seen_and_is_not_found_on_the_next_look_is_unreadable_and_not_somebody_else_s(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    unreadable_on_the_next_look(site(), applied(), tmp_path, STEP, "Get-ManagementRoleAssignment", 2)


def test_an_assignment_that_is_another_applications_since_is_not_switched_off(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    def ours(tenant: Json) -> Json:
        return next(row for row in tenant["assignments"] if row["Name"] == "contoso-scheduling-ews")

    off = changed(applied().tenant, lambda one: ours(one).update(Enabled=False))
    run = site().run("Apply", off, Step=["application-role"])
    assert run.exit_code == 0, run.screen
    theirs = changed(run.tenant, lambda one: ours(one).update(assignee=one["servicePrincipals"][0]["Guid"]))
    back = undo(site(), theirs, [copied_journal(run, tmp_path)], Step=["application-role"])
    assert (back.exit_code, states(back), back.writes) == (5, {"application-role": "kept"}, ()), back.screen
