"""What a run comes to: its exit code, the sentence beside it, and what is said of its steps (engine/65-result)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.function_cases import WITH
from support.functions import Functions, part

RUN = """
function Get-Results {
    param([string[]] $States)
    $table = [ordered] @{}
    foreach ($state in $States) {
        $id = "step$($table.Count + 1)"
        $table[$id] = [pscustomobject] @{ id = $id; state = $state }
    }
    $table
}
function Get-Code {
    param([string] $Mode, [int] $Sent, [string[]] $States = @(), [switch] $Refused)
    $refusal = if ($Refused) { @{ guard = 'values'; message = 'x' } }
    With { Get-ExitCode } @{ Mode = $Mode; Writes = $Sent; Results = (Get-Results $States); Refusal = $refusal }
}
"""
# As docs/runbook.md has it: the first one that fits.
CODES: dict[str, int] = {
    "Get-Code 'Check' 0 'in-place', 'not-asked'": 0,
    "Get-Code 'Check' 0 'in-place', 'different', 'blocked', 'pending'": 2,
    "Get-Code 'Check' 0 'different', 'unreadable'": 2,
    "Get-Code 'Check' 0 'in-place', 'unreadable'": 5,
    "Get-Code 'Check' 0 'in-place', 'blocked'": 5,
    "Get-Code 'Check' 0 'different', 'conflict'": 4,
    "Get-Code 'Check' 0 -Refused": 4,
    "Get-Code 'Verify' 0 'proved', 'not-asked'": 0,
    "Get-Code 'Verify' 0 'proved', 'pending'": 5,
    "Get-Code 'Verify' 0 'unreadable', 'proved'": 5,
    "Get-Code 'Verify' 0 'disproved', 'unreadable', 'blocked'": 6,
    "Get-Code 'Verify' 0 'disproved', 'different'": 6,
    "Get-Code 'Verify' 0 'disproved', 'conflict'": 4,
    "Get-Code 'Apply' 0 'in-place', 'in-place'": 0,
    "Get-Code 'Apply' 0 'different'": 2,
    "Get-Code 'Apply' 0 'unreadable', 'blocked'": 4,
    "Get-Code 'Apply' 0 'skipped', 'blocked'": 4,
    "Get-Code 'Apply' 0 'conflict'": 4,
    "Get-Code 'Apply' 0 'failed', 'blocked'": 4,
    "Get-Code 'Apply' 0 -Refused": 4,
    "Get-Code 'Apply' 0 'pending'": 5,
    "Get-Code 'Apply' 2 'changed', 'in-place'": 0,
    "Get-Code 'Apply' 2 'changed', 'pending', 'blocked'": 5,
    "Get-Code 'Apply' 2 'changed', 'failed', 'blocked'": 3,
    "Get-Code 'Apply' 2 'changed', 'unreadable'": 3,
    "Get-Code 'Apply' 2 'changed', 'conflict'": 3,
    "Get-Code 'Apply' 2 'changed', 'skipped'": 3,
    "Get-Code 'Apply' 2 'changed' -Refused": 3,
    # One that Exchange refused was sent all the same.
    "Get-Code 'Apply' 1 'failed'": 3,
    "Get-Code 'Rollback' 0 'different'": 2,
    "Get-Code 'Rollback' 0 'in-place'": 0,
    "Get-Code 'Rollback' 0 'unreadable'": 4,
    "Get-Code 'Rollback' 0 'kept', 'in-place'": 5,
    "Get-Code 'Rollback' 3 'undone', 'in-place'": 0,
    "Get-Code 'Rollback' 3 'undone', 'kept'": 5,
    "Get-Code 'Rollback' 3 'undone', 'gone'": 5,
    "Get-Code 'Rollback' 3 'undone', 'failed'": 3,
}
MEANINGS = """
function Get-Said {
    param([string] $Mode, [int] $Code, [string[]] $States = @(), [int] $Sent = 0, [string] $Guard, [switch] $Part)
    $of = @{ Mode = $Mode; ExitCode = $Code; Writes = $Sent; Bound = @{}; Refusal = $null }
    $of.Results = Get-Results $States
    if ($Part) { $of.Bound = @{ Step = @('add-in') }; $of.Selected = @('add-in') }
    if ($Guard) { $of.Refusal = @{ guard = $Guard; message = 'x' } }
    With { Get-Meaning } $of
}
"""
SAID: dict[str, str] = {
    "Get-Said 'Check' 0 'in-place'": "Nothing differs.",
    "Get-Said 'Check' 0 'in-place' -Part": "Nothing differs in the selected steps.",
    "Get-Said 'Check' 2 'different', 'blocked', 'in-place'": (
        "Something differs, and this run changed nothing. Different: step1. Blocked: step2. See the lines above."
    ),
    "Get-Said 'Rollback' 2 'different'": (
        "There is something to take back; this run changed nothing. Different: step1. See the lines above."
    ),
    "Get-Said 'Apply' 0 'in-place'": "Everything was as described already; this run changed nothing.",
    "Get-Said 'Apply' 0 'changed' 1": "Everything is set as described.",
    "Get-Said 'Apply' 0 'changed' 1 -Part": "Everything in the selected steps is set as described.",
    "Get-Said 'Apply' 3 'changed', 'failed', 'blocked' 2": (
        "Stopped after changes were sent to Exchange. Read the step that stopped; run Apply again, or undo it with "
        "Rollback. Failed: step2. See the lines above."
    ),
    "Get-Said 'Rollback' 3 'unreadable' 1": (
        "Stopped after changes were sent to Exchange. Read the step that stopped; run Rollback again. Unreadable: "
        "step1. See the lines above."
    ),
    "Get-Said 'Check' 4 -Guard 'connection'": "Refused. This run changed nothing.",
    "Get-Said 'Check' 4 'conflict', 'in-place'": (
        "An object is not the described one, or not as described. This run changed nothing. Conflict: step1. See the "
        "lines above."
    ),
    "Get-Said 'Apply' 4 'skipped'": "Refused. This run changed nothing. Skipped: step1. See the lines above.",
    "Get-Said 'Apply' 4 'blocked', 'blocked' -Guard 'interrupted'": "Interrupted. This run changed nothing.",
    "Get-Said 'Check' 5 'unreadable', 'blocked'": (
        "Not everything can be as described by this run alone. Blocked: step2. Unreadable: step1. See the lines above."
    ),
    "Get-Said 'Apply' 5 'pending' 1": "Apply is not complete. Pending: step1. See the lines above.",
    "Get-Said 'Verify' 5 'pending', 'pending', 'pending', 'pending', 'pending'": (
        "Not everything is proved. Pending: 5 steps. See the lines above."
    ),
    "Get-Said 'Rollback' 5 'kept', 'gone' 1": (
        "Rollback ran to its end; not everything is undone. Kept: step1. Gone: step2. See the lines above."
    ),
    "Get-Said 'Verify' 6 'disproved', 'unreadable'": (
        "Something is not as described. Disproved: step1. Unreadable: step2. See the lines above."
    ),
    "Get-Said 'Verify' 0 'proved'": "All checks passed; see Not checked.",
    "Get-Said 'Verify' 0 'proved' -Part": "All checks of the selected steps passed; see Not checked.",
}
JOURNALLED = """
function New-Entry {
    param([bool] $Made, [hashtable] $Of = @{})
    $before = if ($Made) { Get-Absent 'x' } else { Get-Present 'x' ([ordered] @{ a = 1 }) }
    $entry = @{ Before = $before; Wanted = Get-Present 'x' ([ordered] @{ a = 2 }); Refused = $false; Undone = $false }
    $entry + @{ Back = @{}; Strange = @{} } | ForEach-Object { foreach ($key in $Of.Keys) { $_[$key] = $Of[$key] }; $_ }
}
function Get-JournalEntry { param($Step) , @($Entries[$Step]) }
function Get-Left {
    param([hashtable] $Entries, [string[]] $Selected = @())
    $known = Get-Table
    foreach ($id in $Entries.Keys) { $known[$id] = $true }
    With { Get-UndoneOutcome } @{ Mode = 'Rollback'; InJournal = $known; Selected = $Selected }
}
"""
ALL = "Everything that the journals name is undone."
LEFT: dict[str, str] = {
    "Get-Left @{ 'add-in' = New-Entry $true } 'add-in'": ALL,
    "Get-Left @{ 'add-in' = New-Entry $true; 'ews-access' = New-Entry $false } 'add-in'": (
        "The selected steps are undone. The journals also name: ews-access."
    ),
    "Get-Left @{ 'ews-access' = New-Entry $false } 'add-in'": (
        "The journals name nothing of the selected steps. The journals also name: ews-access."
    ),
    # What was refused, taken back or given back already leaves nothing to do.
    "Get-Left @{ 'add-in' = New-Entry $true @{ Refused = $true } }": ALL,
    "Get-Left @{ 'add-in' = New-Entry $true @{ Undone = $true } }": ALL,
    "Get-Left @{ 'ews-access' = New-Entry $false @{ Back = @{ a = $true } } }": ALL,
    "Get-Left @{ 'ews-access' = New-Entry $false @{ Strange = @{ a = 'x' } } }": ALL,
}
ASKED = """
$Steps['equipment-mailbox'].Rollback += 'Remove-Mailbox'
function Get-Still {
    param([string] $Mode, [string[]] $Selected, [hashtable] $Entries = @{})
    $known = Get-Table
    foreach ($id in $Selected) { $known[$id] = $true }
    With { Get-StillAsked } @{ Mode = $Mode; Selected = $Selected; InJournal = $known }
}
"""
STILL: dict[str, Any] = {
    "Get-Still 'Apply' 'equipment-mailbox', 'application-role', 'ews-access'": (
        "; after Yes to All still before: application-role, ews-access"
    ),
    "Get-Still 'Apply' 'equipment-mailbox', 'scheduling-members'": [],
    # A step of high risk that has nothing to write asks nothing.
    "$Steps['ews-access'].Apply = @(); Get-Still 'Apply' 'equipment-mailbox', 'ews-access'": [],
    "Get-Still 'Rollback' 'equipment-mailbox', 'add-in' @{ 'equipment-mailbox' = New-Entry $true }": (
        "; after Yes to All still before: a mailbox to be removed"
    ),
    "Get-Still 'Rollback' 'scheduling-group', 'add-in' @{ 'scheduling-group' = New-Entry $true }": (
        "; after Yes to All still before: a group to be removed"
    ),
    "Get-Still 'Rollback' 'equipment-mailbox' @{ 'equipment-mailbox' = New-Entry $false }": [],
    "Get-Still 'Rollback' 'equipment-mailbox' @{ 'equipment-mailbox' = New-Entry $true @{ Undone = $true } }": [],
}


@pytest.fixture(scope="module")
def found(functions: Functions) -> dict[str, Any]:
    """What the functions of this part give."""
    return functions.values(*CODES, *SAID, *LEFT, *STILL, before=WITH + RUN + MEANINGS + JOURNALLED + ASKED)


def test_each_combination_of_states_has_its_exit_code(found: dict[str, Any]) -> None:
    assert part(found, CODES) == CODES


def test_the_sentence_beside_the_code_names_the_states_that_made_it(found: dict[str, Any]) -> None:
    assert part(found, SAID) == SAID


def test_a_cleanup_that_stopped_offers_no_rollback(migrate_functions: Functions) -> None:
    text = "With { Get-Outcome } @{ Mode = 'Apply'; Phase = 'Cleanup'; ExitCode = 3 }"
    (said,) = migrate_functions.values(text, before=WITH).values()
    assert said.endswith("run Apply again. What was removed of the old role cannot be undone.")


def test_what_the_journals_still_name_is_said(found: dict[str, Any]) -> None:
    assert part(found, {**LEFT, **STILL}) == {**LEFT, **STILL}


def test_a_result_is_not_written_through_a_link_that_was_planted_meanwhile(
    functions: Functions, tmp_path: Path
) -> None:
    (target := tmp_path / "target").write_text("theirs", "utf-8")
    (link := tmp_path / "result.json").symlink_to(target)
    (old := tmp_path / "old.json").write_text("x" * 100_000, "utf-8")
    texts = [f"With {{ Write-Result }} @{{ ResultPath = '{path}' }}" for path in (link, old)]
    functions.values(*texts, before=WITH)
    assert target.read_text("utf-8") == "theirs"
    assert old.read_text("utf-8").startswith('{\n  "format": "pexgen.result/1"')
    assert old.read_text("utf-8").endswith("}\n")


def test_a_step_is_shown_with_what_is_missing_what_differs_and_each_note_once(functions: Functions) -> None:
    shown = """
