"""What a run will call, and whether the session has it from Exchange itself (engine/51-commands)."""

from __future__ import annotations

from typing import Any

from support.function_cases import WITH
from support.functions import Functions

NEEDED = """
function Get-Needed {
    param([string] $Mode, [string[]] $Selected = @($Steps.Keys), [string[]] $Journalled = @())
    $known = Get-Table
    foreach ($one in $Journalled) { $known[$one] = $true }
    With { Get-NeededCommand } @{ Mode = $Mode; Selected = $Selected; InJournal = $known }
}
function Get-Writer { @($args[0].Keys | Where-Object { $_ -cnotmatch '^Get-' } | Get-Ordered) }
$Undone = Get-Needed 'Rollback' -Journalled 'application-role', 'equipment-mailbox'
"""
CALLS: dict[str, Any] = {
    "Get-Writer (Get-Needed 'Check')": [],
    "Get-Writer (Get-Needed 'Verify')": "Test-ServicePrincipalAuthorization",
    # Nothing is removed where the description prunes nobody.
    "Get-Writer (Get-Needed 'Apply') | Where-Object { $_ -cmatch '^Remove-' }": [],
    "Get-Writer (Get-Needed 'Apply' 'ews-access')": "Set-OrganizationConfig",
    "Get-Writer (Get-Needed 'Apply' 'equipment-mailbox')": ["New-Mailbox", "Set-Mailbox"],
    # Without -RemoveCreatedMailbox the mailbox cannot be removed.
    "Get-Writer $Undone": ["Remove-ManagementRoleAssignment", "Set-Mailbox", "Set-ManagementRoleAssignment"],
    "Get-Writer (Get-Needed 'Rollback')": [],
    "(Get-Needed 'Check' 'ews-access').ContainsKey('Get-ServicePrincipal')": False,
    "(Get-Needed 'Apply' 'add-in').ContainsKey('Get-ManagementRoleAssignment')": False,
    "(Get-Needed 'Apply' 'application-role')['Get-ManagementRoleAssignment'] -ccontains 'Delegating'": True,
    "(Get-Needed 'Apply' 'equipment-calendar')['Set-CalendarProcessing'] -ccontains 'AutomateProcessing'": True,
    "(Get-Needed 'Check')['Get-AcceptedDomain'] -ccontains 'ErrorAction'": True,
}
SESSION = """
function Get-NeededCommand { $Wanted }
function Test-Session { param([hashtable] $Wanted) Assert-Command }
function Get-Mailbox { }
Set-Alias -Name Get-CASMailbox -Value Get-Item
New-Module -Name 'tmp_other' { function Get-App { } } | Import-Module -Global
"""
FOUND: dict[str, str] = {
    "Test-Session @{ 'Get-Recipient' = @('Identity', 'ErrorAction'); 'Get-ConnectionInformation' = @() }": "",
    "Test-Session @{ 'Get-Recipient' = @('Identity', 'Nonsense', 'NONSENSE', 'Sense') }": (
        "Get-Recipient has no -Nonsense, -Sense. Exchange hides what"
    ),
    "Test-Session @{ 'Get-Recipient' = @('BypassSecurityGroupManagerCheck') }": (
        "has no -BypassSecurityGroupManagerCheck (of the role Security Group Creation and Membership)"
    ),
    "Test-Session @{ 'Get-Nothing' = @(); 'Get-Recipient' = @('Sense') }": (
        "the cmdlet Get-Nothing was not found; Get-Recipient has no -Sense"
    ),
    "Test-Session @{ 'Get-Mailbox' = @() }": "Get-Mailbox is shadowed by a Function of this session",
    "Test-Session @{ 'Get-CASMailbox' = @() }": "Get-CASMailbox is shadowed by a Alias of this session",
    "Test-Session @{ 'Get-App' = @() }": "Get-App comes from another session (tmp_other) than Get-AcceptedDomain",
}


def test_a_run_needs_what_its_mode_and_its_steps_call_and_no_more(functions: Functions) -> None:
    assert functions.values(*CALLS, before=WITH + NEEDED) == CALLS


def test_what_is_missing_or_stands_in_front_of_exchange_is_refused(functions: Functions) -> None:
    assert functions.stops(FOUND, before=SESSION, ends="refused cmdlets") == FOUND
