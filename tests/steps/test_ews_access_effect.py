"""Who gains or loses EWS by what the step would write, and when it writes nothing until somebody has decided."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from support.ews import OTHER
from support.function_cases import WITH
from support.functions import Functions, part
from support.sites import KEEP, OURS

from pexgen.vendor_facts import EWS_LIST_INTRODUCED

SIDES = f"""
$Alone = 'alone: {OTHER} (Outlook mobile), {OURS.upper()} (Pexip Scheduler), {KEEP} (Room panels). Every other'
$Ours, $Keep, $Other = '{OURS}', '{KEEP}', '{OTHER}'
function New-Side {{
    param($Enabled, [string[]] $Ids)
    $side = [ordered] @{{ EwsEnabled = $Enabled }}
    foreach ($id in $Ids) {{ $side[$id] = $true }}
    $side
}}
function Get-NewList {{ param($Side) Get-EwsEffect $Side -Change 'List' -Added $Ours, $Keep }}
"""
NAMED = f"{OURS} (Pexip Scheduler), {KEEP} (Room panels)"
ALL = f"{OTHER} (Outlook mobile), {NAMED}"
EFFECTS: dict[str, Any] = {
    "Get-NewList (New-Side $true $Other)": (
        f"These applications gain EWS: {NAMED}. Nobody loses it: whatever is on the list stays on it."
    ),
    "Get-NewList (New-Side $true)": (
        f"These applications gain EWS: {NAMED}. Nobody loses it: EWS was read as closed to everybody."
    ),
    "Get-NewList (New-Side $false $Other)": (
        "While EwsEnabled is false the list has no effect; EwsEnabled true gives it one."
    ),
    # The whole list, and each application once, whoever named it.
    "(Get-NewList (New-Side $null $Other, $Ours.ToUpper())).Contains($Alone)": True,
    "(Get-EwsEffect (New-Side $null $Other, $Ours, $Keep) -Change 'Switch')": (
        "Every application that is not on the list LOSES EWS: before this step EWS is open to everybody. Only these "
        f"keep it: {ALL}. Traffic of Organization Relationships between organizations stays."
    ),
    "(Get-EwsEffect (New-Side $false $Other, $Ours, $Keep) -Change 'Switch')": (
        f"Each of these applications gains EWS: {ALL}. Nobody loses it: EwsEnabled was read as false, which closes EWS "
        "to everybody."
    ),
    "With { (Get-NewList (New-Side $true)).Contains('LOSES it') } @{} @{ TargetEnvironment = 'gcc-high' }": True,
    "Format-Id 'room panels', '', $Other": f"room panels, {OTHER} (Outlook mobile)",
    "Format-Id @()": "",
}
MISSING = """
function Test-Missing {
    param($Side, [hashtable[]] $Keep = @(), [string] $NoOthers = '')
    With { @(Get-OthersMissing $Side).Count -gt 0 } @{} @{ EwsKeep = $Keep; EwsNoOthers = $NoOthers }
}
"""
OTHERS: dict[str, bool] = {
    "Test-Missing (New-Side $null)": True,
    # Where somebody decided already, or the description says who else uses EWS, nothing is asked.
    "Test-Missing (New-Side $null $Other)": False,
    "Test-Missing (New-Side $true)": False,
    "Test-Missing (New-Side $false)": False,
    "Test-Missing (New-Side $null) @(@{ ClientId = $Other })": False,
    "Test-Missing (New-Side $null) @() 'nobody'": False,
    # To name this application alone names nobody else.
    "Test-Missing (New-Side $null) @(@{ ClientId = $Ours.ToUpper() })": True,
}
SWITCH = """
function Get-UtcNow { [datetime]::new(2026, 11, 3, 22, 0, 0) }
function Get-Switched {
    # What a plan says after the list: how many changes, and what remains.
    param($Enabled, [bool] $SwitchOn, [bool] $ListChanges, [string] $Mode = 'Apply', $Since = $null)
    $plan = Get-EmptyPlan 'ews-access'
    With { Add-EwsSwitch $plan -Properties (New-Side $Enabled $Ours) -ListChanges $ListChanges } @{
        Mode = $Mode; EwsListSince = $Since } @{ EwsSwitchOn = $SwitchOn }
    "$($plan.Changes.Count) $($plan.Remaining)".Trim()
}
$DayAgo = [datetime]::new(2026, 11, 2, 22, 0, 0)
"""
SWITCHED: dict[str, str] = {
    "Get-Switched $true $true $false": "0",
    "Get-Switched $false $true $false": "1",
    "Get-Switched $false $true $true": "1",
    "Get-Switched $false $false $false": "0 blocked",
    "Get-Switched $null $false $false": "0",
    # Open to everybody: not before the list has been complete for a day.
    "Get-Switched $null $true $true 'Apply' $DayAgo": "0 pending",
    "Get-Switched $null $true $false": "0 pending",
    "Get-Switched $null $true $false 'Check'": "0 blocked",
    "Get-Switched $null $true $false 'Apply' $DayAgo.AddSeconds(1)": "0 pending",
    "Get-Switched $null $true $false 'Apply' $DayAgo": "1",
}
BEFORE = EWS_LIST_INTRODUCED.day - timedelta(days=1)
TIMES: dict[str, str] = {
    "With { Assert-EwsListTime } @{ EwsListInPlaceSince = '' }": "",
    "With { Assert-EwsListTime } @{ EwsListInPlaceSince = '2026-11-03T22:00:00Z' }": "",
    "With { Assert-EwsListTime } @{ EwsListInPlaceSince = '2026-11-03T22:00:01Z' }": "not in the future",
    f"With {{ Assert-EwsListTime }} @{{ EwsListInPlaceSince = '{BEFORE}T23:59:59Z' }}": (
        f"not before {EWS_LIST_INTRODUCED.value}"
    ),
    "With { Assert-EwsListTime } @{ EwsListInPlaceSince = '2026-11-02 22:00' }": "must be a time such as",
    "With { Assert-EwsListTime } @{ EwsListInPlaceSince = '02.11.2026' }": "must be a time such as",
}


@pytest.fixture(scope="module")
def found(functions: Functions) -> dict[str, Any]:
    """What functions of this step give."""
    return functions.values(*EFFECTS, *OTHERS, *SWITCHED, before=WITH + SIDES + MISSING + SWITCH)


def test_who_gains_or_loses_ews_is_said_with_every_name(found: dict[str, Any]) -> None:
    assert part(found, EFFECTS) == EFFECTS


def test_a_list_that_shuts_out_all_others_needs_a_word_about_them(found: dict[str, Any]) -> None:
    assert part(found, OTHERS) == OTHERS


def test_the_switch_is_thrown_only_where_it_closes_nothing_too_early(found: dict[str, Any]) -> None:
    assert part(found, SWITCHED) == SWITCHED


def test_the_time_of_the_list_is_one_in_the_past_and_of_the_list(functions: Functions) -> None:
    assert functions.stops(TIMES, before=WITH + SIDES + SWITCH, ends="refused values") == TIMES
