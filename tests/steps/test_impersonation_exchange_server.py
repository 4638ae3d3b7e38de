"""On Exchange Server the account gets the role over whom the description names, and over nobody else."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest
from support.deployments import ACCOUNT, SCHEDULERS
from support.function_cases import WITH
from support.functions import Functions
from support.service_accounts import ASSIGNMENT, SCOPE, SCOPES, SERVER, WITH_PASSWORD, apply
from support.sites import Applied, Json, Site, SiteOf, copied_journal, states, undo
from support.tenants import EQUIPMENT, changed, detail, in_conflict, named, recipient

from pexgen.rehearsal import Result

STEP = "impersonation"


@pytest.fixture(scope="module")
def site(sample: SiteOf) -> Site:
    return sample(SERVER)


@pytest.fixture(scope="module")
def made(sample_applied: Applied) -> Result:
    return sample_applied(SERVER, **WITH_PASSWORD)


def test_the_assignment_and_its_scope_are_those_of_the_description(made: Result) -> None:
    row = named(made.tenant["assignments"], ASSIGNMENT)
    scope = named(made.tenant["scopes"], SCOPE)
    assert (row["Role"], row["assignee"], row["scope"]) == (
        "ApplicationImpersonation",
        recipient(made.tenant, ACCOUNT)["Guid"],
        scope["Guid"],
    )
    assert scope["RecipientFilter"].startswith("(MemberOfGroup -eq 'CN=")


def test_the_approval_carries_on_to_the_apply_after_the_mailbox_was_put_into_the_group(
    sample: SiteOf, tmp_path: Path
) -> None:
    """Both lines of the change record have -ApprovedPlan: between them a person adds the mailbox that was created."""

    def take_away(tenant: Json) -> None:
        mailbox = recipient(tenant, EQUIPMENT)
        tenant["recipients"].remove(mailbox)
        recipient(tenant, SCHEDULERS)["members"].remove(mailbox["Guid"])

    def put_in(tenant: Json) -> None:
        recipient(tenant, SCHEDULERS)["members"].append(recipient(tenant, EQUIPMENT)["Guid"])

    here = sample(SERVER)
    without = changed(here.tenant, take_away)
    (approved,) = re.findall(r"^Plan +([0-9a-f]{64})  ", here.run("Check", without).screen, re.MULTILINE)
    first = apply(here, without, ApprovedPlan=approved)
    assert first.exit_code == 5, first.screen
    journal = copied_journal(first, tmp_path)
    second = apply(here, changed(first.tenant, put_in), ApprovedPlan=approved, JournalPath=journal)
    assert second.exit_code == 0, second.screen


def test_an_account_that_reaches_further_than_described_is_a_conflict(site: Site, made: Result) -> None:
    def widen(tenant: Json) -> None:
        row = copy.deepcopy(named(tenant["assignments"], ASSIGNMENT))
        tenant["assignments"].append({**row, "Name": "made by hand", "Guid": row["Guid"][::-1], "scope": ""})

    run = site.run("Check", changed(made.tenant, widen))
    assert (run.exit_code, states(run)["impersonation"]) == (4, "conflict")
    assert "'made by hand' of 'ApplicationImpersonation'" in detail(run, "impersonation")


@pytest.mark.parametrize("what", ["scope", "assignment"])
def test_a_name_that_somebody_else_uses_is_a_conflict(site: Site, made: Result, what: str) -> None:
    def take(tenant: Json) -> None:
        if what == "scope":
            named(tenant["scopes"], SCOPE)["RecipientFilter"] = "Alias -like '*'"
        else:
            named(tenant["assignments"], ASSIGNMENT)["assignee"] = recipient(tenant, "adele.vance@contoso.com")["Guid"]

    run = site.run("Apply", changed(made.tenant, take))
    assert (run.exit_code, states(run)["impersonation"], run.writes) == (4, "conflict", ())


def test_a_group_that_is_not_there_is_a_conflict(sample: SiteOf) -> None:
    site = sample(SERVER)
    gone = changed(site.tenant, lambda t: t["recipients"].remove(recipient(t, SCHEDULERS)))
    run = site.run("Check", gone, Step=["account-mailbox", "impersonation"])
    assert (run.exit_code, states(run)["impersonation"]) == (4, "conflict")


def test_another_scope_for_the_same_account_is_called_what_it_is(sample: SiteOf, made: Result) -> None:
    whole = sample(SERVER, impersonation=SCOPES["organization"], proof=None)
    in_conflict(whole, made.tenant, "impersonation", "over another scope than is described")


def test_what_is_lost_over_the_equipment_mailbox_alone_is_said(sample: SiteOf) -> None:
    site = sample(SERVER, impersonation=SCOPES["equipment-only"], proof=None)
    assert "limited" in detail(site.run("Check"), "impersonation")


def test_a_group_without_the_equipment_mailbox_is_said_and_blocks(site: Site, made: Result) -> None:
    def take(tenant: Json) -> None:
        ours = recipient(tenant, EQUIPMENT)["Guid"]
        recipient(tenant, SCHEDULERS)["members"].remove(ours)

    found = site.run("Check", changed(made.tenant, take))
    assert (found.exit_code, states(found)["impersonation"]) == (5, "blocked")
    assert f"{EQUIPMENT} must be a direct member of {SCHEDULERS}" in detail(found, "impersonation")


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


def test_a_scope_that_is_rewritten_right_before_the_role_is_given_over_it_stops_that(site: Site, made: Result) -> None:
    (write,) = [call for call in made.writes if call.cmdlet == "New-ManagementRoleAssignment"]
    look = max(call.n for call in made.calls[: write.n] if call.cmdlet == "Get-ManagementScope")
    theirs = {"path": f"scopes.[Name={SCOPE}].RecipientFilter", "value": "Alias -like '*'"}
    run = apply(site, options={"faults": [{"kind": "change", "call": look, "set": [theirs]}]})
    assert (run.exit_code, states(run)["impersonation"]) == (3, "conflict"), run.screen
    assert [call.cmdlet for call in run.writes] == ["New-Mailbox", "New-ManagementScope"]
    assert "another filter: Alias -like '*'" in detail(run, "impersonation")
    assert named(run.tenant["scopes"], SCOPE)["RecipientFilter"] == "Alias -like '*'"


def test_only_a_mailbox_that_is_there_and_outside_is_proved_to_be_out_of_scope(sample: SiteOf) -> None:
    nobody = "nobody.at.all@contoso.com"
    site = sample(SERVER, proof={"in_scope": ["adele.vance@contoso.com"], "out_of_scope": [nobody]})

    def leave(tenant: Json) -> None:
        tenant["recipients"] = [one for one in tenant["recipients"] if one["PrimarySmtpAddress"] != nobody]

    def name_too(tenant: Json) -> None:
        recipient(tenant, "adele.vance@contoso.com")["EmailAddresses"].append(f"smtp:{nobody}")

    run = site.run("Apply", changed(site.tenant, leave), PasswordOfServiceAccount={"secure": "a password"})
    assert run.exit_code == 0, run.screen
    absent = site.run("Verify", run.tenant)
    assert (absent.exit_code, states(absent)["impersonation"]) == (6, "disproved")
    assert "mailbox not found" in absent.screen
    inside = site.run("Verify", changed(run.tenant, name_too))
    assert (inside.exit_code, states(inside)["impersonation"]) == (6, "disproved"), inside.screen


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


def test_a_proof_says_that_it_is_of_the_filter_and_nothing_of_what_the_account_holds_beside(
    site: Site, made: Result
) -> None:
    def widen(tenant: Json) -> None:
        row = copy.deepcopy(named(tenant["assignments"], ASSIGNMENT))
        tenant["assignments"].append({**row, "Name": "made by hand", "Guid": row["Guid"][::-1], "scope": ""})

    run = site.run("Verify", changed(made.tenant, widen))
    assert states(run)[STEP] == "conflict"
    assert "ApplicationImpersonation in " not in run.screen
    assert "filter of the management scope, " in run.screen


def test_out_of_reach_proofs_are_refused_where_everybody_is_in_reach(sample: SiteOf) -> None:
    everybody = sample(SERVER, impersonation=SCOPES["organization"], proof=None)
    run = everybody.run("Check", ProofOutOfScope=["megan.bowen@contoso.com"])
    assert run.exit_code == 4
    assert "-ProofOutOfScope must be empty" in run.screen


def test_a_conflict_is_said_by_verify_also_where_there_is_nothing_to_prove_yet(site: Site, made: Result) -> None:
    def widen(tenant: Json) -> None:
        row = copy.deepcopy(named(tenant["assignments"], ASSIGNMENT))
        tenant["assignments"].append({**row, "Name": "made by hand", "Guid": row["Guid"][::-1], "scope": ""})
        tenant["recipients"].remove(recipient(tenant, EQUIPMENT))

    run = site.run("Verify", changed(made.tenant, widen))
    assert (run.exit_code, states(run)[STEP]) == (4, "conflict"), run.screen


def test_an_assignment_whose_reach_reads_as_nothing_is_enabled_as_check_says(sample: SiteOf) -> None:
    site = sample(SERVER, impersonation=SCOPES["organization"], proof=None)
    done = apply(site)
    off = changed(done.tenant, lambda t: named(t["assignments"], ASSIGNMENT).update(Enabled=False))
    run = apply(site, off, options={"faults": []})
    assert states(run)[STEP] == "changed", run.screen


REACHES = """
function Test-Ours {
    param([hashtable] $Row, [string] $Filter = 'f', [string] $To = 'User')
    Test-OurImpersonation ([pscustomobject] ($Row + @{ RoleAssigneeType = $To })) -Filter $Filter
}
function Get-RecipientOf { if ($Type) { [pscustomobject] @{ RecipientTypeDetails = $Type } } }
function Get-DistributionGroup { [CmdletBinding()] param($Identity) [pscustomobject] @{ DistinguishedName = $Name } }
function Get-Filter {
    param([string] $Reach, [string] $Type = 'MailUniversalSecurityGroup', [string] $Name = "CN=o'hara,DC=b")
    With { Get-ImpersonationFilter } @{} @{ ImpersonationScope = $Reach; EquipmentAddress = "o'hara@contoso.com" }
}
$Described = @{ CustomRecipientWriteScope = $Value.ImpersonationScopeName.ToUpper() }
"""
OVER: dict[str, Any] = {
    "Test-Ours $Described": True,
    "Test-Ours @{ CustomRecipientWriteScope = 'another' }": False,
    "Test-Ours @{}": False,
    "Test-Ours $Described -To 'RoleGroup'": False,
    # Over the whole organization: no scope, and none of those that Exchange makes itself.
    "Test-Ours @{ RecipientWriteScope = 'Organization' } ''": True,
    "Test-Ours @{} ''": True,
    "Test-Ours $Described ''": False,
    "Test-Ours @{ RecipientWriteScope = 'Self' } ''": False,
    "Get-Filter 'organization'": "",
    "Get-Filter 'equipment-only'": "PrimarySmtpAddress -eq 'o''hara@contoso.com'",
    "Get-Filter 'group'": "MemberOfGroup -eq 'CN=o''hara,DC=b'",
    "Get-Filter 'group' 'MailUniversalDistributionGroup'": "MemberOfGroup -eq 'CN=o''hara,DC=b'",
}


def test_an_assignment_is_ours_over_exactly_what_is_described(server_functions: Functions) -> None:
    assert server_functions.values(*OVER, before=WITH + REACHES) == OVER
    groups = {
        "$null = Get-Filter 'group' ''": f"{SCHEDULERS} was not found; the scope needs a distribution",
        "$null = Get-Filter 'group' 'DynamicDistributionGroup'": f"{SCHEDULERS} belongs to DynamicDistributionGroup",
    }
    assert server_functions.stops(groups, before=WITH + REACHES, ends="conflict") == groups
    nameless = {"$null = Get-Filter 'group' -Name ''": "Exchange does not tell the distinguished name"}
    assert server_functions.stops(nameless, before=WITH + REACHES, ends="unreadable") == nameless


def test_a_missing_scope_is_waited_for_and_nothing_is_given_over_one_that_is_not_seen(
    server_functions: Functions,
) -> None:
    before = """
