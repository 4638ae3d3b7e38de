"""What a journal says was changed, what of it is not ours, and what is still open (engine/20-memory)."""

from __future__ import annotations

from typing import Any

from support.function_cases import ENTRIES
from support.functions import Functions

JOURNAL = """
$Steps['door'] = @{ Claim = { param($Entry, $Name) $Claims["$($Entry.Key)|$Name"] } }
$Claims = @{}
$Clock = [datetime]::new(2026, 11, 3, 8, 0, 0)
function New-Event {
    # One line; they are a minute apart.
    param($Event, $From, $To, $Id = 'd', $After, $Of, $Step = 'door')
    $script:Clock = $Clock.AddMinutes(1)
    $line = @{ event = $Event; step = $Step; before = Door $From $Id; wanted = Door $To $Id; after = $After
        utc = Format-Utc $Clock }
    if ($Of) { $line['of'] = $Of }
    $line
}
function Intent { New-Event 'intent' @args }
function Done { New-Event 'done' @args }
function Undone { New-Event 'undone' @args }
$Made, $Refused = (Intent $null @{ a = 2 }), (New-Event 'failed' $null @{ a = 2 })
$Seen = Done $null @{ a = 2 } -After (Get-Present 'id-1' @{ a = 2 } -Of ([pscustomobject] @{ Guid = 'g' }))
function Read-Runs {
    # What is remembered of these lines, with 'next' between two runs: by value, and what speaks against it.
    param([object[]] $Lines)
    $Run.Memory = @(@{ Entries = [Collections.ArrayList] @() })
    foreach ($line in $Lines) {
        if ($line -is [string]) { $Run.Memory += @{ Entries = [Collections.ArrayList] @() } }
        else { [void] $Run.Memory[-1].Entries.Add($line) }
    }
    $entries = Get-JournalEntry 'door'
    foreach ($entry in $entries) {
        $marks = @('Done', 'Refused', 'Undone' | Where-Object { $entry[$_] })
        $back = @($entry.Back.Keys | Get-Ordered | ForEach-Object { "$_ back" })
        @("$($entry.Id) $(@($entry.Wanted['properties'].Values) -join '+')") + $marks + $back -join ', '
    }
}
"""
REMEMBERED: dict[str, Any] = {
    # Newest first, as read back where the run lived to read it.
    "Read-Runs (Intent @{ a = 1 } @{ a = 2 }), (Intent @{ a = 2 } @{ a = 3 })": ["d 3", "d 2"],
    "Read-Runs (Intent @{ a = 1 } @{ a = 2 }), 'next', (Intent @{ a = 2 } @{ a = 3 })": ["d 3", "d 2"],
    "Read-Runs $Made, $Seen": "id-1 2, Done",
    "Read-Runs $Made, (Done $null @{ a = 2 })": "d 2",
    "Read-Runs (Intent @{ a = 1 } @{ a = 2 } -Step 'wall')": [],
    # What this run was refused comes last, whenever it was.
    "Read-Runs (Intent $null @{ a = 1 }), $Made, $Refused": ["d 1", "d 2, Refused"],
    # "Done" and "failed" are about what their own run announced.
    "Read-Runs $Made, $Refused, 'next', $Made": ["d 2", "d 2, Refused"],
    "Read-Runs $Made, 'next', $Made, $Refused": ["d 2", "d 2, Refused"],
    # A creation that was taken back, by each identity under which Rollback may name it; what came later is not.
    "Read-Runs $Made, 'next', (Undone @{ a = 2 } $null)": "d 2, Undone",
    "Read-Runs (Undone @{ a = 2 } $null), 'next', $Made": "d 2",
    "Read-Runs $Made, 'next', (Undone @{ a = 2 } $null 'D')": "d 2, Undone",
    "Read-Runs $Made, 'next', (Undone @{ a = 2 } $null 'id-9' -Of 'd')": "d 2, Undone",
    "Read-Runs $Made, 'next', (Undone @{ PrimarySmtpAddress = 'd' } $null 'id-9')": "d 2, Undone",
    "Read-Runs $Made, 'next', (Undone @{ a = 2 } $null 'id-9')": "d 2",
    "Read-Runs $Made, $Seen, 'next', (Undone @{ a = 2 } $null 'id-1')": "id-1 2, Done, Undone",
    # A value is back where it is again what this very write found.
    "Read-Runs (Intent @{ a = 1 } @{ a = 2 }), 'next', (Undone @{ a = 2 } @{ a = 1 })": "d 2, a back",
    "Read-Runs (Intent @{ a = 1 } @{ a = 2 }), (Intent @{ a = 2 } @{ a = 3 }), (Undone @{ a = 3 } @{ a = 2 })": (
        ["d 3, a back", "d 2"]
    ),
    "Read-Runs (Intent @{ a = 1; b = 1 } @{ a = 2; b = 2 }), (Undone @{ b = 2 } @{ b = 1 })": "d 2+2, b back",
    "Read-Runs (Intent @{ a = 1 } @{ a = 2 }), (Undone @{ a = 2 } @{ a = 9 })": "d 2",
    "Read-Runs $Made, (Undone @{ a = 2 } @{ a = 1 })": "d 2",
}
MISMATCHES: dict[str, Any] = {
    # What was read back is known by its GUID, whenever it was created.
    "Meet -Guid 'g' -Is 'G' -Created '2020-01-01T00:00:00Z'": [],
    "Meet -Guid 'g' -Is 'h'": "another",
    "Meet -Guid 'g' -Is 'h' -Done": "another",
    # Without a GUID what was read back may not be newer than an hour after.
    "Meet -Done -Created '2026-11-03T09:00:00Z'": [],
    "Meet -Done -Created '2026-11-03T09:00:01Z'": "time",
    "Meet -Done -Created '2020-01-01T00:00:00Z'": [],
    "Meet -Done": [],
    "Meet -Guid 'g' -Done": [],
    # What was only announced has to have been created about then.
    "Meet -Created '2026-11-03T08:00:00Z'": [],
    "Meet -Created '2026-11-03T07:45:00Z'": [],
    "Meet -Created '2026-11-03T07:44:59Z'": "time",
    "Meet -Created '2026-11-03T09:00:00Z'": [],
    "Meet -Created '2026-11-03T09:00:01Z'": "time",
    "Meet": "untold",
    "Meet -Created 'yesterday'": "untold",
    "Meet -Said 'yesterday' -Created '2026-11-03T08:00:00Z'": "time",
    # What was there before is no creation.
    "Meet -Before @{ a = 1 } -Guid 'g' -Is 'h'": [],
}
MEET = """
function Meet {
    param($Guid = '', $Is = '', $Created = '', [switch] $Done, $Before, $Said = '2026-11-03T08:00:00Z')
    $entry = New-Entry $Before @{ a = 2 } @{ Guid = $Guid; Done = [bool] $Done; Announced = $Said; Ended = $Said }
    $reason = Get-Mismatch $entry -Current @{ guid = $Is; created = $Created }
    switch -Wildcard ($reason) {
        'it is another object*' { 'another' } 'it was created at*' { 'time' } 'the journal*' { 'untold' } }
}
"""
CLAIMED: dict[str, str] = {
    "Claim $null @{ a = 2 }": "foreign '', strange ",
    "Claim $null @{ a = 2 } @{ 'd|' = 'not ours' }": "foreign 'not ours', strange ",
    # One value that is not of this description leaves the others ours.
    "Claim @{ a = 1; b = 1 } @{ a = 2; b = 2 } @{ 'd|b' = 'not ours'; 'd|' = 'never asked' }": (
        "foreign '', strange b=not ours"
    ),
    # What was written and did not become otherwise is nobody's.
    "Claim @{ a = 1; b = 1 } @{ a = 2; b = 1 } @{ 'd|b' = 'never asked' }": "foreign '', strange ",
    # A pattern is not even asked about: Exchange would take it for many objects.
    "Claim $null @{ a = 2 } -Id 'd*'": "foreign 'its identity is a pattern', strange ",
    "Claim @{ a = 1 } @{ a = 2 } @{ 'd?|a' = 'never asked' } -Id 'd?'": "foreign 'its identity is a pattern', strange ",
    "Claim $null @{ a = 2 } -ReadBack '*'": "foreign 'its identity is a pattern', strange ",
    "Claim @{ a = 1 } $null @{ 'd|' = 'never asked' }": "foreign '', strange ",
}
CLAIM = """
function Claim {
    param($From, $To, [hashtable] $Says = @{}, $Id = 'd', $ReadBack)
    $Claims = $Says
    $entry = New-Entry $From $To -Id $Id
    if ($ReadBack) { $entry.Id = $ReadBack }
    Add-Claim 'door' -Entry $entry
    "foreign '$($entry.Foreign)', strange $(@($entry.Strange.Keys | ForEach-Object { "$_=$($entry.Strange[$_])" }))"
}
"""
OPEN: dict[str, Any] = {
    "Open @{ a = 1; b = 1 } @{ a = 2; b = 2 }": ["a", "b"],
    "Open @{ a = 1; b = 1 } @{ a = 2; b = 1 }": "a",
    "Open @{ a = 'x' } @{ a = 'X' }": "a",
    "Open @{ App = 'x' } @{ App = 'X' }": [],
    "Open @{ a = $true } @{ a = 'True' }": [],
    "Open @{} @{ a = $null; b = 'x' }": "b",
    "Open @{ a = 1; b = 1; c = 1 } @{ a = 2; b = 2; c = 2 } @{ a = $true } @{ b = 'x' }": "c",
}
SWITCHED: dict[str, bool] = {
    "On @{ x = $false } @{ x = $true }": True,
    "On @{} @{ x = $true }": True,
    "On $null @{ x = $true }": True,
    "On @{ x = $true } @{ x = $true }": False,
    "On @{ x = $true } @{ x = $false }": False,
    # A text of a journal is no switch.
    "On @{ x = $false } @{ x = 'True' }": False,
    "On @{ x = $false } @{ x = 1 }": False,
}


