"""Rollback of the EWS list and switch shuts nobody out who came to rely on them, and says what it opens and closes."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from support.bad_days import ews_list
from support.ews import FULL, STEP, gate, tenant_with
from support.sites import KEEP, Applied, Json, SiteOf, copied_journal, copied_journals, states, undo
from support.tenants import changed

THEIRS, FURTHER = "77777777-2222-4333-8444-555555555555", "88888888-2222-4333-8444-555555555555"


@pytest.mark.parametrize(("before", "warns"), [(False, True), (None, False)])
def test_a_rollback_that_closes_ews_says_so_and_offers_no_line_that_opens_it_further(
    site: SiteOf, tmp_path: Path, before: Any, warns: Any
) -> None:
    here = site()
    since = (datetime.now(timezone.utc) - timedelta(hours=25)).strftime("%Y-%m-%dT%H:%M:%SZ")
    run = here.run("Apply", tenant_with(here, before, FULL), EwsListInPlaceSince=since, **STEP)
    assert gate(run.tenant) == (True, set(FULL)), run.screen
    journal = [copied_journal(run, tmp_path)]
    back = here.run("Rollback", run.tenant, options={"answers": ["y"]}, JournalPath=journal, **STEP)
    assert (back.exit_code, gate(back.tenant)) == (0, (before, set(FULL))), back.screen
    act = "EWS off for all applications" if warns else "EWS open to all applications, whatever is on the list"
    value = "False" if warns else "(not set)"
    assert f"set EwsEnabled of the organization back to {value}: {act}" in back.screen
    assert ("Set-OrganizationConfig -EwsEnabled $true opens EWS again" in back.screen) == warns
    assert "opens it again for everybody" not in back.screen


def listed_too(tenant: Json, client_id: str) -> Json:
    def add(one: Json) -> None:
        one["organization"]["EwsAllowedAppIDs"] += f", {client_id}"

    return changed(tenant, add)


def test_ews_stays_on_for_whom_a_later_write_of_the_list_only_carried_along(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    keep = [{"client_id": KEEP, "name": "Room panels"}, {"client_id": FURTHER, "name": "Further"}]
    second = site(ews={"policy": "merge", "switch_on": True, "keep": keep})
    later = second.run("Apply", listed_too(applied().tenant, THEIRS))
    assert later.exit_code == 0, later.screen
    back = undo(second, later.tenant, copied_journals(tmp_path, applied(), later), **STEP)
    assert (back.exit_code, back.tenant["organization"]["EwsEnabled"]) == (5, True), back.screen
    assert ews_list(back.tenant) >= {THEIRS, KEEP}
    assert FURTHER not in ews_list(back.tenant)


def test_a_switch_that_was_not_set_goes_back_to_that_whoever_was_listed_since(site: SiteOf, tmp_path: Path) -> None:
    here = site()
    start = changed(here.tenant, lambda one: one["organization"].update(EwsEnabled=None))
    first = here.run("Apply", start, **STEP)
    journals = [copied_journal(first, tmp_path)]
    second = here.run("Apply", first.tenant, EwsListInPlaceSince="2026-11-01T00:00:00Z", JournalPath=journals, **STEP)
    assert (second.exit_code, second.tenant["organization"]["EwsEnabled"]) == (0, True), second.screen
    back = undo(here, listed_too(second.tenant, THEIRS), journals, **STEP)
    assert (back.exit_code, back.tenant["organization"]["EwsEnabled"]) == (0, None), back.screen
    assert ews_list(back.tenant) == ews_list(start) | {THEIRS}


def test_after_ews_was_opened_by_hand_as_the_record_says_rollback_takes_our_entries_off_and_ends_with_5(
    site: SiteOf, tmp_path: Path
) -> None:
    here = site()
    start = changed(here.tenant, lambda one: one["organization"].update(EwsEnabled=None))
    first = here.run("Apply", start, **STEP)
    journals = [copied_journal(first, tmp_path)]
    second = here.run("Apply", first.tenant, EwsListInPlaceSince="2026-11-01T00:00:00Z", JournalPath=journals, **STEP)
    assert second.exit_code == 0, second.screen
    opened = changed(second.tenant, lambda one: one["organization"].update(EwsEnabled=None))
    back = undo(here, opened, journals, **STEP)
    assert (back.exit_code, states(back), gate(back.tenant)) == (5, {"ews-access": "gone"}, gate(start)), back.screen
    assert "EwsEnabled of organization already has its value from before" in back.screen


def test_a_list_that_somebody_made_decide_keeps_who_would_be_shut_out_and_lets_ours_go(
    site: SiteOf, tmp_path: Path
) -> None:
    here = site()
    empty = changed(here.tenant, lambda one: one["organization"].update(EwsEnabled=None, EwsAllowedAppIDs=""))
    run = here.run("Apply", empty, **STEP)
    decides = changed(run.tenant, lambda one: one["organization"].update(EwsEnabled=True))
    back = undo(here, decides, [copied_journal(run, tmp_path)], **STEP)
    assert (back.exit_code, ews_list(back.tenant)) == (5, {KEEP}), back.screen
