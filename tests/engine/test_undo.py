"""What a Rollback looks at before it takes anything back, and why something stays (engine/21-undo)."""

from __future__ import annotations

from typing import Any

from support.function_cases import ENTRIES, RECORDED, outcomes
from support.functions import Functions

UNSEEN: dict[str, Any] = {
    # A creation of which nothing is there; what is another's, was refused or is undone already is not missed.
    "Miss $null (New-Entry $null @{ a = 1 })": 0,
    "Miss @{ a = 9 } (New-Entry $null @{ a = 1 })": [],
    "Miss $null (New-Entry $null @{ a = 1 } @{ Undone = $true })": [],
    "Miss $null (New-Entry $null @{ a = 1 } @{ Refused = $true })": [],
    "Miss $null (New-Entry $null @{ a = 1 } @{ Foreign = 'x' })": [],
    "Miss $null (New-Entry $null @{ a = 1 }), (New-Entry $null @{ a = 1 })": 0,
    "Miss $null (New-Entry $null @{ a = 1 } @{ Undone = $true }), (New-Entry $null @{ a = 1 })": [],
    "Miss $null (New-Entry @{ a = 1 } $null)": [],
    # A value that reads as before.
    "Miss @{ a = 1 } (New-Entry @{ a = 1 } @{ a = 2 })": 0,
    "Miss @{ a = 2 } (New-Entry @{ a = 1 } @{ a = 2 })": [],
    "Miss @{ a = 3 } (New-Entry @{ a = 1 } @{ a = 2 })": [],
    "Miss $null (New-Entry @{ a = 1 } @{ a = 2 })": 0,
    "Miss @{ a = 1; b = 2 } (New-Entry @{ a = 1; b = 1 } @{ a = 2; b = 2 })": 0,
    "Miss @{ a = 1 } (New-Entry @{ a = 1 } @{ a = 2 } @{ Back = @{ a = $true } })": [],
    "Miss @{ a = 1 } (New-Entry @{ a = 1 } @{ a = 2 } @{ Strange = @{ a = 'x' } })": [],
    # What a newer write explains is not missed: 1 -> 2 -> 3, and 1 -> 2 -> 1.
    "Miss @{ a = 3 } (New-Entry @{ a = 2 } @{ a = 3 }), (New-Entry @{ a = 1 } @{ a = 2 })": [],
    "Miss @{ a = 2 } (New-Entry @{ a = 2 } @{ a = 3 }), (New-Entry @{ a = 1 } @{ a = 2 })": 0,
    "Miss @{ a = 1 } (New-Entry @{ a = 2 } @{ a = 1 }), (New-Entry @{ a = 1 } @{ a = 2 })": [],
    "Miss $null (New-Entry @{ a = 2 } @{ a = 3 }), (New-Entry @{ a = 1 } @{ a = 2 })": 0,
    "Miss @{ a = 3; b = 1 } (New-Entry @{ a = 2 } @{ a = 3 }), (New-Entry @{ b = 1 } @{ b = 2 })": 1,
}
MISS = """
function Miss { param($There, [object[]] $Entries)
    # The places of those that are missed.
    $missed = @(Get-Unseen $Entries -State @{ d = Door $There })
    for ($n = 0; $n -lt $Entries.Count; $n++) { if ($missed | Where-Object { $_ -eq $Entries[$n] }) { $n } } }
"""
READ = """
$Reads = [Collections.ArrayList] @()
$Steps['door'] = @{ Now = { param($Snapshot)
        [void] $Reads.Add("$($Snapshot.id): $(@($Snapshot.properties.Keys | Get-Ordered))")
        $values = [ordered] @{}
        foreach ($name in $Snapshot.properties.Keys) { $values[$name] = "$name now" }
        Get-Present $(if ($Snapshot.id -eq 'd') { 'id-1' } else { $Snapshot.id }) $values } }
function Read-All { param([object[]] $Entries)
    $Reads.Clear(); $State = Read-UndoState 'door' -Entries $Entries
    , @($Reads) }
$Both = (New-Entry @{ a = 1 } @{ a = 2 }), (New-Entry @{ b = 1 } @{ b = 2 } -Id 'id-1')
"""
KEPT: dict[str, Any] = {
    "Keep": [],
    "Keep @{ Refused = $true }": "Exchange had refused it, so it may be somebody else's",
    "Keep @{ Guid = 'g-1' }": [],
    "Keep @{ Guid = 'g-2' }": (
        "it is another object than the one that this journal's run created; it was created at 2026-11-03T08:00:00Z"
    ),
    "Keep -Like @{ Kind = 'UserMailbox' }": ("it is EquipmentMailbox 'D' <d@x.com>, which the step door never changes"),
    "Keep -Like @{ Kind = 'Equipment*' }": [],
    "Keep -Like @{ Kind = 'Equipment*'; Address = 'D@X.com' }": [],
    "Keep -Like @{ Kind = 'Equipment*'; Address = 'e@x.com' }": (
        "it is EquipmentMailbox 'D' <d@x.com> and not the described e@x.com"
    ),
    'Keep -Like @{ Hold = { param($Entry, $Current) "$($Current.id) is used" } }': "d is used",
    # The first reason counts: what is somebody else's is not asked about any further.
    "(Keep @{ Guid = 'g-2' } @{ Hold = { throw 'asked' } }).Substring(0, 20)": "it is another object",
    # One "not found" about what was just seen is no reason to conclude anything.
    "$Recipient = $null; Keep -Like @{ Kind = 'Equipment*' }": (
        "unreadable: Exchange does not find d at the moment. Run the same command again later."
    ),
}
KEEP = """
$Recipient = [pscustomobject] @{
    RecipientTypeDetails = 'EquipmentMailbox'; DisplayName = 'D'; PrimarySmtpAddress = 'd@x.com' }
function Get-RecipientOf { param($Address) $Recipient }
function Keep { param([hashtable] $Marks = @{}, [hashtable] $Like = @{})
    $Steps['door'] = $Like
    $current = @{ id = 'd'; guid = 'g-1'; created = '2026-11-03T08:00:00Z' }
    Get-KeepReason 'door' -Entry (New-Entry $null @{ a = 1 } $Marks) -Current $current }
"""
LOOKS: dict[str, str] = {
    # A reason has to be seen twice, and a look that fails twice stops.
    "Hold ''": "goes on, looks 1, waits 0",
    "Hold 'used', ''": "goes on, looks 2, waits 1",
    "Hold 'used', 'used'": "kept: Kept d: used., looks 2, waits 1",
    "Hold 'fail', ''": "goes on, looks 2, waits 1",
    "Hold 'used', 'fail'": "unreadable: x, looks 2, waits 1",
    "Hold 'fail', 'used'": "kept: Kept d: used., looks 2, waits 1",
    "Hold 'used' 0": "kept: Kept d: used., looks 1, waits 0",
    # What comes from no journal has no hold.
    "Hold 'used' -NoEntry": "goes on, looks 0, waits 0",
}
HOLD = """
function Hold { param([string[]] $Reasons, $Wait = 10, [switch] $NoEntry)
    Clear-Recorded
    $Run.WaitSeconds = $Wait
    $Run.Pauses = Get-Pause
    $looks = [Collections.ArrayList] @()
    $Steps['door'] = @{ Hold = {
            $next = $Reasons[$looks.Count]; [void] $looks.Add(1)
            if ($next -eq 'fail') { throw (Get-Stop 'unreadable' 'x') } else { $next } } }
    $change = @{ Step = 'door' }
    if (-not $NoEntry) { $change['Entry'] = New-Entry $null @{ a = 1 } }
    $end = try { Assert-NoHold @($change) -Now (Door @{ a = 1 }); 'goes on' }
    catch { "$((Get-StopOf $_).State): $((Get-StopOf $_).Detail)" }
    "$end, looks $($looks.Count), waits $($Recorded.Slept.Count)" }
"""


