"""The calendar of the equipment mailbox is set and given back, and no setting of it that is not ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.function_cases import ENTRY
from support.functions import Functions
from support.sites import Applied, SiteOf, copied_journal, states, undo
from support.step_cases import (
    Changes,
    corrected,
    seen_later,
    unreadable_where_lacking,
)
from support.tenants import EQUIPMENT, changed, recipient

STEP = "equipment-calendar"
DRIFTS: Changes = {
    "calendar processing": (
        lambda t: recipient(t, EQUIPMENT)["calendar"].update(AutomateProcessing="AutoAccept"),
        "Set-CalendarProcessing",
    ),
}


@pytest.mark.parametrize("case", DRIFTS)
def test_each_drift_is_one_step_that_differs_and_one_write(site: SiteOf, applied: Applied, case: str) -> None:
    change, cmdlet = DRIFTS[case]
    corrected(site(), changed(applied().tenant, change), STEP, cmdlet)


def test_an_answer_that_lacks_a_property_does_not_say_that_it_is_empty(site: SiteOf, applied: Applied) -> None:
    unreadable_where_lacking(site, applied, "Get-CalendarProcessing", "AutomateProcessing", STEP)


def test_a_cmdlet_that_sees_a_new_object_later_than_others_is_waited_for(site: SiteOf, applied: Applied) -> None:
    seen_later(site(), applied(), "Get-CalendarProcessing", "New-Mailbox")


def test_a_truth_value_that_exchange_answers_as_text_is_given_back(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    here = site(equipment={"calendar": {"add_new_requests_tentatively": True}})
    before = changed(
        applied().tenant, lambda t: recipient(t, EQUIPMENT)["calendar"].update(AddNewRequestsTentatively="False")
    )
    run = here.run("Apply", before)
    assert (run.exit_code, states(run)["equipment-calendar"]) == (0, "changed"), run.screen
    back = undo(here, run.tenant, [copied_journal(run, tmp_path)])
    assert (back.exit_code, states(back)["equipment-calendar"]) == (0, "undone"), back.screen
    assert str(recipient(back.tenant, EQUIPMENT)["calendar"]["AddNewRequestsTentatively"]) == "False"


def test_what_is_given_back_is_a_value_of_a_described_setting(functions: Functions) -> None:
    claim = """
function Get-Claim {
    param([string] $Name, $Before)
    Get-EquipmentCalendarClaim (New-Entry @{ $Name = $Before } @{ $Name = 'None' }) -Name $Name
}
$Value.EquipmentCalendar = @{ AutomateProcessing = 'None'; BookingWindowInDays = 180; DeleteSubject = $false }
"""
    claims: dict[str, Any] = {
        "Get-Claim 'AutomateProcessing' 'AutoAccept'": [],
        "Get-Claim 'BookingWindowInDays' 1080": [],
        "Get-Claim 'DeleteSubject' $true": [],
        "Get-Claim 'AutomateProcessing' 'Anything'": "'Anything' is not a value of it",
        "Get-Claim 'AutomateProcessing' ''": "(not set) is not a value of it",
        "Get-Claim 'BookingWindowInDays' 1081": "1081 is not a value of it",
        "Get-Claim 'BookingWindowInDays' '180'": "'180' is not a value of it",
        "Get-Claim 'DeleteSubject' 'False'": "'False' is not a value of it",
        "Get-Claim 'DeleteSubject' $null": "(not set) is not a value of it",
        "Get-Claim 'AllowConflicts' $true": "the description does not set it",
    }
    assert functions.values(*claims, before=ENTRY + claim) == claims
