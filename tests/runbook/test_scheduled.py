"""The line for a scheduled task, as the page has it, in a process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

from support.sites import Site, SiteOf

from pexgen.rehearsal.engine import HERE
from pexgen.simulation import MANIFEST

PAGE = Path(__file__).resolve().parents[2] / "docs" / "runbook.md"
PREPARE = """
. '{session}'
$request = ConvertFrom-Json -InputObject '{request}'
. ([scriptblock]::Create($session)) $request ([Collections.Generic.List[double]]::new())
"""


def run(site: Site, folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Start a PowerShell of its own as a task does, in a session that finds the simulated tenant."""
    (state := folder / "tenant.json").write_text(json.dumps(site.tenant), "utf-8")
    surroundings = {**os.environ, "PEXGEN_TENANT": str(state), "PEXGEN_LOG": str(folder / "calls.jsonl")}
    command = [str(site.engine.executable), "-NoProfile", "-NonInteractive", *arguments]
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, env=surroundings, cwd=folder, check=False, timeout=300
    )


def test_the_line_of_the_page_runs_without_a_person_and_ends_with_the_exit_code(site: SiteOf, tmp_path: Path) -> None:
    here = site()
    request = json.dumps({"folder": str(tmp_path), "module": str(MANIFEST)})
    prepare = tmp_path / "prepare.ps1"
    prepare.write_text(PREPARE.format(session=HERE / "session.ps1", request=request), "utf-8-sig")
    line = re.search(r'a test runs this line -->\n```\n[^"]* -Command "([^"]*)"\n```', PAGE.read_text("utf-8"))
    assert line
    text = re.sub(r"Connect-ExchangeOnline[^;]*", lambda _: f". '{prepare}'", line.group(1))
    for named, real in ((r"C:\change\NAME.ps1", here.runbook), (r"C:\change\NAME.log", tmp_path / "NAME.log")):
        assert named in text
        text = text.replace(named, str(real))
    done = run(here, tmp_path, "-Command", text)
    assert (done.returncode, done.stderr) == (0, b""), done.stdout.decode()
    log = (tmp_path / "NAME.log").read_text("utf-8")
    assert "Exit code 0. Everything is set as described." in log
    assert "Answer    not asked (-Confirm:$false)" in log
    result = json.loads(next(tmp_path.glob("*.result.json")).read_text("utf-8"))
    assert {one["asked"] for step in result["steps"] for one in step["consent"]} == {False}


def test_with_file_a_truth_value_is_refused_before_the_script_starts(site: SiteOf, tmp_path: Path) -> None:
    done = run(site(), tmp_path, "-File", str(site().runbook), "-SchedulingGroupPrune", "$false")
    assert done.returncode != 0
    assert b"SchedulingGroupPrune" in done.stderr
    assert b"pexgen runbook" not in done.stdout
