"""What is approved, and what counts as something else (engine/11-approval)."""

from __future__ import annotations

import hashlib
from typing import Any

from support.function_cases import outcomes
from support.functions import Functions

PLANS = """
function New-Plan {
    # "step: property current wanted" for each difference.
    param([string[]] $Differences)
    $plans = [ordered] @{}
    foreach ($line in $Differences) {
        $id, $property, $current, $wanted = $line -split '[: ]+'
        if (-not $plans.Contains($id)) { $plans[$id] = @{ State = 'different'; Plan = Get-EmptyPlan $id } }
        Add-Difference $plans[$id].Plan -Property $property -Current $current -Wanted $wanted
    }
    $plans
}
function Get-Digest { param([string[]] $Differences) Save-PlanDigest (New-Plan $Differences); $Run.PlanSha256 }
function Digest-Value { param($Current)
    $difference = @{ property = 'Color'; current = $Current; wanted = 'blue' }
    @(Get-DifferenceDigest @{ door = @{ Plan = @{ Differences = @($difference) } } })[0] }
$Usual = 'door: Color red blue', 'door: Size 1 2', 'wall: Color red blue'
$First = Get-Digest $Usual
"""
OTHERS: dict[str, bool] = {
    # The same differences in the same order, and nothing else.
    "(Get-Digest $Usual) -ceq $First": True,
    "(Get-Digest $Usual[0, 1]) -ceq $First": False,
    "(Get-Digest $Usual[1, 0, 2]) -ceq $First": False,
    "(Get-Digest 'door: Color Red blue', $Usual[1], $Usual[2]) -ceq $First": False,
    "(Get-Digest 'door: Color red Blue', $Usual[1], $Usual[2]) -ceq $First": False,
    "(Get-Digest 'wall: Color red blue', $Usual[1], $Usual[2]) -ceq $First": False,
    "(Get-Digest 'door: Color red blu e', $Usual[1], $Usual[2]) -ceq $First": False,
    # A text is not the number, truth value or nothing that looks like it.
    "(Digest-Value 1) -ceq (Digest-Value '1')": False,
    "(Digest-Value $true) -ceq (Digest-Value 'True')": False,
    "(Digest-Value $null) -ceq (Digest-Value '(not set)')": False,
    "(Digest-Value $null) -ceq (Digest-Value '')": True,
    # Parts of a difference do not run into each other.
    "(Get-PartDigest 'ab', 'c') -ceq (Get-PartDigest 'a', 'bc')": False,
    "(Get-PartDigest 'a', '') -ceq (Get-PartDigest '', 'a')": False,
    "(Get-PartDigest 'a1:b') -ceq (Get-PartDigest 'a', 'b')": False,
    # Every value counts, but for the ticket; the case of a table's keys does not.
    "$Value.ChangeTicket = 'CHG2'; (Get-Digest $Usual) -ceq $First": True,
    "$Value.EquipmentCalendar = @{ AUTOMATEPROCESSING = 'None' }; (Get-Digest $Usual) -ceq $First": True,
    "$Value.EquipmentCalendar = @{ AutomateProcessing = 'none' }; (Get-Digest $Usual) -ceq $First": False,
    "$Value.EquipmentCalendar = @{ AutomateProcessing = 'None' }; (Get-Digest $Usual) -ceq $First": True,
    "$Value.ScopeMaxMailboxes++; (Get-Digest $Usual) -ceq $First": False,
    "$Value.ScopeMaxMailboxes--; $Value.EwsSwitchOn = -not $Value.EwsSwitchOn; (Get-Digest $Usual) -ceq $First": False,
}
APPROVE = """
function Write-Plan { $Shown.Add(1) | Out-Null }
$Shown = [Collections.ArrayList] @()
$Run.Mode = 'Apply'
$Begun = @((Get-DifferenceDigest (New-Plan $Usual)))
function Approve {
    # The run of these differences with this approval, and what the journal's runs were approved to change.
    param([string[]] $Differences, [string] $With = $First, [string] $Of = '', [string[]] $Rest = $Begun)
    $Shown.Clear(); $Run.Approved = Get-Table
    $Run.ApprovedPlan = $With
    $Run.Runs = @(if ($Of) { @{ Header = @{ approvedPlan = $Of; differences = $Rest } } })
    $end = try { Assert-Approved (New-Plan $Differences); 'goes on' } catch { "$((Get-StopOf $_).Guard) refuses" }
    "$end, shown $($Shown.Count)"
}
"""
APPROVED: dict[str, str] = {
    "Approve $Usual": "goes on, shown 0",
    "Approve $Usual[1, 0, 2] ''": "goes on, shown 0",
    "Approve $Usual[0, 1]": "approval refuses, shown 1",
    "Approve ($Usual + 'wall: Size 1 2')": "approval refuses, shown 1",
    "Approve @()": "approval refuses, shown 1",
    # A run that goes on may do the rest of what its journal says was approved, by this approval and no other.
    "Approve $Usual[0, 1] -Of $First": "goes on, shown 0",
    "Approve @($Usual[2]) -Of $First": "goes on, shown 0",
    "Approve ($Usual + 'wall: Size 1 2') -Of $First": "approval refuses, shown 1",
    "Approve @('door: Color red green') -Of $First": "approval refuses, shown 1",
    "Approve $Usual[0, 1] -Of ('0' * 64)": "approval refuses, shown 1",
    "Approve $Usual[0, 1] -Of $First -Rest @()": "approval refuses, shown 1",
    "Approve $Usual[0, 1] -Of $First -Rest $Begun[0, 3]": "approval refuses, shown 1",
    # Another value is not what was approved, whatever is left of it.
    "$Value.ScopeMaxMailboxes++; Approve $Usual[0, 1] -Of $First": "approval refuses, shown 1",
}


