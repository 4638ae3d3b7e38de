"""What Rollback takes for ours where nobody answered for a write, or Exchange did not show it for a moment."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from support.sites import Applied, Json, SiteOf, copied_journal, states, undo
from support.tenants import NOT_FOUND

from pexgen.simulation import without_bookkeeping


@pytest.mark.parametrize("cmdlet", ["Set-OrganizationConfig", "New-ManagementRoleAssignment", "New-ServicePrincipal"])
def test_a_write_without_an_answer_that_could_not_be_looked_at_is_taken_back(
    site: SiteOf, applied: Applied, tmp_path: Path, cmdlet: str
) -> None:
    write = [call for call in applied().writes if call.cmdlet == cmdlet][-1]
    faults = [{"kind": "lost-answer", "call": write.n}, {"kind": "throttled", "call": write.n + 1, "times": 3}]
    run = site().run("Apply", options={"faults": faults})
    assert run.exit_code == 3
    back = undo(site(), run.tenant, [copied_journal(run, tmp_path)])
    assert back.exit_code == 0, back.screen
    assert without_bookkeeping(back.tenant) == without_bookkeeping(site().tenant)


def test_a_create_without_an_answer_that_is_late_is_waited_for_and_taken_back(site: SiteOf, tmp_path: Path) -> None:
    tenant = copy.deepcopy(site().tenant)
    tenant["settings"]["late"] = {"servicePrincipal": 3}
    run = site().run("Apply", tenant, options={"faults": [{"kind": "lost-answer", "cmdlet": "New-ServicePrincipal"}]})
    back = undo(site(), run.tenant, [copied_journal(run, tmp_path)])
    assert back.exit_code == 0, back.screen
    assert without_bookkeeping(back.tenant) == without_bookkeeping(tenant)


def test_without_time_to_wait_a_single_not_found_right_before_a_removal_keeps_it(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    given: Json = {"WaitSeconds": 0, "Step": ["application-role"]}
    (tmp_path / "good").mkdir()
    good = undo(site(), applied().tenant, [copied_journal(applied(), tmp_path / "good")], **given)
    (write,) = good.writes
    # The look before the reasons to keep it are looked for once more.
    plan = [call.n for call in good.calls if call.parameters.get("Identity") == "contoso-scheduling-ews"]
    last = [n for n in plan if n < write.n]
    fault = {"kind": "error", "call": last[-2], "class": NOT_FOUND, "text": "not now"}
    given["options"] = {"faults": [fault]}
    back = undo(site(), applied().tenant, [copied_journal(applied(), tmp_path)], **given)
    assert (back.exit_code, states(back), back.writes) == (5, {"application-role": "kept"}, ()), back.screen
