"""The organization's EWS switch, list and older gate, as a body reads them (shared/ews)."""

from __future__ import annotations

from typing import Any

import pytest
from support.function_cases import WITH
from support.functions import Functions, part

A, B = "11111111-aaaa-4333-8444-555555555555", "22222222-bbbb-4333-8444-555555555555"
READ = f"""
$A, $B = '{A}', '{B}'
function New-Organization {{
    param($Enabled, $Ids)
    [pscustomobject] @{{ EwsEnabled = $Enabled; EwsAllowedAppIDs = $Ids }}
}}
function Get-Listed {{ param($Ids) Get-ListedId (ConvertTo-EwsProperty (New-Organization $true $Ids)) }}
function Get-Switch {{ param($Enabled) (ConvertTo-EwsProperty (New-Organization $Enabled $null))['EwsEnabled'] }}
"""
LISTS: dict[str, Any] = {
    "Get-Listed $null": [],
    "Get-Listed ''": [],
    "Get-Listed ' , ,'": [],
    'Get-Listed "$A, $B,"': [A, B],
    "Get-Listed @($A, $B)": [A, B],
    "Get-Listed @(\"$A,$B\", ' ')": [A, B],
    # One that stands there twice is one.
    '@(Get-Listed "$A,$($A.ToUpperInvariant())").Count': 1,
    # Whatever else stands there is written back as it is.
    'Get-Listed "room panels,$A,*"': ["room panels", A, "*"],
    "Get-Listed 'EwsEnabled'": "EwsEnabled",
    "Get-Listed 'Count,Keys,entry x'": ["Count", "Keys", "entry x"],
    "Get-Listed '00000000-0000-0000-0000-000000000000'": "00000000-0000-0000-0000-000000000000",
    "Get-Switch $true": True,
    "Get-Switch 'False'": False,
    "Get-Switch $null": None,
    "Get-Switch ''": None,
    "Get-Switch 'perhaps'": None,
}
WANTED = """
function Get-Whole {
    param($Now, $Wanted)
    $change = @{ Wanted = Get-Present 'organization' $Wanted }
    Get-WantedList $change -Now (Get-Present 'organization' $Now)
}
"""
WHOLE: dict[str, Any] = {
    # What others put on the list since it was compared stays on it.
    "Get-Whole ([ordered] @{ EwsEnabled = $true; $A = $true; 'entry x' = $true }) ([ordered] @{ $B = $true })": [
        A,
        "x",
        B,
    ],
    "Get-Whole ([ordered] @{ $A = $true; $B = $true }) ([ordered] @{ $A = $false })": B,
    "(Get-Whole ([ordered] @{ $A = $true }) ([ordered] @{ $A.ToUpperInvariant() = $true })) -eq $A": True,
    "Get-Whole ([ordered] @{ $A = $true }) ([ordered] @{ $B = $false; EwsEnabled = $true })": A,
    "Get-Whole ([ordered] @{ $A = $true }) ([ordered] @{ $A = $false })": [],
}
STATES: dict[str, Any] = {
    "Get-EwsState ([ordered] @{ EwsEnabled = $null; $A = $true })": "unset",
    "Get-EwsState ([ordered] @{ EwsEnabled = $false; $A = $true })": "false",
    "Get-EwsState ([ordered] @{ EwsEnabled = $true; $A = $true })": "listed",
    "Get-EwsState ([ordered] @{ EwsEnabled = $true; 'entry x' = $true })": "listed",
    "Get-EwsState ([ordered] @{ EwsEnabled = $true; $A = $false })": "empty",
    "With { Get-EwsState @{ EwsEnabled = $true } } @{} @{ TargetEnvironment = 'gcc' }": "empty",
    "With { Get-EwsState @{ EwsEnabled = $true } } @{} @{ TargetEnvironment = 'gcc-high' }": "empty-elsewhere",
    "With { Get-EwsState @{ EwsEnabled = $true } } @{} @{ TargetEnvironment = 'china' }": "empty-elsewhere",
}
GATES: dict[str, Any] = {
    "(Get-EwsGate ([ordered] @{ EwsEnabled = $true; $A = $true }) -ClientId $A).Open": True,
    "(Get-EwsGate ([ordered] @{ EwsEnabled = $true; $A = $true }) -ClientId $A.ToUpperInvariant()).Open": True,
    "(Get-EwsGate ([ordered] @{ EwsEnabled = $true; $A = $true }) -ClientId $B).Open": False,
    "(Get-EwsGate ([ordered] @{ EwsEnabled = $true; 'entry x' = $true }) -ClientId $A).Open": False,
    "(Get-EwsGate ([ordered] @{ EwsEnabled = $true }) -ClientId $A).Open": False,
    "(Get-EwsGate ([ordered] @{ EwsEnabled = $false; $A = $true }) -ClientId $A).Open": False,
    "(Get-EwsGate ([ordered] @{ EwsEnabled = $null }) -ClientId $A).Open": True,
    "(Get-EwsGate ([ordered] @{ EwsEnabled = $null; $B = $true }) -ClientId $A).Open": True,
    # Open over an empty list, or closed already: which of the two nobody can tell, so it is not taken for open.
    "With { (Get-EwsGate @{ EwsEnabled = $true } -ClientId $A).Open } @{} @{ TargetEnvironment = 'dod' }": False,
}
AGENTS: dict[str, bool] = {
    "Test-Agent 'Pexip/35.1 (scheduler)' @('Pexip/35.1 (scheduler)')": True,
    "Test-Agent 'pexip/35.1' @('Outlook', 'PEXIP/*')": True,
    "Test-Agent 'Pexip/35.1' @('*')": True,
    "Test-Agent 'Pexip/35.1' @('*35*')": True,
    "Test-Agent 'Pexip/35.1' @('Pexip')": False,
    "Test-Agent 'Pexip/35.1' @('35.1')": False,
    "Test-Agent 'Pexip/35x1' @('Pexip/35.1')": False,
    "Test-Agent 'Pexip' @('Pexip+', '(Pexip', '[P]exip')": False,
    "Test-Agent 'Pexip[1]' @('Pexip[1]')": True,
    "Test-Agent \"Pexip`n\" @('Pexip')": False,
    "Test-Agent 'Pexip' @()": False,
}
SECOND = """
function Get-Gate {
    param($Policy, [string[]] $Agents = @(), [string] $Agent = '')
    $organization = [pscustomobject] @{
        EwsApplicationAccessPolicy = $Policy
        EwsAllowList = @(if ($Policy -ceq 'EnforceAllowList') { $Agents } else { 'wrong list' })
        EwsBlockList = @(if ($Policy -ceq 'EnforceAllowList') { '*' } else { $Agents })
    }
    $gate = Get-SecondGate $organization -UserAgent $Agent
    if ($null -ne $gate) { $gate.State }
}
"""
SECOND_GATES: dict[str, Any] = {
    "Get-Gate $null": [],
    "Get-Gate 'EnforceAllowList' @('Pexip/*') 'Pexip/35'": "open",
    "Get-Gate 'EnforceAllowList' @('Outlook') 'Pexip/35'": "closed",
    "Get-Gate 'EnforceAllowList' @('Outlook')": "unknown",
    "Get-Gate 'EnforceAllowList' @()": "closed",
    "Get-Gate 'EnforceAllowList' @(' ', '')": "closed",
    "Get-Gate 'EnforceAllowList' @(' * ')": "open",
    "Get-Gate 'EnforceBlockList' @('Pexip/*') 'Pexip/35'": "closed",
    "Get-Gate 'EnforceBlockList' @('Outlook') 'Pexip/35'": "open",
    "Get-Gate 'EnforceBlockList' @('Outlook')": "unknown",
    "Get-Gate 'EnforceBlockList' @()": "open",
    "Get-Gate 'EnforceBlockList' @('*')": "closed",
    # What Exchange may say one day is not guessed.
    "Get-Gate 'EnforceSomething' @() 'Pexip/35'": "unknown",
}
PROOFS = """
function Get-SecondGate {
    param($Organization, $UserAgent)
    if ($Organization) { @{ State = $Organization; Text = 't' } }
}
function Get-Proof {
    param($State)
    $Run = @{ Proofs = @() }
    Write-SecondGateProof 'ews-access' $State
    $Run.Proofs | ForEach-Object { $_.state }
}
"""
PROVED: dict[str, Any] = {
    "Get-Proof 'open'": "proved",
    "Get-Proof 'closed'": "disproved",
    "Get-Proof 'unknown'": "blocked",
    "Get-Proof $null": [],
}
ANSWERS = """
function Get-OrganizationConfig { [CmdletBinding()] param([switch] $RetrieveEwsOperationAccessPolicy) $Answer }
function Test-Answer { param($Answer) $null = Read-Organization }
"""
UNREAD: dict[str, str] = {
    "Test-Answer ([pscustomobject] @{ EwsEnabled = $null; EwsAllowedAppIDs = $null })": "",
    "Test-Answer ([pscustomobject] @{ EwsEnabled = $true })": "answer about the organization has no EwsAllowedAppIDs.",
    "Test-Answer ([pscustomobject] @{ EwsAllowedAppIDs = 'x' })": "answer about the organization has no EwsEnabled.",
    "Test-Answer $null": "answer about the organization has no EwsEnabled.",
}


