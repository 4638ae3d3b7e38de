"""What Rollback takes away is looked at once more right before it: the question may have stood open for an hour."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.sites import OURS, Json, SiteOf, copied_journal, states
from support.tenants import EQUIPMENT, GROUP, SCOPE, detail, named, recipient

from pexgen.simulation import without_bookkeeping
from pexgen.simulation.objects import assignment

Meanwhile = Callable[[Json], Json]
NOT_FOUND = "Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException"
ADD_IN = "4d0f2b7e-6a31-4c58-9b0d-7e5c3a1f2d64"


def items_arrive(_: Json) -> Json:
    return {"path": f"recipients.[PrimarySmtpAddress={EQUIPMENT}].items", "value": 3}


def member_is_added(tenant: Json) -> Json:
    member = recipient(tenant, "ceo@contoso.com")["Guid"]
    return {"path": f"recipients.[PrimarySmtpAddress={GROUP}].members", "add": [member]}


def pointer_gets_another_role(tenant: Json) -> Json:
    (ours,) = [one for one in tenant["servicePrincipals"] if one["AppId"] == OURS]
    row = assignment("by hand", "Application Mail.Read", ours["Guid"], "ServicePrincipal")
    return {"path": "assignments", "add": [row]}


def scope_gets_another_user(tenant: Json) -> Json:
    (other,) = [one["Guid"] for one in tenant["servicePrincipals"] if one["AppId"] != OURS]
    ours = named(tenant["scopes"], SCOPE)["Guid"]
    row = assignment("theirs", "Application Mail.Read", other, "ServicePrincipal", scope_guid=ours)
    return {"path": "assignments", "add": [row]}


def add_in_is_given_to_another_user(tenant: Json) -> Json:
    return {"path": f"apps.[AppId={ADD_IN}].users", "add": [recipient(tenant, "bob@contoso.com")["Guid"]]}


CASES: dict[str, tuple[list[str], Meanwhile, str]] = {
    "items arrive in the mailbox": (["equipment-mailbox"], items_arrive, "it holds 3 items"),
    "the group gets a member": (["scheduling-group"], member_is_added, "it has 1 members"),
    "the pointer gets another role": (["application-pointer"], pointer_gets_another_role, "role assignment 'by hand'"),
    "the scope gets another user": (["application-scope", "scheduling-group"], scope_gets_another_user, "'theirs'"),
    "the add-in gets another user": (["add-in"], add_in_is_given_to_another_user, "given to others since"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_somebody_came_to_rely_on_while_the_question_stood_open_is_kept(
    site: SiteOf, tmp_path: Path, case: str
) -> None:
    steps, meanwhile, reason = CASES[case]
    run = site().run("Apply", Step=steps)
    given: Json = {"JournalPath": [copied_journal(run, tmp_path)], "RemoveCreatedMailbox": True, "Step": steps[:1]}
    # A dry run reads what the question rests on, and nothing after it.
    asked = len(site().run("Rollback", run.tenant, WhatIf=True, **given).calls)
    change = meanwhile(run.tenant)
    fault = {"kind": "change", "call": asked + 1, "set": [change]}
    back = site().run("Rollback", run.tenant, options={"faults": [fault]}, **given)
    assert (back.exit_code, states(back)[steps[0]], back.writes) == (5, "kept", ()), back.screen
    assert reason in detail(back, steps[0])


def test_what_is_kept_at_the_last_look_keeps_what_it_rests_on(site: SiteOf, tmp_path: Path) -> None:
    run = site().run("Apply", Step=["scheduling-group", "application-scope"])
    given: Json = {"JournalPath": [copied_journal(run, tmp_path)]}
    dry = site().run("Rollback", run.tenant, WhatIf=True, Step=["application-scope"], **given)
    fault = {"kind": "change", "call": len(dry.calls) + 1, "set": [scope_gets_another_user(run.tenant)]}
    back = site().run("Rollback", run.tenant, options={"faults": [fault]}, **given)
    kept = {step: state for step, state in states(back).items() if state == "kept"}
    assert (back.exit_code, kept, back.writes) == (
        5,
        dict.fromkeys(["scheduling-group", "application-scope"], "kept"),
        (),
    )
    assert f"the management scope '{SCOPE}' is built on it" in detail(back, "scheduling-group")


def test_statistics_that_are_not_found_once_right_before_the_removal_keep_nothing(site: SiteOf, tmp_path: Path) -> None:
    run = site().run("Apply", Step=["equipment-mailbox"])
    given: Json = {"JournalPath": [copied_journal(run, tmp_path)], "RemoveCreatedMailbox": True}
    fault = {"kind": "error", "cmdlet": "Get-MailboxStatistics", "nth": 2, "class": NOT_FOUND, "text": "not now"}
    back = site().run("Rollback", run.tenant, options={"faults": [fault]}, **given)
    assert back.exit_code == 0, back.screen
    assert without_bookkeeping(back.tenant) == without_bookkeeping(site().tenant)
