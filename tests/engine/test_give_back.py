"""What a Rollback plans for each entry of the journals, keeps and does not claim (engine/22-give-back)."""

from __future__ import annotations

from typing import Any

import pytest
from support.function_cases import ENTRIES, RECORDED
from support.functions import Functions, functions_of
from support.migration import NAME
from support.sites import SiteOf

PLAN = """
function Show-Plan {
    # What a plan would do, and what it says of the rest.
    param([hashtable] $Plan)
    $does = @($Plan.Changes | ForEach-Object {
            "$($_.Text)$(if ($_['Widens']) { ' WIDE' })" })
    $notes = @($Plan.Notes | ForEach-Object { $_ -replace '^Kept (?!as it is)([^:]*): ([^;:.]*).*', 'kept $1 ($2)' })
    $left = if ($Plan.Remaining) { "left $($Plan.Remaining)" }
    @(@($does) + $notes + @($left) | Where-Object { $_ }) -join '; '
}
"""
CREATED: dict[str, str] = {
    "Undo @{ a = 1 }": "remove d",
    # What others changed beside what was written does not count; what was written does.
    "Undo @{ a = 1; b = 9 }": "remove d",
    "Undo @{ a = 2 }": "kept d (it was changed since); left kept",
    "Undo $null": "",
    "Undo @{ a = 1 } @{ Undone = $true }": ("kept d (an earlier Rollback removed it, and it exists again); left kept"),
    "Undo $null @{ Undone = $true }": "",
    "Undo @{ a = 1 } @{ Refused = $true }": (
        "kept d (Exchange had refused it, so it may be somebody else's); left kept"
    ),
    "Undo @{ a = 1 } @{ Guid = 'g-2' }": (
        "kept d (it is another object than the one that this journal's run created); left kept"
    ),
    "Undo @{ a = 1 } @{ Guid = 'g-1' }": "remove d",
    "Undo @{ a = 1 } @{} @{ Hold = { 'others use it' } }": "kept d (others use it); left kept",
    'Undo @{ a = 1 } @{} @{ Label = { param($Id) "the $Id" } }': "remove the d",
}
REMOVED: dict[str, str] = {
    "Undo $null": "Kept as it is: d was removed. It is gone for good.; left kept",
    "Undo @{ a = 1 }": "kept d (it was removed and exists again); left kept",
    "Undo $null @{ Done = $false }": "Kept as it is: d was removed. It is gone for good.; left kept",
    "Undo @{ a = 1 } @{ Done = $false; Refused = $true }": "",
    "Undo @{ a = 1 } @{ Done = $false }": (
        "The removal of d was announced; it still exists. This run removed nothing. If it appears later, run Rollback "
        "again.; left gone"
    ),
}
VALUES: dict[str, str] = {
    "Undo @{ a = 2 } @{ a = 1 } @{ a = 2 }": "set a of d back to 1",
    "Undo @{ a = 2; b = 2 } @{ a = 1; b = '' } @{ a = 2; b = 2 }": "set a of d back to 1, b back to (not set)",
    # As before already, or not altered by this write.
    "Undo @{ a = 1 } @{ a = 1 } @{ a = 2 }": "",
    "Undo @{ a = 2; b = 9 } @{ a = 1; b = 1 } @{ a = 2; b = 1 }": "set a of d back to 1",
    # Somebody else set it since; the other value goes back all the same.
    "Undo @{ a = 3 } @{ a = 1 } @{ a = 2 }": "kept a (it is 3 now); left kept",
    "Undo @{ a = 3; b = 2 } @{ a = 1; b = 1 } @{ a = 2; b = 2 }": (
        "set b of d back to 1; kept a (it is 3 now); left kept"
    ),
    "Undo @{ a = 'X' } @{ a = 'y' } @{ a = 'x' }": "kept a (it is 'X' now); left kept",
    "Undo @{ App = 'X' } @{ App = 'y' } @{ App = 'x' }": "set App of d back to 'y'",
    # Refused to this run: what stands there now is another's, unless it is what this run announced.
    "Undo @{ a = 3 } @{ a = 1 } @{ a = 2 } @{ Refused = $true }": "",
    "Undo @{ a = 2 } @{ a = 1 } @{ a = 2 } @{ Refused = $true }": (
        "kept a (Exchange had refused it, so it may be somebody else's); left kept"
    ),
    # Given back by an earlier Rollback, and set again since.
    "Undo @{ a = 3 } @{ a = 1 } @{ a = 2 } @{ Back = @{ a = $true } }": "",
    "Undo @{ a = 2 } @{ a = 1 } @{ a = 2 } @{ Back = @{ a = $true } }": (
        "kept a (an earlier Rollback restored it, and it is 2 again); left kept"
    ),
    # What is strange stays out of what is given back.
    "Undo @{ a = 2; b = 2 } @{ a = 1; b = 1 } @{ a = 2; b = 2 } @{ Strange = @{ b = 'x' } }": "set a of d back to 1",
    # A member that was added and removed by these runs is where the oldest found it.
    "Undo @{ x = $false } @{ x = $true } @{ x = $false } -Oldest $false -Like $List": "",
    "Undo @{ x = $false } @{ x = $true } @{ x = $false } -Oldest $true -Like $List": "set x of d back to True",
    "Undo @{ a = 1 } @{ a = 3 } @{ a = 1 } -Oldest 1": "set a of d back to 3",
    # The step's own words, and what it has against it.
    "Undo @{ x = $true } @{ x = $false } @{ x = $true } -Like $Told": "take x from d",
    "Undo @{ a = 2; b = 2 } @{ a = 1; b = 1 } @{ a = 2; b = 2 } -Like $Held": (
        "set b of d back to 1; kept a (it is used); left kept"
    ),
    "Undo @{ a = 2 } @{ a = 1 } @{ a = 2 } -Like @{ Hold = { 'others use it' } }": "kept a (others use it); left kept",
}
WIDE: dict[str, str] = {
    # Whom the description does not name and whom a Prune took out is in reach again: marked, and never unasked.
    "Undo @{ x = $false } @{ x = $true } @{ x = $false } -Like $Wide": (
        "set x of d back to True. This WIDENS access: the description does not name x, and the application will reach "
        "that mailbox again WIDE"
    ),
    "Undo @{ x = $false } @{ x = $true } @{ x = $false } -Like $Wide -Unasked $true": (
        "kept x (adding it back lets the application open that mailbox again, which needs a question); left kept"
    ),
    "Undo @{ y = $false } @{ y = $true } @{ y = $false } -Like $Wide -Unasked $true": "set y of d back to True",
    "Undo @{ x = $true } @{ x = $false } @{ x = $true } -Like $Wide -Unasked $true": "set x of d back to False",
    "Undo $Out @{ x = $true; y = $true } $Out -Like $Wide -Unasked $true": (
        "set y of d back to True; kept x (adding it back lets the application open that mailbox again, which needs a "
        "question); left kept"
    ),
}
UNDO_VALUE = """
$Wide = @{ Widens = { param($Name) $Name -eq 'x' } }
$List = @{ Together = $true }
$Told = @{ Act = { param($Name, $Given, $Label) "take $Name from $Label" } }
$Held = @{ HoldEntry = { param($Entry, $Current, $Name) if ($Name -eq 'a') { 'it is used' } } }
$Out = @{ x = $false; y = $false }
function Undo {
    param($There, $From, $To, [hashtable] $Marks = @{}, [hashtable] $Like = @{}, $Oldest, [bool] $Unasked)
    $Steps['door'], $Run.Unasked = $Like, $Unasked
    $plan, $current = (Get-EmptyPlan 'door'), (Door $There)
    $first = @{}
    if ($null -ne $Oldest) { foreach ($name in $To.Keys) { $first["d|$name"] = $Oldest } }
    Add-UndoOfValue $plan -Entry (New-Entry $From $To $Marks) -Current $current -First $first
    Show-Plan $plan
}
"""
GONE = " This run removed nothing. If it appears later, run Rollback again.; left gone"
UNFOUND: dict[str, str] = {
    "Look $null $null @{ a = 1 }": "d was not found." + GONE,
    "Look $null $null @{ a = 1 } @{ Done = $false }": "d was announced and was not found." + GONE,
    # A second look that shows it says that it is there.
    "Look $null $null @{ a = 1 } -Again @{ a = 1 }": (
        "kept d (Exchange lists it but does not find it by its name); left kept"
    ),
    "Look $null $null @{ a = 1 } @{ Guid = 'g-2' } -Again @{ a = 1 }": "d was not found." + GONE,
    "Look @{ a = 1 } @{ a = 1 } @{ a = 2 }": (
        "a of d already has its value from before. "
        "This run changed nothing there. If Exchange shows the value of Apply later, run Rollback again.; left gone"
    ),
    "Look @{ a = 1 } @{ a = 1 } @{ a = 2 } -Again @{ a = 2 }": (
        "kept a (Exchange shows two answers about d); left kept"
    ),
    "Look $null @{ a = 1 } @{ a = 2 }": "d was not found, and so nothing of: a." + GONE,
    # In the first plan nothing is concluded yet, and no second look taken.
    "Look $null $null @{ a = 1 } -Again @{ a = 1 } -Journalled $false": (
        "d was not found. It is looked for again, for up to 9 s, before this step's question.; left pending"
    ),
}
FOREIGN: dict[str, str] = {
    "Name @{ Foreign = 'not ours' }": "kept d (not ours); left kept",
    "Name @{ Strange = @{ b = 'not ours'; a = 'nor this' } }": (
        "kept a of d (nor this); kept b of d (not ours); left kept"
    ),
    "Name @{ Strange = @{ a = 'not ours' }; Back = @{ a = $true } }": "",
    "Name @{ Foreign = 'not ours'; Undone = $true }": "",
    "Name @{ Foreign = 'not ours'; Refused = $true }": "",
    "Name @{}": "",
}
WHOLE: dict[str, str] = {
    # Newest first: each value goes back to where the one before it left it, and an object that is removed is gone.
    "Take @{ a = 3 } (New-Entry @{ a = 2 } @{ a = 3 }), (New-Entry @{ a = 1 } @{ a = 2 })": (
        "different: set a of d back to 2; set a of d back to 1"
    ),
    "Take @{ a = 2 } (New-Entry @{ a = 1 } @{ a = 2 }), (New-Entry $null @{ a = 1 })": (
        "different: set a of d back to 1; remove d"
    ),
    "Take @{ a = 2 } (New-Entry $null @{ a = 2 }), (New-Entry @{ a = 1 } $null)": (
        "different: remove d; Kept as it is: d was removed. It is gone for good.; left kept"
    ),
    "Take @{ a = 2 } (New-Entry @{ a = 1 } @{ a = 2 } @{ Foreign = 'not ours' })": "kept: kept d (not ours); left kept",
    "Take @{ a = 2; b = 2 } (New-Entry @{ a = 1; b = 1 } @{ a = 2; b = 2 } @{ Strange = @{ b = 'not ours' } })": (
        "different: set a of d back to 1; kept b of d (not ours); left kept"
    ),
    "Take @{ a = 1 } (New-Entry @{ a = 1 } @{ a = 2 } @{ Back = @{ a = $true } })": "undone: ",
    "Take $null (New-Entry $null @{ a = 2 } @{ Undone = $true })": "undone: ",
    "Take @{ a = 1 } (New-Entry @{ a = 1 } @{ a = 2 } @{ Refused = $true })": (
        "in-place: There is nothing to undo in this step."
    ),
    "Take 'unreadable' (New-Entry @{ a = 1 } @{ a = 2 })": "unreadable: x",
}


