"""Which connection to Exchange Online a body takes for the described one (engine/50-session.exchange-online)."""

from __future__ import annotations

from typing import Any

import pytest
from support.function_cases import WITH
from support.functions import Functions, part

LINE = "Connect-ExchangeOnline -UserPrincipalName <you> -ShowBanner:$false"
LINED = "function Get-Line { param($Described) With { Get-ConnectLine } @{} $Described }\n"
LINES: dict[str, str] = {
    "Get-Line @{ TargetEnvironment = 'worldwide' }": LINE,
    "Get-Line @{ TargetEnvironment = 'gcc' }": LINE,
    "Get-Line @{ TargetEnvironment = 'gcc-high' }": f"{LINE} -ExchangeEnvironmentName O365USGovGCCHigh",
    "Get-Line @{ TargetEnvironment = 'dod' }": f"{LINE} -ExchangeEnvironmentName O365USGovDoD",
    "Get-Line @{ TargetEnvironment = 'china' }": f"{LINE} -ExchangeEnvironmentName O365China",
}
LIFE = """
function Test-Token {
    param($Status, $End)
    Test-Expired ([pscustomobject] @{ TokenStatus = $Status; TokenExpiryTimeUTC = $End })
}
"""
TOKENS: dict[str, bool] = {
    "Test-Token 'Active' ([datetime]::UtcNow.AddHours(-2))": False,
    "Test-Token 'Expired' ([datetime]::UtcNow.AddHours(2))": True,
    "Test-Token '' ([datetime]::UtcNow.AddHours(-2))": True,
    "Test-Token '' ([datetime]::UtcNow.AddHours(2))": False,
    "Test-Token '' '11/03/2020 22:05:09 +00:00'": True,
    "Test-Token '' '2020-11-03T22:05:09Z'": True,
    "Test-Token '' '2120-11-03T22:05:09Z'": False,
    "Test-Token '' 'soon'": False,
    "Test-Token '' $null": False,
    "Test-Expired ([pscustomobject] @{ State = 'Connected' })": False,
}
CONNECTIONS = """
function New-Connection {
    param([hashtable] $Of = @{})
    $all = @{
        State = 'Connected'; TenantID = $Value.TargetTenantId; Organization = $Value.TargetOrganization
        ModulePrefix = ''; UserPrincipalName = 'a@contoso.com'; TokenStatus = 'Active'
    }
    foreach ($name in $Of.Keys) { $all[$name] = $Of[$name] }
    [pscustomobject] $all
}
function Get-ConnectionInformation { [CmdletBinding()] param() if ($Open -is [string]) { throw $Open }; $Open }
function Test-Connected {
    param($Open)
    $Run = $Run.Clone()
    Assert-Connection
    "$($Run.Operator) $($Run.OwnRights) $($Run.Tenant.delegated)"
}
function Test-Again {
    param($Open, $Operator = 'a@contoso.com')
    With { Assert-SameConnection } @{ Operator = $Operator }
}
$Twice = @((New-Connection), (New-Connection @{ TenantID = '22222222-2222-4333-8444-555555555555' }))
"""
REFUSED: dict[str, str] = {
    "Test-Connected @()": f"This session is not connected to Exchange Online. Connect first: {LINE}",
    "Test-Connected (New-Connection @{ State = 'Broken' })": "This session is not connected to Exchange Online.",
    "Test-Connected $Twice": "This session has 2 connections (contoso.onmicrosoft.com 8a1c2b3d-",
    "Test-Connected @((New-Connection), (New-Connection @{ State = 'Broken' }))": "",
    "Test-Connected (New-Connection @{ IsEopSession = $true })": "This is a Security & Compliance connection",
    "Test-Connected (New-Connection @{ IsEopSession = 'True' })": "This is a Security & Compliance connection",
    "Test-Connected (New-Connection @{ ModulePrefix = 'Cloud' })": "The connection has the prefix 'Cloud'.",
    "Test-Connected (New-Connection @{ TokenStatus = 'Expired' })": "The sign-in has expired.",
    "Test-Connected $Twice[1]": "Connected to tenant 22222222-2222-4333-8444-555555555555; this runbook is for",
    "Test-Connected (New-Connection @{ TenantID = $null })": "Connected to tenant ;",
    "Test-Connected (New-Connection @{ DelegatedOrganization = 'fabrikam.onmicrosoft.com' })": (
        "The connection acts for the organization 'fabrikam.onmicrosoft.com'"
    ),
    "Test-Connected 'no answer'": "The connections could not be read: no answer",
}
TAKEN: dict[str, str] = {
    "Test-Connected (New-Connection)": "a@contoso.com True False",
    "Test-Connected (New-Connection @{ TenantID = $Value.TargetTenantId.ToUpperInvariant() })": (
        "a@contoso.com True False"
    ),
    # Of these Exchange does not tell what rights they have.
    "Test-Connected (New-Connection @{ DelegatedOrganization = 'Contoso.onmicrosoft.com' })": (
        "a@contoso.com False True"
    ),
    "Test-Connected (New-Connection @{ DelegatedOrganization = $Value.TargetTenantId })": "a@contoso.com False True",
    "Test-Connected (New-Connection @{ CertificateAuthentication = $true })": "a@contoso.com False False",
    "Test-Connected (New-Connection @{ UserPrincipalName = '' })": " False False",
}
CHANGED = "This session is not connected as it was at the start; nothing more of this step was sent."
AGAIN: dict[str, str] = {
    "Test-Again (New-Connection)": "",
    "Test-Again (New-Connection @{ UserPrincipalName = 'A@Contoso.com' })": "",
    "Test-Again (New-Connection @{ UserPrincipalName = 'other@contoso.com' })": CHANGED,
    "Test-Again (New-Connection @{ UserPrincipalName = '' })": CHANGED,
    "Test-Again (New-Connection @{ UserPrincipalName = '' }) ''": "",
    "Test-Again $Twice": CHANGED,
    "Test-Again @($Twice[1])": CHANGED,
    "Test-Again @()": CHANGED,
}
MODULES: dict[str, bool] = {
    "With { [bool] (Get-ModuleNote) } @{ ModuleVersion = '3.9.2' }": True,
    "With { [bool] (Get-ModuleNote) } @{ ModuleVersion = '3.10.0' }": True,
    "With { [bool] (Get-ModuleNote) } @{ ModuleVersion = '3.10.1' }": False,
    "With { [bool] (Get-ModuleNote) } @{ ModuleVersion = '4.0.0' }": False,
    "With { [bool] (Get-ModuleNote) } @{ ModuleVersion = $null }": False,
}
KEYS: dict[str, str] = {
    "Get-TenantKey ([ordered] @{ tenantId = 'x'; organization = 'contoso' })": "x",
    "Get-TenantKey ([ordered] @{ organization = 'contoso' })": "",
    "Get-TenantKey 'x'": "",
    "Get-TenantKey $null": "",
}
DEHYDRATED = """
function Get-OrganizationConfig { [CmdletBinding()] param() [pscustomobject] @{ IsDehydrated = $Dehydrated } }
"""
CUSTOMIZED: dict[str, str] = {
    "$Dehydrated = $false; Assert-Customized -Guard 'organization'": "",
    "$Dehydrated = $true; Assert-Customized -Guard 'organization'": "The organization is not customized yet",
    "$Dehydrated = 'True'; Assert-Customized -Guard 'organization'": "The organization is not customized yet",
}