function Write-Line { param($Text) $Shown.Add($Text) }
function Get-Shown {
    param([hashtable] $Of)
    $Shown = [Collections.Generic.List[string]]::new()
    With { Write-StepResult 'add-in' 'different' @Of; $Shown | Select-Object -Skip 1; $Run.Results['add-in'].detail } @{
        Results = [ordered] @{}; Proofs = @(
            @{ step = 'add-in'; target = 'T'; expected = 'open'; actual = 'open'; state = 'proved' }
            @{ step = 'add-in'; target = 'U'; expected = 'open'; actual = 'shut'; state = 'disproved' }
            @{ step = 'ews-access'; target = 'V'; expected = 'open'; actual = 'shut'; state = 'disproved' })
    }
}
$Difference = [pscustomobject] @{ property = 'P'; current = $null; wanted = 'a' }
"""
    proofs = ["    proved     T: open", "    disproved  U: shut; expected open"]
    wanted: dict[str, Any] = {
        "Get-Shown @{ Differences = @($Difference); IsMissing = $true }": ["    P: (missing) -> 'a'", *proofs, None],
        "Get-Shown @{ Differences = @($Difference) }": ["    P: (not set) -> 'a'", *proofs, None],
        "Get-Shown @{ Differences = @($Difference); Short = $true }": [*proofs, None],
        "Get-Shown @{ Notes = @('one', '', 'two'); Said = @('one') }": [*proofs, "    two", "one two"],
        "Get-Shown @{ RequestId = '5' }": [*proofs, "    Exchange's request ID: 5", None],
    }
    assert functions.values(*wanted, before=WITH + shown) == wanted