@pytest.fixture(scope="module")
def migrate_functions(sample: SiteOf, tmp_path_factory: pytest.TempPathFactory) -> Functions:
    """Functions of the body of the migration, the only one that removes objects which no run of it made."""
    return functions_of(sample(NAME), tmp_path_factory.mktemp("functions"))


def test_what_was_created_is_removed_where_it_is_still_the_same_and_nothing_needs_it(
    migrate_functions: Functions,
) -> None:
    before = (
        ENTRIES
        + PLAN
        + """
    function Undo { param($There, [hashtable] $Marks = @{}, [hashtable] $Like = @{})
        $Steps['door'] = $Like
        $plan, $current = (Get-EmptyPlan 'door'), (Door $There)
        $current['guid'], $current['created'] = 'g-1', '2026-11-03T08:00:00Z'
        Add-UndoOfCreation $plan -Entry (New-Entry $null @{ a = 1 } $Marks) -Current $current
        Show-Plan $plan }
    """
    )
    assert migrate_functions.values(*CREATED, before=before) == CREATED


def test_what_was_removed_stays_gone_and_is_said_to_be_so(migrate_functions: Functions) -> None:
    before = (
        ENTRIES
        + PLAN
        + """
    $Run.Journalled = $true
    $Steps['door'] = @{ Irreversible = 'It is gone for good.' }
    function Undo { param($There, [hashtable] $Marks = @{})
        $plan = Get-EmptyPlan 'door'
        Add-UndoOfRemoval $plan -Entry (New-Entry @{ a = 1 } $null $Marks) -Current (Door $There)
        Show-Plan $plan }
    """
    )
    assert migrate_functions.values(*REMOVED, before=before) == REMOVED


