"""What a body refuses before anything is written: values, overrides, the command line of a run (engine/40-guards)."""

from __future__ import annotations

from typing import Any

import pytest
from support.days import EWS_LIVES
from support.function_cases import WITH
from support.functions import Functions, part

from pexgen.vendor_facts import EWS_ENDS

GUID = "'11111111-2222-4333-8444-555555555555'"
FORMS: dict[str, bool] = {
    f"Test-Guid {GUID}": True,
    f"Test-Guid ({GUID}.Replace('1', 'F'))": True,
    f"Test-Guid ({GUID}.Replace('1', 'g'))": False,
    f"Test-Guid ('{{' + {GUID} + '}}')": False,
    f"Test-Guid ({GUID} + ' ')": False,
    f'Test-Guid ({GUID} + "`n")': False,
    'Test-Address "anna@contoso.com`n"': False,
    f"Test-Guid ({GUID}.Replace('-', ''))": False,
    "Test-Guid '00000000-0000-0000-0000-000000000000'": False,
    "Test-Guid ''": False,
    "Test-Address 'anna@contoso.com'": True,
    "Test-Address 'miriam.o''hara@sub.contoso.com'": True,
    "Test-Address 'anna@contoso'": False,
    "Test-Address '*@contoso.com'": False,
    "Test-Address 'anna@contoso.com, bob@contoso.com'": False,
    "Test-Address 'anna@contoso.com;bob@contoso.com'": False,
    "Test-Address 'Anna <anna@contoso.com>'": False,
    "Test-Address 'smtp:anna@contoso.com'": False,
    "Test-Address 'an na@contoso.com'": False,
    "Test-Address 'anna@@contoso.com'": False,
    "Test-Address 'DOMAIN\\anna@contoso.com'": False,
    "Test-Address ('a' * 64 + '@contoso.com')": True,
    "Test-Address ('a' * 65 + '@contoso.com')": False,
    "Test-Address ''": False,
}
BLOCK = r"""
function Test-Address { param($Text) -not (Get-LimitProblem $Text -Limit $Limits.EquipmentAddress -CanBeEmpty $false) }
$Many = (1..6000 | ForEach-Object { "'user$_@contoso.com'" }) -join ', '
$Block = [scriptblock]::Create(@'
param(
    [string] $Text = 'caf\u00E9', [string] $Quote = 'o''hara', [string] $Empty = '',
    [string[]] $List = @('b', 'a'), [string[]] $One = @('a'), [string[]] $None = @(),
    [string[]] $Lines = @(
        'a'
        'Sch\u00E9duling'
    ),
    [hashtable] $Table = @{ AutomateProcessing = 'None'; BookingWindowInDays = 180 },
    [hashtable[]] $Tables = @(@{ ClientId = 'x'; Name = '\u00C9cran' }), [hashtable[]] $NoTables = @(),
    [int] $Number = 50, [bool] $Truth = $true, [string[]] $Many = @(
'@ + $Many + ') )')
function Get-Rendered { param($Name) Get-RenderedDefault -ScriptBlock $Block -Name $Name }
"""
RENDERED: dict[str, Any] = {
    "Get-Rendered 'Text'": "caf\u00e9",
    "Get-Rendered 'Quote'": "o'hara",
    "Get-Rendered 'Empty'": "",
    "Get-Rendered 'LIST'": ["b", "a"],
    "Get-Rendered 'One'": ["a"],
    "Get-Rendered 'None'": [],
    "Get-Rendered 'Lines'": ["a", "Sch\u00e9duling"],
    "Get-Rendered 'Table'": {"AutomateProcessing": "None", "BookingWindowInDays": 180},
    "Get-Rendered 'Tables'": [{"ClientId": "x", "Name": "\u00c9cran"}],
    "Get-Rendered 'NoTables'": [],
    "Get-Rendered 'Number'": 50,
    "Get-Rendered 'Truth'": True,
    "(Get-Rendered 'Many').Count": 6000,
    "(Get-Rendered 'Many')[-1]": "user6000@contoso.com",
}
GIVEN = """
function Test-Override {
    param([string] $Name, $Used)
    $Value = @{ $Name = $Used; Other = 'not given' }
    $found = @(Get-Override -Bound @{ $Name = $Used } -ScriptBlock $Block)
    if ($found.Count -eq 1) { $found[0].parameter }
}
"""
OVERRIDES: dict[str, str | list[str]] = {
    "Test-Override 'Text' ('caf' + [char] 0xE9)": [],
    "Test-Override 'Text' 'caf\\u00E9'": "Text",
    "Test-Override 'Text' ('Caf' + [char] 0xE9)": "Text",
    "Test-Override 'Text' ('cafe' + [char] 0x301)": "Text",
    "Test-Override 'Empty' ' '": "Empty",
    "Test-Override 'List' @('b', 'a')": [],
    "Test-Override 'List' @('a', 'b')": "List",
    "Test-Override 'List' @('b', 'A')": "List",
    "Test-Override 'One' @('a')": [],
    "Test-Override 'One' @('a', 'a')": "One",
    "Test-Override 'None' @()": [],
    "Test-Override 'None' @('a')": "None",
    "Test-Override 'Table' @{ bookingwindowindays = 180; automateprocessing = 'None' }": [],
    "Test-Override 'Table' @{ BookingWindowInDays = 180; AutomateProcessing = 'none' }": "Table",
    "Test-Override 'Table' @{ BookingWindowInDays = '180'; AutomateProcessing = 'None' }": "Table",
    "Test-Override 'Table' @{ AutomateProcessing = 'None' }": "Table",
    "Test-Override 'Tables' @(@{ Name = [char] 0xC9 + 'cran'; ClientId = 'x' })": [],
    "Test-Override 'Tables' @(@{ Name = ''; ClientId = 'x' })": "Tables",
    "Test-Override 'Number' 50": [],
    "Test-Override 'Number' 51": "Number",
    "Test-Override 'Truth' $true": [],
    "Test-Override 'Truth' $false": "Truth",
    "@(Get-Override -Bound @{} -ScriptBlock $Block).Count": 0,
}
EQUAL = """
function Test-Equal {
    param($Left, $Right)
    (ConvertTo-Canonical $Left) -ceq (ConvertTo-Canonical $Right)
}
"""
CANONICAL: dict[str, bool] = {
    "Test-Equal @('a', 'b') @('a,1:b')": False,
    "Test-Equal @('a', 'b') @('ab')": False,
    "Test-Equal @('a') 'a'": False,
    "Test-Equal @() $null": False,
    "Test-Equal @() @('')": False,
    "Test-Equal '' $null": False,
    "Test-Equal 'null' $null": False,
    "Test-Equal 'true' $true": False,
    "Test-Equal '5' 5": False,
    "Test-Equal 5 ([long] 5)": True,
    "Test-Equal @{ a = 1; B = 2 } @{ b = 2; A = 1 }": True,
    "Test-Equal @{ a = 'x' } @{ a = 'X' }": False,
    "Test-Equal @{ a = @('x') } @{ a = 'x' }": False,
}
PROBLEMS: dict[str, Any] = {
    "Get-LimitProblem 181 -Limit @{ Kind = 'number'; Least = 1; Most = 180 }": "must be from 1 to 180",
    "Get-LimitProblem 180 -Limit @{ Kind = 'number'; Least = 1; Most = 180 }": [],
    "Get-LimitProblem (-1) -Limit @{ Kind = 'number'; Least = 1; Most = 180 }": "must be from 1 to 180",
    "Get-LimitProblem 0 -Limit @{ Kind = 'number'; Least = 1; Most = 180 }": [],
    "Get-LimitProblem '50' -Limit @{ Kind = 'number'; Least = 1; Most = 180 }": "must be a whole number",
    "Get-LimitProblem 1.5 -Limit @{ Kind = 'number'; Least = 1; Most = 180 }": "must be a whole number",
    "Get-LimitProblem $true -Limit @{ Kind = 'number'; Least = 1; Most = 180 }": "must be a whole number",
    "Get-LimitProblem 'True' -Limit @{ Kind = 'truth' }": "must be $true or $false",
    "Get-LimitProblem 1 -Limit @{ Kind = 'truth' }": "must be $true or $false",
    "Get-LimitProblem 5 -Limit @{ Kind = 'text' }": "must be a text",
    "Get-LimitProblem 'abcd' -Limit @{ Kind = 'text'; Longest = 3 }": "is longer than 3 characters",
    "Get-LimitProblem 'GCC' -Limit @{ Kind = 'text'; Among = @('gcc', 'dod') }": "must be one of gcc, dod",
    "Get-LimitProblem '' -Limit @{ Kind = 'text'; Among = @('gcc'); Form = 'Guid' }": [],
    "Get-LimitProblem 'x*' -Limit @{ Kind = 'text'; Form = 'Identity64' }": (
        "must be text on one line, without a space at its beginning or end, * or ?, control characters and "
        "bidirectional marks"
    ),
    "Get-LimitProblem (\"a@b.com`n\") -Limit @{ Kind = 'text'; Form = 'Address' }": (
        "must be one SMTP address, such as room@contoso.com"
    ),
    "Get-LimitProblem @('a@b.com', 'c@') -Limit $Limits.ProofInScope": (
        "'c@' must be one SMTP address, such as room@contoso.com"
    ),
    "Get-LimitProblem @(1..1001 | % { 'a@b.com' }) -Limit $Limits.AddInUsers": "has more than 1000 entries",
    "Get-LimitProblem @(1..1000 | % { 'a@b.com' }) -Limit $Limits.AddInUsers": [],
    "Get-LimitProblem @(5) -Limit $Limits.ProofInScope": "must be a text",
    "Get-LimitProblem @{ BookingWindowInDays = 1081 } -Limit $Limits.EquipmentCalendar": (
        "BookingWindowInDays must be from 0 to 1080"
    ),
    "Get-LimitProblem @{ ResourceDelegates = 'x' } -Limit $Limits.EquipmentCalendar": (
        "'ResourceDelegates' is not one of its keys"
    ),
    "Get-LimitProblem @(@{ ClientId = 'x' }) -Limit $Limits.EwsKeep": (
        "ClientId must be a GUID: 32 hexadecimal digits in groups of 8-4-4-4-12, without braces"
    ),
}
DIGEST = "('a' * 64)"
COMMAND_LINES: dict[str, str] = {
    "With { Assert-RunParameter } @{ Mode = 'Check'; JournalPath = @('a', 'b') }": "",
    "With { Assert-RunParameter } @{ Mode = 'apply' }": "-Mode must be Check, Apply, Verify or Rollback.",
    "With { Assert-RunParameter } @{ Step = @('ews-access', 'ews') }": "-Step 'ews' is not a step of this runbook.",
    f"With {{ Assert-RunParameter }} @{{ Mode = 'Apply'; ApprovedPlan = {DIGEST} }}": "",
    f"With {{ Assert-RunParameter }} @{{ Mode = 'Check'; ApprovedPlan = {DIGEST} }}": "with -Mode Apply only.",
    f"With {{ Assert-RunParameter }} @{{ Mode = 'Rollback'; ApprovedPlan = {DIGEST} }}": "with -Mode Apply only.",
    "With { Assert-RunParameter } @{ Mode = 'Apply'; ApprovedPlan = 'a' * 63 }": "64 hexadecimal digits",
    "With { Assert-RunParameter } @{ Mode = 'Apply'; ApprovedPlan = 'g' * 64 }": "64 hexadecimal digits",
    "With { Assert-RunParameter } @{ WaitSeconds = -1 }": "-WaitSeconds must be a number of seconds from 0 to 86400.",
    "With { Assert-RunParameter } @{ WaitSeconds = 86401 }": "-WaitSeconds must be a number of seconds",
    "With { Assert-RunParameter } @{ WaitSeconds = 86400 }": "",
    "With { Assert-RunParameter } @{ MaxChanges = 0 }": "-MaxChanges must be 1 or more.",
    "With { Assert-RunParameter } @{ Mode = 'Rollback'; JournalPath = @() }": "-Mode Rollback needs -JournalPath",
    "With { Assert-RunParameter } @{ Mode = 'Rollback'; JournalPath = @('a', 'b') }": "",
    "With { Assert-RunParameter } @{ Mode = 'Apply'; JournalPath = @('a', 'b') }": "-Mode Apply writes one journal",
    "With { Assert-RunParameter } @{ Mode = 'Apply'; Review = 'unreviewed' }": "have not been reviewed",
    "With { Assert-RunParameter } @{ Mode = 'Apply'; Review = 'unreviewed'; AcceptUnreviewed = $true }": "",
    "With { Assert-RunParameter } @{ Mode = 'Verify'; Review = 'unreviewed' }": "",
    "With { Assert-Value }": "",
    "With { Assert-Value } @{ Overrides = @(@{ parameter = 'TargetTenantId' }) }": (
        "-TargetTenantId cannot be given on the command line."
    ),
    "With { Assert-Value } @{ Overrides = @(@{ parameter = 'AddInId' }) }": "-AddInId was read from the",
    'With { Assert-Value } @{} @{ ApplicationName = "Pexip`nScheduler" }': (
        "-ApplicationName contains an invisible character, such as a line break."
    ),
    "With { Assert-Value } @{} @{ ScopeName = 'Scope ' + [char] 0x202E }": "-ScopeName contains an invisible character",
    "With { Assert-Value } @{} @{ ProofInScope = @('*') }": "-ProofInScope: '*' must be one SMTP address",
}
HIDDEN, FORM = "contains an invisible character, such as a line break.", "must be one SMTP address"
TEXT, ASCII, ID = (
    "must be text on one line",
    "must hold ASCII letters, digits, signs other than * and ?",
    "must be a GUID",
)
VALUES: dict[str, tuple[str, str]] = {
    # Each form, and each kind of limit: the value, and what is said of it.
    "EquipmentAddress": ("'*'", FORM),
    "EquipmentName": ('"a$([char] 0x2066)b"', HIDDEN),
    "EquipmentDisplayName": ("'x' * 257", "is longer than 256 characters"),
    "EquipmentAlias": ("'two words'", "must be "),
    "EquipmentCalendar": ("@{ BookingWindowInDays = 1081 }", "BookingWindowInDays must be from 0 to 1080"),
    "ApplicationClientId": ("'*'", ID),
    "ApplicationObjectId": ("'00000000-0000-0000-0000-000000000000'", ID),
    "ApplicationAssignment": ("'x' * 65", "is longer than 64 characters"),
    "SchedulingGroupAddress": ("'pexip?@contoso.com'", FORM),
    "SchedulingGroupName": ("'Pexip?'", TEXT),
    "SchedulingGroupMembers": ("@('alice@contoso.com', '*')", f"'*' {FORM}"),
    "ScopeName": ('"zero$([char] 0xFEFF)width"', HIDDEN),
    "ScopeMaxMailboxes": ("1000001", "must be from 1 to 1000000"),
    "EwsPolicy": ("'destroy'", "must be one of check, merge"),
    "EwsKeep": ("@(@{ ClientId = '*' })", f"ClientId {ID}"),
    "Delegates": ("@(@{ Account = 'admin@contoso.com'; Color = 'red' })", "'Color' is not one of its keys"),
    "ProofInScope": ("@('pexip*@contoso.com')", f"'pexip*@contoso.com' {FORM}"),
    "ChangeTicket": ('"an override$([char] 0x202E)"', HIDDEN),
    "AddInDefaultState": ("'on'", "must be one of"),
    "OneTouchJoinClientIds": (f"@({GUID})", "11111111-2222-4333-8444-555555555555 is used for One-Touch Join"),
}
FURTHER: dict[str, list[tuple[str, str]]] = {
    "EquipmentName": [("'Pexip*'", ASCII), ("'Pexip?'", ASCII), ("''", "must not be empty")],
    "EquipmentAddress": [("'pexip*@contoso.com'", FORM), ("'pexip?@contoso.com'", FORM)],
    "EquipmentDisplayName": [('"two`nlines"', HIDDEN)],
    "EquipmentCalendar": [("@{ ForwardRequestsToDelegates = $true }", "'ForwardRequestsToDelegates' is not one of")],
    "ApplicationAssignment": [("'Pexip*'", TEXT), ("'Pexip?'", TEXT)],
    "SchedulingGroupName": [("'Pexip*'", TEXT)],
    "SchedulingGroupMembers": [("@('a b@contoso.com')", f"'a b@contoso.com' {FORM}")],
    "SchedulingGroupAddress": [("''", "must not be empty"), ("' '", FORM)],
    "ScopeName": [("'Pexip*'", TEXT), ("'Pexip?'", TEXT), ("''", "must not be empty")],
    "ScopeMaxMailboxes": [("-1", "must be from 1 to 1000000")],
    "EwsKeep": [
        (f"@(@{{ ClientId = {GUID}; Name = 'x' * 257 }})", "Name is longer than 256 characters"),
        ("@(@{ Name = 'x' })", "must have ClientId"),
    ],
    "Delegates": [
        ("@(@{ Account = '' })", f"Account {FORM}"),
        ("@(@{ Automapping = $true })", "must have Account"),
        ("@($null)", "must have Account"),
    ],
    "ProofInScope": [("@('pexip?@contoso.com')", f"'pexip?@contoso.com' {FORM}"), ("@()", "must not be empty")],
}
NOW = f"function Get-UtcNow {{ ([datetime] '{EWS_LIVES}T23:59:59').AddSeconds($Later) }}\n$Later = 0\n"
ENDED: dict[str, str] = {
    "With { Assert-Date } @{ Mode = 'Apply'; Selected = @('ews-access') }": "",
    "$Later = 1; With { Assert-Date } @{ Mode = 'Apply'; Selected = @('ews-access', 'add-in') }": (
        "The steps ews-access can no longer have an effect"
    ),
    "With { Assert-Date } @{ Mode = 'Apply'; Selected = @('equipment-mailbox', 'add-in') }": "",
    "With { Assert-Date } @{ Mode = 'Check'; Selected = @('ews-access') }": "",
    "With { Assert-Date } @{ Mode = 'Rollback'; Selected = @('ews-access') }": "",
}