function Start-Sleep { param($Seconds) }
function Write-Line { param($Text) }
function Read-ManagementScope { param($Name) $script:Reads++; if ($script:Reads -gt $Late) { 'the scope' } }
function Get-Waited {
    param([int] $Late, [int[]] $Pauses)
    $script:Reads = 0
    With { Wait-ManagementScope 's' } @{ Mode = 'Apply'; Pauses = [Collections.Queue] $Pauses }
}
"""
    seen = {"Get-Waited 0 @()": "the scope", "Get-Waited 2 @(1, 1)": "the scope"}
    assert server_functions.values(*seen, before=WITH + before) == seen
    never = {"$null = Get-Waited 3 @(1, 1)": "Exchange does not find the management scope 's' at the moment."}
    assert server_functions.stops(never, before=WITH + before, ends="pending") == never


def test_one_not_found_of_the_account_does_not_make_its_assignment_somebody_elses(
    site: Site, made: Result, tmp_path: Path
) -> None:
    missing = {"kind": "error", "class": "ManagementObjectNotFoundException", "text": "couldn't be found", "times": 99}
    # The assignments of the account alone, not the one that is asked for by its name.
    calls = undo(site, made.tenant, [copied_journal(made, tmp_path)]).calls
    at = next(c.n for c in calls if c.cmdlet == "Get-ManagementRoleAssignment" and "RoleAssignee" in c.parameters)
    back = site.run(
        "Rollback",
        made.tenant,
        JournalPath=[copied_journal(made, tmp_path)],
        options={"faults": [missing | {"call": at, "times": 1}]},
    )
    assert "it was changed since" not in back.screen, back.screen


def test_verify_proves_nothing_over_a_scope_that_it_does_not_find_or_that_is_another_one(
    server_functions: Functions,
) -> None:
    before = """
