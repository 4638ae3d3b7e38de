"""How a body looks at an answer of Exchange, compares it and shows it (engine/70-values)."""

from __future__ import annotations

from typing import Any

from support.functions import Functions

SAME: dict[str, bool] = {
    "Test-Same 'a' 'a'": True,
    "Test-Same 'a' 'A'": False,
    "Test-Same $null ''": True,
    "Test-Same $true 'true'": True,
    "Test-Same $false 'False'": True,
    "Test-Same 1080 '1080'": True,
    "Test-Same @('a', 'b') 'a, b'": True,
    "Test-Same @('b', 'a') @('a', 'b')": False,
    "Test-Same ([System.DayOfWeek]::Monday) 'Monday'": True,
    "Test-SameName 'Anna@contoso.com' 'anna@CONTOSO.com'": True,
    "Test-SameName '' ''": False,
    "Test-SameName 'file' ([string] [char] 0xFB01 + 'le')": False,
    "Test-SameProperty -Name 'Role' -Left 'a' -Right 'A'": True,
    "Test-SameProperty -Name 'DisplayName' -Left 'a' -Right 'A'": False,
    "Test-SameProperty -Name 'App' -Left '' -Right ''": False,
    "Test-SameProperty -Name 'RecipientFilter' -Left '' -Right ''": True,
}
SHOWN: dict[str, Any] = {
    "Format-Value $null": "(not set)",
    "Format-Value ''": "(not set)",
    "Format-Value 'text'": "'text'",
    "Format-Value $true": "True",
    "Format-Value @('a', 'b')": "a, b",
    "Format-Value 0": "0",
    "Get-Filled ''": None,
    "Get-Filled ' '": " ",
    "Get-LocalPart 'anna@contoso.com'": "anna",
}
LISTS: dict[str, Any] = {
    "Get-Distinct 'b', 'A', 'a', 'B'": ["A", "b"],
    "'b', 'A', 'a', 'b' | Select-Distinct": ["b", "A", "a"],
    "'b', 'A', 'a', 'b' | Select-Distinct -AnyCase": ["b", "A"],
    "'ä', 'z', 'a', 'Z' | Get-Ordered": ["Z", "a", "z", "ä"],
    "@{ n = 2; of = 'x' }, @{ n = 1; of = 'y' } | Get-Ordered -By { $_.n } | ForEach-Object { $_.of }": ["y", "x"],
    "@() | Get-Ordered": [],
}
TIMES: dict[str, Any] = {
    "Format-Utc ([datetime]::new(2026, 11, 3, 22, 5, 9))": "2026-11-03T22:05:09Z",
    "Format-Utc (ConvertFrom-Utc '2026-11-03T22:05:09Z')": "2026-11-03T22:05:09Z",
    "ConvertFrom-Utc '2026-11-03T22:05:09'": None,
    "ConvertFrom-Utc '2026-13-03T22:05:09Z'": None,
    "ConvertFrom-Utc ''": None,
    "(Get-CreationTime ([pscustomobject] @{ WhenCreatedUTC = '2026-11-03T22:05:09Z' })).Hour": 22,
    "Get-CreationTime ([pscustomobject] @{ WhenCreatedUTC = 'yesterday' })": None,
    "Get-CreationTime ([pscustomobject] @{})": None,
}
MAILBOX = """
$Empty = [pscustomobject] @{ Guid = [guid]::Empty; Identity = 'contoso/Room' }
$Mailbox = [pscustomobject] @{
    Guid = [guid] '11111111-2222-4333-8444-555555555555'; Name = 'Room'; Alias = 'room'; Nothing = $null
    PrimarySmtpAddress = 'room@contoso.com'; WhenCreatedUTC = [datetime]::new(2026, 11, 3, 22, 5, 9)
}
$Now = Get-Present 'x' ([ordered] @{ DisplayName = 'Room'; Alias = 'room' }) -Of $Mailbox
"""


def test_what_is_the_same_and_what_is_not(functions: Functions) -> None:
    assert functions.values(*SAME) == SAME


def test_how_a_value_is_shown(functions: Functions) -> None:
    assert functions.values(*SHOWN) == SHOWN


def test_lists_are_ordered_by_no_culture(functions: Functions) -> None:
    before = "[Threading.Thread]::CurrentThread.CurrentCulture = [cultureinfo] 'sv-SE'"
    assert functions.values(*LISTS, before=before) == LISTS


def test_times_are_read_and_written_in_one_form(functions: Functions) -> None:
    assert functions.values(*TIMES) == TIMES


def test_a_property_is_read_where_there_is_one(functions: Functions) -> None:
    wanted: dict[str, Any] = {
        "Get-Text $Mailbox 'Name'": "Room",
        "Get-Text $Mailbox 'Missing'": "",
        "Get-Text $Mailbox 'Nothing'": "",
        "Get-Text $null 'Name'": "",
        "$null -eq (Get-Property $Mailbox 'Missing')": True,
        "Get-ObjectId $Mailbox": "11111111-2222-4333-8444-555555555555",
        "Get-ObjectId $Empty": "contoso/Room",
        "Get-Identifier $Mailbox": ["room@contoso.com", "11111111-2222-4333-8444-555555555555", "Room"],
    }
    assert functions.values(*wanted, before=MAILBOX) == wanted


def test_an_object_without_an_identity_is_unreadable(functions: Functions) -> None:
    stop = functions.stop("Get-ObjectId ([pscustomobject] @{ Guid = [guid]::Empty; DisplayName = 'Room' })")
    assert (stop["state"], stop["detail"]) == ("unreadable", "Exchange answered with an object that has no identity")
    # What is there is written to by this identity: an empty one would mean all.
    assert functions.stop("Get-Present ' ' @{}") == stop


def test_a_snapshot_is_compared_in_what_the_other_one_names(functions: Functions) -> None:
    wanted: dict[str, Any] = {
        "$Now.guid": "11111111-2222-4333-8444-555555555555",
        "$Now.created": "2026-11-03T22:05:09Z",
        "Test-Snapshot $Now (Get-Present 'y' ([ordered] @{ Alias = 'room' }))": True,
        "Test-Snapshot $Now (Get-Present 'y' ([ordered] @{ Alias = 'Room' }))": False,
        "Test-Snapshot $Now (Get-Absent 'x')": False,
        "Test-Snapshot (Get-Absent 'x') (Get-Absent 'x')": True,
        "Test-Snapshot (Get-Absent 'x') $Now": False,
        "@((Get-SnapshotPart $Now @('Alias')).properties.Keys)": "Alias",
        "(Get-SnapshotPart $Now @('Alias')).guid": "11111111-2222-4333-8444-555555555555",
    }
    assert functions.values(*wanted, before=MAILBOX) == wanted
