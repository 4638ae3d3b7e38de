"""Migration: Prepare beside the old way, the switch by hand, Cleanup only over a proved new way."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from support.bad_days import ews_list
from support.migration import ACCOUNT, CUT_OVER, NAME, OLD, role_rows
from support.sites import Json, Result, Site, SiteOf, copied_journal, result_file, states
from support.tenants import changed, detail, guarded, recipient

from pexgen.simulation import without_bookkeeping
from pexgen.vendor_facts import EWS_ENDS

Late = Callable[[Site, str], Site]
LEGACY = ("legacy-impersonation", "legacy-account")


@pytest.fixture(scope="module")
def site(sample: SiteOf) -> Site:
    return sample(NAME)


def test_apply_needs_a_phase_and_cleanup_a_confirmed_cutover(site: Site, prepared: Result) -> None:
    guarded(site.run("Apply"), "values", "-Phase")
    guarded(site.run("Apply", prepared.tenant, Phase="Cleanup"), "values", "-ConfirmCutover")
    guarded(site.run("Apply", Phase="Later"), "values", "Prepare or Cleanup")
    guarded(site.run("Apply", Phase="Prepare", Step=["legacy-account"]), "values", "legacy-account")


def test_prepare_leaves_everything_of_the_old_way(site: Site, prepared: Result) -> None:
    assert set(states(prepared)) & set(LEGACY) == set()
    assert role_rows(prepared.tenant) == role_rows(site.tenant)
    assert OLD in ews_list(prepared.tenant)
    assert recipient(prepared.tenant, ACCOUNT) == recipient(site.tenant, ACCOUNT)
    assert result_file(prepared)["phase"] == "Prepare"


def test_check_and_verify_cover_both_phases_unless_one_is_named(site: Site, prepared: Result) -> None:
    check = site.run("Check", prepared.tenant)
    assert (check.exit_code, [states(check)[step] for step in LEGACY]) == (2, ["different", "different"])
    one = site.run("Check", prepared.tenant, Phase="Prepare")
    assert (one.exit_code, "Nothing differs in the phase Prepare." in one.screen) == (0, True), one.screen
    assert "-Mode Check -Phase Prepare\n" in one.screen
    verify = site.run("Verify", prepared.tenant)
    assert (verify.exit_code, [states(verify)[step] for step in LEGACY]) == (5, ["blocked", "blocked"])
    one = site.run("Verify", prepared.tenant, Phase="Prepare")
    assert (one.exit_code, "All checks of the phase Prepare passed" in one.screen) == (0, True), one.screen


def test_a_digest_is_of_one_phase_as_apply_is(site: Site, prepared: Result) -> None:
    both = site.run("Check", ResultPath="both.result.json")
    assert result_file(both)["planSha256"] is None
    assert "Plan      Apply does one phase: Check with -Phase Prepare or -Phase Cleanup prints" in both.screen
    # Where the other phase has nothing to do, it is the digest of the one that has.
    check = site.run("Check", prepared.tenant, ResultPath="one.result.json")
    assert "Apply does one phase" not in check.screen
    run = site.run("Apply", prepared.tenant, ApprovedPlan=result_file(check)["planSha256"], **CUT_OVER)
    assert run.exit_code == 0, run.screen


def test_cleanup_removes_what_the_old_way_left_and_nothing_else(prepared: Result, cleaned: Result) -> None:
    assert states(cleaned) == dict.fromkeys(LEGACY, "changed")
    gone = set(role_rows(prepared.tenant)) - set(role_rows(cleaned.tenant))
    assert len(gone) == 1
    assert "Somebody else's impersonation" in role_rows(cleaned.tenant)
    assert ews_list(prepared.tenant) - ews_list(cleaned.tenant) == {OLD}
    assert recipient(cleaned.tenant, ACCOUNT) == recipient(prepared.tenant, ACCOUNT)
    assert "license" in detail(cleaned, "legacy-account")


def test_after_cleanup_everything_is_proved(site: Site, cleaned: Result) -> None:
    verify = site.run("Verify", cleaned.tenant)
    assert (verify.exit_code, set(states(verify).values()) - {"not-asked"}) == (0, {"proved"}), verify.screen


def test_the_question_says_that_it_cannot_be_taken_back(site: Site, prepared: Result) -> None:
    run = site.run("Apply", prepared.tenant, options={"answers": ["n"]}, **CUT_OVER)
    assert (run.exit_code, run.writes) == (4, ())
    asked = run.screen[: run.screen.index("skipped")]
    assert f", which {ACCOUNT} has. This CANNOT be undone" in asked
    assert f"Effect    {ACCOUNT} can then no longer act in others' mailboxes by these assignments." in asked
    assert "is your word (-ConfirmCutover): Exchange does not show it." in asked


@pytest.mark.parametrize("what", ["member", "gate"])
def test_cleanup_stops_before_its_first_write_where_the_new_way_is_not_proved(
    site: Site, prepared: Result, what: str
) -> None:
    def spoil(tenant: Json) -> None:
        if what == "gate":
            tenant["organization"]["EwsEnabled"] = False
        else:
            recipient(tenant, "pexip-schedulers@contoso.com")["members"].clear()

    run = site.run("Apply", changed(prepared.tenant, spoil), **CUT_OVER)
    guarded(run, "proofs", "Not proved", "ews-access" if what == "gate" else "scheduling-members")
    assert without_bookkeeping(run.tenant)["assignments"] == without_bookkeeping(prepared.tenant)["assignments"]


def test_rollback_of_cleanup_gives_the_list_back_and_keeps_what_cannot_be_given_back(
    site: Site, prepared: Result, cleaned: Result, tmp_path: Any
) -> None:
    back = site.run("Rollback", cleaned.tenant, JournalPath=[copied_journal(cleaned, tmp_path)])
    found = states(back)
    assert (back.exit_code, found["legacy-impersonation"], found["legacy-account"]) == (5, "kept", "undone"), (
        back.screen
    )
    assert "no longer lets anybody assign this role" in detail(back, "legacy-impersonation")
    assert ews_list(back.tenant) == ews_list(prepared.tenant)
    (result,) = tmp_path.glob("*.Rollback.result.json")
    assert json.loads(result.read_text("utf-8"))["phase"] == "Cleanup"


def test_after_cleanup_prepare_mends_the_new_way_and_brings_nothing_of_the_old_one_back(
    site: Site, cleaned: Result
) -> None:
    def spoil(tenant: Json) -> None:
        recipient(tenant, "pexip-schedulers@contoso.com")["members"].pop()

    run = site.run("Apply", changed(cleaned.tenant, spoil), Phase="Prepare")
    assert run.exit_code == 0, run.screen
    assert without_bookkeeping(run.tenant)["recipients"] == without_bookkeeping(cleaned.tenant)["recipients"]
    assert (role_rows(run.tenant), ews_list(run.tenant)) == (role_rows(cleaned.tenant), ews_list(cleaned.tenant))


def test_rollback_of_prepare_gives_back_the_tenant(site: Site, prepared: Result, tmp_path: Any) -> None:
    back = site.run("Rollback", prepared.tenant, JournalPath=[copied_journal(prepared, tmp_path)])
    assert back.exit_code == 0, back.screen
    assert without_bookkeeping(back.tenant) == without_bookkeeping(site.tenant)


def test_from_the_end_of_ews_on_prepare_refuses(site: Site, late: Late) -> None:
    guarded(late(site, EWS_ENDS.value).run("Apply", Phase="Prepare"), "dates", EWS_ENDS.value)


@pytest.mark.parametrize("found", ["not set", "on"])
def test_a_list_that_begins_to_decide_holds_the_way_that_is_still_in_use(site: Site, found: str) -> None:
    enabled = None if found == "not set" else True

    def bare(tenant: Json) -> None:
        tenant["organization"].update(EwsEnabled=enabled, EwsAllowedAppIDs="")

    first = site.run("Apply", changed(site.tenant, bare), Phase="Prepare")
    assert (first.exit_code, OLD in ews_list(first.tenant)) == (5 if enabled is None else 0, True), first.screen
    if enabled is None:
        assert "-Mode Apply -Phase Prepare -Step ews-access -EwsListInPlaceSince" in first.screen
        since = {"EwsListInPlaceSince": "2026-11-01T00:00:00Z"}
        second = site.run("Apply", first.tenant, Phase="Prepare", Step=["ews-access"], **since)
        assert (second.exit_code, second.tenant["organization"]["EwsEnabled"]) == (0, True), second.screen
        assert OLD in ews_list(second.tenant)


def test_where_only_listed_applications_get_in_already_nobody_is_added_for_the_old_way(site: Site) -> None:
    def without_old(tenant: Json) -> None:
        tenant["organization"]["EwsAllowedAppIDs"] = "27922004-5251-4030-b22d-91ecd9a37ea4"

    run = site.run("Apply", changed(site.tenant, without_old), Phase="Prepare")
    assert (run.exit_code, OLD in ews_list(run.tenant)) == (0, False), run.screen
