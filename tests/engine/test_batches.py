"""What is read right before and after a change, and what the journal claims of it (engine/14-batches)."""

from __future__ import annotations

from typing import Any

from support.function_cases import RECORDED, outcomes
from support.functions import Functions

WORLD = """
$Shows = [Collections.Queue] @()
$Steps['door'] = @{ Now = {
        # What each look shows; the last one stays.
        $now = if ($Shows.Count -gt 1) { $Shows.Dequeue() } else { $Shows.Peek() }
        if ($now.exists) { Get-Present 'id-1' $now.properties -Of ([pscustomobject] @{ Guid = 'g-1' }) } else { $now }
    } }
function Door {
    param([hashtable] $Of)
    if ($null -eq $Of) { return Get-Absent 'd' }
    $values = [ordered] @{}
    foreach ($name in @($Of.Keys | Get-Ordered)) { $values[$name] = $Of[$name] }
    Get-Present 'd' $values
}
function New-Change {
    param($From, $To, [string] $Text = 'paint', [hashtable] $Marks = @{})
    @{ Step = 'door'; Text = $Text; Before = Door $From; Wanted = Door $To } + $Marks
}
function Set-World {
    param([object[]] $Looks, [string] $Mode = 'Apply', [int] $Wait = 10)
    Clear-Recorded
    $Shows.Clear()
    foreach ($look in $Looks) { $Shows.Enqueue((Door $look)) }
    $Run.Mode, $Run.WaitSeconds, $Run.Consent, $Run.GuardsPassed = $Mode, $Wait, @{ door = 'Yes' }, $true
    $Run.Pauses = Get-Pause
}
"""
MERGED: dict[str, Any] = {
    # The last of several values counts, in the place of the first.
    "@($Both.properties.Keys)": ["a", "b", "c"],
    "@($Both.properties.Values)": [1, 4, 3],
    "$Both.id": "one",
    "$Both.exists": True,
    "(Merge-Snapshot @((Get-Absent 'x'), (Get-Present 'y' @{ a = 1 }))).exists": False,
    # Values that are nothing are values.
    "(Merge-Snapshot @((Get-Present 'x' @{ a = 1 }), (Get-Present 'x' @{ a = $null }))).properties.Contains('a')": True,
    # A member is the same one in any case.
    "@((Merge-Snapshot @((Get-Present 'x' @{ 'A@x' = 1 }), (Get-Present 'x' @{ 'a@X' = 2 }))).properties.Values)": 2,
}
BEFORE: dict[str, str] = {
    # As it was compared: it may be changed.
    "Look @{ a = 1 } @{ a = 2 } @(@{ a = 1 })": "now 1, waits 0",
    "Look $null @{ a = 2 } @($null)": "now , waits 0",
    # As wanted already: nothing to do; Rollback did not do it.
    "Look @{ a = 1 } @{ a = 2 } @(@{ a = 2 })": "nothing, waits 0",
    "Look $null @{ a = 2 } @(@{ a = 2 })": "nothing, waits 0",
    "Look @{ a = 1 } @{ a = 2 } @(@{ a = 2 }) 'Rollback'": "gone, waits 3",
    "Look @{ a = 1 } @{ a = 2 } @(@{ a = 2 }, @{ a = 1 }) 'Rollback'": "now 1, waits 1",
    # Somebody else was there in the meantime.
    "Look @{ a = 1 } @{ a = 2 } @(@{ a = 3 })": "conflict, waits 0",
    "Look $null @{ a = 2 } @(@{ a = 3 })": "conflict, waits 0",
    "Look @{ a = 1 } $null @(@{ a = 3 }) 'Rollback'": "conflict, waits 0",
    "Look @{ a = 1 } @{ a = 2 } @(@{ a = 1; b = 1 })": "conflict, waits 0",
    # One "not found" about what was just seen says nothing.
    "Look @{ a = 1 } @{ a = 2 } @($null)": "pending, waits 3",
    "Look @{ a = 1 } @{ a = 2 } @($null, @{ a = 1 })": "now 1, waits 1",
    "Look @{ a = 1 } @{ a = 2 } @($null) 'Rollback'": "kept, waits 3",
    "Look @{ a = 1 } $null @($null)": "nothing, waits 1",
    "Look @{ a = 1 } $null @($null, @{ a = 1 })": "now 1, waits 1",
    "Look @{ a = 1 } $null @($null) 'Rollback'": "kept, waits 3",
    # What the change leaves alone counts as well: it is read as it was compared, or somebody was there.
    "Look @{ a = 1; b = 1 } @{ a = 2; b = 1 } @(@{ a = 1; b = 9 })": "conflict, waits 0",
    "Look @{ a = 1; b = 1 } @{ a = 2; b = 1 } @(@{ a = 2; b = 9 })": "nothing, waits 0",
}
LOOK = """
function Look {
    param($From, $To, [object[]] $Looks, [string] $Mode = 'Apply')
    Set-World $Looks -Mode $Mode
    $end = try {
        $now = Read-Before @(New-Change $From $To)
        if ($null -eq $now) { 'nothing' } else { "now $(if ($now.exists) { $now.properties['a'] })" }
    } catch { (Get-StopOf $_).State }
    "$end, waits $($Recorded.Slept.Count)"
}
"""
DONE = """
function Write-JournalEvent { param($Name, $Change, $After)
    $says = 'theirs'
    if ($After) { $says = "$($After.id) $($After['guid']) $(@($After.properties.Values) -join '/')".Trim() }
    [void] $Recorded.Written.Add("$Name $($Change.Text): $says") }
function Done { param($Now, [object[]] $Changes, $Mode = 'Apply')
    Clear-Recorded; $Run.Mode = $Mode; $Run.Done = Get-Table
    $there = if ($Now) { Get-Present 'id-1' $Now -Of ([pscustomobject] @{ Guid = 'g-1' }) } else { Get-Absent 'd' }
    Write-Done $Changes -Now $there
    @($Recorded.Written) + @(if ($Run.Done.Contains('door')) { 'done in this step' }) }
"""
WRITTEN: dict[str, Any] = {
    "Done @{ a = 2 } (New-Change $null @{ a = 2 })": ["done paint: id-1 g-1 2", "done in this step"],
    # What does not show is not claimed, and of what shows nothing that others changed beside it.
    "Done @{ a = 1 } (New-Change $null @{ a = 2 })": [],
    "Done $null (New-Change $null @{ a = 2 })": [],
    "Done @{ a = 2; b = 9 } (New-Change @{ a = 1; b = 1 } @{ a = 2; b = 1 })": (
        ["done paint: id-1 g-1 2/1", "done in this step"]
    ),
    "Done @{ a = 2; b = 1 } (New-Change $null @{ a = 2 } 'one'), (New-Change $null @{ b = 2 } 'two')": (
        ["done one: id-1 g-1 2", "done in this step"]
    ),
    # As Exchange shows it, where that is the same.
    "Done @{ App = 'X' } (New-Change $null @{ App = 'x' })": ["done paint: id-1 g-1 X", "done in this step"],
    # What Exchange refused because others had done it is theirs; a Rollback has not announced and says what it saw.
    "Done @{ a = 2 } (New-Change $null @{ a = 2 } -Marks @{ Overtaken = $true })": "failed paint: theirs",
    "Done @{ a = 2 } (New-Change @{ a = 1 } @{ a = 2 } -Marks @{ Overtaken = $true }) 'Rollback'": (
        ["undone paint: id-1 g-1 2", "done in this step"]
    ),
    "Done $null (New-Change @{ a = 1 } $null) 'Rollback'": ["undone paint: d", "done in this step"],
}
SENT = """
$Steps['door'].Together = $true
function Invoke-Write { param($Change, $Now)
    if ($Change.Text -eq 'bad') { throw (Get-Stop 'failed' 'no') }
    [void] $Recorded.Written.Add("sent $($Change.Text)") }
function Send { param([string[]] $Texts, [object[]] $Looks, $Wait = 10, $Mode = 'Apply')
    Set-World $Looks -Wait $Wait -Mode $Mode
    $changes = @(foreach ($text in $Texts) { New-Change @{ $text = $false } @{ $text = $true } $text })
    $end = try { Invoke-Batch $changes; 'ok' } catch { (Get-StopOf $_).State }
    "$end; $($Recorded.Written -join ', '); waits $($Recorded.Slept.Count)" }
"""
BATCHES: dict[str, str] = {
    "Send 'a', 'b' @(@{ a = $false; b = $false }, @{ a = $true; b = $true })": (
        "ok; intent a, sent a, intent b, sent b, done a, done b; waits 0"
    ),
    # One that fails ends the batch: what was sent before it is looked at once, and claimed where it shows.
    "Send 'a', 'bad', 'c' @(@{ a = $false; bad = $false; c = $false }, @{ a = $true })": (
        "failed; intent a, sent a, intent bad, done a; waits 0"
    ),
    "Send 'a', 'bad' @(@{ a = $false; bad = $false }, @{ a = $false })": (
        "failed; intent a, sent a, intent bad; waits 0"
    ),
    # What does not show in all the time is pending, and what shows is claimed all the same.
    "Send 'a', 'b' @(@{ a = $false; b = $false }, @{ a = $true; b = $false })": (
        "pending; intent a, sent a, intent b, sent b, done a; waits 3"
    ),
    "Send 'a' @(@{ a = $false }, @{ a = $false }, @{ a = $true })": "ok; intent a, sent a, done a; waits 1",
    "Send 'a' @(@{ a = $false }, @{ a = $true }) -Mode 'Rollback'": "ok; sent a, undone a; waits 0",
    "Send 'a' @(@{ a = $true })": "ok; ; waits 0",
}


