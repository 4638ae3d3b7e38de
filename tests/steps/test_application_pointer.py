"""The application's pointer in Exchange is made, corrected and taken back, and another one is never taken for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.described import each_step
from support.function_cases import WITH
from support.functions import Functions
from support.sites import DESCRIPTION, OBJECT, OURS, Applied, Json, SiteOf, copied_journal, states, undo
from support.step_cases import (
    Changes,
    corrected,
    fails_where_it_never_shows,
    seen_later,
    taken_right_before,
    unreadable_where_lacking,
)
from support.step_undos import (
    kept_at_the_last_look,
    ours_by_its_time,
    removed_though_not_found_once,
    taken_back_without_time_to_wait,
    unreadable_on_the_next_look,
)
from support.tenants import NOT_FOUND, changed, detail, in_conflict, pointer

from pexgen.rehearsal import Result
from pexgen.simulation.objects import assignment, guid

STEP = "application-pointer"
ANOTHER = "99999999-7777-4888-9999-aaaaaaaaaaaa"
OLD = "12121212-7777-4888-9999-aaaaaaaaaaaa"
BEFORE_ANYTHING: Changes = {
    "the client ID has another object ID": (
        lambda t: t["servicePrincipals"].append(pointer(OURS, ANOTHER)),
        "created anew in Entra",
    ),
    "the object ID has another client ID": (
        lambda t: t["servicePrincipals"].append(pointer(ANOTHER, OBJECT)),
        "created anew in Entra",
    ),
}


@pytest.mark.parametrize("case", BEFORE_ANYTHING)
def test_a_conflict_in_a_tenant_where_nothing_is_there_yet(site: SiteOf, case: str) -> None:
    change, text = BEFORE_ANYTHING[case]
    in_conflict(site(), changed(site().tenant, change), STEP, text)


def test_what_takes_the_place_right_before_the_creation_is_a_conflict_and_not_waited_for(site: SiteOf) -> None:
    theirs = {"AppId": OURS, "ObjectId": OLD, "DisplayName": "Old", "Name": "old", "Guid": guid("old")}
    taken_right_before(site(), STEP, "New-ServicePrincipal", {"path": "servicePrincipals", "add": [theirs]}, OLD)


def our_pointer(tenant: Json) -> Json:
    """Return the described application's pointer."""
    (found,) = [one for one in tenant["servicePrincipals"] if one["AppId"] == OURS]
    assert isinstance(found, dict)
    return found


DRIFTS: Changes = {
    "name of the pointer": (lambda t: our_pointer(t).update(DisplayName="x"), "Set-ServicePrincipal"),
}


@pytest.mark.parametrize("case", DRIFTS)
def test_each_drift_is_one_step_that_differs_and_one_write(site: SiteOf, applied: Applied, case: str) -> None:
    change, cmdlet = DRIFTS[case]
    corrected(site(), changed(applied().tenant, change), STEP, cmdlet)


def test_an_answer_that_lacks_a_property_does_not_say_that_it_is_empty(site: SiteOf, applied: Applied) -> None:
    unreadable_where_lacking(site, applied, "Get-ServicePrincipal", "DisplayName", STEP)


def test_a_cmdlet_that_sees_a_new_object_later_than_others_is_waited_for(site: SiteOf, applied: Applied) -> None:
    seen_later(site(), applied(), "Get-ServicePrincipal", "New-ServicePrincipal")


def test_what_is_said_to_exist_and_never_shows_has_failed(site: SiteOf) -> None:
    fails_where_it_never_shows(site(), "New-ServicePrincipal", STEP)


def test_what_was_only_announced_is_ours_by_the_time_at_which_it_was_created(site: SiteOf, tmp_path: Path) -> None:
    ours_by_its_time(site(), tmp_path, STEP, "New-ServicePrincipal", our_pointer)


def test_a_single_not_found_right_before_a_removal_is_asked_about_again(
    site: SiteOf, applied: Applied, undone: Result, tmp_path: Path
) -> None:
    removed_though_not_found_once(site(), applied(), undone, tmp_path, "Remove-ServicePrincipal")


def test_without_time_to_wait_a_single_not_found_about_what_was_made_does_not_count_as_gone(
    site: SiteOf, tmp_path: Path
) -> None:
    taken_back_without_time_to_wait(site(), tmp_path, STEP, "Get-ServicePrincipal")


def test_what_was_just_seen_and_is_not_found_on_the_next_look_is_unreadable_and_not_somebody_else_s(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    unreadable_on_the_next_look(site(), applied(), tmp_path, STEP, "Get-ServicePrincipal", 2)


def test_no_question_names_a_service_principal_that_is_not_found_at_that_moment(site: SiteOf, tmp_path: Path) -> None:
    here, only = site(), ["application-pointer"]
    run = here.run("Apply", Step=only)
    fault = {"kind": "error", "cmdlet": "Get-ServicePrincipal", "nth": 4, "class": NOT_FOUND, "text": "not now"}
    back = undo(here, run.tenant, [copied_journal(run, tmp_path)], Step=only, options={"faults": [fault]})
    assert (back.exit_code, states(back)[only[0]], back.writes) == (4, "unreadable", ()), back.screen


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


def second_role(tenant: Json) -> None:
    tenant["assignments"].append(
        assignment("theirs", "Application Mail.Read", our_pointer(tenant)["Guid"], "ServicePrincipal")
    )


HELD: Changes = {"the pointer has a second role": (second_role, "it has the role assignment 'theirs'")}


@pytest.mark.parametrize("case", HELD)
def test_what_others_use_is_kept_and_all_else_taken_back(
    site: SiteOf, applied: Applied, tmp_path: Path, case: str
) -> None:
    use, reason = HELD[case]
    back = undo(site(), changed(applied().tenant, use), [copied_journal(applied(), tmp_path)])
    assert back.exit_code == 5, back.screen
    assert states(back) == {**each_step(DESCRIPTION, "undone", otherwise="in-place"), STEP: "kept"}
    assert reason in detail(back, STEP)


def test_an_answer_about_another_object_or_none_is_not_the_one_that_is_written_to(functions: Functions) -> None:
    asked = """
function Read-ServicePrincipal { [pscustomobject] $Answer }
function Get-Now {
    param([hashtable] $Answer)
    With { Get-ApplicationPointerNow ([ordered] @{ id = 'aa'; properties = [ordered] @{} }) }
}
"""
    cases = {
        "Get-Now @{ ObjectId = 'AA' }": "",
        "Get-Now @{ ObjectId = 'bb' }": "Asked for the service principal aa, Exchange answers with 'bb'.",
        "Get-Now @{ ObjectId = '' }": "Asked for the service principal aa, Exchange answers with ''.",
        "Get-Now @{ Name = 'aa' }": "has no ObjectId.",
    }
    assert functions.stops(cases, before=WITH + asked, ends="unreadable") == cases


def pointer_gets_another_role(tenant: Json) -> Json:
    row = assignment("by hand", "Application Mail.Read", our_pointer(tenant)["Guid"], "ServicePrincipal")
    return {"path": "assignments", "add": [row]}


RELIED_ON: Changes = {"the pointer gets another role": (pointer_gets_another_role, "role assignment 'by hand'")}


@pytest.mark.parametrize("case", RELIED_ON)
def test_what_somebody_came_to_rely_on_while_the_question_stood_open_is_kept(
    site: SiteOf, tmp_path: Path, case: str
) -> None:
    meanwhile, reason = RELIED_ON[case]
    kept_at_the_last_look(site(), tmp_path, [STEP], meanwhile, reason)
