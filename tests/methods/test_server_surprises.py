"""What is otherwise than it was, or than it is shown, when a service account is set up on Exchange Server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.deployments import ACCOUNT, PASSWORD, SCHEDULERS
from support.sites import Json, Site, SiteOf, copied_journal, states
from support.tenants import EQUIPMENT, changed, detail, named, recipient

from pexgen.rehearsal import Result

NAME = "service-account-server"
SCOPE, ASSIGNMENT = "contoso-server-impersonation-scope", "contoso-server-impersonation"
SILENT = """
& (Get-Module -Name 'tmp_pexgen*') {
    $script:Plain = $script:Handler['Get-WebServicesVirtualDirectory']
    $script:Handler['Get-WebServicesVirtualDirectory'] = {
        param($Sent)
        foreach ($one in & $script:Plain $Sent) {
            if ($one.Server -eq 'SERVER') { $one.BasicAuthentication = $null }
            $one
        }
    }
}
"""


def apply(site: Site, tenant: Json | None = None, **arguments: Any) -> Result:
    """Play Apply with a password, as an operator would who is to make the account."""
    return site.run("Apply", tenant, PasswordOfServiceAccount={"secure": PASSWORD}, **arguments)


@pytest.fixture(scope="module")
def site(sample: SiteOf) -> Site:
    return sample(NAME)


@pytest.fixture(scope="module")
def made(site: Site) -> Result:
    run = apply(site)
    assert run.exit_code == 0, run.screen
    return run


def test_an_equipment_mailbox_that_is_still_made_and_in_no_group_blocks_already_the_first_apply(site: Site) -> None:
    def take(tenant: Json) -> None:
        mailbox = recipient(tenant, EQUIPMENT)
        recipient(tenant, SCHEDULERS)["members"].remove(mailbox["Guid"])
        tenant["recipients"].remove(mailbox)

    run = apply(site, changed(site.tenant, take))
    assert (run.exit_code, states(run)["impersonation"]) == (5, "blocked"), run.screen
    assert f"{EQUIPMENT} must be a direct member of {SCHEDULERS}, and is not." in detail(run, "impersonation")
    assert states(run)["equipment-mailbox"] == "changed"
    assert named(run.tenant["assignments"], ASSIGNMENT)


def test_rollback_keeps_what_an_account_held_that_was_deleted_by_hand_and_goes_on(
    site: Site, made: Result, tmp_path: Path
) -> None:
    tenant = changed(made.tenant, lambda t: t["recipients"].remove(recipient(t, ACCOUNT)))
    journal = copied_journal(made, tmp_path)
    back = site.run("Rollback", tenant, JournalPath=[journal], RemoveCreatedMailbox=True)
    found = states(back)
    assert (back.exit_code, found["impersonation"], found["account-mailbox"]) == (5, "kept", "gone"), back.screen
    assert named(back.tenant["assignments"], ASSIGNMENT) == named(tenant["assignments"], ASSIGNMENT)
    assert named(back.tenant["scopes"], SCOPE) == named(tenant["scopes"], SCOPE)


def test_a_scope_that_is_rewritten_right_before_the_role_is_given_over_it_stops_that(site: Site, made: Result) -> None:
    (write,) = [call for call in made.writes if call.cmdlet == "New-ManagementRoleAssignment"]
    look = max(call.n for call in made.calls[: write.n] if call.cmdlet == "Get-ManagementScope")
    theirs = {"path": f"scopes.[Name={SCOPE}].RecipientFilter", "value": "Alias -like '*'"}
    run = apply(site, options={"faults": [{"kind": "change", "call": look, "set": [theirs]}]})
    assert (run.exit_code, states(run)["impersonation"]) == (3, "conflict"), run.screen
    assert [call.cmdlet for call in run.writes] == ["New-Mailbox", "New-ManagementScope"]
    assert "another filter: Alias -like '*'" in detail(run, "impersonation")
    assert named(run.tenant["scopes"], SCOPE)["RecipientFilter"] == "Alias -like '*'"


def test_another_directory_that_tells_nothing_is_said_and_stops_nothing(site: Site) -> None:
    step = "account-authentication"
    run = site.run("Apply", Step=[step], options={"prelude": SILENT.replace("SERVER", "EX02")})
    assert (run.exit_code, states(run)) == (0, {step: "changed"}), run.screen
    assert "Not known: Exchange does not tell BasicAuthentication of 'EX02" in detail(run, step)
    assert [call.parameters["Identity"] for call in run.writes] == ["EX01\\EWS (Default Web Site)"]


def test_the_named_directory_that_tells_nothing_is_unreadable(site: Site) -> None:
    step = "account-authentication"
    run = site.run("Apply", Step=[step], options={"prelude": SILENT.replace("SERVER", "EX01")})
    assert (run.exit_code, states(run), run.writes) == (4, {step: "unreadable"}, ()), run.screen
    assert "does not tell BasicAuthentication of 'EX01" in detail(run, step)


BY: dict[str, tuple[int, str, list[str]]] = {"a policy": (5, "blocked", []), "hand": (0, "changed", ["Set-Mailbox"])}


@pytest.mark.parametrize("who", BY)
def test_an_alias_is_not_set_where_a_policy_makes_the_addresses_from_it(sample: SiteOf, who: str) -> None:
    code, state, writes = BY[who]
    site = sample(NAME, equipment={"alias": "another"})
    made_by = {"EmailAddressPolicyEnabled": who == "a policy"}
    run = site.run(
        "Apply", changed(site.tenant, lambda t: recipient(t, EQUIPMENT).update(made_by)), Step=["equipment-mailbox"]
    )
    assert (run.exit_code, states(run)) == (code, {"equipment-mailbox": state}), run.screen
    assert [call.cmdlet for call in run.writes] == writes
    assert ("e-mail address policy" in detail(run, "equipment-mailbox")) == (who == "a policy")
