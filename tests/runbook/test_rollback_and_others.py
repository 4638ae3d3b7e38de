"""What Rollback takes for ours and what it does not: writes that nobody answered for, and what others did since."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from support.bad_days import ews_list
from support.sites import KEEP, Applied, Site, SiteOf, copied_journal, states
from support.tenants import GROUP, changed, recipient

from pexgen.rehearsal import Result
from pexgen.simulation import without_bookkeeping

Json = dict[str, Any]
THEIRS, FURTHER = "77777777-2222-4333-8444-555555555555", "88888888-2222-4333-8444-555555555555"
NOT_FOUND = "Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException"
EWS: Json = {"Step": ["ews-access"]}


def undo(site: Site, tenant: Json, journals: list[str], **arguments: Any) -> Result:
    return site.run("Rollback", tenant, JournalPath=journals, RemoveCreatedMailbox=True, **arguments)


def journals_of(folder: Path, *runs: Result) -> list[str]:
    paths = [folder / str(number) for number in range(len(runs))]
    for path in paths:
        path.mkdir()
    return [copied_journal(run, path) for run, path in zip(runs, paths, strict=True)]


def listed_too(tenant: Json, client_id: str) -> Json:
    def add(one: Json) -> None:
        one["organization"]["EwsAllowedAppIDs"] += f", {client_id}"

    return changed(tenant, add)


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


@pytest.mark.parametrize(
    "cmdlet", ["Remove-ManagementScope", "Remove-ServicePrincipal", "Remove-DistributionGroup", "Remove-Mailbox"]
)
def test_a_single_not_found_right_before_a_removal_is_asked_about_again(
    site: SiteOf, applied: Applied, tmp_path: Path, cmdlet: str
) -> None:
    journals = [copied_journal(applied(), tmp_path)]
    good = undo(site(), applied().tenant, journals)
    (write,) = [call for call in good.writes if call.cmdlet == cmdlet]
    look = max(call.n for call in good.calls[: write.n] if call.cmdlet == cmdlet.replace("Remove-", "Get-"))
    fault = {"kind": "error", "call": look, "class": NOT_FOUND, "text": "not now"}
    (tmp_path / "again").mkdir()
    journals = [copied_journal(applied(), tmp_path / "again")]
    back = undo(site(), applied().tenant, journals, options={"faults": [fault]})
    assert back.exit_code == 0, back.screen
    assert without_bookkeeping(back.tenant) == without_bookkeeping(good.tenant)


@pytest.mark.parametrize(
    ("step", "look"),
    [("application-pointer", "Get-ServicePrincipal"), ("equipment-mailbox", "Get-Mailbox")],
)
def test_without_time_to_wait_a_single_not_found_about_what_was_made_does_not_count_as_gone(
    site: SiteOf, tmp_path: Path, step: str, look: str
) -> None:
    here = site()
    run = here.run("Apply", Step=[step])
    fault = {"kind": "error", "cmdlet": look, "class": NOT_FOUND, "text": "not now"}
    back = undo(here, run.tenant, [copied_journal(run, tmp_path)], options={"faults": [fault]}, WaitSeconds=0)
    assert (back.exit_code, len(back.writes), back.waits) == (0, 1, ()), back.screen
    assert without_bookkeeping(back.tenant) == without_bookkeeping(here.tenant)


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


@pytest.mark.parametrize(
    ("step", "look", "nth"),
    [
        ("application-pointer", "Get-ServicePrincipal", 2),
        ("application-scope", "Get-ManagementScope", 2),
        ("application-role", "Get-ManagementRoleAssignment", 2),
        ("scheduling-group", "Get-DistributionGroup", 2),
    ],
)
def test_what_was_just_seen_and_is_not_found_on_the_next_look_is_unreadable_and_not_somebody_else_s(
    site: SiteOf, applied: Applied, tmp_path: Path, step: str, look: str, nth: int
) -> None:
    fault = {"kind": "error", "cmdlet": look, "nth": nth, "class": NOT_FOUND, "text": "not now"}
    given: Json = {"Step": [step], "options": {"faults": [fault]}}
    back = undo(site(), applied().tenant, [copied_journal(applied(), tmp_path)], **given)
    assert (back.exit_code, states(back)[step], back.writes) == (4, "unreadable", ()), back.screen
    assert "at the moment" in back.screen


def test_no_question_names_a_service_principal_that_is_not_found_at_that_moment(site: SiteOf, tmp_path: Path) -> None:
    here, only = site(), ["application-pointer"]
    run = here.run("Apply", Step=only)
    fault = {"kind": "error", "cmdlet": "Get-ServicePrincipal", "nth": 4, "class": NOT_FOUND, "text": "not now"}
    back = undo(here, run.tenant, [copied_journal(run, tmp_path)], Step=only, options={"faults": [fault]})
    assert (back.exit_code, states(back)[only[0]], back.writes) == (4, "unreadable", ()), back.screen


def test_ews_stays_on_for_whom_a_later_write_of_the_list_only_carried_along(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    keep = [{"client_id": KEEP, "name": "Room panels"}, {"client_id": FURTHER, "name": "Further"}]
    second = site(ews={"policy": "merge", "switch_on": True, "keep": keep})
    later = second.run("Apply", listed_too(applied().tenant, THEIRS))
    assert later.exit_code == 0, later.screen
    back = undo(second, later.tenant, journals_of(tmp_path, applied(), later), **EWS)
    assert (back.exit_code, back.tenant["organization"]["EwsEnabled"]) == (5, True), back.screen
    assert ews_list(back.tenant) >= {THEIRS, KEEP}
    assert FURTHER not in ews_list(back.tenant)


def test_a_switch_that_was_not_set_goes_back_to_that_whoever_was_listed_since(site: SiteOf, tmp_path: Path) -> None:
    here = site()
    start = changed(here.tenant, lambda one: one["organization"].update(EwsEnabled=None))
    first = here.run("Apply", start, **EWS)
    journals = [copied_journal(first, tmp_path)]
    second = here.run("Apply", first.tenant, EwsListInPlaceSince="2026-11-01T00:00:00Z", JournalPath=journals, **EWS)
    assert (second.exit_code, second.tenant["organization"]["EwsEnabled"]) == (0, True), second.screen
    back = undo(here, listed_too(second.tenant, THEIRS), journals, **EWS)
    assert (back.exit_code, back.tenant["organization"]["EwsEnabled"]) == (0, None), back.screen
    assert ews_list(back.tenant) == ews_list(start) | {THEIRS}


def test_a_list_that_somebody_made_decide_keeps_who_would_be_shut_out_and_lets_ours_go(
    site: SiteOf, tmp_path: Path
) -> None:
    here = site()
    empty = changed(here.tenant, lambda one: one["organization"].update(EwsEnabled=None, EwsAllowedAppIDs=""))
    run = here.run("Apply", empty, **EWS)
    decides = changed(run.tenant, lambda one: one["organization"].update(EwsEnabled=True))
    back = undo(here, decides, [copied_journal(run, tmp_path)], **EWS)
    assert (back.exit_code, ews_list(back.tenant)) == (5, {KEEP}), back.screen


def test_a_group_stays_with_members_that_are_put_back_into_it(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    def join(tenant: Json) -> None:
        recipient(tenant, GROUP)["members"].append(recipient(tenant, "ceo@contoso.com")["Guid"])

    pruned = site(scheduling_group={"prune": True}).run("Apply", changed(applied().tenant, join))
    assert pruned.exit_code == 0, pruned.screen
    # The description does not name who comes back: that is asked in a question of its own.
    given: Json = {"options": {"answers": ["y"] * 14}}
    back = undo(
        site(scheduling_group={"prune": True}), pruned.tenant, journals_of(tmp_path, applied(), pruned), **given
    )
    assert back.screen.count("WIDENS access") >= 1
    assert (back.exit_code, states(back)["scheduling-group"]) == (5, "kept"), back.screen
    assert recipient(back.tenant, GROUP)["members"] == [recipient(back.tenant, "ceo@contoso.com")["Guid"]]
    group = "MailUniversalSecurityGroup 'Pexip Users' <pexip-users@contoso.com>"
    assert f"add member ceo@contoso.com to {group} again. This WIDENS access" in back.screen
    assert f"remove member alice@contoso.com from {group}" in back.screen


def test_an_assignment_that_is_another_applications_since_is_not_switched_off(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    def ours(tenant: Json) -> Json:
        return next(row for row in tenant["assignments"] if row["Name"] == "contoso-scheduling-ews")

    off = changed(applied().tenant, lambda one: ours(one).update(Enabled=False))
    run = site().run("Apply", off, Step=["application-role"])
    assert run.exit_code == 0, run.screen
    theirs = changed(run.tenant, lambda one: ours(one).update(assignee=one["servicePrincipals"][0]["Guid"]))
    back = undo(site(), theirs, [copied_journal(run, tmp_path)], Step=["application-role"])
    assert (back.exit_code, states(back), back.writes) == (5, {"application-role": "kept"}, ()), back.screen
