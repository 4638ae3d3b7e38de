"""Whose an assignment is, and whether Exchange's own answer about a mailbox proves anything."""

from __future__ import annotations

from typing import Any

import pytest
from support.function_cases import WITH
from support.functions import Functions, part

OTHER = "77777777-2222-4333-8444-555555555555"
ASSIGNED = f"""
$Ours, $Client, $Other = $Value.ApplicationObjectId, $Value.ApplicationClientId, '{OTHER}'
$Pointer = [pscustomobject] @{{ ObjectId = $Ours; AppId = $Client; DisplayName = 'Pexip'; Name = 'svc-pexip' }}
function Read-ServicePrincipal {{
    param($Identity)
    if ($Identity -eq $Ours) {{ $Known }}
}}
function Read-AllServicePrincipal {{ $Listed }}
function Test-Ours {{
    param([hashtable] $Row, $Known = $Pointer, [object[]] $Listed = @($Pointer))
    With {{ Test-Assignee ([pscustomobject] $Row) -ObjectId $Ours }} @{{ Seen = (Get-Table) }}
}}
$Namesakes = [pscustomobject] @{{ ObjectId = $Other; DisplayName = 'Pexip' }}
"""
ASSIGNEES: dict[str, bool] = {
    "Test-Ours @{ RoleAssignee = $Ours }": True,
    "Test-Ours @{ RoleAssignee = $Ours.ToUpperInvariant() }": True,
    "Test-Ours @{ App = $Client }": True,
    "Test-Ours @{ RoleAssigneeName = 'svc-pexip' }": True,
    "Test-Ours @{ RoleAssigneeName = 'Pexip' }": True,
    # A display name proves nothing that another application has too, or beside the ID of another one.
    "Test-Ours @{ RoleAssigneeName = 'Pexip' } -Listed @($Pointer, $Namesakes)": False,
    "Test-Ours @{ RoleAssigneeName = 'Pexip'; RoleAssignee = $Other }": False,
    "Test-Ours @{ RoleAssigneeName = 'Pexip'; RoleAssignee = $Other; App = $Ours }": True,
    # A list without the one that was just read proves nothing about its name.
    "Test-Ours @{ RoleAssigneeName = 'Pexip' } -Listed @()": False,
    "Test-Ours @{ RoleAssigneeName = 'Pexip' } -Listed @($Namesakes)": False,
    "Test-Ours @{ RoleAssignee = $Other }": False,
    "Test-Ours @{ RoleAssigneeName = 'Somebody' }": False,
    "Test-Ours @{}": False,
    # Of a service principal that is not found only its ID is known.
    "Test-Ours @{ RoleAssignee = $Ours } -Known $null": True,
    "Test-Ours @{ RoleAssigneeName = 'Pexip' } -Known $null": False,
}
LISTED = """
function Get-ManagementRoleAssignment {
    [CmdletBinding()] param($RoleAssignee, $RoleAssigneeType)
    if ($RoleAssignee) { $Direct } else { $All }
}
function New-Row {
    param([string] $Name, [string] $Of = $Ours, [string] $Kind = 'Regular')
    [pscustomobject] @{ Name = $Name; RoleAssignee = $Of; RoleAssignmentDelegationType = $Kind }
}
function Get-Held {
    param([object[]] $Direct = @(), [object[]] $All = @(), $Known = $Pointer)
    With { Read-ApplicationAssignment $Ours | ForEach-Object { $_.Name } } @{ Seen = (Get-Table) }
}
"""
HELD: dict[str, Any] = {
    "Get-Held @((New-Row 'a'), (New-Row 'b' -Kind 'DelegatingOrgWide')) @(New-Row 'c')": "a",
    # Microsoft documents neither way: where the first gives none, the second is asked.
    "Get-Held @() @((New-Row 'c'), (New-Row 'd' $Other), (New-Row 'e' -Kind 'Delegating'))": "c",
    "Get-Held": [],
}
REACH = """
function New-Answer {
    param($InScope, [string] $Role = $ApplicationRole, [string] $Rights = '')
    [pscustomobject] @{ RoleName = $Role; GrantedPermissions = $Rights; InScope = $InScope }
}
function Test-ServicePrincipalAuthorization { [CmdletBinding()] param($Identity, $Resource) $Answers }
function Get-RecipientOf { param($Address) if ($Address -cne 'gone@contoso.com') { $Address } }
function Get-Answer { param([object[]] $Answers = @(), [string] $Address = 'a@contoso.com') Get-Reach $Address }
"""
ANSWERS: dict[str, str] = {
    "Get-Answer @(New-Answer $true)": "True",
    "Get-Answer @(New-Answer 'True' 'x' 'Mail.Read, EWS.AccessAsApp')": "True",
    "Get-Answer @(New-Answer $false)": "False",
    "Get-Answer @((New-Answer $false), (New-Answer $true))": "True",
    # Whoever reaches it by another role reaches it all the same.
    "Get-Answer @((New-Answer $false), (New-Answer $true 'Application Mail.Read'))": "True, by another role",
    # Only an explicit No about this role is one.
    "Get-Answer @(New-Answer $false 'Application Mail.Read' 'Mail.Read')": "no answer (1 rows)",
    "Get-Answer @(New-Answer 'Not Run')": "no answer (1 rows)",
    "Get-Answer @(New-Answer $null)": "no answer (1 rows)",
    "Get-Answer @()": "no answer (0 rows)",
    "Get-Answer @() 'gone@contoso.com'": "mailbox not found",
    "Get-Answer @(New-Answer $false) 'gone@contoso.com'": "False",
}


@pytest.fixture(scope="module")
def found(functions: Functions) -> dict[str, Any]:
    """What functions of this step give."""
    return functions.values(*ASSIGNEES, *HELD, *ANSWERS, before=WITH + ASSIGNED + LISTED + REACH)


def test_an_assignment_is_the_applications_by_an_id_or_by_a_name_that_nobody_else_has(found: dict[str, Any]) -> None:
    assert part(found, ASSIGNEES) == ASSIGNEES


def test_what_the_application_holds_is_asked_for_in_two_ways(found: dict[str, Any]) -> None:
    assert part(found, HELD) == HELD


def test_only_an_explicit_answer_about_the_role_says_that_a_mailbox_is_out_of_reach(found: dict[str, Any]) -> None:
    assert part(found, ANSWERS) == ANSWERS


def test_a_proof_holds_in_both_directions(functions: Functions) -> None:
    proofs = """
function Get-Reach {
    param($Address)
    if ($Reach -ceq 'stop') { throw (Get-Stop 'unreadable' 'no connection') }
    $Reach
}
function Get-Proved {
    param([string] $Reach)
    With { Test-ApplicationRoleProof; $Run.Proofs | ForEach-Object { $_.state } } @{ Proofs = @() } @{
        EquipmentAddress = 'in@contoso.com'; ProofInScope = @('IN@contoso.com'); ProofOutOfScope = @('out@contoso.com')
    }
}
"""
    wanted = {
        "Get-Proved 'True'": ["proved", "disproved"],
        "Get-Proved 'False'": ["disproved", "proved"],
        "Get-Proved 'True, by another role'": ["disproved", "disproved"],
        "Get-Proved 'mailbox not found'": ["disproved", "disproved"],
        "Get-Proved 'no answer (0 rows)'": ["unreadable", "unreadable"],
        "Get-Proved 'stop'": ["unreadable", "unreadable"],
    }
    assert functions.values(*wanted, before=WITH + proofs) == wanted