@pytest.fixture(scope="module")
def found(functions: Functions) -> dict[str, Any]:
    """What the functions of this part give."""
    return functions.values(*FORMS, *RENDERED, *OVERRIDES, *CANONICAL, *PROBLEMS, before=BLOCK + GIVEN + EQUAL)


def test_an_identifier_and_an_address_are_one_and_nothing_else(found: dict[str, Any]) -> None:
    assert part(found, FORMS) == FORMS


def test_what_the_file_itself_says_is_read_from_its_syntax_tree(found: dict[str, Any]) -> None:
    assert part(found, RENDERED) == RENDERED


def test_a_value_that_differs_from_the_file_is_an_override_and_the_same_one_is_none(found: dict[str, Any]) -> None:
    assert part(found, OVERRIDES) == OVERRIDES


def test_different_values_have_different_canonical_texts(found: dict[str, Any]) -> None:
    assert part(found, CANONICAL) == CANONICAL


def test_a_value_outside_the_schema_is_named_with_its_place(found: dict[str, Any]) -> None:
    assert part(found, PROBLEMS) == PROBLEMS


def test_a_command_line_that_nobody_can_mean_is_refused(functions: Functions) -> None:
    assert functions.stops(COMMAND_LINES, before=WITH, ends="refused values") == COMMAND_LINES