@pytest.fixture(scope="module")
def found(functions: Functions) -> dict[str, Any]:
    """What the functions of this part give."""
    return functions.values(*LINES, *MODULES, *TOKENS, *TAKEN, *KEYS, before=WITH + LINED + LIFE + CONNECTIONS)


def test_the_line_to_connect_names_the_cloud_of_the_tenant(found: dict[str, Any]) -> None:
    assert part(found, LINES) == LINES


def test_a_module_that_may_fail_to_sign_in_is_named(found: dict[str, Any]) -> None:
    assert part(found, MODULES) == MODULES


def test_a_token_has_ended_where_the_module_says_so_or_its_time_is_over(found: dict[str, Any]) -> None:
    assert part(found, TOKENS) == TOKENS


def test_one_connection_to_the_described_tenant_is_taken_and_no_other(functions: Functions) -> None:
    before = WITH + CONNECTIONS
    assert functions.stops(REFUSED, before=before, ends="refused connection") == REFUSED


def test_who_is_connected_is_known_with_what_exchange_tells_of_the_rights(found: dict[str, Any]) -> None:
    assert part(found, TAKEN) == TAKEN


def test_a_step_is_not_sent_into_another_connection_than_that_of_the_start(functions: Functions) -> None:
    before = WITH + CONNECTIONS
    assert functions.stop("Test-Again 'no answer'", before=before)["state"] == "unreadable"
    assert functions.stops(AGAIN, before=before, ends="failed") == AGAIN


def test_an_organization_that_is_not_customized_is_refused(functions: Functions) -> None:
    assert functions.stops(CUSTOMIZED, before=DEHYDRATED, ends="refused organization") == CUSTOMIZED


def test_a_journal_knows_a_tenant_by_its_id_alone(found: dict[str, Any]) -> None:
    assert part(found, KEYS) == KEYS
