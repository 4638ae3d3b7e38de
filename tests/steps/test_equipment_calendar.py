"""The calendar of the equipment mailbox is set and given back, and no setting of it that is not ours."""

from __future__ import annotations

import pytest
from support.sites import Applied, SiteOf
from support.step_cases import Changes, corrected
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
