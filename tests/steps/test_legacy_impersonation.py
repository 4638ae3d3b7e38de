"""Cleanup takes the role from the old account wherever it holds it, and nothing from anybody else."""

from __future__ import annotations

from typing import Any

import pytest
from support.function_cases import WITH
from support.functions import Functions
from support.migration import ACCOUNT, CUT_OVER, NAME, role_rows
from support.sites import Json, Site, SiteOf, states
from support.tenants import changed, detail, named, recipient, without_impersonation

from pexgen.rehearsal import Result


@pytest.fixture(scope="module")
def site(sample: SiteOf) -> Site:
    return sample(NAME)


def test_a_scope_that_somebody_else_uses_stays(site: Site, prepared: Result) -> None:
    def share(tenant: Json) -> None:
        theirs = named(tenant["assignments"], "Somebody else's impersonation")
        ours = next(row for row in tenant["assignments"] if row["assignee"] == recipient(tenant, ACCOUNT)["Guid"])
        theirs["scope"] = ours["scope"]

    run = site.run("Apply", changed(prepared.tenant, share), **CUT_OVER)
    assert run.exit_code == 0, run.screen
    assert "is used by 'Somebody else's impersonation'" in detail(run, "legacy-impersonation")
    assert "Remove-ManagementScope" not in {call.cmdlet for call in run.writes}


def test_an_assignment_over_the_whole_organization_is_removed_too(site: Site, prepared: Result) -> None:
    def widen(tenant: Json) -> None:
        ours = next(row for row in tenant["assignments"] if row["assignee"] == recipient(tenant, ACCOUNT)["Guid"])
        ours.update(scope="", scopeKind="Organization")

    run = site.run("Apply", changed(prepared.tenant, widen), **CUT_OVER)
    assert (run.exit_code, states(run)["legacy-impersonation"]) == (0, "changed"), run.screen
    assert [name for name in role_rows(run.tenant) if name.startswith("pexip")] == []


def test_an_assignment_that_outlived_its_role_is_found_and_removed(site: Site, prepared: Result) -> None:
    tenant = changed(prepared.tenant, lambda one: one["roles"].remove("ApplicationImpersonation"))
    assert states(site.run("Check", tenant, Phase="Cleanup"))["legacy-impersonation"] == "different"
    run = site.run("Apply", tenant, **CUT_OVER)
    assert run.exit_code == 0, run.screen
    assert [name for name in role_rows(run.tenant) if name.startswith("pexip")] == []


def test_where_the_role_is_gone_already_there_is_nothing_left_to_remove(site: Site, prepared: Result) -> None:
    run = site.run("Apply", changed(prepared.tenant, without_impersonation), **CUT_OVER)
    assert (run.exit_code, states(run)["legacy-impersonation"]) == (0, "in-place"), run.screen


def test_an_assignee_that_is_not_found_while_its_mailbox_is_there_is_no_proof_of_nothing(
    site: Site, cleaned: Result
) -> None:
    missing = {"kind": "error", "class": "ManagementObjectNotFoundException", "text": "couldn't be found"}
    fault = {**missing, "cmdlet": "Get-ManagementRoleAssignment", "times": 9}
    run = site.run("Verify", cleaned.tenant, options={"faults": [fault]}, Phase="Cleanup")
    assert states(run)["legacy-impersonation"] == "unreadable", run.screen


def test_a_scope_that_an_interrupted_cleanup_left_is_named(site: Site, prepared: Result) -> None:
    fault = {"kind": "freeze-before", "write": 2}
    stopped = site.run("Apply", prepared.tenant, options={"faults": [fault]}, **CUT_OVER)
    run = site.run("Apply", stopped.tenant, **CUT_OVER)
    assert "pexip-service-impersonation-scope" in detail(run, "legacy-impersonation")


def test_of_an_account_that_is_gone_nothing_is_called_proved_while_the_role_has_holders(
    site: Site, cleaned: Result
) -> None:
    tenant = changed(cleaned.tenant, lambda one: one["recipients"].remove(recipient(one, ACCOUNT)))
    run = site.run("Verify", tenant)
    assert (run.exit_code, states(run)["legacy-impersonation"]) == (5, "blocked"), run.screen
    assert "Somebody else's impersonation" in detail(run, "legacy-impersonation")


