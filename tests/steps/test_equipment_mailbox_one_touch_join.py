"""The equipment mailbox may be no room of One-Touch Join: only its group shows that, and a guard reads it."""

from __future__ import annotations

import pytest
from support.sites import Json, SiteOf
from support.tenants import EQUIPMENT, changed, guarded, recipient

ROOMS = "otj-rooms@contoso.com"
OURS = {"groups": [ROOMS]}
STAGES = ("Check", "Apply", "Verify")


def with_our_room(tenant: Json) -> None:
    recipient(tenant, ROOMS)["members"].append(recipient(tenant, EQUIPMENT)["Guid"])


@pytest.mark.parametrize("mode", STAGES)
def test_a_room_of_one_touch_join_is_refused_whatever_step_is_asked_for(site: SiteOf, mode: str) -> None:
    here = site(one_touch_join=OURS, equipment={"adopt": True})
    tenant = changed(here.tenant, with_our_room)
    guarded(here.run(mode, tenant), "one-touch-join", EQUIPMENT, ROOMS)
    guarded(here.run(mode, tenant, Step=["scheduling-members"]), "one-touch-join", EQUIPMENT)


def test_other_rooms_are_no_reason(site: SiteOf) -> None:
    here = site(one_touch_join=OURS)
    run = here.run("Apply")
    assert run.exit_code == 0, run.screen


def test_a_group_that_cannot_be_read_is_a_refusal_and_never_an_empty_group(site: SiteOf) -> None:
    here = site(one_touch_join=OURS)

    def without(tenant: Json) -> None:
        tenant["recipients"].remove(recipient(tenant, ROOMS))

    guarded(here.run("Check", changed(here.tenant, without)), "one-touch-join", f"members of {ROOMS}")
    fault = {"kind": "server-error", "cmdlet": "Get-DistributionGroupMember", "times": 4}
    guarded(here.run("Apply", options={"faults": [fault]}), "one-touch-join", f"members of {ROOMS}")


def test_rollback_needs_no_such_look(site: SiteOf, tmp_path) -> None:
    here = site(one_touch_join=OURS)
    run = here.run("Apply")
    (journal,) = run.folder.glob("*.journal.jsonl")
    back = here.run("Rollback", changed(run.tenant, with_our_room), JournalPath=[str(journal)], WhatIf=True)
    assert back.exit_code in {2, 5}, back.screen
