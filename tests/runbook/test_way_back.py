"""Rollback gives back each property that was changed, takes away what was made, and keeps what others came to use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.sites import OURS, Applied, Json, Site, SiteOf, copied_journal, states
from support.tenants import ASSIGNMENT, EQUIPMENT, GROUP, SCOPE, changed, detail, named, recipient

from pexgen.rehearsal import Result
from pexgen.simulation import without_bookkeeping
from pexgen.simulation.objects import assignment, scope

OWNER = "ceo@contoso.com"


def undo(site: Site, run: Result, tenant: Json, folder: Path, **arguments: Any) -> Result:
    """Roll back a run, in a tenant that may have changed since."""
    journals = [copied_journal(run, folder)]
    return site.run("Rollback", tenant, JournalPath=journals, RemoveCreatedMailbox=True, **arguments)


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
    back = undo(here, run, run.tenant, tmp_path)
    assert back.exit_code == 0, back.screen
    assert without_bookkeeping(back.tenant) == without_bookkeeping(before)


def test_a_truth_value_that_exchange_answers_as_text_is_given_back(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    here = site(equipment={"calendar": {"add_new_requests_tentatively": True}})
    before = changed(
        applied().tenant, lambda t: recipient(t, EQUIPMENT)["calendar"].update(AddNewRequestsTentatively="False")
    )
    run = here.run("Apply", before)
    assert (run.exit_code, states(run)["equipment-calendar"]) == (0, "changed"), run.screen
    back = undo(here, run, run.tenant, tmp_path)
    assert (back.exit_code, states(back)["equipment-calendar"]) == (0, "undone"), back.screen
    assert str(recipient(back.tenant, EQUIPMENT)["calendar"]["AddNewRequestsTentatively"]) == "False"


def test_a_naming_policy_adds_nothing_to_a_group_that_is_renamed_there_and_back(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    def drift(tenant: Json) -> None:
        tenant["settings"]["groupNamePrefix"] = "GRP_"
        recipient(tenant, GROUP)["DisplayName"] = "Users"

    run = site().run("Apply", changed(applied().tenant, drift))
    assert (run.exit_code, recipient(run.tenant, GROUP)["DisplayName"]) == (0, "Pexip Users"), run.screen
    back = undo(site(), run, run.tenant, tmp_path)
    assert (back.exit_code, recipient(back.tenant, GROUP)["DisplayName"]) == (0, "Users"), back.screen


@pytest.mark.parametrize(
    ("given", "code", "state"), [({"WhatIf": True}, 2, "different"), ({"Confirm": False}, 0, "undone")]
)
def test_a_group_with_a_member_described_by_a_second_address_is_removed_and_a_dry_run_says_so(
    site: SiteOf, tmp_path: Path, given: Json, code: int, state: str
) -> None:
    second = "alice.smith@contoso.com"
    here = site(scheduling_group={"members": [second, "bob@contoso.com"]})
    start = changed(
        site().tenant, lambda t: recipient(t, "alice@contoso.com")["EmailAddresses"].append(f"smtp:{second}")
    )
    run = here.run("Apply", start, Step=["scheduling-group", "scheduling-members", "equipment-mailbox"])
    back = undo(here, run, run.tenant, tmp_path, **given)
    assert (back.exit_code, states(back)["scheduling-group"]) == (code, state), back.screen


def second_role(tenant: Json) -> None:
    tenant["assignments"].append(
        assignment("theirs", "Application Mail.Read", pointer(tenant)["Guid"], "ServicePrincipal")
    )


def scope_on_the_group(tenant: Json) -> None:
    tenant["scopes"].append(scope("theirs", named(tenant["scopes"], SCOPE)["RecipientFilter"]))


def role_on_the_group(tenant: Json) -> None:
    (other,) = [one["Guid"] for one in tenant["servicePrincipals"] if one["AppId"] != OURS]
    row = assignment("theirs", "Application Mail.Read", other, "ServicePrincipal")
    tenant["assignments"].append({**row, "scopeKind": "Group", "scope": recipient(tenant, GROUP)["Guid"]})


HELD: dict[str, tuple[str, Callable[[Json], None], str]] = {
    "the pointer has a second role": ("application-pointer", second_role, "it has the role assignment 'theirs'"),
    "a scope is built on the group": ("scheduling-group", scope_on_the_group, "scope 'theirs' is built on it"),
    "a role is scoped to the group": ("scheduling-group", role_on_the_group, "assignment 'theirs' is scoped to it"),
}


@pytest.mark.parametrize("case", HELD)
def test_what_others_use_is_kept_and_all_else_taken_back(
    site: SiteOf, applied: Applied, tmp_path: Path, case: str
) -> None:
    step, use, reason = HELD[case]
    back = undo(site(), applied(), changed(applied().tenant, use), tmp_path)
    assert back.exit_code == 5, back.screen
    assert states(back) == {**dict.fromkeys(states(applied()), "undone"), step: "kept"}
    assert reason in detail(back, step)