def test_what_shows_nothing_of_a_write_is_missed_unless_a_newer_one_explains_it(functions: Functions) -> None:
    assert functions.values(*UNSEEN, before=ENTRIES + MISS) == UNSEEN


def test_an_object_is_read_once_under_each_name_and_nothing_is_asked_of_what_is_foreign(functions: Functions) -> None:
    wanted: dict[str, Any] = {
        "(Read-All (New-Entry @{ a = 1; b = 1 } @{ a = 2; b = 1 }), (New-Entry @{ c = 1 } @{ c = 2 }))[0]": "d: a c",
        "(Read-All (New-Entry $null @{ a = 1; b = 1 }))[0]": "d: a b",
        "(Read-All (New-Entry @{ a = 1 } $null))[0]": "d: a",
        "(Read-All (New-Entry @{ a = 1 } @{ a = 2 } @{ Foreign = 'x' })).Count": 0,
        "(Read-All (New-Entry @{ a = 1; b = 1 } @{ a = 2; b = 2 } @{ Strange = @{ a = 'x' } }))[0]": "d: b",
        # Two names of one object are one snapshot, so that what is planned for one counts for the other.
        "(Read-All $Both).Count": 2,
        "$State = Read-UndoState 'door' -Entries $Both; [object]::ReferenceEquals($State['d'], $State['id-1'])": True,
        "@($State['d'].properties.Values)": ["a now", "b now"],
    }
    assert functions.values(*wanted, before=ENTRIES + READ) == wanted