def test_a_value_goes_back_where_it_is_still_as_this_run_left_it(migrate_functions: Functions) -> None:
    assert migrate_functions.values(*VALUES, before=ENTRIES + PLAN + UNDO_VALUE) == VALUES


def test_what_widens_access_again_is_marked_and_never_done_unasked(migrate_functions: Functions) -> None:
    assert migrate_functions.values(*WIDE, before=ENTRIES + PLAN + UNDO_VALUE) == WIDE


def test_what_is_not_seen_is_not_said_to_be_undone(migrate_functions: Functions) -> None:
    before = (
        ENTRIES
        + PLAN
        + """
    function Look { param($There, $From, $To, [hashtable] $Marks = @{}, $Again, [bool] $Journalled = $true)
        $Run.Journalled, $Run.WaitSeconds = $Journalled, 9
        $Steps['door'] = @{ Again = { $seen = Door $Again; $seen['guid'] = 'g-1'; $seen } }
        $plan = Get-EmptyPlan 'door'
        Add-Unseen $plan -Entry (New-Entry $From $To $Marks) -Current (Door $There)
        Show-Plan $plan }
    """
    )
    assert migrate_functions.values(*UNFOUND, before=before) == UNFOUND


def test_what_is_foreign_is_named_and_left_alone(migrate_functions: Functions) -> None:
    before = (
        ENTRIES
        + PLAN
        + """
    $Steps['door'] = @{}
    function Name { param([hashtable] $Marks)
        $plan = Get-EmptyPlan 'door'
        Add-Foreign $plan -Entry (New-Entry @{ a = 1; b = 1 } @{ a = 2; b = 2 } $Marks)
        Show-Plan $plan }
    """
    )
    assert migrate_functions.values(*FOREIGN, before=before) == FOREIGN


