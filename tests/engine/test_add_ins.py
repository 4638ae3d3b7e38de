"""Which add-in of the organization is the described one, and whether it is older (shared/add-ins)."""

from __future__ import annotations

from typing import Any

import pytest
from support.function_cases import ENTRY, WITH
from support.functions import Functions, part

VERSIONS: dict[str, Any] = {
    "[string] (ConvertTo-AddInVersion '1')": "1.0.0.0",
    "[string] (ConvertTo-AddInVersion '1.2.3')": "1.2.3.0",
    "(ConvertTo-AddInVersion '1.10') -gt (ConvertTo-AddInVersion '1.9.9.9')": True,
    "(ConvertTo-AddInVersion '01.0') -eq (ConvertTo-AddInVersion '1.0.0.0')": True,
    "(ConvertTo-AddInVersion '1.0.0.1') -gt (ConvertTo-AddInVersion '1')": True,
    "ConvertTo-AddInVersion '1.2.3.4.5'": None,
    "ConvertTo-AddInVersion '1.x'": None,
    "ConvertTo-AddInVersion '1.'": None,
    "ConvertTo-AddInVersion ' 1'": None,
    "ConvertTo-AddInVersion '9999999999'": None,
    "ConvertTo-AddInVersion ''": None,
    "ConvertTo-AddInText (\" Pexip`r`n`t AS\" + [char] 0xA0 + 'x ')": "Pexip AS x",
    "ConvertTo-AddInText 'Pexip  AS'": "Pexip AS",
    "ConvertTo-AddInText ('Pexip' + [char] 0xA0 + 'AS')": "Pexip AS",
    "ConvertTo-AddInText ('Pexip' + [char] 0x3000 + 'AS')": "Pexip AS",
    'ConvertTo-AddInText "Pexip`n    AS"': "Pexip AS",
    'ConvertTo-AddInText "  Pexip AS`t"': "Pexip AS",
}
ADD_IN = """
function New-AddIn {
    param([hashtable] $Of = @{})
    $all = @{
        AppId = $Value.AddInId; DisplayName = 'Pexip'; ProviderName = $Value.AddInProviderName; Enabled = $true
        AppVersion = $Value.AddInVersion; UserList = @(); ProvidedTo = 'Everyone'; DefaultStateForUser = 'Enabled'
    }
    foreach ($name in $Of.Keys) { $all[$name] = $Of[$name] }
    [pscustomobject] $all
}
function Test-Own { param([hashtable] $Of) With { Assert-OwnAddIn (New-AddIn $Of) } @{} @{ AddInVersion = '1.2.0.0' } }
function Get-Version {
    param([string] $There, [string] $Described = '1.0')
    With { Get-AddInProperty (New-AddIn @{ AppVersion = $There }) 'AppVersion' } @{} @{ AddInVersion = $Described }
}
$Anna = [pscustomobject] @{
    PrimarySmtpAddress = 'anna@contoso.com'; Guid = [guid] '11111111-2222-4333-8444-555555555555'; Name = 'Anna'
}
function Get-Recipient { [CmdletBinding()] param($Identity) if ($Identity -like 'anna*') { $Anna } }
function Test-User { param([object[]] $List, [string] $Who) Test-AddInUser (New-AddIn @{ UserList = $List }) $Who }
function Get-List { param([object[]] $List, $Wanted) Get-AddInList (New-AddIn @{ UserList = $List }) -Wanted $Wanted }
"""
OWNERS: dict[str, str] = {
    "Test-Own @{ AppVersion = '1.2' }": "",
    "Test-Own @{ AppVersion = '1.1.9.9' }": "",
    'Test-Own @{ ProviderName = "$($Value.AddInProviderName) `n" }': "",
    "Test-Own @{ AppVersion = '1.10' }": "which is not older than the described version 1.2.0.0.",
    "Test-Own @{ AppVersion = '1.2.0.1' }": "which is not older than the described version 1.2.0.0.",
    # What cannot be compared is not taken for older.
    "Test-Own @{ AppVersion = '' }": "which is not older than the described version",
    "Test-Own @{ AppVersion = '1.1-beta' }": "which is not older than the described version",
    "Test-Own @{ ProviderName = 'Fabrikam'; AppVersion = '1.0' }": (
        "The organization has 'Pexip' 1.0 by 'Fabrikam' with the ID of the described add-in"
    ),
    "$null = Find-AddIn @((New-AddIn), (New-AddIn)) -Id $Value.AddInId": "has 2 add-ins of the ID",
}
READ: dict[str, Any] = {
    "$null -eq (Find-AddIn @(New-AddIn @{ AppId = 'x' }) -Id $Value.AddInId)": True,
    "(Find-AddIn @((New-AddIn @{ AppId = 'x' }), (New-AddIn)) -Id $Value.AddInId.ToUpper()).DisplayName": "Pexip",
    # However many noughts Exchange shows of it.
    "Get-Version '1.0.0.0'": "1.0",
    "Get-Version '1.0.0.1'": "1.0.0.1",
    "Get-Version '1' '1'": "1",
    "Get-Version '1.0' '1'": "1",
    "Get-Version '1.0.0' '1'": "1",
    "Get-Version '1.2' '1.2'": "1.2",
    "Get-Version '1.2.0' '1.2'": "1.2",
    "Get-Version '1.2.0.0' '1.2'": "1.2",
    "Get-AddInProperty (New-AddIn @{ Enabled = 'False' }) 'Enabled'": False,
    "Get-AddInProperty (New-AddIn @{ UserList = @('anna@contoso.com') }) 'user:anna@contoso.com'": True,
    # Exchange lists users by address, name or GUID.
    "Test-User @('ANNA@contoso.com') 'anna@contoso.com'": True,
    "Test-User @('anna@contoso.com') 'anna.long@contoso.com'": True,
    "Test-User @($Anna.Guid) 'anna@contoso.com'": True,
    "Test-User @('bob', 'Anna') 'anna@contoso.com'": True,
    "Test-User @('bob') 'anna@contoso.com'": False,
    "Test-User @() 'anna@contoso.com'": False,
    "Test-User @('bob') 'nobody@contoso.com'": False,
    # The others go back as they came.
    "Get-List @('Anna', 'bob') ([ordered] @{ 'user:carol@contoso.com' = $true })": ["Anna", "bob", "carol@contoso.com"],
    "Get-List @('Anna', 'bob') ([ordered] @{ 'user:anna@contoso.com' = $false })": "bob",
    "Get-List @('Anna', 'bob') ([ordered] @{ 'user:anna@contoso.com' = $true })": ["bob", "anna@contoso.com"],
    "Get-List @($null) ([ordered] @{ ProvidedTo = 'Everyone' })": [],
    "With { Get-AddInUser } @{} @{ AddInUsers = @('B@b.com', 'a@b.com', 'b@B.com') }": ["a@b.com", "b@b.com"],
    "With { Get-AddInUser } @{} @{ AddInUsers = @('a@b.com'); AddInProvidedTo = 'everyone' }": [],
}
CLAIM = """
function Get-Claim {
    param([string] $Name, $Before, $Wanted, [string] $Key = $Value.AddInId)
    Get-AddInClaim (New-Entry @{ $Name = $Before } @{ $Name = $Wanted } @{} $Key) -Name $Name
}
function Get-Upload { param([hashtable] $Wanted, [string] $Key = $Value.AddInId)
    Get-AddInClaim (New-Entry $null $Wanted @{} $Key) -Name '' }
$Alice = 'user:alice@contoso.com'
"""
CLAIMS: dict[str, Any] = {
    "Get-Upload @{ AppVersion = '1'; $Alice = $true }": [],
    "Get-Upload @{ AppVersion = '1'; 'user:ceo@contoso.com' = $true }": (
        "the description does not give it to ceo@contoso.com"
    ),
    "Get-Upload @{ AppVersion = '1' } 'another'": "it is not the described add-in",
    "Get-Claim $Alice $false $true": [],
    "Get-Claim $Alice $true $false": "the description does not give it to alice@contoso.com",
    "Get-Claim 'ProvidedTo' 'Everyone' 'SpecificUsers'": [],
    "Get-Claim 'ProvidedTo' 'Somebody' 'SpecificUsers'": "'Somebody' is not a value that Apply records",
    "Get-Claim 'DefaultStateForUser' 'Disabled' 'Enabled'": [],
    "Get-Claim 'DefaultStateForUser' '' 'Enabled'": "(not set) is not a value that Apply records",
    "Get-Claim 'Enabled' $false $true": [],
    "Get-Claim 'Enabled' $true $false": "True is not a value that Apply records",
}
HOLD = """
function Read-AddIn { New-AddIn $There }
function Get-JournalEntry { param($Step) , @($Entries) }
function Get-Hold {
    param($Entry, [hashtable] $There = @{}, [string] $Id = $Value.AddInId)
    $Entries = @($Entry)
    Get-AddInHold $Entry -Current (Get-Present $Id @{})
}
$Upload = New-Entry $null @{ AppVersion = '1'; $Alice = $true }
function Get-Given { param($Before, $There) Get-Hold (New-Entry $Before $Before) $There }
"""
NOBODY = "the add-in would be given to nobody"
HELD: dict[str, Any] = {
    "Get-Hold $Upload": [],
    "Get-Hold $Upload @{ UserList = @('alice@contoso.com') }": [],
    "Get-Hold $Upload @{ UserList = @('alice@contoso.com', 'bob') }": "it was given to others since",
    "Get-Hold $Upload @{} 'another'": "it is not the described add-in",
    "Get-Hold $Upload @{ ProviderName = 'Fabrikam' }": "its publisher is 'Fabrikam'",
    "Get-Given @{ AppVersion = '0.9' } @{}": (
        "the manifest of the version before is not at hand; upload it by hand if it has to come back"
    ),
    "Get-Given @{ $Alice = $false } @{ ProvidedTo = 'SpecificUsers'; UserList = @('alice@contoso.com') }": NOBODY,
    "Get-Given @{ $Alice = $false } @{ ProvidedTo = 'SpecificUsers'; UserList = @('alice@contoso.com', 'bob') }": [],
    "Get-Given @{ $Alice = $false } @{ ProvidedTo = 'Everyone'; UserList = @('alice@contoso.com') }": [],
    "Get-Given @{ ProvidedTo = 'SpecificUsers' } @{ UserList = @() }": NOBODY,
    "Get-Given @{ Enabled = $false } @{ ProvidedTo = 'SpecificUsers' }": [],
}


@pytest.fixture(scope="module")
def found(functions: Functions) -> dict[str, Any]:
    """What the functions of this part give."""
    return functions.values(*VERSIONS, *READ, *CLAIMS, *HELD, before=WITH + ADD_IN + ENTRY + CLAIM + HOLD)


def test_versions_are_ordered_by_their_numbers(found: dict[str, Any]) -> None:
    assert part(found, VERSIONS) == VERSIONS


def test_what_is_somebody_elses_or_newer_is_a_conflict(functions: Functions) -> None:
    assert functions.stops(OWNERS, before=WITH + ADD_IN, ends="conflict") == OWNERS


def test_a_user_is_found_by_each_name_that_exchange_lists(found: dict[str, Any]) -> None:
    assert part(found, READ) == READ


def test_only_the_described_add_in_is_claimed_and_it_stays_where_others_have_it(found: dict[str, Any]) -> None:
    assert part(found, {**CLAIMS, **HELD}) == {**CLAIMS, **HELD}
