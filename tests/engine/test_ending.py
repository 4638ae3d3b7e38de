"""The line with which a run goes on, and what an interrupted one leaves behind (engine/67-ending)."""

from __future__ import annotations

from typing import Any

import pytest
from support.function_cases import WITH
from support.functions import Functions, part

QUOTES = "'o''h' + [char] 0x2018 + [char] 0x2019 + [char] 0x201A + [char] 0x201B + [char] 0x201C + '\"`$x'"
ARGUMENTS: dict[str, str] = {
    "Format-Argument 'a b'": "'a b'",
    "Format-Argument ''": "''",
    "Format-Argument '$env:x; `n'": "'$env:x; `n'",
    f"Format-Argument ({QUOTES})": "'o''h\u2018\u2018\u2019\u2019\u201a\u201a\u201b\u201b\u201c\"`$x'",
    "Format-Argument 5": "5",
    "Format-Argument $null": "$null",
    "Format-Argument @($null)": "$null",
    "Format-Argument @('a', $null)": "@('a', $null)",
    "Format-Argument $true": "$true",
    "Format-Argument ([switch] $false)": "$false",
    "Format-Argument @()": "@()",
    "Format-Argument @('a')": "'a'",
    "Format-Argument @('a', 'b,c')": "@('a', 'b,c')",
    "Format-Argument @{ b = 1; A = 'x'; c = $true }": "@{ 'A' = 'x'; 'b' = 1; 'c' = $true }",
    "Format-Argument @{}": "@{  }",
    "Format-Argument @(@{ ClientId = 'x' }, @{ ClientId = 'y' })": "@(@{ 'ClientId' = 'x' }, @{ 'ClientId' = 'y' })",
    "Format-Argument @(@{ ClientId = 'x' })": "@{ 'ClientId' = 'x' }",
}
TYPED = """
function Get-Typed {
    param(
        [string] $Text, [string[]] $List, [hashtable] $Table, [hashtable[]] $Tables, [int] $Number, [bool] $Truth,
        [switch] $Switch)
    , $PSBoundParameters
}
function Test-Typed {
    # Whether PowerShell reads the line back as what was given.
    param([hashtable] $Given)
    $first = Get-Typed @Given
    $line = @(foreach ($name in $first.Keys) {
            if ($first[$name] -is [switch]) { "-${name}:$(Format-Argument $first[$name])" }
            else { "-$name $(Format-Argument $first[$name])" }
        }) -join ' '
    $second = & ([scriptblock]::Create("Get-Typed $line"))
    foreach ($name in $first.Keys) {
        if ((ConvertTo-Canonical $first[$name]) -cne (ConvertTo-Canonical $second[$name])) { "$name in $line" }
    }
    if ($second.Count -ne $first.Count) { $line }
}
"""
READ_BACK: dict[str, Any] = {
    f"Test-Typed @{{ Text = {QUOTES} }}": [],
    'Test-Typed @{ Text = "two`nlines"; Number = -5; Truth = $false; Switch = $true }': [],
    f"Test-Typed @{{ List = @({QUOTES}, '', 'a,b', '-Mode', '@(1)') }}": [],
    "Test-Typed @{ List = @('a') }": [],
    "Test-Typed @{ List = @(); Tables = @(); Table = @{} }": [],
    f"Test-Typed @{{ Table = @{{ 'a b' = {QUOTES}; c = 1080; d = $false }} }}": [],
    "Test-Typed @{ Tables = @(@{ ClientId = 'x'; Name = '' }, @{ ClientId = 'y'; Name = 'o''h' }) }": [],
    "Test-Typed @{ Tables = @(@{ Account = 'a@b.com'; Automapping = $true }); Switch = $false }": [],
}
GO_ON = """
function Get-UtcNow { [datetime]::new(2026, 11, 3, 22, 5, 9) }
function Get-Line {
    param([hashtable] $Bound, [hashtable] $Of = @{}, [string] $Which = 'Get-GoOnLine')
    $run = @{
        Bound = @{ Mode = 'apply' } + $Bound; Mode = 'Apply'; ScriptPath = "/o'h/x.ps1"; Journalled = $false
        Results = [ordered] @{}; Stopped = @{}
    }
    foreach ($key in $Of.Keys) { $run[$key] = $Of[$key] }
    @(With { & $Which } $run | Select-Object -Skip 2) -join ' '
}
function Get-Late {
    param([hashtable] $Bound, [string] $State, [hashtable] $Of = @{})
    $step = [pscustomobject] @{ id = 'ews-access'; state = $State }
    Get-Line $Bound (@{ Results = [ordered] @{ 'ews-access' = $step } } + $Of)
}
"""
LINES: dict[str, str] = {
    "Get-Line @{}": "",
    "Get-Line @{ WaitSeconds = 60; Confirm = [switch] $false; Step = @('add-in', 'ews-access') }": (
        "-Confirm:$false -Step @('add-in', 'ews-access') -WaitSeconds 60"
    ),
    "Get-Line @{ JournalPath = @('j.jsonl') }": "-JournalPath 'j.jsonl'",
    # What was written and opened stands there with its whole path, from wherever the line is run.
    "Get-Line @{} @{ Journalled = $true; JournalPath = @('/c/j.jsonl') }": "-JournalPath '/c/j.jsonl'",
    "Get-Line @{ JournalPath = @('j') } @{ Journalled = $true; JournalPath = @('/c/i', '/c/j') }": (
        "-JournalPath @('/c/i', '/c/j')"
    ),
    "Get-Line @{ LogPath = 'l'; ResultPath = 'r' } @{ LogPath = '/c/l'; ResultPath = '/c/r' }": (
        "-LogPath '/c/l' -ResultPath '/c/r'"
    ),
    "Get-Line @{} @{ LogPath = '/c/l'; ResultPath = '/c/r' }": "",
    # The time from which the list is complete is given on where it was planned for, and not where it was not seen.
    "Get-Late @{} 'pending'": "-EwsListInPlaceSince '2026-11-03T22:05:09Z'",
    "Get-Late @{} 'changed'": "",
    "Get-Late @{} 'pending' @{ Stopped = @{ 'ews-access' = $true } }": "",
    "Get-Late @{ EwsListInPlaceSince = '2026-11-02T00:00:00Z' } 'pending'": (
        "-EwsListInPlaceSince '2026-11-02T00:00:00Z'"
    ),
    "Get-Late @{ EwsListInPlaceSince = '2026-11-02T00:00:00Z' } 'pending' @{ EwsListCompleted = $true }": (
        "-EwsListInPlaceSince '2026-11-03T22:05:09Z'"
    ),
    "Get-Late @{ EwsListInPlaceSince = '2026-11-02T00:00:00Z' } 'failed' @{ EwsListCompleted = $true }": "",
    "Get-Line @{ Step = @('add-in'); ProofInScope = @('a@b.com'); Confirm = [switch] $false } @{} 'Get-VerifyLine'": (
        "-ProofInScope 'a@b.com' -Step 'add-in'"
    ),
    "Get-Line @{ JournalPath = @('j'); ApprovedPlan = 'x'; Confirm = [switch] $false } @{} 'Get-VerifyLine'": "",
    "(With { Get-GoOnLine } @{ Bound = @{}; Mode = 'Rollback'; ScriptPath = \"/o'h/x.ps1\" }) -join ' '": (
        "& '/o''h/x.ps1' -Mode Rollback"
    ),
}
UNFINISHED = """
function Test-Open {
    param([string] $Mode, [int] $Code, [string] $State = 'changed', [string] $Guard, [bool] $WhatIf)
    $refusal = if ($Guard) { @{ guard = $Guard; message = 'x' } }
    With { Test-Unfinished } @{
        Mode = $Mode; ExitCode = $Code; WhatIf = $WhatIf; Refusal = $refusal
        Results = [ordered] @{ 'add-in' = [pscustomobject] @{ state = $State } }
    }
}
"""
OPEN: dict[str, bool] = {
    "Test-Open 'Apply' 3 'failed'": True,
    "Test-Open 'Rollback' 3 'unreadable'": True,
    "Test-Open 'Apply' 5 'pending'": True,
    "Test-Open 'Verify' 5 'pending'": True,
    "Test-Open 'Apply' 5 'blocked'": False,
    "Test-Open 'Rollback' 5 'kept'": False,
    "Test-Open 'Apply' 0": False,
    "Test-Open 'Apply' 4 'conflict'": False,
    "Test-Open 'Check' 5 'pending'": False,
    "Test-Open 'Apply' 5 'pending' -WhatIf $true": False,
    # The same line again would be refused again.
    "Test-Open 'Apply' 3 'changed' 'max-changes'": False,
    "Test-Open 'Apply' 3 'changed' 'approval'": False,
    "Test-Open 'Apply' 3 'changed' 'interrupted'": True,
}
INTERRUPTED = """
function Write-Line { }
function Write-Summary { }
function Write-Result { }
function Get-Left {
    param([string] $Mode, [int] $Sent, [int] $Before)
    $of = @{
        Mode = $Mode; Selected = @('equipment-mailbox', 'scheduling-group', 'add-in'); Current = 'scheduling-group'
        Writes = $Sent; SentBefore = $Before
        Results = [ordered] @{ 'equipment-mailbox' = [pscustomobject] @{ id = 'equipment-mailbox'; state = 'changed' } }
    }
    With {
        Complete-Interrupted
        "$($Run.ExitCode) $($global:LASTEXITCODE)"
        foreach ($one in $Run.Results.Values) { "$($one.id) $($one.state)" }
        $Run.Results['scheduling-group'].detail
    } $of
}
"""
SHOWN = (
    "Interrupted after 2 writes of this step had been sent; the journal has those that Exchange had shown by then. "
    "Run the same Rollback again."
)
STEPS = ["equipment-mailbox changed", "scheduling-group {}", "add-in blocked"]
LEFT: dict[str, list[str]] = {
    "Get-Left 'Apply' 3 1": [
        "3 3",
        *(step.format("pending") for step in STEPS),
        "Interrupted after 2 writes of this step had been sent; the journal has each.",
    ],
    "Get-Left 'Rollback' 3 1": [
        "3 3",
        *(step.format("pending") for step in STEPS),
        SHOWN,
    ],
    "Get-Left 'Apply' 1 1": [
        "3 3",
        *(step.format("blocked") for step in STEPS),
        "Interrupted; nothing of this step was sent.",
    ],
    "Get-Left 'Apply' 0 0": [
        "4 4",
        *(step.format("blocked") for step in STEPS),
        "Interrupted; nothing of this step was sent.",
    ],
}


