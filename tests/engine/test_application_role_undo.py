"""Which role assignment of the application a Rollback takes back (shared/application-role-undo)."""

from __future__ import annotations

from typing import Any

from support.function_cases import ENTRY, WITH
from support.functions import Functions

ROLE = """
$Role = 'Application EWS.AccessAsApp'
function Get-Claim {
    param([hashtable] $Of = @{}, [string] $Key = $Value.ApplicationAssignment)
    $wanted = @{ Role = $Role; App = $Value.ApplicationObjectId; CustomResourceScope = $Value.ScopeName }
    foreach ($name in $Of.Keys) { $wanted[$name] = $Of[$name] }
    Get-ApplicationRoleClaim (New-Entry $null $wanted @{} $Key) -Name ''
}
function Get-Switched {
    param($Before, $Wanted)
    Get-ApplicationRoleClaim (New-Entry @{ Enabled = $Before } @{ Enabled = $Wanted }) -Name 'Enabled'
}
"""
NOT_OURS = "it is not the described role assignment"
CLAIMS: dict[str, Any] = {
    "Get-Claim": [],
    "Get-Claim @{ App = $Value.ApplicationObjectId.ToUpperInvariant(); Role = $Role.ToLowerInvariant() }": [],
    "Get-Claim @{} 'another'": NOT_OURS,
    "Get-Claim @{ Role = 'Application Mail.Read' }": NOT_OURS,
    "Get-Claim @{ App = $Value.ApplicationClientId }": NOT_OURS,
    "Get-Claim @{ CustomResourceScope = '' }": NOT_OURS,
    "Get-Claim @{ CustomResourceScope = 'all mailboxes' }": NOT_OURS,
    "Get-Switched $false $true": [],
    "Get-Switched $true $false": "Apply never disables a role assignment",
    "Get-Switched $null 'True'": "Apply never disables a role assignment",
}
HOLD = """
function Get-Hold {
    param([hashtable] $Of = @{}, $Entry = (New-Entry $null @{ a = 1 }), [bool] $Ours = $true, [string] $Listed = '')
    $row = @{
        Name = 'n'; Role = $Role; CustomResourceScope = $Value.ScopeName; RecipientWriteScope = 'CustomRecipientScope'
        RoleAssignmentDelegationType = 'Regular'
    }
    foreach ($name in $Of.Keys) { $row[$name] = $Of[$name] }
    $found = if ($null -ne $Of['Name'] -or -not $Of.ContainsKey('Name')) { [pscustomobject] $row }
    Get-ApplicationRoleHold $Entry -Current (Get-Present 'n' @{})
}
function Read-NamedAssignment { $found }
function Test-Assignee { $Ours }
function Get-AssignedApplication { $Listed }
"""
CHANGED = "it is not of the described application and scope any more"
HELD: dict[str, Any] = {
    "Get-Hold": [],
    "Get-Hold @{ CustomResourceScope = 'another' }": CHANGED,
    # A group or an administrative unit may have the name of the scope.
    "Get-Hold @{ RecipientWriteScope = 'Group' }": CHANGED,
    "Get-Hold @{ RecipientWriteScope = 'Organization' }": CHANGED,
    "Get-Hold -Ours $false": CHANGED,
    "Get-Hold -Ours $false -Listed 'x'": [],
    "Get-Hold @{ Role = 'Application Mail.Read' }": "it is an assignment of 'Application Mail.Read'",
    "Get-Hold @{ RoleAssignmentDelegationType = 'DelegatingOrgWide' }": "it is a delegating assignment",
    "Get-Hold @{} (New-Entry @{ Enabled = $false } @{ Enabled = $true })": [],
    "Get-Hold @{} (New-Entry @{ Enabled = $true } @{ Enabled = $true })": "Apply never disables a role assignment",
}


def test_only_the_described_assignment_is_claimed(functions: Functions) -> None:
    assert functions.values(*CLAIMS, before=ENTRY + ROLE) == CLAIMS


def test_an_assignment_that_became_another_one_stays(functions: Functions) -> None:
    before = WITH + ENTRY + ROLE + HOLD
    assert functions.values(*HELD, before=before) == HELD
    stop = functions.stop("Get-Hold @{ Name = $null }", before=before)
    assert (stop["state"], stop["detail"]) == (
        "unreadable",
        "Exchange does not find the role assignment 'n' at the moment. Run the same command again later.",
    )
