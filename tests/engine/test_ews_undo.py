"""Which entries of the EWS list a Rollback takes back, and which have to stay (shared/ews-undo)."""

from __future__ import annotations

from typing import Any

import pytest
from support.function_cases import ENTRY, WITH
from support.functions import Functions, part
from support.sites import KEEP, OURS

OTHER = "27922004-5251-4030-b22d-91ecd9a37ea4"
LINES = f"""
$Ours, $Keep, $Other = '{OURS}', '{KEEP}', '{OTHER}'
function New-Side {{
    # $true, $false or $null of the switch, and who is on the list; a name behind a minus is not on it.
    param($Enabled, [string[]] $Ids)
    $side = [ordered] @{{ EwsEnabled = $Enabled }}
    foreach ($id in $Ids) {{ $side[$id.TrimStart('-')] = -not $id.StartsWith('-') }}
    $side
}}
function Get-Claim {{
    param([string] $Name, $Before, $Wanted, [hashtable] $Described = @{{}})
    $entry = New-Entry @{{ $Name = $Before }} @{{ $Name = $Wanted }}
    With {{ Get-EwsAccessClaim $entry -Name $Name }} @{{}} $Described
}}
"""
CLAIMS: dict[str, Any] = {
    "Get-Claim $Ours $false $true": [],
    "Get-Claim $Ours.ToUpperInvariant() $false $true": [],
    "Get-Claim $Keep $false $true": [],
    "Get-Claim 'EwsEnabled' $false $true": [],
    "Get-Claim 'EwsEnabled' $null $true": [],
    "Get-Claim $Other $false $true": "the description does not name that application",
    "Get-Claim $Ours $true $false": "no run of this step adds or removes that",
    "Get-Claim $Ours $true $true": "no run of this step adds or removes that",
    "Get-Claim $Ours $false 'True'": "no run of this step adds or removes that",
    "Get-Claim 'EwsEnabled' $true $false": "no run of this step adds or removes that",
    "Get-Claim 'EwsEnabled' $false $true @{ EwsSwitchOn = $false }": "the description does not switch EWS on",
    "Get-Claim $Ours $false $true @{ EwsPolicy = 'check' }": "the description changes nothing here",
    "With { Get-EwsAccessClaim (New-Entry $null @{ a = 1 }) -Name '' }": "the description changes nothing here",
}
HOLDS = """
function Get-Hold {
    # What was changed, and how the list is now.
    param($Before, $Wanted, $Now, [string[]] $Names = @($Wanted.Keys | Where-Object { $_ -cne 'EwsEnabled' }))
    Get-EwsAccessHold (New-Entry $Before $Wanted @{ Names = $Names }) -Current (Get-Present 'organization' $Now)
}
"""
BLOCKS = "the list would be empty while EwsEnabled is true, which blocks everybody"
EMPTY = "the list would be empty, which it was not before"
HELD: dict[str, Any] = {
    'Get-Hold (New-Side $true "-$Ours") (New-Side $true $Ours) (New-Side $true $Ours)': BLOCKS,
    'Get-Hold (New-Side $true "-$Ours") (New-Side $true $Ours) (New-Side $true $Ours, $Other)': [],
    'Get-Hold (New-Side $false "-$Ours") (New-Side $false $Ours) (New-Side $false $Ours)': [],
    'Get-Hold (New-Side $false $Other, "-$Ours") (New-Side $false $Other, $Ours) (New-Side $false $Ours)': EMPTY,
    # With the switch taken back as well, nobody is shut out by an empty list that was empty before.
    "Get-Hold (New-Side $null \"-$Ours\") (New-Side $true $Ours) (New-Side $true $Ours) @('EwsEnabled', $Ours)": [],
    # What a Cleanup took off comes on again.
    'Get-Hold (New-Side $true $Other) (New-Side $true "-$Other") (New-Side $true $Ours)': [],
}
ENTRIES = """
function Get-JournalEntry { param($Step) , @($Entries) }
function Get-One {
    param([string] $Name, $Entry, $Now, [object[]] $Entries = @($Entry))
    Get-EwsEntryHold $Entry -Current (Get-Present 'organization' $Now) -Name $Name
}
$Added = New-Entry (New-Side $null "-$Ours", "-$Keep") (New-Side $null $Ours, $Keep)
$Switched = New-Entry (New-Side $null $Ours, $Keep) (New-Side $true $Ours, $Keep)
$Opened = New-Entry (New-Side $false $Ours, $Keep) (New-Side $true $Ours, $Keep)
"""
SINCE = f"the list contains {OTHER} (Outlook mobile), added since, and switching EWS off would block it"
STAYS = "the list had no effect before and has one now, and removing it would block that application"
ONES: dict[str, Any] = {
    # Where the switch does not decide, nobody relies on an entry.
    "Get-One $Keep $Added (New-Side $null $Ours, $Keep)": [],
    "Get-One $Keep $Added (New-Side $false $Ours, $Keep)": [],
    # Somebody else switched it on since: what was added then lets that application in now.
    "Get-One $Keep $Added (New-Side $true $Ours, $Keep)": STAYS,
    "Get-One $Ours $Added (New-Side $true $Ours, $Keep)": [],
    # This Rollback takes the switch back too.
    "Get-One $Keep $Added (New-Side $true $Ours, $Keep) @($Switched, $Added)": [],
    # To open EWS to everybody shuts nobody out; to close it shuts out who was put on the list since.
    "Get-One 'EwsEnabled' $Switched (New-Side $true $Ours, $Keep, $Other)": [],
    "Get-One 'EwsEnabled' $Opened (New-Side $true $Ours, $Keep)": [],
    "Get-One 'EwsEnabled' $Opened (New-Side $true $Ours, $Keep, $Other)": SINCE,
    "Get-One $Keep $Added (New-Side $true $Ours, $Keep, $Other) @($Opened, $Added)": STAYS,
}
TOLD = """
function Get-Told {
    param([string] $Which, [string] $Mode, $Before, $Wanted, [bool] $Unasked = $true, [string] $Gone = '')
    $change = @{ Before = Get-Present 'o' $Before; Wanted = Get-Present 'o' $Wanted }
    $of = @{ Mode = $Mode; Unasked = $Unasked; Selected = @('ews-access', 'add-in')
        Gone = @{ "ews-access organization|$Gone" = $true } }
    if ($Which -ceq 'Advice') { With { Get-EwsAdvice @($change) } $of }
    elseif ($Which -ceq 'Now') { Get-EwsNowLine @{ Changes = @($change) } }
    else { @(With { Get-EwsDecider @{ Changes = @($change) } } $of) -cnotlike 'Now *' }
}
"""
TAKES = "usually an hour, up to about four"
NAMED = f"{OURS} (Pexip Scheduler)"
SAID: dict[str, Any] = {
    "Get-Told 'Effect' 'Rollback' (New-Side $true $Ours) ([ordered] @{ $Ours = $false })": (
        f"Effect    These applications lose EWS: {NAMED}."
    ),
    "Get-Told 'Effect' 'Rollback' (New-Side $null $Ours) ([ordered] @{ $Ours = $false })": (
        "Effect    The list has no effect while EwsEnabled is not true."
    ),
    "Get-Told 'Effect' 'Rollback' (New-Side $true $Ours) ([ordered] @{ EwsEnabled = $null })": (
        f"Effect    EWS opens to everybody again ({TAKES})."
    ),
    "Get-Told 'Effect' 'Rollback' (New-Side $true $Ours) ([ordered] @{ EwsEnabled = $false })": (
        f"Effect    EWS closes to everybody again ({TAKES}), also to those on the list: {NAMED}."
    ),
    "Get-Told 'Effect' 'Rollback' (New-Side $true) ([ordered] @{ EwsEnabled = $false })": (
        f"Effect    EWS closes to everybody again ({TAKES})."
    ),
    "Get-Told 'Effect' 'Rollback' (New-Side $false $Ours) ([ordered] @{ EwsEnabled = $false })": [],
    "Get-Told 'Effect' 'Apply' (New-Side $true \"-$Ours\") ([ordered] @{ $Ours = $true })": [],
    # What is set now decides what the change means, and whether the switch is in it is not to be guessed.
    "Get-Told 'Now' 'Apply' (New-Side $true $Keep) ([ordered] @{ $Ours = $true; EwsEnabled = $true })": (
        "Now       EwsEnabled is True. Entries on the list: 1. EwsEnabled stays as it is."
    ),
    "Get-Told 'Now' 'Rollback' (New-Side $true $Ours, $Keep) ([ordered] @{ EwsEnabled = $null })": (
        "Now       EwsEnabled is True. Entries on the list: 2."
    ),
    "Get-Told 'Now' 'Apply' (New-Side $null) ([ordered] @{ $Ours = $true })": (
        "Now       EwsEnabled is (not set). Entries on the list: 0. EwsEnabled stays as it is."
    ),
    # To open EWS to everybody is no way back to where it was closed.
    "Get-Told 'Advice' 'Rollback' (New-Side $true $Ours) ([ordered] @{ EwsEnabled = $false })": (
        "If another application needs EWS afterwards: Set-OrganizationConfig -EwsEnabled $true opens EWS again "
        f"({TAKES}) to what is left on the list: {NAMED}. $null would open it to everybody."
    ),
    # Of a change by itself, as the journal has it, what others of this Rollback take off is not left.
    "Get-Told 'Advice' 'Rollback' (New-Side $true $Ours, $Keep) ([ordered] @{ EwsEnabled = $false }) -Gone $Keep": (
        "If another application needs EWS afterwards: Set-OrganizationConfig -EwsEnabled $true opens EWS again "
        f"({TAKES}) to what is left on the list: {NAMED}. $null would open it to everybody."
    ),
    # Over an empty list the switch opens EWS to nobody.
    "Get-Told 'Advice' 'Rollback' (New-Side $true $Ours) ([ordered] @{ EwsEnabled = $false; $Ours = $false })": (
        "If another application needs EWS afterwards: put it on the list first (EwsAllowedAppIDs): the list is empty "
        f"then. Set-OrganizationConfig -EwsEnabled $true opens EWS again ({TAKES}) to that list. "
        "$null would open it to everybody."
    ),
    "Get-Told 'Advice' 'Rollback' (New-Side $true $Ours) ([ordered] @{ $Ours = $false })": (
        "An application that still needs EWS has to be put on the list again; "
        f"Set-OrganizationConfig -EwsEnabled $null would open EWS to everybody ({TAKES})."
    ),
    "Get-Told 'Advice' 'Rollback' (New-Side $true $Ours) ([ordered] @{ EwsEnabled = $null })": [],
    "(Get-Told 'Advice' 'Apply' (New-Side $false $Ours) @{ EwsEnabled = $true }) -clike '*Do NOT run*'": True,
    "(Get-Told 'Effect' 'Rollback' (New-Side $true $Ours) @{ EwsEnabled = $false } $false)[1]": (
        "Note      No ends this Rollback here: EWS, the role and the rest stay. To keep EWS and undo the rest, answer "
        "No and type the line of this run again, with -Step add-in."
    ),
    "Format-EwsAct $Ours $false 'the organization'": f"remove application {NAMED} from the EWS list",
    "Format-EwsAct $Ours $true 'the organization'": f"put application {NAMED} on the EWS list again",
    "Format-EwsAct 'EwsEnabled' $null 'the organization'": (
        "set EwsEnabled of the organization back to (not set): EWS open to all applications, whatever is on the list"
    ),
    "Format-EwsAct 'EwsEnabled' $false 'the organization'": (
        "set EwsEnabled of the organization back to False: EWS off for all applications"
    ),
}


@pytest.fixture(scope="module")
def found(functions: Functions) -> dict[str, Any]:
    """What the functions of this part give."""
    return functions.values(*CLAIMS, *HELD, *ONES, *SAID, before=WITH + ENTRY + LINES + HOLDS + ENTRIES + TOLD)


def test_only_what_the_description_can_have_led_to_is_claimed(found: dict[str, Any]) -> None:
    assert part(found, CLAIMS) == CLAIMS


def test_no_list_is_left_in_force_that_is_empty_where_it_was_not(found: dict[str, Any]) -> None:
    assert part(found, HELD) == HELD


def test_an_entry_on_which_others_rely_since_stays(found: dict[str, Any]) -> None:
    assert part(found, ONES) == ONES


def test_who_loses_or_gains_ews_by_a_rollback_is_said_and_what_then_helps(found: dict[str, Any]) -> None:
    assert part(found, SAID) == SAID
