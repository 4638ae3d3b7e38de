"""What was given on the command line, in the form that the rest of the body reads (engine/71-given, engine/99-main)."""

from __future__ import annotations

from typing import Any

from support.functions import Functions


def test_a_list_is_taken_apart_at_its_commas_and_nothing_is_no_entry(functions: Functions) -> None:
    lists: dict[str, Any] = {
        "$Value.ProofInScope": ["a@contoso.com", "b@contoso.com", "c@contoso.com"],
        "$Value.ProofOutOfScope.Count": 0,
        "$Value.SchedulingGroupMembers.Count": 0,
        "$Value.EwsKeep.Count": 1,
        "$Value.EquipmentCalendar.Count": 0,
        # A text has its commas.
        "$Value.EquipmentName": "Room, large",
    }
    given = {
        "ProofInScope": ["a@contoso.com, b@contoso.com,", " c@contoso.com ", "", None],
        "ProofOutOfScope": None,
        "SchedulingGroupMembers": [","],
        "EwsKeep": [None, {"ClientId": "x"}],
        "EquipmentCalendar": None,
        "EquipmentName": "Room, large",
    }
    assert functions.values(*lists, **given) == lists


def test_what_is_said_of_the_run_is_read_in_one_form(functions: Functions) -> None:
    said: dict[str, Any] = {
        "$Run.Mode": "Rollback",
        "$Run.Step": ["ews-access", "add-in"],
        "$Run.JournalPath": ["a.jsonl", "b.jsonl"],
        "$Run.ApprovedPlan": "ab",
        "$Run.Unasked": True,
    }
    given: dict[str, Any] = {
        "Mode": "rollback",
        "Step": ["ews-access, add-in "],
        "JournalPath": ["a.jsonl,b.jsonl", " "],
        "ApprovedPlan": " AB ",
        "Confirm": False,
    }
    assert functions.values(*said, **given) == said


def test_apply_has_one_journal_whatever_its_name_holds(functions: Functions) -> None:
    said = {"$Run.JournalPath": "a,b.jsonl", "$Run.Mode": "Apply", "$Run.Unasked": False}
    assert functions.values(*said, Mode="APPLY", JournalPath=["a,b.jsonl"], Confirm=True) == said