@pytest.fixture(scope="module")
def found(functions: Functions) -> dict[str, Any]:
    """What the functions of this part give."""
    return functions.values(
        *ARGUMENTS, *READ_BACK, *LINES, *OPEN, *LEFT, before=WITH + TYPED + GO_ON + UNFINISHED + INTERRUPTED
    )


def test_a_value_is_written_as_it_is_typed(found: dict[str, Any]) -> None:
    assert part(found, ARGUMENTS) == ARGUMENTS


def test_powershell_reads_a_written_value_back_as_it_was(found: dict[str, Any]) -> None:
    assert part(found, READ_BACK) == READ_BACK


def test_a_password_is_never_written(server_functions: Functions) -> None:
    typed = "$Secret = [securestring]::new(); 'hunter2'.ToCharArray() | ForEach-Object { $Secret.AppendChar($_) }\n"
    asked = "(Get-Credential -UserName 'pexip-service@contoso.com' -Message 'Service account').Password"
    wanted = {
        "Format-Argument $Secret": asked,
        "With { @(Get-GoOnLine)[-1] } @{ Bound = @{ PasswordOfServiceAccount = $Secret } }": (
            f"-PasswordOfServiceAccount {asked}"
        ),
        "With { @(Get-VerifyLine)[-1] } @{ Bound = @{ PasswordOfServiceAccount = $Secret } }": "-Mode Verify",
    }
    assert server_functions.values(*wanted, before=WITH + typed) == wanted


def test_the_line_to_go_on_with_has_what_was_typed_and_what_the_run_made(found: dict[str, Any]) -> None:
    assert part(found, LINES) == LINES


def test_the_line_to_verify_with_has_the_phase_of_a_prepare_alone(migrate_functions: Functions) -> None:
    bound = "Bound = @{ Phase = 'prepare'; ConfirmCutover = [switch] $true }"
    lines = {
        f"With {{ @(Get-VerifyLine) -join ' ' }} @{{ {bound}; Phase = 'Prepare'; ScriptPath = 'x' }}": (
            "& 'x' -Mode Verify -Phase 'prepare'"
        ),
        f"With {{ @(Get-VerifyLine) -join ' ' }} @{{ {bound}; Phase = 'Cleanup'; ScriptPath = 'x' }}": (
            "& 'x' -Mode Verify"
        ),
    }
    assert migrate_functions.values(*lines, before=WITH) == lines


def test_a_run_is_gone_on_with_where_the_same_line_helps(found: dict[str, Any]) -> None:
    assert part(found, OPEN) == OPEN


def test_an_interrupted_run_says_of_each_step_what_was_sent(found: dict[str, Any]) -> None:
    assert part(found, LEFT) == LEFT
