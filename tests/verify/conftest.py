"""The sample's runbook as reviewed templates give it, whatever the templates are just now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.runbooks import approving_reviews

from pexgen.catalogue import Catalogue, load_catalogue
from pexgen.description import load
from pexgen.manifest import read_manifest
from pexgen.render import Renderer
from pexgen.reviews import Ledger
from pexgen.runbook_file import parse_runbook
from pexgen.template_files import template_folder
from pexgen.verification import Reference, Verification, verify

CALENDAR = """\
  calendar:
    allow_conflicts: true
    booking_window_in_days: 1
    maximum_duration_in_minutes: 1
    delete_comments: false
"""
DELEGATES = "\ndelegates:\n  - account: admin@contoso.com\n    automapping: true\n"
DESCRIPTION = Path(__file__).resolve().parents[2] / "samples" / "app-permissions.yaml"


@dataclass(frozen=True)
class Sample:
    """A runbook whose body has a review, and what its values can be compared with."""

    catalogue: Catalogue
    ledger: Ledger
    source: str
    runbook: bytes
    description: Reference
    manifest: Reference

    def verify(self, data: bytes, reference: Reference | None, ledger: Ledger | None = None) -> Verification:
        """Verify ``data`` as a runbook."""
        found = self.ledger if ledger is None else ledger
        return verify(parse_runbook(data, "contoso-scheduling.ps1"), self.catalogue, found, reference)


@pytest.fixture(scope="session")
def sample() -> Sample:
    """The sample, with an approval of the body in memory."""
    return sample_of(DESCRIPTION.read_bytes())


@pytest.fixture(scope="session")
def alike() -> Sample:
    """The sample with values in tables that Python takes for others: 1 for True, 0 for False."""
    source = DESCRIPTION.read_text("utf-8").replace("  calendar:\n", CALENDAR)
    return sample_of((source + DELEGATES).encode())


def sample_of(source: bytes) -> Sample:
    """Return a description's runbook, with an approval of the body in memory."""
    catalogue = load_catalogue(template_folder())
    key = "app-permissions/exchange-online"
    ledger = {key: approving_reviews(catalogue)[key]}
    rendered = Renderer(catalogue, ledger).render(source, "contoso.yaml")
    statement = read_manifest(rendered.manifest)
    assert statement
    description = Reference("contoso.yaml", load(source, "contoso.yaml").description)
    manifest = Reference("contoso-scheduling.manifest.json", manifest=statement)
    return Sample(catalogue, ledger, source.decode(), rendered.runbook, description, manifest)


@pytest.fixture
def kinds(sample: Sample) -> Callable[..., set[str]]:
    """Return the kinds of findings about a file; compared with the description unless a reference is given."""

    def of(data: bytes, reference: Reference | None = sample.description) -> set[str]:
        return {finding.kind for finding in sample.verify(data, reference).findings}

    return of