LATER = """
$Catalogue = @{ door = @{ Requires = @('wall') }; wall = @{ Requires = @() } }
function New-Entry { param($Step, $Exists, $Event = 'done')
    @{ step = $Step; event = $Event; before = @{ exists = $Exists } } }
$Missing = New-Plan $Usual
$Missing['door'].Plan['IsMissing'] = $true
$Whole = @{}
foreach ($digest in @(Get-LaterDigest $Missing) + @(Get-DifferenceDigest $Missing)) { $Whole[$digest] = $true }
function Rest {
    # What of these differences was not approved where the journal has these entries, and a door was missing.
    param([string[]] $Differences, [object[]] $Entries)
    $Run.Runs = @(@{ Header = @{}; Entries = $Entries })
    @(Get-Unapproved (New-Plan $Differences) -Approved $Whole) -join ', ' }
$Made = New-Entry 'wall' $false
"""
KNOWN_LATER: dict[str, str] = {
    "Rest $Usual @()": "",
    # What a step builds on was created since: what is there of it then, was not known.
    "Rest 'door: Color green blue', 'door: Size 3 4' @($Made)": "",
    "Rest 'door: Color green blue' @()": "door Color",
    # It was there before; or the step was begun already, and somebody changed it since.
    "Rest 'door: Color green blue' @(New-Entry 'wall' $true)": "door Color",
    "Rest 'door: Color green blue' @($Made, (New-Entry 'door' $true))": "door Color",
    # What was announced of it and did not happen, or is not known to, counts for nothing.
    "Rest 'door: Color green blue' @($Made, (New-Entry 'door' $true 'intent'))": "",
    "Rest 'door: Color green blue' @($Made, (New-Entry 'door' $true 'failed'))": "",
    # Another property, and another step that was there, are not among what was approved.
    "Rest 'door: Height 1 2' @($Made)": "door Height",
    "Rest 'wall: Color green blue' @((New-Entry 'roof' $false))": "wall Color",
    "$Value.ScopeMaxMailboxes++; Rest $Usual @($Made)": "values",
}


def test_of_what_a_run_created_later_values_are_approved_and_of_nothing_else(functions: Functions) -> None:
    assert functions.values(*KNOWN_LATER, before=PLANS + LATER) == KNOWN_LATER


def test_a_plan_with_anything_else_in_it_has_another_digest(functions: Functions) -> None:
    assert functions.values(*OTHERS, before=PLANS) == OTHERS


def test_a_digest_can_be_made_anew_outside_of_powershell(functions: Functions) -> None:
    """An approval may be older than the PowerShell, and than the body, that it is compared in."""
    parts = ("door", "Größe", "'klein'", "(not set)")
    text = "".join(f"{len(part)}:{part}" for part in parts).encode()
    one = hashlib.sha256(text).hexdigest()
    wanted = {
        "Get-PartDigest 'door', 'Größe', (Format-Value 'klein'), (Format-Value '')": one,
        f"Get-PlanDigest '{one}', '{one}'": hashlib.sha256(f"{one}\n{one}".encode()).hexdigest(),
    }
    assert functions.values(*wanted) == wanted


def test_apply_does_what_was_approved_or_the_rest_of_it(functions: Functions) -> None:
    assert functions.values(*APPROVED, before=PLANS + APPROVE) == APPROVED


def test_a_run_that_goes_on_hands_all_that_was_approved_to_the_next_one(functions: Functions) -> None:
    wanted = {
        "Approve @($Usual[2]) -Of $First": "goes on, shown 0",
        "(@($Run.Differences | Get-Ordered) -join ' ') -ceq (@($Begun | Get-Ordered) -join ' ')": True,
        "$Begun.Count": 4,
    }
    assert functions.values(*wanted, before=PLANS + APPROVE) == wanted


def test_what_differs_only_since_the_first_look_is_refused_before_its_question(functions: Functions) -> None:
    before = (
        PLANS
        + """
    $Run.Mode, $Run.ApprovedPlan, $Run.Approved = 'Apply', $First, (Get-Table)
    $Run.Approved['door|Color'] = $true
    function Ask { param([string[]] $Differences)
        $plans = New-Plan $Differences; Assert-StillApproved @($plans.Keys)[0] -Plan @($plans.Values)[0].Plan }
    """
    )
    refused = (
        "refused: Size of the step door differs since the first look, and that was not approved: '1' -> '2'. "
        "Run Check again."
    )
    wanted: dict[str, Any] = {
        "Ask 'door: Color red blue'": [],
        "Ask 'door: Color red blue', 'door: Size 1 2'": refused,
        "Ask 'wall: Color red blue'": (
            "refused: Color of the step wall differs since the first look, and that was not approved: 'red' -> 'blue'. "
            "Run Check again."
        ),
        "$Run.Mode = 'Rollback'; Ask 'door: Size 1 2'": [],
        "$Run.Mode, $Run.ApprovedPlan = 'Apply', ''; Ask 'door: Size 1 2'": [],
    }
    assert outcomes(functions, *wanted, before=before) == wanted