def test_a_value_that_exchange_would_not_take_or_take_for_many_is_refused_with_what_is_wrong(
    functions: Functions,
) -> None:
    given = [(name, *VALUES[name]) for name in VALUES] + [(name, *one) for name in FURTHER for one in FURTHER[name]]
    wanted = {f"With {{ Assert-Value }} @{{}} @{{ {name} = {value} }}": said for name, value, said in given}
    assert len(wanted) == len(given)
    assert functions.stops(wanted, before=WITH, ends="refused values") == wanted


def test_nothing_of_ews_is_applied_from_the_day_on_which_it_ends(functions: Functions) -> None:
    assert functions.stops(ENDED, before=WITH + NOW, ends="refused dates") == ENDED


def test_until_it_ends_a_run_says_when_ews_ends_for_what_it_sets_up(functions: Functions) -> None:
    before = (
        WITH
        + """
function Get-UtcNow { $At }
function Get-Note {
    param([string] $Day, [string] $Step, [string] $Mode = 'Check')
    $At = [datetime] $Day
    With { Get-EwsEndNote } @{ Selected = @($Step); Mode = $Mode }
}
"""
    )
    ends = f"EWS in Exchange Online ends on {EWS_ENDS.value} for every application, and scheduling by EWS ends with it."
    notes: dict[str, Any] = {
        f"Get-Note '{EWS_LIVES}' 'application-role'": ends,
        f"Get-Note '{EWS_LIVES}' 'equipment-mailbox'": [],
        f"Get-Note '{EWS_LIVES}' 'application-role' 'Rollback'": [],
        f"Get-Note '{EWS_ENDS.value}' 'application-role'": [],
    }
    assert functions.values(*notes, before=before) == notes
