"""How a step is compared: what it waits for, what stops it, and what is shown of what differs (engine/13-steps)."""

from __future__ import annotations

from typing import Any

from support.function_cases import RECORDED, outcomes
from support.functions import Functions

SHOWN: dict[str, Any] = {
    # Of an object that is not there no value is "not set"; what is there has its values.
    "Format-Current @{ current = $null } -IsMissing $true": "(missing)",
    "Format-Current @{ current = $null } -IsMissing $false": "(not set)",
    "Format-Current @{ current = '' } -IsMissing $true": "(not set)",
    "Format-Current @{ current = $false } -IsMissing $true": "False",
    "Test-Missing @{ Changes = @(@{ Before = Get-Absent 'd' }) }": True,
    "Test-Missing @{ Changes = @(@{ Before = Get-Present 'd' @{} }) }": False,
    "Test-Missing @{ Changes = @(@{ Before = Get-Present 'd' @{} }, @{ Before = Get-Absent 'd' }) }": True,
    "Test-Missing @{ Changes = @() }": False,
    "Test-Missing @{ Changes = @(); IsMissing = $true }": True,
    "Format-PropertyName 'door' 'a@x'": "a@x",
    "$Steps['door'].Shown = { param($Name) \"member:$Name\" }; Format-PropertyName 'door' 'a@x'": "member:a@x",
}
PLANNED = """
$Steps['door'] = @{ Shown = { param($Name) "the $Name" } }
function Get-Planned {
    # What differs, and the change behind it.
    param([scriptblock] $Add)
    $plan = Get-EmptyPlan 'door'
    & $Add
    foreach ($one in $plan.Differences) {
        "$($one.property): $(Format-Value $one.current) -> $(Format-Value $one.wanted)"
    }
    $change = $plan.Changes[0]
    foreach ($side in $change.Before, $change.Wanted) {
        "$($change.Text), $($side.id) $($side.exists): $(@($side.properties.Keys) -join ',')"
    }
}
"""
PLANS: dict[str, list[str]] = {
    "Get-Planned { Add-Creation $plan -Text 't' -Id 'd' -Wanted ([ordered] @{ a = 1; b = '' }) }": [
        "a: (not set) -> 1",
        "b: (not set) -> (not set)",
        "t, d False: ",
        "t, d True: a,b",
    ],
    # What is the same on both sides is written with the rest and does not differ; case makes a difference.
    "Get-Planned { Add-Setting $plan -Text 't' -Id 'd' -Before ([ordered] @{ a = 1; b = 'x'; c = $null }) "
    "-Wanted ([ordered] @{ a = 1; b = 'X'; c = $true }) }": [
        "the b: 'x' -> 'X'",
        "the c: (not set) -> True",
        "t, d True: a,b,c",
        "t, d True: a,b,c",
    ],
}
DOOR = """
$Catalogue['wall'] = @{ Title = 'Wall'; Risk = 'low'; Requires = @() }
$Catalogue['door'] = @{ Title = 'Door'; Risk = 'low'; Requires = @('wall') }
$Steps['wall'] = @{}
$Steps['door'] = @{}
$Run.Selected = @('wall', 'door')
"""
AWAITED: dict[str, Any] = {
    # Whether the step that makes it is in this run, and is asked for at all.
    "throw (Get-Awaited 'wall' 'The wall')": (
        "pending: The wall was not found yet. Run Apply again when Exchange shows it."
    ),
    "Test-Planned 'wall'": True,
    "$Run.Planning = $false; Test-Planned 'wall'": False,
    "$Run.Planning = $true; $Steps['wall'].Described = $false; Test-Planned 'wall'": False,
    "throw (Get-Awaited 'wall' 'A wall')": "blocked: A wall was not found. The step wall creates it.",
    "$Steps['wall'].Described = $true; Test-Planned 'wall'": True,
    "$Run.Selected = @('door'); Test-Planned 'wall'": False,
    "throw (Get-Awaited 'wall' 'No wall')": "blocked: No wall was not found. The step wall creates it.",
}
COMPARED = """
function Compare-Door {
    # The comparison ends with these stops in turn, then with so many changes.
    param(
        [object[]] $Stops = @(), [int] $Changes = 0, $Remaining = '', $Wall = 'in-place', [bool] $Planning, $Wait = 10,
        $Described = $true)
    Clear-Recorded
    $Run.Planning, $Run.WaitSeconds, $Run.States, $Run.Stopped = $Planning, $Wait, @{ wall = $Wall }, @{}
    $Run.Mode = 'Apply'
    $Run.Pauses = Get-Pause
    $looks = [Collections.Queue] $Stops
    $Steps['door'] = @{ Described = $Described; Compare = {
            if ($looks.Count -gt 0) { throw (Get-Stop $looks.Dequeue() 'not there') }
            @{ Changes = @(1) * $Changes; Remaining = $Remaining; Notes = @() } } }
    $found = try { Invoke-Compare 'door' } catch { return "thrown $((Get-StopOf $_).State)" }
    $stopped = if ($Run.Stopped.Contains('door')) { ', stopped' }
    "$($found.State), waits $($Recorded.Slept.Count), left $($looks.Count)$stopped"
}
"""
STATES: dict[str, str] = {
    "Compare-Door": "in-place, waits 0, left 0",
    "Compare-Door -Changes 1": "different, waits 0, left 0",
    "Compare-Door -Changes 1 -Remaining 'blocked'": "different, waits 0, left 0",
    "Compare-Door -Remaining 'blocked'": "blocked, waits 0, left 0",
    "Compare-Door -Described $false -Stops 'conflict' -Wall 'failed'": "not-asked, waits 0, left 1",
    # A step behind one that stopped is not looked at.
    "Compare-Door -Wall 'conflict' -Stops 'unreadable'": "blocked, waits 0, left 1, stopped",
    "Compare-Door -Wall 'unreadable' -Changes 1": "blocked, waits 0, left 0, stopped",
    "Compare-Door -Wall 'blocked' -Changes 1": "blocked, waits 0, left 0, stopped",
    "Compare-Door -Wall 'failed' -Changes 1": "blocked, waits 0, left 0, stopped",
    "Compare-Door -Wall 'pending' -Changes 1": "pending, waits 0, left 0, stopped",
    "Compare-Door -Wall 'different' -Changes 1": "different, waits 0, left 0",
    "Compare-Door -Wall '' -Changes 1": "different, waits 0, left 0",
    # What earlier steps made is waited for where they have made it, and only that.
    "Compare-Door -Stops 'pending', 'pending' -Changes 1": "different, waits 2, left 0",
    "Compare-Door -Stops (@('pending') * 9)": "pending, waits 3, left 5, stopped",
    "Compare-Door -Stops 'pending' -Wait 0": "pending, waits 0, left 0, stopped",
    "Compare-Door -Stops 'pending', 'pending' -Planning $true": "pending, waits 0, left 1, stopped",
    "Compare-Door -Stops 'pending', 'conflict', 'pending'": "conflict, waits 1, left 1, stopped",
    "Compare-Door -Stops 'unreadable', 'unreadable'": "unreadable, waits 0, left 1, stopped",
    # A guard that refuses ends the run.
    "Compare-Door -Stops 'refused'": "thrown refused",
}


