"""That the add-in's manifest beside the runbook is the described one (shared/manifest)."""

from __future__ import annotations

import hashlib
from pathlib import Path

from support.function_cases import WITH
from support.functions import Functions

MANIFEST = b"<OfficeApp/>\r\n"
DIGEST = hashlib.sha256(MANIFEST).hexdigest()


def test_only_a_file_with_every_byte_of_the_described_one_is_uploaded(functions: Functions, tmp_path: Path) -> None:
    (tmp_path / "ours.xml").write_bytes(MANIFEST)
    (tmp_path / "saved.xml").write_bytes(MANIFEST.replace(b"\r\n", b"\n"))
    (tmp_path / "marked.xml").write_bytes(b"\xef\xbb\xbf" + MANIFEST)
    before = f"""
function Get-Problem {{
    param([string] $Name, [string] $Sha256 = '{DIGEST}')
    $described = @{{ AddInManifest = $Name; AddInManifestSha256 = $Sha256 }}
    $of = @{{ ScriptPath = '{tmp_path / "x.ps1"}'; AddInBytes = @() }}
    With {{ "$(Get-ManifestProblem) $($Run.AddInBytes.Count)" }} $of $described
}}
function Test-Manifest {{
    param([string] $Mode, [bool] $WhatIf, [string] $Name = 'saved.xml')
    $of = @{{ ScriptPath = '{tmp_path / "x.ps1"}'; Mode = $Mode; WhatIf = $WhatIf }}
    $plan = @{{ Notes = @() }}
    With {{ Assert-AddInManifest $plan }} $of @{{ AddInManifest = $Name; AddInManifestSha256 = '{DIGEST}' }}
    $plan.Notes.Count
}}
"""
    other = "is not the manifest that was described: its SHA-256 is"
    saved, marked = (hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in ("saved.xml", "marked.xml"))
    problems = {
        "Get-Problem 'ours.xml'": f" {len(MANIFEST)}",
        f"Get-Problem 'ours.xml' '{DIGEST.upper()}'": f"'{tmp_path / 'ours.xml'}' {other} {DIGEST} 0",
        "Get-Problem 'saved.xml'": f"'{tmp_path / 'saved.xml'}' {other} {saved} 0",
        "Get-Problem 'marked.xml'": f"'{tmp_path / 'marked.xml'}' {other} {marked} 0",
        "(Get-Problem 'missing.xml') -clike 'the manifest cannot be read beside this script:*'": True,
    }
    assert functions.values(*problems, before=WITH + before) == problems
    # A check says it; an Apply is refused before anything is asked.
    notes = {"Test-Manifest 'Check'": 1, "Test-Manifest 'Apply' $true": 1, "Test-Manifest 'Apply' -Name 'ours.xml'": 0}
    assert functions.values(*notes, before=WITH + before) == notes
    stop = functions.stop("Test-Manifest 'Apply'", before=WITH + before)
    assert (stop["state"], stop["guard"]) == ("refused", "add-in")
