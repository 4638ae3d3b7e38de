"""Owners of the scheduling group are found however Exchange lists them, and the others are written back unchanged."""

from __future__ import annotations

from typing import Any

import pytest
from support.function_cases import ENTRY, WITH
from support.functions import Functions, part

OWNERS = """
$Anna = [pscustomobject] @{
    PrimarySmtpAddress = 'anna@contoso.com'; Guid = [guid] '11111111-2222-4333-8444-555555555555'; Name = 'Anna'
    DistinguishedName = 'CN=Anna,DC=contoso'; Alias = 'admin'
}
function Test-Owner { param([object[]] $List) Test-GroupOwner ([pscustomobject] @{ ManagedBy = $List }) $Anna }
function Read-SchedulingGroup { if ($Found) { [pscustomobject] @{ ManagedBy = $Found } } }
function Get-RecipientOf { param($Address) if ($Address -eq 'anna@contoso.com') { $Anna } }
function Get-Owners { param([object[]] $Found, [bool] $Add) Get-OwnerList 'g' 'anna@contoso.com' $Add }
"""
LISTS: dict[str, Any] = {
    "Test-Owner @('anna@CONTOSO.com')": True,
    "Test-Owner @('bob', 'anna')": True,
    "Test-Owner @($Anna.Guid)": True,
    "Test-Owner @('CN=Anna,DC=contoso')": True,
    "Test-Owner @('bob')": False,
    "Test-Owner @()": False,
    # The alias need not be unique.
    "Test-Owner @('admin')": False,
    "Get-Owners @('CN=Bob', 'Carol') $true": ["CN=Bob", "Carol", "anna@contoso.com"],
    "Get-Owners @('CN=Bob', 'Anna', '') $false": "CN=Bob",
    "Get-Owners @('Anna', 'CN=Bob') $true": ["CN=Bob", "anna@contoso.com"],
    "Get-Owners @('CN=Bob') $false": "CN=Bob",
}
CLAIM = """
function Get-Claim {
    param([string] $Name, $Before, $Wanted, [hashtable] $Described = @{})
    $entry = New-Entry @{ $Name = $Before } @{ $Name = $Wanted }
    With { Get-SchedulingGroupClaim $entry -Name $Name } @{} $Described
}
function Get-Made {
    param([string] $Address, [hashtable] $Described = @{})
    With { Get-SchedulingGroupClaim (New-Entry $null @{ PrimarySmtpAddress = $Address }) -Name '' } @{} $Described
}
$Owner = @{ SchedulingGroupManagedBy = 'anna@contoso.com' }
$Adopted, $Harden = @{ SchedulingGroupAdopt = $true }, @{ SchedulingGroupHarden = $true }
"""
NO_OWNER, OPEN = "the description does not set that owner", "the description does not close the group"
ADOPTED = "the description adopts the group as it is"
CLAIMS: dict[str, Any] = {
    "Get-Claim 'owner:ANNA@contoso.com' $false $true $Owner": [],
    "Get-Claim 'owner:bob@contoso.com' $false $true $Owner": NO_OWNER,
    "Get-Claim 'owner:anna@contoso.com' $true $false $Owner": NO_OWNER,
    "Get-Claim 'owner:anna@contoso.com' $false $true": NO_OWNER,
    "Get-Claim 'MemberJoinRestriction' 'Open' 'Closed' $Harden": [],
    "Get-Claim 'MemberJoinRestriction' 'ApprovalRequired' 'Closed' ($Harden + $Adopted)": [],
    "Get-Claim 'MemberJoinRestriction' 'Open' 'Closed'": OPEN,
    "Get-Claim 'MemberJoinRestriction' 'Closed' 'Open' $Harden": OPEN,
    "Get-Claim 'MemberJoinRestriction' 'Anything' 'Closed' $Harden": OPEN,
    "Get-Claim 'DisplayName' 'a' 'b'": [],
    "Get-Claim 'DisplayName' 'a' 'b' $Adopted": ADOPTED,
    "Get-Made $Value.SchedulingGroupAddress.ToUpper()": [],
    "Get-Made 'board@contoso.com'": "it is not the described pexip-users@contoso.com",
    "Get-Made $Value.SchedulingGroupAddress $Adopted": ADOPTED,
}


@pytest.fixture(scope="module")
def found(functions: Functions) -> dict[str, Any]:
    """What functions of this step give."""
    return functions.values(*LISTS, *CLAIMS, before=WITH + ENTRY + OWNERS + CLAIM)


def test_an_owner_is_found_by_each_name_and_the_others_stay_as_they_are_listed(found: dict[str, Any]) -> None:
    assert part(found, LISTS) == LISTS


def test_only_what_the_description_can_have_led_to_is_claimed(found: dict[str, Any]) -> None:
    assert part(found, CLAIMS) == CLAIMS


def test_a_group_that_is_not_found_is_not_written_with_one_owner_alone(functions: Functions) -> None:
    text = "With { Get-Owners @() $true } @{ Mode = 'Apply' }"
    assert functions.stop(text, before=WITH + OWNERS)["detail"] == "Exchange does not find the group g at the moment."
    text = "Get-OwnerList 'g' 'anna@contoso.com' $true"
    before = OWNERS + "function Read-SchedulingGroup { [pscustomobject] @{ Name = 'g' } }"
    assert functions.stop(text, before=before)["state"] == "unreadable"