def test_what_differs_is_what_a_change_creates_or_changes(functions: Functions) -> None:
    assert functions.values(*PLANS, before=PLANNED) == PLANS


def test_what_is_missing_is_told_from_what_is_empty(functions: Functions) -> None:
    assert functions.values(*SHOWN, before="$Steps['door'] = @{}") == SHOWN


def test_what_another_step_makes_is_late_only_where_that_step_is_part_of_the_run(functions: Functions) -> None:
    assert outcomes(functions, *AWAITED, before=DOOR) == AWAITED


def test_which_state_a_comparison_ends_in_and_how_often_it_looks(functions: Functions) -> None:
    assert functions.values(*STATES, before=RECORDED + DOOR + COMPARED) == STATES


def test_what_an_earlier_step_made_is_said_to_be_missing_once(functions: Functions) -> None:
    text = (
        "$null = Compare-Door -Stops (@('pending') * 3); @($Recorded.Said | Where-Object { $_ -notlike '*Waiting*' })"
    )
    assert functions.values(text, before=RECORDED + DOOR + COMPARED) == {text: "    not there"}


def test_a_part_that_does_not_show_yet_makes_an_object_not_there_yet_and_no_other_stop_does(
    functions: Functions,
) -> None:
    before = """
    function See { param($State)
        $Steps['door'] = @{ Now = { throw (Get-Stop $State 'x') } }; Get-Now 'door' (Get-Present 'd' @{}) }
    """
    wanted: dict[str, Any] = {
        "(See 'pending').exists": False,
        "(See 'pending').id": "d",
        "See 'unreadable'": "unreadable: x",
        "See 'conflict'": "conflict: x",
    }
    assert outcomes(functions, *wanted, before=before) == wanted
