"""What a body shows of other people's text, and how a line is broken (engine/66-screen)."""

from __future__ import annotations

from typing import Any

import pytest
from support.function_cases import WITH
from support.functions import Functions, part

HIDDEN = (
    *(0x00, 0x07, 0x08, 0x09, 0x0A, 0x0D, 0x1B, 0x7F, 0x85, 0x9B),  # control
    *(0xAD, 0x61C, 0x200B, 0x200E, 0x202E, 0x2060, 0x2066, 0xFEFF, 0xFFF9),  # format
    *(0xA0, 0x2003, 0x2028, 0x2029, 0x202F, 0x3000),  # separators other than the blank
    *(0x378, 0xFFFE, 0xFFFF),  # no letters at all
    *(0xD83D, 0xDE00),  # half of a pair
    *(0x34F, 0x115F, 0x17B4, 0x180B, 0x2800, 0x3164, 0xFE0F, 0xFFA0),  # letters that show nothing
    *(0x110BD, 0x1BCA0, 0x1D173, 0xE0001, 0xE0041, 0xE0100),  # the same of two units
)
SHOWN = (0x20, 0x7E, 0xA1, 0xE9, 0x301, 0x416, 0x5D0, 0x65E5, 0xE000, 0xF8FF, 0xFFFD, 0x1F600, 0x20000, 0xF0000)


def letter(code: int) -> str:
    return (
        f"('a' + [char] 0x{code:X} + 'b')" if code < 0x10000 else f"('a' + [char]::ConvertFromUtf32(0x{code:X}) + 'b')"
    )


BY_CODE = {f"Format-Visible {letter(code)}": f"a<U+{code:04X}>b" for code in HIDDEN}
AS_IT_IS = {f"Format-Visible {letter(code)}": f"a{chr(code)}b" for code in SHOWN}
LINES: dict[str, Any] = {
    "Split-Line 'Journal   one two three four five six' -Width 20": [
        "Journal   one two",
        "          three four",
        "          five six",
    ],
    "Split-Line '    a note of some words' -Width 16": ["    a note of", "      some words"],
    # To the cell: what fits stays.
    "Split-Line 'one two' -Width 7": "one two",
    "Split-Line 'one two' -Width 6": ["one", "  two"],
    # Without a width nothing is broken, and a word that is wider than the screen is never cut.
    "Split-Line ('one two three ' * 30) -Width 0": "one two three " * 30,
    "Split-Line ('Body      ' + 'f' * 64 + ' reviewed') -Width 40": [f"Body      {'f' * 64}", "          reviewed"],
    "Split-Line ('f' * 64) -Width 40": "f" * 64,
    # A label that takes more than half of the screen is no column.
    "Split-Line 'A long label  one two three' -Width 20": ["A long label  one", "  two three"],
    "Split-Line 'a b' -Width -1": "a b",
    "Split-Line '' -Width 40": "",
    "Measure-Text 'abc'": 3,
    # Only this script breaks a line of a question.
    'Join-Line @("one`ntwo", ("three" + [char] 0x1B))': "one<U+000A>two\nthree<U+001B>",
}
COMMANDS = r"""
function Write-Host { param($Text) $Shown.Add($Text) }
function Write-Log { param($Text) $Logged.Add($Text) }
function Get-ScreenWidth { $Width }
$Parts = "& 'C:\a b\x.ps1'", '-Mode Apply', "-EwsKeep @{ 'ClientId' = 'x y'; 'Name' = 'a' }", '-Confirm:$false'
function Get-Shown {
    param([int] $Width, [string[]] $Given = $Parts)
    $Shown, $Logged = [Collections.Generic.List[string]]::new(), [Collections.Generic.List[string]]::new()
    Write-Command 'Go on' -Parts $Given
    $Shown
}
function Get-Words {
    # What PowerShell reads in the lines behind their label.
    param([string] $Text)
    $tree = [Management.Automation.Language.Parser]::ParseInput($Text, [ref] $null, [ref] $null)
    $read = @($tree.EndBlock.Statements | ForEach-Object { $_.PipelineElements.CommandElements.Extent.Text })
    "$($tree.EndBlock.Statements.Count): $($read -join ' ')"
}
function Test-Width {
    param([int] $Width)
    $lines = @(Get-Shown $Width)
    (Get-Words (($lines -join "`n").Substring(9))) -ceq (Get-Words ($Parts -join ' '))
}
"""
BROKEN: dict[str, Any] = {
    "Get-Shown 0": (
        r"Go on     & 'C:\a b\x.ps1' -Mode Apply -EwsKeep @{ 'ClientId' = 'x y'; 'Name' = 'a' } -Confirm:$false"
    ),
    "Get-Shown 60": [
        r"Go on     & 'C:\a b\x.ps1' -Mode Apply `",
        "          -EwsKeep @{ 'ClientId' = 'x y'; 'Name' = 'a' } `",
        "          -Confirm:$false",
    ],
    "Get-Shown 1": [
        r"Go on     & 'C:\a b\x.ps1' `",
        "          -Mode Apply `",
        "          -EwsKeep @{ 'ClientId' = 'x y'; 'Name' = 'a' } `",
        "          -Confirm:$false",
    ],
    "39..120 | Where-Object { -not (Test-Width $_) }": [],
    "Get-Shown 0 ('& x', ('-Name a' + [char] 0x202E))": "Go on     & x -Name a<U+202E>",
    "Get-Words 'a `\n b'": "1: a b",
    "Get-Words 'a\n b'": "2: a b",
}


@pytest.fixture(scope="module")
def found(functions: Functions) -> dict[str, Any]:
    """What the functions of this part give."""
    return functions.values(*BY_CODE, *AS_IT_IS, *LINES, *BROKEN, before=COMMANDS)


def test_what_a_console_would_act_upon_or_not_show_is_shown_by_its_code(found: dict[str, Any]) -> None:
    assert part(found, BY_CODE) == BY_CODE


def test_every_other_letter_is_shown_as_it_is(found: dict[str, Any]) -> None:
    assert part(found, AS_IT_IS) == AS_IT_IS


def test_a_line_is_broken_between_words_under_the_column_of_its_text(found: dict[str, Any]) -> None:
    assert part(found, LINES) == LINES


def test_a_command_is_broken_only_where_powershell_reads_on(found: dict[str, Any]) -> None:
    assert part(found, BROKEN) == BROKEN


def test_a_log_that_cannot_be_written_is_said_once_and_ends_nothing(functions: Functions) -> None:
    lost = """
$Shown = [Collections.Generic.List[string]]::new()
function Write-Host { param($Text) $Shown.Add($Text) }
$Closed = [IO.MemoryStream]::new()
$Closed.Dispose()
"""
    text = "With { Write-Line 'first'; Write-Line 'second'; $Shown; $null -eq $Run.Log } @{ Log = $Closed }"
    (found,) = functions.values(text, before=WITH + lost).values()
    assert (found[0], found[1][:38], found[2:]) == ("first", "Note      The log is not written any m", ["second", True])