def test_a_journal_is_remembered_newest_first_with_what_was_taken_back(functions: Functions) -> None:
    assert functions.values(*REMEMBERED, before=ENTRIES + JOURNAL) == REMEMBERED


def test_the_object_of_a_creation_is_told_by_its_guid_or_by_its_time(functions: Functions) -> None:
    assert functions.values(*MISMATCHES, before=ENTRIES + JOURNAL + MEET) == MISMATCHES


def test_what_the_description_cannot_have_led_to_is_foreign_or_strange(functions: Functions) -> None:
    assert functions.values(*CLAIMED, before=ENTRIES + JOURNAL + CLAIM) == CLAIMED


def test_what_became_otherwise_and_is_neither_back_nor_strange_is_open(functions: Functions) -> None:
    before = (
        ENTRIES
        + JOURNAL
        + """
    function Open { param($From, $To, $Back = @{}, $Strange = @{})
        Get-OpenName (New-Entry $From $To @{ Back = $Back; Strange = $Strange }) | Get-Ordered }
    """
    )
    assert functions.values(*OPEN, before=before) == OPEN


def test_only_a_truth_value_that_was_off_was_switched_on(functions: Functions) -> None:
    before = (
        ENTRIES
        + JOURNAL
        + """
    function On { param($From, $To) Test-SwitchedOn (New-Entry $From $To) 'x' }
    """
    )
    assert functions.values(*SWITCHED, before=before) == SWITCHED


def test_a_key_is_the_same_in_any_case_and_culture(functions: Functions) -> None:
    before = "[Threading.Thread]::CurrentThread.CurrentCulture = [cultureinfo] 'tr-TR'"
    wanted = {
        "(Get-EntryKey 'IT@x.com' 'I') -ceq (Get-EntryKey 'it@X.com' 'i')": True,
        "(Get-EntryKey 'a') -ceq (Get-EntryKey 'a' 'b')": False,
        "Test-Pattern 'a*'": True,
        "Test-Pattern 'a?b'": True,
        "Test-Pattern '[ab]'": False,
    }
    assert functions.values(*wanted, before=before) == wanted
