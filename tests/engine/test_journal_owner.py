"""Which journals belong to a run, and which of several copies of a run's lines counts (engine/60-journal)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from support.function_cases import WITH
from support.functions import Functions
from support.journals import chained

TENANT = "8a1c2b3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
OWNED = f"""
function Test-Owner {{
    param([hashtable] $Of = @{{}}, [string] $Uri = 'https://outlook.office365.com')
    $header = @{{
        name = $Value.Name; method = $Method; platform = $Platform; tenant = [ordered] @{{ tenantId = '{TENANT}' }}
        connectionUri = 'https://outlook.office365.com'
    }}
    foreach ($name in $Of.Keys) {{ $header[$name] = $Of[$name] }}
    $of = @{{ Tenant = @{{ tenantId = '{TENANT}' }}; ConnectionUri = $Uri }}
    With {{ Assert-JournalOwner @(@{{ Header = $header; Path = 'j' }}) }} $of
}}
"""
OWNERS: dict[str, str] = {
    "Test-Owner": "",
    "Test-Owner @{ name = 'CONTOSO-scheduling' }": "",
    f"Test-Owner @{{ tenant = [ordered] @{{ tenantId = '{TENANT.upper()}'; organization = 'renamed' }} }}": "",
    "Test-Owner @{ connectionUri = 'https://OUTLOOK.office365.com/powershell-liveid?x=1' }": "",
    "Test-Owner @{} 'https://outlook.office365.com:443/'": "",
    "Test-Owner @{ name = 'fabrikam' }": (
        "Journal 'j' belongs to another deployment: it says 'fabrikam', this run is for 'contoso-scheduling'."
    ),
    "Test-Owner @{ method = 'service-account' }": "belongs to another method",
    "Test-Owner @{ platform = 'exchange-server' }": "belongs to another platform",
    "Test-Owner @{ tenant = [ordered] @{ tenantId = '1' } }": f"says '1', this run is for '{TENANT}'",
    "Test-Owner @{ tenant = [ordered] @{ organization = 'contoso.onmicrosoft.com' } }": "another tenant: it says ''",
    f"Test-Owner @{{ tenant = '{TENANT}' }}": "another tenant: it says ''",
    "Test-Owner @{ tenant = $null }": "another tenant: it says ''",
    "Test-Owner @{ connectionUri = 'https://outlook.office365.us' }": "belongs to another connection URI",
    "Test-Owner @{ connectionUri = $null }": "belongs to another connection URI: it says ''",
}
FORESTS = """
function Test-Forest {
    param($Theirs, $Ours)
    $header = @{
        name = $Value.Name; method = $Method; platform = $Platform; connectionUri = $Theirs
        tenant = @{ acceptedDomain = $Value.TargetAcceptedDomain }
    }
    $of = @{ Tenant = @{ acceptedDomain = $Value.TargetAcceptedDomain }; ConnectionUri = $Ours }
    With { Assert-JournalOwner @(@{ Header = $header; Path = 'j' }) } $of
}
"""
SAME_NAME: dict[str, str] = {
    "Test-Forest 'contoso.com' 'Contoso.com'": "",
    "Test-Forest 'contoso.com' 'fabrikam.com'": "belongs to another forest: it says 'contoso.com'",
    "Test-Forest $null 'contoso.com'": "belongs to another forest: it says ''",
}
HOSTS: dict[str, str] = {
    "Get-ServerName 'https://outlook.office365.com/powershell'": "outlook.office365.com",
    "Get-ServerName 'https://outlook.office365.com:443'": "outlook.office365.com",
    "Get-ServerName 'outlook.office365.com'": "outlook.office365.com",
    "Get-ServerName ''": "",
}


def test_a_journal_of_another_deployment_or_tenant_is_refused(functions: Functions) -> None:
    assert functions.stops(OWNERS, before=WITH + OWNED, ends="refused journal") == OWNERS
    assert functions.values(*HOSTS) == HOSTS


def test_organizations_of_one_name_are_told_apart_by_their_forest(server_functions: Functions) -> None:
    assert server_functions.stops(SAME_NAME, before=WITH + FORESTS, ends="refused journal") == SAME_NAME


def journal(path: Path, *runs: tuple[str, str, list[str]]) -> str:
    """Write a journal in which each run took back these steps; each run is its ID, its time and its steps."""
    lines: list[dict[str, Any]] = []
    absent = {"exists": False, "id": "x", "properties": {}}
    for run, utc, steps in runs:
        lines.append({"format": "pexgen.journal/2", "run": run, "utc": utc, "prev": None})
        taken = {"run": run, "event": "undone", "before": absent, "wanted": absent, "after": absent, "prev": None}
        lines += [{**taken, "step": step} for step in steps]
    path.write_text(chained("".join(json.dumps(one, separators=(",", ":")) + "\n" for one in lines)), "utf-8")
    return str(path)


def test_of_one_run_in_several_files_the_longest_counts_and_runs_stand_in_their_order(
    functions: Functions, tmp_path: Path
) -> None:
    first = ("1", "2026-11-03T10:00:00Z", ["add-in"])
    short, long = ("2", "2026-11-03T09:00:00Z", ["ews-access"]), ("2", "2026-11-03T09:00:00Z", ["ews-access", "add-in"])
    paths = [journal(tmp_path / "a", first, short), journal(tmp_path / "b", long, ("1", "2026-11-03T11:00:00Z", []))]
    given = "@(" + ", ".join(f"'{path}'" for path in paths) + ")"
    read = f"""With {{
        Read-AllJournal
        $Run.Memory | ForEach-Object {{ "$($_.Header['run']) $($_.Entries.Count)" }}
        "$($Run.Runs.Count) read, of $(@($Run.InJournal.Keys | Get-Ordered) -join ', ')"
    }} @{{ JournalPath = {given}; InJournal = (Get-Table) }}"""
    assert functions.values(read, before=WITH) == {read: ["2 2", "1 1", "1 0", "4 read, of add-in, ews-access"]}


def test_a_journal_without_a_run_is_refused(functions: Functions, tmp_path: Path) -> None:
    (path := tmp_path / "empty").write_text("\n", "utf-8")
    (folder := tmp_path / "folder").mkdir()
    with (large := tmp_path / "large").open("wb") as file:
        file.truncate(40 * 1024 * 1024 + 1)
    refused = {
        f"With {{ Read-AllJournal }} @{{ JournalPath = @('{path}') }}": (
            f"The journal '{path}' contains no run: an Apply that is refused before its first question leaves it empty."
        ),
        f"With {{ Read-AllJournal }} @{{ JournalPath = @('{folder}') }}": "is not an ordinary file, but a folder",
        f"With {{ Read-AllJournal }} @{{ JournalPath = @('{large}') }}": "has 41943041 bytes; a journal has at most",
        f"With {{ Read-AllJournal }} @{{ JournalPath = @('{path}.missing') }}": "could not be read:",
    }
    assert functions.stops(refused, before=WITH, ends="refused journal") == refused


def test_a_path_is_one_of_the_file_system_from_where_the_operator_stands(functions: Functions) -> None:
    paths = {
        "(Get-FullPath 'a.jsonl') -ceq [IO.Path]::Combine($PWD.ProviderPath, 'a.jsonl')": True,
        "(Get-FullPath '[a]*.jsonl') -ceq [IO.Path]::Combine($PWD.ProviderPath, '[a]*.jsonl')": True,
    }
    assert functions.values(*paths) == paths
    others = {
        "Get-FullPath 'Env:a'": "'Env:a' is not a path of the file system.",
        "Get-FullPath 'nowhere:a'": "'nowhere:a' is not a path:",
    }
    assert functions.stops(others, ends="refused paths") == others