@pytest.fixture(scope="module")
def found(functions: Functions) -> dict[str, Any]:
    """What the functions of this part give."""
    return functions.values(
        *LISTS, *WHOLE, *STATES, *GATES, *AGENTS, *SECOND_GATES, before=WITH + READ + WANTED + SECOND
    )


def test_every_entry_of_the_list_is_read_as_it_stands_on_it(found: dict[str, Any]) -> None:
    assert part(found, LISTS) == LISTS


def test_a_list_is_written_whole_with_what_a_change_adds_or_removes(found: dict[str, Any]) -> None:
    assert part(found, WHOLE) == WHOLE


def test_a_user_agent_is_matched_whole_in_any_case_with_stars_alone(found: dict[str, Any]) -> None:
    assert part(found, AGENTS) == AGENTS


def test_ews_is_open_where_the_switch_and_the_list_say_so_and_not_where_nobody_can_tell(found: dict[str, Any]) -> None:
    assert part(found, {**STATES, **GATES}) == {**STATES, **GATES}


def test_the_older_gate_is_open_closed_or_unknown_by_the_user_agent(found: dict[str, Any]) -> None:
    assert part(found, SECOND_GATES) == SECOND_GATES


def test_a_gate_of_which_nobody_knows_is_not_proved(functions: Functions) -> None:
    assert functions.values(*PROVED, before=PROOFS) == PROVED


def test_an_answer_without_the_list_is_not_an_empty_list(functions: Functions) -> None:
    assert functions.stops(UNREAD, before=ANSWERS, ends="unreadable") == UNREAD