def test_values_of_several_changes_become_one_and_the_last_counts(functions: Functions) -> None:
    before = """
    $Both = Merge-Snapshot @(
        (Get-Present 'one' ([ordered] @{ a = 1; b = 2 })), (Get-Present 'two' ([ordered] @{ c = 3; b = 4 })))
    """
    assert functions.values(*MERGED, before=before) == MERGED


def test_right_before_a_change_it_has_to_be_as_it_was_compared(functions: Functions) -> None:
    assert functions.values(*BEFORE, before=RECORDED + WORLD + LOOK) == BEFORE


def test_the_journal_claims_what_shows_and_nothing_beside_it(functions: Functions) -> None:
    assert functions.values(*WRITTEN, before=RECORDED + WORLD + DONE) == WRITTEN


def test_a_batch_announces_each_stops_at_the_first_failure_and_claims_what_it_saw(functions: Functions) -> None:
    assert functions.values(*BATCHES, before=RECORDED + WORLD + SENT) == BATCHES


def test_what_does_not_show_in_time_is_pending_and_what_was_refused_has_failed(functions: Functions) -> None:
    before = (
        RECORDED
        + WORLD
        + """
    $Run.WaitSeconds = 9; $Run.Mode = 'Apply'
    $One, $Two = (New-Change $null @{ a = 1 } 'one' @{ RequestId = '0f1e' }), (New-Change $null @{ a = 1 } 'two')
    $Refused = New-Change $null @{ a = 1 } 'three' @{ Refused = $true; Answer = ' It said no.' }
    """
    )
    late = "sent, but Exchange does not show it after 9 s. Run the same command again later."
    refused = "failed: three: Exchange did not create it, and after 9 s it was still not found. It said no."
    wanted: dict[str, Any] = {
        "throw (Get-UnseenStop $One)": f"pending: one: {late}",
        "throw (Get-UnseenStop $One, $Two)": f"pending: one (and 1 more): {late}",
        "(Get-UnseenStop $One).Data['pexgen'].RequestId": "0f1e",
        "throw (Get-UnseenStop $One, $Refused)": refused,
        "@($Recorded.Written)": "failed three",
    }
    assert outcomes(functions, *wanted, before=before) == wanted