def test_a_scope_of_an_interrupted_cleanup_is_known_by_its_journal_as_long_as_it_is_as_it_was(
    migrate_functions: Functions,
) -> None:
    journal = """
function Read-ManagementScope { param($Name) if ($Name -ne 'gone') { [pscustomobject] @{ RecipientFilter = $Now } } }
function New-Line {
    param([string] $Id, [string] $Event, [hashtable] $Was)
    @{ step = 'legacy-impersonation'; event = $Event; wanted = @{ id = $Id }; before = @{ properties = $Was } }
}
$Filter = "MemberOfGroup -eq 'CN=a'"
$Was = @{ Role = 'ApplicationImpersonation'; CustomRecipientWriteScope = 's'; RecipientFilter = $Filter }
function Get-Scopes {
    param([hashtable] $Change = @{}, [string] $Now = "($Filter)", [object[]] $More = @(), [string] $Step = '')
    $was = $Was.Clone()
    foreach ($key in $Change.Keys) { $was[$key] = $Change[$key] }
    $first = New-Line 'assignment:a' 'intent' $was
    if ($Step) { $first['step'] = $Step }
    With { Get-JournalledScope } @{ Runs = @(@{ Entries = @($first) + $More }) }
}
$Removed = New-Line 'scope:S' 'done' @{ RecipientFilter = $Filter }
"""
    scopes: dict[str, Any] = {
        "Get-Scopes": "s",
        "Get-Scopes -Now \"MemberOfGroup -eq 'CN=b'\"": [],
        "Get-Scopes @{ CustomRecipientWriteScope = 'gone' }": [],
        "Get-Scopes @{ CustomRecipientWriteScope = '' }": [],
        "Get-Scopes @{ Role = 'Mail Recipients' }": [],
        "Get-Scopes -More @($Removed)": [],
        "Get-Scopes -Step 'ews-access'": [],
    }
    assert migrate_functions.values(*scopes, before=WITH + journal) == scopes


LAST = """
function Read-Impersonation { param($Account) $Rows }
function Get-Row { param([string] $To = 'User', $Enabled = $true)
    [pscustomobject] @{ Name = 'n'; RoleAssigneeType = $To; Enabled = $Enabled }
}
function Get-Warning {
    param([object[]] $Rows = @(), [string] $Step = 'application-role', $Wanted = @{}, $Enabled = $true)
    $plan = Get-EmptyPlan $Step
    Add-Change $plan -Text 'remove it' -Before (Get-Present 'o' ([ordered] @{ EwsEnabled = $Enabled })) -Wanted (
        Get-Present 'o' $Wanted)
    With { Add-LastWayWarning $plan } @{} @{ ApplicationClientId = 'ours' }
    $plan.Notes
}
function Get-Unread {
    function Read-Impersonation { throw (Get-Stop 'unreadable' 'no such cmdlet') }
    Get-Warning
}
"""
NONE = (
    "NOTHING SCHEDULES AFTER THIS, as far as Exchange shows: no ApplicationImpersonation of "
    f"{ACCOUNT} was found, of its own or by a group."
)
CLOSED = "NOTHING SCHEDULES AFTER THIS: EWS closes to the application and to the old service account."
LAST_WAYS: dict[str, Any] = {
    "Get-Warning": NONE,
    "Get-Warning @(Get-Row)": [],
    # By a role group it has the role just as well, and by an assignment that is disabled not at all.
    "Get-Warning @(Get-Row 'RoleGroup')": [],
    "Get-Warning @(Get-Row 'User' 'False')": NONE,
    # The first question that ends the new way says so too, but not one about another application, nor of a list that
    # does not decide. Where EWS closes, the old account's role is no way back.
    "Get-Warning @() 'ews-access' @{ ours = $false }": NONE,
    "Get-Warning @() 'ews-access' @{ ours = $false } $null": [],
    "Get-Warning @() 'ews-access' @{ other = $false }": [],
    "Get-Warning @(Get-Row) 'ews-access' @{ EwsEnabled = $false }": CLOSED,
    # A warning that cannot be made stops no undo.
    "Get-Unread": (
        f"Whether {ACCOUNT} still has ApplicationImpersonation could not be read. Without it nothing schedules after "
        "this."
    ),
}


def test_each_question_that_ends_the_last_way_says_so_and_no_other(migrate_functions: Functions) -> None:
    assert migrate_functions.values(*LAST_WAYS, before=WITH + LAST) == LAST_WAYS
