"""A site whose runbook believes in another day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support.sites import Site

NOW = "    [datetime]::UtcNow\r\n"


@pytest.fixture
def late(tmp_path: Path) -> Callable[[Site, str], Site]:
    """Give the site with the runbook's one reading of the clock set to a day, ``yyyy-MM-dd``."""

    def make(site: Site, day: str) -> Site:
        text = site.runbook.read_bytes().decode("utf-8")
        assert text.count(NOW) == 1
        runbook = tmp_path / f"{day}.ps1"
        fixed = f"    [datetime]::SpecifyKind([datetime] '{day}T12:00:00', 'Utc')\r\n"
        runbook.write_bytes(text.replace(NOW, fixed).encode())
        return replace(site, runbook=runbook)

    return make
