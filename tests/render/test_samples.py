"""The samples' runbooks and manifests are what pexgen renders; these files are the snapshots, read like code."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from pexgen.catalogue import load_catalogue, template_folder
from pexgen.render import Rendered, Renderer
from pexgen.reviews import load_ledger
from pexgen.runbook import assemble

pytestmark = pytest.mark.filterwarnings(r"ignore:\s*Can not relate snapshot:UserWarning")  # Their names are not ours.

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


class Beside(SingleFileSnapshotExtension):
    """A snapshot that stands, byte for byte, in ``samples/`` under a name that people look for."""

    _write_mode = WriteMode.BINARY
    stem = "contoso-scheduling"

    @classmethod
    def dirname(cls, *, test_location: Any) -> str:
        return str(SAMPLES)

    @classmethod
    def get_snapshot_name(cls, *, test_location: Any, index: Any = 0) -> str:
        return cls.stem


class Runbook(Beside):
    file_extension = "ps1"


class Manifest(Beside):
    file_extension = "json"
    stem = "contoso-scheduling.manifest"


@pytest.fixture(scope="module")
def rendered() -> Rendered:
    """The sample's rendering, as if the last review in the ledger were of the body as it is now."""
    catalogue = load_catalogue(template_folder())
    body = assemble(catalogue, catalogue.methods["app-permissions", "exchange-online"])
    review = replace(load_ledger(catalogue)[body.method.key], digest=body.digest)
    renderer = Renderer(catalogue, {body.method.key: review})
    return renderer.render((SAMPLES / "app-permissions.yaml").read_bytes(), "app-permissions.yaml")


def test_the_samples_runbook_is_as_it_was_read(rendered: Rendered, snapshot: SnapshotAssertion) -> None:
    assert rendered.runbook == snapshot(extension_class=Runbook)


def test_the_samples_manifest_is_as_it_was_read(rendered: Rendered, snapshot: SnapshotAssertion) -> None:
    assert rendered.manifest == snapshot(extension_class=Manifest)


def test_the_sample_has_nothing_to_be_warned_of(rendered: Rendered) -> None:
    assert rendered.warnings == ()