def test_all_entries_of_a_step_are_taken_back_newest_first(migrate_functions: Functions) -> None:
    before = (
        ENTRIES
        + PLAN
        + RECORDED
        + """
    $Run.Journalled, $Run.WaitSeconds = $true, 0
    $Run.Pauses = Get-Pause
    $Steps['door'] = @{ Irreversible = 'It is gone for good.'; Removed = 'a'
        Now = { if ($There -eq 'unreadable') { throw (Get-Stop 'unreadable' 'x') } else { Door $There } } }
    function Get-JournalEntry { , $Entries }
    function Take { param($There, [object[]] $Entries)
        $found = Get-UndoFinding 'door'
        "$($found.State): $(Show-Plan $found.Plan)" }
    """
    )
    assert migrate_functions.values(*WHOLE, before=before) == WHOLE


def test_what_one_step_takes_away_counts_as_gone_for_the_next_and_not_where_it_was_stopped(
    migrate_functions: Functions,
) -> None:
    before = (
        ENTRIES
        + RECORDED
        + """
    $Run.Journalled, $Run.WaitSeconds = $true, 0
    $Run.Pauses = Get-Pause
    function Get-JournalEntry { , $Entries }
    function Take { param([object[]] $Entries, $There, [hashtable] $Like = @{})
        $Run.Gone.Clear()
        $Steps['door'] = @{ Now = { Door $There } } + $Like
        $null = Get-UndoFinding 'door'
        @($Run.Gone.Keys | Get-Ordered) -join ', ' }
    """
    )
    wanted: dict[str, Any] = {
        "Take (New-Entry $null @{ a = 1 }) @{ a = 1 }": "door d",
        "Take (New-Entry @{ x = $false; a = 1 } @{ x = $true; a = 2 }) @{ x = $true; a = 2 }": "door d|x",
        "Take (New-Entry @{ x = $true } @{ x = $false }) @{ x = $false }": "",
        "Take (New-Entry $null @{ a = 1 }) @{ a = 2 }": "",
        "Take (New-Entry $null @{ a = 1 }) @{ a = 1 } @{ UndoWarning = { throw (Get-Stop 'unreadable' 'x') } }": "",
    }
    assert migrate_functions.values(*wanted, before=before) == wanted
