"""Rollback gives back each property that was changed, whatever step it is of."""

from __future__ import annotations

from pathlib import Path

from support.sites import OURS, Applied, Json, SiteOf, copied_journal, undo
from support.tenants import ASSIGNMENT, EQUIPMENT, GROUP, changed, named, recipient

from pexgen.simulation import without_bookkeeping

OWNER = "ceo@contoso.com"


def pointer(tenant: Json) -> Json:
    """The described application's pointer."""
    (found,) = [one for one in tenant["servicePrincipals"] if one["AppId"] == OURS]
    assert isinstance(found, dict)
    return found


def test_each_property_that_differed_is_given_back(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    def drift(tenant: Json) -> None:
        recipient(tenant, EQUIPMENT).update(DisplayName="Their mailbox", Alias="theirs")
        recipient(tenant, GROUP).update(DisplayName="Their group", MemberJoinRestriction="ApprovalRequired")
        pointer(tenant)["DisplayName"] = "Their pointer"
        named(tenant["assignments"], ASSIGNMENT)["Enabled"] = False

    here = site(scheduling_group={"managed_by": OWNER, "harden": True}, equipment={"alias": "pexip"})
    before = changed(applied().tenant, drift)
    run = here.run("Apply", before)
    assert run.exit_code == 0, run.screen
    differed = {step["id"]: {one["property"] for one in step["differences"]} for step in run.objects}
    assert {step: names for step, names in differed.items() if names} == {
        "equipment-mailbox": {"DisplayName", "Alias"},
        "scheduling-group": {"DisplayName", "MemberJoinRestriction", f"owner:{OWNER}"},
        "application-pointer": {"DisplayName"},
        "application-role": {"Enabled"},
    }
    back = undo(here, run.tenant, [copied_journal(run, tmp_path)])
    assert back.exit_code == 0, back.screen
    assert without_bookkeeping(back.tenant) == without_bookkeeping(before)