$Proved = [Collections.ArrayList] @()
function Write-Proof { param($Step, $Target, $Expected, $Actual, $State) [void] $Proved.Add("$State $Actual") }
function Get-ImpersonationFilter { "MemberOfGroup -eq 'CN=a'" }
function Read-ManagementScope { if ($Is) { [pscustomobject] @{ RecipientFilter = $Is } } }
function Read-Reached { 'in@contoso.com', 'room@contoso.com' }
function Get-RecipientOf { param($Address) [pscustomobject] @{ PrimarySmtpAddress = $Address } }
function Get-Proof {
    param([string] $Is)
    $Proved.Clear()
    With { Test-ImpersonationProof } @{} @{
        ImpersonationScope = 'group'; EquipmentAddress = 'room@contoso.com'
        ProofInScope = @('in@contoso.com'); ProofOutOfScope = @('out@contoso.com')
    }
    @($Proved)
}
"""
    proofs = {
        "Get-Proof ''": "unreadable was not found",
        "Get-Proof 'Name -like ''a*'' '": [],
        "Get-Proof '(MemberOfGroup -eq ''cn=A'')'": [
            "proved in scope: True",
            "proved in scope: True",
            "proved in scope: False",
        ],
    }
    assert server_functions.values(*proofs, before=WITH + before) == proofs
