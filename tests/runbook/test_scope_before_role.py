"""The role is given over the described mailboxes, or not at all; and whose an assignment is, is never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.journals import entries, journal_text
from support.sites import OURS, Applied, Json, Site, SiteOf, copied_journal, states
from support.tenants import ASSIGNMENT, GROUP, SCOPE, changed, detail, named, recipient

from pexgen.simulation.objects import guid

ROLE: Json = {"Step": ["application-role"]}
THEIRS = "Somebody else's access"
EVERYBODY = "Alias -like '*'"
WIDER = {"path": f"scopes.[Name={SCOPE}].RecipientFilter", "value": EVERYBODY}


def without_ours(tenant: Json) -> None:
    tenant["assignments"].remove(named(tenant["assignments"], ASSIGNMENT))


def ours_disabled(tenant: Json) -> None:
    named(tenant["assignments"], ASSIGNMENT)["Enabled"] = False


def widened(tenant: Json) -> None:
    named(tenant["scopes"], SCOPE)["RecipientFilter"] = EVERYBODY


TO_DO = {"not there": without_ours, "disabled": ours_disabled}


def stopped(site: Site, tenant: Json, mode: str, *texts: str) -> None:
    """Check that the step alone is stopped before any write, with these words."""
    run = site.run(mode, tenant, **ROLE)
    assert (run.exit_code, states(run), run.writes) == (4, {"application-role": "conflict"}, ()), run.screen
    for text in texts:
        assert text in detail(run, "application-role")


@pytest.mark.parametrize("mode", ["Check", "Apply"])
@pytest.mark.parametrize("what", TO_DO)
def test_the_role_is_not_given_over_a_scope_with_another_filter(
    site: SiteOf, applied: Applied, what: str, mode: str
) -> None:
    tenant = changed(changed(applied().tenant, TO_DO[what]), widened)
    stopped(site(), tenant, mode, f"another filter: {EVERYBODY}", "another scope name")


def test_a_filter_that_is_rewritten_after_the_scope_was_compared_stops_the_whole_run_before_the_role(
    site: SiteOf, applied: Applied
) -> None:
    (write,) = [call for call in applied().writes if call.cmdlet == "New-ManagementRoleAssignment"]
    look = max(call.n for call in applied().calls[: write.n - 1] if call.cmdlet == "Get-ManagementRoleAssignment")
    run = site().run("Apply", options={"faults": [{"kind": "change", "call": look, "set": [WIDER]}]})
    assert (run.exit_code, states(run)["application-scope"]) == (3, "changed"), run.screen
    assert (states(run)["application-role"], EVERYBODY in detail(run, "application-role")) == ("conflict", True)
    assert "New-ManagementRoleAssignment" not in {call.cmdlet for call in run.writes}


@pytest.mark.parametrize("what", TO_DO)
def test_a_filter_that_is_rewritten_while_the_question_stood_open_stops_the_step(
    site: SiteOf, applied: Applied, what: str
) -> None:
    tenant = changed(applied().tenant, TO_DO[what])
    asked = len(site().run("Apply", tenant, WhatIf=True, **ROLE).calls)
    run = site().run(
        "Apply", tenant, options={"faults": [{"kind": "change", "call": asked + 1, "set": [WIDER]}]}, **ROLE
    )
    assert (run.exit_code, states(run), run.writes) == (4, {"application-role": "conflict"}, ()), run.screen
    assert "Go on" not in run.screen


def test_what_the_last_look_stopped_was_not_done_and_what_stands_there_later_is_somebody_elses(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    tenant = changed(applied().tenant, without_ours)
    asked = len(site().run("Apply", tenant, WhatIf=True, **ROLE).calls)
    fault = {"kind": "change", "call": asked + 1, "set": [WIDER]}
    run = site().run("Apply", tenant, options={"faults": [fault]}, **ROLE)
    events = [line["event"] for line in entries(journal_text(run)) if "event" in line]
    assert events == ["intent", "failed"]
    # Somebody puts the scope right and makes the very assignment that was announced.
    back = site().run("Rollback", applied().tenant, JournalPath=[copied_journal(run, tmp_path)])
    assert (back.exit_code, states(back)["application-role"], back.writes, back.waits) == (5, "kept", (), ())


@pytest.mark.parametrize("mode", ["Check", "Apply"])
def test_the_role_is_not_given_where_the_scope_reaches_more_than_the_description_allows(
    site: SiteOf, applied: Applied, mode: str
) -> None:
    def crowded(tenant: Json) -> None:
        without_ours(tenant)
        recipient(tenant, GROUP)["members"].append(recipient(tenant, "ceo@contoso.com")["Guid"])

    small = site(scope={"max_mailboxes": 3})
    stopped(small, changed(applied().tenant, crowded), mode, "4 mailboxes; the description allows 3")


def test_a_second_assignment_that_is_disabled_stays_so_beside_the_enabled_one(site: SiteOf, applied: Applied) -> None:
    def second(tenant: Json) -> None:
        ours = named(tenant["assignments"], ASSIGNMENT)
        tenant["assignments"].insert(0, {**ours, "Guid": guid("older"), "Name": "older", "Enabled": False})

    tenant = changed(applied().tenant, second)
    assert site().run("Check", tenant, **ROLE).exit_code == 0
    run = site().run("Apply", tenant, **ROLE)
    assert (run.exit_code, states(run), run.writes) == (0, {"application-role": "in-place"}, ()), run.screen


@pytest.mark.parametrize("enabled", [True, False])
def test_what_another_application_of_the_same_display_name_holds_is_not_ours(
    site: SiteOf,
    applied: Applied,
    enabled: bool,  # noqa: FBT001 - whether theirs is switched on
) -> None:
    def namesake(tenant: Json) -> None:
        without_ours(tenant)
        (other,) = [one for one in tenant["servicePrincipals"] if one["AppId"] != OURS]
        (ours,) = [one for one in tenant["servicePrincipals"] if one["AppId"] == OURS]
        other["DisplayName"] = ours["DisplayName"]
        scope = named(tenant["scopes"], SCOPE)["Guid"]
        named(tenant["assignments"], THEIRS).update(scope=scope, Enabled=enabled)
        tenant["settings"].update(assigneeAs="displayName", assigneeUnknown=True)

    tenant = changed(applied().tenant, namesake)
    run = site().run("Apply", tenant, **ROLE)
    assert states(run)["application-role"] != "in-place", run.screen
    assert named(run.tenant["assignments"], THEIRS) == named(tenant["assignments"], THEIRS)


def test_verify_disproves_the_role_where_the_scope_was_given_a_filter_that_reaches_others(
    site: SiteOf, applied: Applied
) -> None:
    verify = site().run("Verify", changed(applied().tenant, widened))
    assert states(verify)["application-role"] == "disproved", verify.screen
    assert "ceo@contoso.com: in scope: True; expected in scope: False" in verify.screen
