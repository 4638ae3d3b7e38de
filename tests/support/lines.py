"""The line of PowerShell with which a run goes on, read off its screen and run as it stands."""

from __future__ import annotations

from pathlib import Path

from support.sites import Json, Site

from pexgen.rehearsal import Result


def line_of(run: Result) -> str:
    """Return the line with which the run goes on; it has to be the last on the screen."""
    last = run.screen.splitlines()[-1]
    assert last.startswith("Go on     & '"), run.screen
    return last.removeprefix("Go on     ")


def typed(site: Site, tenant: Json, line: str, folder: Path, *faults: Json) -> Result:
    """Run this very line of PowerShell."""
    (script := folder / "line.ps1").write_text(f"{line}; exit $LASTEXITCODE\n", "utf-8-sig")
    return site.engine.play(script, tenant, faults=faults)
