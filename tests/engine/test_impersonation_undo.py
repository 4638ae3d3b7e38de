"""Which assignment and scope of the service account a Rollback takes back (shared/impersonation-undo)."""

from __future__ import annotations

from typing import Any

from support.function_cases import ENTRY, WITH
from support.functions import Functions

CLAIM = """
$Name, $Scope = $Value.ImpersonationAssignment, $Value.ImpersonationScopeName
function Get-Claim {
    param([hashtable] $Of = @{}, [string] $Key = "assignment:$Name", [string] $Reach = 'group')
    $wanted = @{
        Role = 'ApplicationImpersonation'; User = $Value.ServiceAccountUserPrincipalName
        CustomRecipientWriteScope = $Scope
    }
    foreach ($one in $Of.Keys) { $wanted[$one] = $Of[$one] }
    With { Get-ImpersonationClaim (New-Entry $null $wanted @{} $Key) -Name '' } @{} @{ ImpersonationScope = $Reach }
}
function Get-Switched {
    param($Before, $Wanted)
    Get-ImpersonationClaim (New-Entry @{ Enabled = $Before } @{ Enabled = $Wanted }) -Name 'Enabled'
}
"""
NEVER = "Apply never disables a role assignment"
NO_ASSIGNMENT, NO_SCOPE = "it is not the described role assignment", "it is not the described management scope"
CLAIMS: dict[str, Any] = {
    "Get-Claim": [],
    "Get-Claim @{ User = $Value.ServiceAccountUserPrincipalName.ToUpperInvariant() }": [],
    "Get-Claim @{} 'assignment:another'": NO_ASSIGNMENT,
    "Get-Claim @{ Role = 'Mail Recipients' }": NO_ASSIGNMENT,
    "Get-Claim @{ User = 'ceo@contoso.com' }": NO_ASSIGNMENT,
    "Get-Claim @{ CustomRecipientWriteScope = '' }": NO_ASSIGNMENT,
    "Get-Claim @{ CustomRecipientWriteScope = 'another' }": NO_ASSIGNMENT,
    # Over the whole organization there is no scope.
    "Get-Claim -Reach 'organization'": NO_ASSIGNMENT,
    "Get-Claim @{ CustomRecipientWriteScope = '' } -Reach 'organization'": [],
    'Get-Claim -Key "scope:$Scope"': [],
    "Get-Claim -Key 'scope:another'": NO_SCOPE,
    "Get-Claim -Key \"scope:$Scope\" -Reach 'organization'": NO_SCOPE,
    "Get-Switched $false $true": [],
    "Get-Switched $true $false": NEVER,
}
HOLD = """
$Ours = Get-ScopeFilter 'MemberOfGroup' -Is 'CN=a'
function Get-DescribedFilter { $Described }
function Get-PresentScope { [pscustomobject] @{ Name = 's'; RecipientFilter = $Filter } }
function Get-ScopeUser { $Users }
function Get-Scope {
    param(
        [string] $Filter = $Ours, [string] $Described = $Ours, [string[]] $Users = @(), [string[]] $Gone = @(),
        $Entry = (New-Entry $null @{ RecipientFilter = 'x' }))
    $table = Get-Table
    foreach ($one in $Gone) { $table[$one] = $true }
    With { Get-ImpersonationHold $Entry -Current (Get-Present 'scope:s' @{}) } @{ Gone = $table }
}
function Get-ImpersonatingUser { $Holder }
function Read-NamedAssignment { [pscustomobject] $Row }
function Get-Assignment {
    param([hashtable] $Of = @{}, [string] $Holder = 'pexip', $Entry = (New-Entry $null @{ a = 1 }))
    $Row = @{ Name = 'n'; Role = 'ApplicationImpersonation'; RoleAssignmentDelegationType = 'Regular' }
    foreach ($one in $Of.Keys) { $Row[$one] = $Of[$one] }
    Get-ImpersonationHold $Entry -Current (Get-Present 'assignment:n' @{})
}
"""
FORM, REACH = "its filter is not one that Apply creates", "it does not reach what is described"
HELD: dict[str, Any] = {
    "Get-Scope": [],
    'Get-Scope "(($Ours))"': [],
    "Get-Scope \"$Ours -or Name -like '*'\"": FORM,
    "Get-Scope \"RecipientTypeDetails -eq 'UserMailbox'\"": FORM,
    "Get-Scope -Entry (New-Entry @{ RecipientFilter = 'x' } @{ RecipientFilter = 'y' })": FORM,
    "Get-Scope \"MemberOfGroup -eq 'CN=b'\"": REACH,
    # What the description reaches cannot be told at the moment.
    "Get-Scope -Described ''": REACH,
    "Get-Scope -Users 'a', 'b' -Gone 'impersonation assignment:A'": "the role assignment 'b' uses it",
    "Get-Scope -Users 'a' -Gone 'impersonation assignment:A'": [],
    "Get-Assignment": [],
    "Get-Assignment @{} ''": "the described account does not hold it",
    "Get-Assignment @{ Role = 'Mail Recipients' }": "it is an assignment of 'Mail Recipients'",
    "Get-Assignment @{ RoleAssignmentDelegationType = 'DelegatingOrgWide' }": "it is a delegating assignment",
    "Get-Assignment -Entry (New-Entry @{ Enabled = $false } @{ Enabled = $true })": [],
    "Get-Assignment -Entry (New-Entry @{ Enabled = $true } @{ Enabled = $true })": NEVER,
}


def test_only_the_described_assignment_and_scope_are_claimed(server_functions: Functions) -> None:
    assert server_functions.values(*CLAIMS, before=WITH + ENTRY + CLAIM) == CLAIMS


def test_a_scope_that_serves_others_and_an_assignment_that_became_another_one_stay(server_functions: Functions) -> None:
    assert server_functions.values(*HELD, before=WITH + ENTRY + HOLD) == HELD
