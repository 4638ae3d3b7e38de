"""The samples' runbooks, manifests and plans are what pexgen makes; these files are the snapshots, read like code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.days import EWS_ENDS_SOON
from support.runbooks import approving_reviews
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from pexgen import clock
from pexgen.catalogue import load_catalogue
from pexgen.plan import make_plan, plan_text
from pexgen.render import Rendered, Renderer
from pexgen.reviews import load_ledger
from pexgen.runbook import assemble
from pexgen.template_files import template_folder

pytestmark = pytest.mark.filterwarnings(r"ignore:\s*Can not relate snapshot:UserWarning")  # Their names are not ours.

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
AGAIN = "if the change is meant, run `make generated` and read the difference"
DESCRIPTIONS = tuple(sorted(path.name for path in SAMPLES.glob("*.yaml")))


def beside(description: str, kind: str, extension: str) -> type[SingleFileSnapshotExtension]:
    """A snapshot that stands, byte for byte, in ``samples/`` under the name that pexgen itself would give it."""
    name = yaml.safe_load((SAMPLES / description).read_bytes())["name"]

    class Beside(SingleFileSnapshotExtension):
        _write_mode = WriteMode.BINARY
        file_extension = extension

        @classmethod
        def dirname(cls, *, test_location: Any) -> str:
            return str(SAMPLES)

        @classmethod
        def get_snapshot_name(cls, *, test_location: Any, index: Any = 0) -> str:
            return f"{name}{kind}"

    return Beside


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    """A renderer as if the last reviews in the ledger were of the bodies as they are now."""
    catalogue = load_catalogue(template_folder())
    ledger = {key: load_ledger(catalogue).get(key, review) for key, review in approving_reviews(catalogue).items()}
    bodies = [assemble(catalogue, method) for method in catalogue.methods.values()]
    return Renderer(catalogue, {one.method.key: ledger[one.method.key]._replace(digest=one.digest) for one in bodies})


@pytest.fixture(scope="module")
def rendered(renderer: Renderer) -> Callable[[str], Rendered]:
    return lambda name: renderer.render((SAMPLES / name).read_bytes(), str(SAMPLES / name))


def test_there_is_a_sample_of_every_method_and_platform(rendered: Callable[[str], Rendered]) -> None:
    made = {rendered(name).body.method.key for name in DESCRIPTIONS}
    assert made == {method.key for method in load_catalogue(template_folder()).methods.values()}


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_the_samples_runbook_is_as_it_was_read(
    rendered: Callable[[str], Rendered], name: str, snapshot: SnapshotAssertion
) -> None:
    assert rendered(name).runbook == snapshot(extension_class=beside(name, "", "ps1")), AGAIN


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_the_samples_manifest_is_as_it_was_read(
    rendered: Callable[[str], Rendered], name: str, snapshot: SnapshotAssertion
) -> None:
    assert rendered(name).manifest == snapshot(extension_class=beside(name, ".manifest", "json")), AGAIN


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_the_samples_plan_is_as_it_was_read(renderer: Renderer, name: str, snapshot: SnapshotAssertion) -> None:
    plan = make_plan((SAMPLES / name).read_bytes(), str(SAMPLES / name), renderer)
    assert plan_text(plan, "markdown").encode() == snapshot(extension_class=beside(name, ".plan", "md")), AGAIN


def test_the_sample_is_warned_of_nothing_but_the_end_of_ews(
    rendered: Callable[[str], Rendered], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "today", lambda: EWS_ENDS_SOON)
    assert [each.code for each in rendered("app-permissions.yaml").warnings] == ["PXG109"]
