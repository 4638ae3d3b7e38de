"""Fixtures for every test: the PowerShell engine, and a way to run scripts in it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

HOW_TO_GET_ONE = "PowerShell: https://learn.microsoft.com/powershell/scripting/install, or set PEXGEN_PWSH to a pwsh"
"""What a person reads who runs the tests on a machine without an engine."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end what was not proved here, and how it can be."""
    skipped = [
        report for report in terminalreporter.stats.get("skipped", []) if "no PowerShell" in str(report.longrepr)
    ]
    if skipped:
        terminalreporter.write_sep("-", f"{len(skipped)} tests need a PowerShell and were skipped")
        terminalreporter.write_line(HOW_TO_GET_ONE)


@pytest.fixture(scope="session")
def pwsh() -> str:
    """The PowerShell found on this machine; without one its tests are skipped, or fail with PEXGEN_REQUIRE_PWSH=1."""
    found = shutil.which(os.environ.get("PEXGEN_PWSH", "pwsh"))
    if found is None:
        if os.environ.get("PEXGEN_REQUIRE_PWSH") == "1":
            pytest.fail(f"no PowerShell, and PEXGEN_REQUIRE_PWSH is 1. {HOW_TO_GET_ONE}")
        pytest.skip(f"no PowerShell. {HOW_TO_GET_ONE}")
    return found


@pytest.fixture(scope="session")
def run_powershell(pwsh: str) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Run one line of PowerShell in an engine of its own, without profile, and return what came out."""

    def run(line: str, *, cwd: Path | None = None, check: bool = True) -> subprocess.CompletedProcess[bytes]:
        command = [pwsh, "-NoProfile", "-NonInteractive", "-Command", line]
        return subprocess.run(command, capture_output=True, check=check, cwd=cwd, timeout=120)

    return run