def test_what_is_missed_is_looked_for_again_for_the_time_of_the_step(functions: Functions) -> None:
    before = (
        ENTRIES
        + RECORDED
        + """
    function Look { param([object[]] $Shows, $Wait = 10, [bool] $WhatIf)
        # What each look shows; the last one stays.
        Clear-Recorded
        $Run.WaitSeconds, $Run.WhatIf = $Wait, $WhatIf
        $Run.Pauses = Get-Pause
        $looks = [Collections.ArrayList] @()
        $Steps['door'] = @{ Now = {
                Door $Shows[[Math]::Min($looks.Count, $Shows.Count - 1)]
                [void] $looks.Add(1) } }
        $null = Wait-UndoState 'door' -Entries @(New-Entry @{ a = 1 } @{ a = 2 })
        "looks $($looks.Count), waits $($Recorded.Slept.Count)" }
    """
    )
    wanted = {
        "Look @{ a = 2 }": "looks 1, waits 0",
        "Look @{ a = 3 }": "looks 1, waits 0",
        "Look @{ a = 1 }, @{ a = 2 }": "looks 2, waits 1",
        "Look @{ a = 1 }": "looks 4, waits 3",
        "Look @($null)": "looks 4, waits 3",
        # Without time to wait one look says nothing either.
        "Look @{ a = 1 } 0": "looks 2, waits 0",
        "Look @{ a = 1 } -WhatIf $true": "looks 1, waits 0",
    }
    assert functions.values(*wanted, before=before) == wanted


def test_what_these_runs_made_stays_where_it_is_not_theirs_or_something_rests_on_it(functions: Functions) -> None:
    assert outcomes(functions, *KEPT, before=ENTRIES + KEEP) == KEPT


def test_right_before_an_undo_a_reason_against_it_has_to_be_seen_twice(functions: Functions) -> None:
    assert functions.values(*LOOKS, before=ENTRIES + RECORDED + HOLD) == LOOKS


def test_what_a_stopped_plan_would_have_taken_away_is_there_again_for_the_others(functions: Functions) -> None:
    before = (
        ENTRIES
        + """
    $Steps['door'] = @{ Address = 'd@x.com' }
    $Guid = '11111111-2222-4333-8444-555555555555'
    $Run.Gone['wall'] = $true
    $Plan = Get-EmptyPlan 'door'
    foreach ($text in 'one', 'two') {
        Add-Change $Plan -Text $text -Before (Door @{ a = 1 }) -Wanted (Door $null)
        Add-Gone $Plan -Key "door $text"
    }
    Add-Gone $Plan -Key 'door 2'
    """
    )
    wanted: dict[str, Any] = {
        "$Run.Gone.Keys | Get-Ordered": ["door 2", "door one", "door two", "wall"],
        "$Run.Gone.Contains('DOOR ONE')": True,
        "Clear-Gone $Plan; @($Run.Gone.Keys)": "wall",
        "Get-KeptName 'door' $Guid": "d@x.com (11111111-2222-4333-8444-555555555555)",
        "Get-KeptName 'door' 'd'": "d",
    }
    assert functions.values(*wanted, before=before) == wanted


def test_what_was_said_to_be_gone_and_shows_later_is_kept(functions: Functions) -> None:
    before = """
    function Again { param($State)
        $Run.Results['door'] = [pscustomobject] @{ state = $State }; $Run.States['door'] = $State
        Write-SeenAgain 'door' -What 'it'
        $Run.Results['door'].state, $Run.States['door'] }
    $Catalogue['door'] = @{ Title = 'Door'; Pexip = 'p' }
    """
    wanted: dict[str, Any] = {
        "Again 'gone'": ["kept", "kept"],
        "Again 'undone'": ["undone", "undone"],
        "$Run.Results.Clear(); Write-SeenAgain 'door' -What 'it'; $Run.Results.Count": 0,
    }
    assert functions.values(*wanted, before=before) == wanted
