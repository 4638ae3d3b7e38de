"""Where journal, result and log of a run go, and over which files nothing is written (engine/55-paths)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.function_cases import WITH
from support.functions import Functions

RESOLVED = """
function Get-UtcNow { [datetime]::new(2026, 11, 3, 22, 5, 9) }
$Here = "$PWD" + [IO.Path]::DirectorySeparatorChar
function Get-Place {
    param([hashtable] $Of, [hashtable] $Described = @{})
    With {
        Resolve-RunPath
        @($Run.JournalPath) + @("result $($Run.ResultPath)") | ForEach-Object { $_.Replace($Here, '') }
    } (@{ Id = '0a1b2c3d' } + $Of) $Described
}
"""
STAMP = "contoso-scheduling-20261103T220509Z-0a1b2c3d"
PLACES: dict[str, Any] = {
    "Get-Place @{ Mode = 'Check' }": "result ",
    "Get-Place @{ Mode = 'Verify'; ResultPath = 'r.json' }": "result r.json",
    "Get-Place @{ Mode = 'Apply' }": [f"{STAMP}.journal.jsonl", f"result {STAMP}.journal.Apply.result.json"],
    "Get-Place @{ Mode = 'Apply'; JournalPath = @('a.jsonl') }": ["a.jsonl", "result a.Apply.result.json"],
    "Get-Place @{ Mode = 'Apply'; JournalPath = @('[a] b.JSONL') }": [
        "[a] b.JSONL",
        "result [a] b.JSONL.Apply.result.json",
    ],
    "Get-Place @{ Mode = 'Apply'; JournalPath = @('a.jsonl'); WhatIf = $true }": ["a.jsonl", "result "],
    "Get-Place @{ Mode = 'Rollback'; JournalPath = @('a.jsonl', 'b.jsonl') }": [
        "a.jsonl",
        "b.jsonl",
        "result b.Rollback.result.json",
    ],
    # What an earlier run of this journal came to stays.
    "Set-Content 'a.Apply.result.json' ''; Get-Place @{ Mode = 'Apply'; JournalPath = @('a.jsonl') }": [
        "a.jsonl",
        "result a.Apply.0a1b2c3d.result.json",
    ],
    # The name is a part of the description, and a path is not.
    "Get-Place @{ Mode = 'Apply' } @{ Name = '../elsewhere' } | Select-Object -First 1": (
        "pexgen-20261103T220509Z-0a1b2c3d.journal.jsonl"
    ),
}
RESULT, JOURNAL = '{ "format": "pexgen.result/1", "x": 1 }', '{"format":"pexgen.journal/2","run":"1"}\n'
LOG = "2026-11-03T22:05:09Z  pexgen log of run 0a1b2c3d\n"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Lines that know a folder of files of all kinds."""
    folder = tmp_path_factory.mktemp("files")
    kinds = {"empty": "", "result": RESULT, "compressed": RESULT.replace(" ", ""), "journal": JOURNAL, "log": LOG}
    for name, text in {**kinds, "script": "param()\n", "other": '{"format":"other/1"}'}.items():
        (folder / name).write_text(text, "utf-8")
    (folder / "marked").write_text(RESULT, "utf-8-sig")
    (folder / "folder").mkdir()
    for name in ("result", "folder", "nothing"):
        (folder / f"to-{name}").symlink_to(folder / name)
    return f"$At = '{folder}'\nfunction At {{ param($Name) [IO.Path]::Combine($At, $Name) }}\n"


LINKS: dict[str, bool] = {
    "Test-Link (At 'to-result')": True,
    "Test-Link (At 'to-folder')": True,
    "Test-Link (At 'to-nothing')": True,
    "Test-Link (At 'result')": False,
    "Test-Link (At 'folder')": False,
    "Test-Link (At 'missing')": False,
    "Test-Link ''": False,
    "Test-JournalFile (At 'journal')": True,
    "Test-JournalFile (At 'result')": False,
    "Test-JournalFile (At 'empty')": False,
    "Test-JournalFile (At 'missing')": False,
}
TAKEN: dict[str, str] = {
    "Assert-ResultFile ''": "",
    "Assert-ResultFile (At 'missing')": "",
    "Assert-ResultFile (At 'empty')": "",
    "Assert-ResultFile (At 'result')": "",
    "Assert-ResultFile (At 'compressed')": "",
    "Assert-ResultFile (At 'marked')": "",
    "Assert-ResultFile (At 'journal')": "is a journal; the result would replace it.",
    "With { Assert-ResultFile (At 'empty') } @{ JournalPath = @(At 'empty') }": "is a journal",
    "Assert-ResultFile (At 'script')": "exists and is not a result of a runbook.",
    "Assert-ResultFile (At 'other')": "exists and is not a result of a runbook.",
    "Assert-ResultFile (At 'log')": "exists and is not a result of a runbook.",
    "Assert-ResultFile (At 'to-result')": "is a link, and links are not followed.",
    "Assert-ResultFile (At 'to-nothing')": "is a link, and links are not followed.",
    "Assert-Folder (At 'missing/result') -Parameter 'ResultPath'": "Create it, or name a file in an existing folder.",
    "Assert-Folder (At 'new') -Parameter 'ResultPath'": "",
    "With { Open-Log (At 'script') }": "is a file that is not a log of a runbook.",
    "With { Open-Log (At 'journal') }": "is a file that is not a log of a runbook.",
    "With { Open-Log (At 'to-result') }": "is a link, and links are not followed.",
    "With { Open-Log (At 'result') } @{ ResultPath = (At 'result') }": "is the journal or the result of this run.",
    "With { Open-Log (At 'new') } @{ JournalPath = @(At 'new') }": "is the journal or the result of this run.",
    "With { Open-Log (At 'folder') }": "cannot be written:",
}


def test_a_run_writes_where_it_was_told_or_beside_its_journal(functions: Functions) -> None:
    assert functions.values(*PLACES, before=WITH + RESOLVED) == PLACES


def test_a_link_and_a_journal_are_known_for_what_they_are(functions: Functions, files: str) -> None:
    assert functions.values(*LINKS, before=files) == LINKS


def test_nothing_of_anybodys_is_replaced_or_written_into(functions: Functions, files: str) -> None:
    assert functions.stops(TAKEN, before=WITH + files, ends="refused paths") == TAKEN


def test_a_log_of_earlier_runs_is_continued(functions: Functions, tmp_path: Path) -> None:
    (log := tmp_path / "log.txt").write_text(LOG, "utf-8")
    functions.values(f"With {{ Open-Log '{log}'; Write-Log 'said'; $Run.Log.Dispose() }}", before=WITH)
    first, opened, said = log.read_text("utf-8").splitlines()
    assert (first + "\n", opened[20:40], said[20:]) == (LOG, "  pexgen log of run ", "  said")
