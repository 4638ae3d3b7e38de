"""The results of real runs on the simulated tenant, as files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from support.sites import Site, SiteOf, journal_path


@dataclass(frozen=True)
class Change:
    """A change that was checked, applied and verified: its files, and the site that it was played on."""

    site: Site
    check: Path
    apply: Path
    verify: Path
    journal: Path


@pytest.fixture(scope="session")
def change(site: SiteOf, tmp_path_factory: pytest.TempPathFactory) -> Change:
    """Give the files of a change that went well."""
    folder, here = tmp_path_factory.mktemp("change"), site()
    check, verify = folder / "check.json", folder / "verify.json"
    here.run("Check", ResultPath=str(check))
    applied = here.run("Apply")
    here.run("Verify", applied.tenant, ResultPath=str(verify))
    (result,) = applied.folder.glob("*.result.json")
    return Change(here, check, result, verify, journal_path(applied))