def test_more_changes_than_allowed_are_refused_where_they_would_be_sent_and_noted_elsewhere(
    functions: Functions,
) -> None:
    before = """
    $Run.MaxChanges = 2
    function Count { param([int] $Changes, [string] $Mode, [bool] $WhatIf)
        $Run.Mode, $Run.WhatIf = $Mode, $WhatIf
        $plan = @{ Changes = @(1) * $Changes; Notes = @() }
        Assert-ChangeCount @{ door = @{ Plan = $plan } }
        $plan.Notes.Count }
    """
    said = "The step door has 3 changes to send, and -MaxChanges allows 2."
    refused = f"refused: {said} Review them with -Mode Check or -WhatIf; if they are intended, add -MaxChanges 3."
    wanted: dict[str, Any] = {
        "Count 2 'Apply' $false": 0,
        "Count 3 'Apply' $false": refused,
        "Count 3 'Rollback' $false": refused,
        "Count 3 'Apply' $true": 1,
        "Count 3 'Rollback' $true": 1,
        "Count 3 'Check' $false": 1,
        "Count 3 'Verify' $false": 1,
    }
    assert outcomes(functions, *wanted, before=before) == wanted


def test_only_entries_of_one_list_share_a_batch_and_one_that_goes_back_begins_another(functions: Functions) -> None:
    before = """
    $Batches = [Collections.ArrayList] @()
    function Invoke-Batch { param($Changes) [void] $Batches.Add(@($Changes | ForEach-Object { $_.Text }) -join '+') }
    function Split { param([string[]] $Texts, [bool] $Together = $true)
        # "group/member" is a change of this member of this group.
        $Batches.Clear(); $Steps['door'] = @{ Together = $Together }
        Invoke-Plan 'door' @{ Changes = @(foreach ($text in $Texts) {
            $group, $member = $text.Split('/')
            @{ Text = $text; Wanted = Get-Present $group ([ordered] @{ $member = $true }) } }) }
        "$Batches" }
    """
    wanted = {
        "Split 'g/a', 'g/b', 'g/c'": "g/a+g/b+g/c",
        "Split 'g/a', 'h/b'": "g/a h/b",
        "Split 'g/a', 'g/b', 'g/A', 'g/c'": "g/a+g/b g/A+g/c",
        "Split 'g/a', 'g/b' $false": "g/a g/b",
        "Split @()": "",
    }
    assert functions.values(*wanted, before=before) == wanted
