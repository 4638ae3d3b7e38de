"""Fixtures for every test: the PowerShell engine, and a way to run scripts in it."""

from __future__ import annotations

import os
import shutil
import subprocess
from calendar import timegm
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from pexgen.rehearsal.process import QUICK_START
from pexgen.vendor_facts import CHECKED, EWS_ENDS

# What a helper asserts is told as fully as what a test does.
pytest.register_assert_rewrite("support")

# The engine, the sites, the runs on them and the functions of their bodies, for every folder that plays runbooks.
pytest_plugins = ["support.runbooks", "support.functions", "support.first_applies"]

# What rules and plans say of dates does not depend on the day on which the tests run: it is the one after that on which
# the facts were checked, and EWS is still there.
TODAY = min(CHECKED + timedelta(days=1), EWS_ENDS.day - timedelta(days=1))
os.environ["SOURCE_DATE_EPOCH"] = f"{timegm(TODAY.timetuple())}"

# Each PowerShell that a test starts for itself runs a script once or twice.
os.environ.update(QUICK_START)

CHECKOUT = Path(__file__).resolve().parent.parent


def pytest_configure() -> None:
    """Refuse to prove something about another pexgen than the one that was built and installed for it."""
    import pexgen

    if os.environ.get("PEXGEN_INSTALLED") == "1" and Path(pexgen.__file__).is_relative_to(CHECKOUT / "pexgen"):
        pytest.exit(f"the tests would run against {pexgen.__file__} instead of the installed package", returncode=1)


@pytest.fixture(scope="session")
def pwsh() -> str:
    """The PowerShell found on this machine; without one its tests are skipped, or fail with PEXGEN_REQUIRE_PWSH=1."""
    found = shutil.which(os.environ.get("PEXGEN_PWSH", "pwsh"))
    if found is None:
        if os.environ.get("PEXGEN_REQUIRE_PWSH") == "1":
            pytest.fail("there is no PowerShell, and PEXGEN_REQUIRE_PWSH is 1")
        pytest.skip("there is no PowerShell: neither pwsh on PATH nor PEXGEN_PWSH")
    return found


@pytest.fixture(scope="session")
def run_powershell(pwsh: str) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Run one line of PowerShell in an engine of its own, without profile, and return what came out."""

    def run(line: str, *, cwd: Path | None = None, check: bool = True) -> subprocess.CompletedProcess[bytes]:
        command = [pwsh, "-NoProfile", "-NonInteractive", "-Command", line]
        return subprocess.run(command, capture_output=True, check=check, cwd=cwd)

    return run
