"""Fixtures for all that plays runbooks: one engine a worker, a description's site, and an Apply that went well."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.engines import quick_engine
from support.migration import CUT_OVER, NAME
from support.sites import DESCRIPTION, Applied, Json, Site, SiteOf, copied_journal, merged, undo

from pexgen.catalogue import Catalogue, load_catalogue
from pexgen.rehearsal import Engine, Result
from pexgen.render import Renderer
from pexgen.reviews import Review, checklist, review_body
from pexgen.runbook import assemble
from pexgen.simulation import fresh
from pexgen.template_files import template_folder

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
STANDING_STILL = 10_000
"""How many runs may stop for good in an engine of the suite, which ends them itself: more than there are."""


def approving_renderer() -> Renderer:
    """Return a renderer with reviews of all bodies as they are, which are in memory alone."""
    catalogue = load_catalogue(template_folder())
    return Renderer(catalogue, approving_reviews(catalogue))


def approving_reviews(catalogue: Catalogue) -> dict[str, Review]:
    """Return a review of each body as it is."""
    bodies = [assemble(catalogue, method) for method in catalogue.methods.values()]
    review = partial(
        review_body,
        catalogue,
        by="the tests",
        date="2026-11-23",
        checked=checklist(catalogue),
        notes="in memory",
    )
    return {body.method.key: review(body) for body in bodies}


def _with_files(folder: Path) -> Path:
    """Return the folder with the files in it that descriptions of the samples name."""
    for manifest in SAMPLES.glob("*.xml"):
        shutil.copy(manifest, folder)
    return folder


def make_site(engine: Engine, renderer: Renderer, folder: Path, change: Json, base: Json = DESCRIPTION) -> Site:
    """Render the usual description, or another one, with ``change`` laid over it into ``folder``, and give its site."""
    source = yaml.safe_dump(merged(base, change), allow_unicode=True).encode()
    runbook = folder / "contoso-scheduling.ps1"
    runbook.write_bytes(renderer.render(source, str(_with_files(folder) / "contoso.yaml")).runbook)
    return Site(engine, runbook, fresh(engine.defaults(runbook)))


@pytest.fixture(scope="session")
def approving() -> Renderer:
    """A renderer for which every body counts as reviewed."""
    return approving_renderer()


@pytest.fixture(scope="session")
def engine(pwsh: str) -> Iterator[Engine]:
    """One engine process, which plays all runs of this worker."""
    with pytest.MonkeyPatch.context() as patch, quick_engine(pwsh) as started:
        # A new process would compile anew all that this one has compiled: half a minute of its processor.
        patch.setattr("pexgen.rehearsal.engine.MAX_FROZEN", STANDING_STILL)
        yield started


@pytest.fixture
def rehearsing_engine(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """This worker's engine, by which ``pexgen rehearse`` plays in this process: one of its own is slow at first."""
    monkeypatch.setattr("pexgen.rehearsal.Engine", lambda *_: contextlib.nullcontext(engine))
    monkeypatch.setattr("pexgen.rehearsal.find_engine", lambda: "")
    return engine


@pytest.fixture(scope="session")
def second_engine(pwsh: str) -> Iterator[Engine]:
    """Another process, for what two sessions do at the same time."""
    with quick_engine(pwsh, lasts=False) as started:
        yield started


@pytest.fixture(scope="session")
def site(engine: Engine, approving: Renderer, tmp_path_factory: pytest.TempPathFactory) -> SiteOf:
    """Give the site of the usual description with the named sections changed; the same one for the same change."""
    made: dict[str, Site] = {}

    def make(**change: Any) -> Site:
        key = json.dumps(change, sort_keys=True)
        if key not in made:
            made[key] = make_site(engine, approving, tmp_path_factory.mktemp("site"), change)
        return made[key]

    return make


@pytest.fixture(scope="session")
def sample(engine: Engine, approving: Renderer, tmp_path_factory: pytest.TempPathFactory) -> SiteOf:
    """Give the site of ``samples/NAME.yaml`` with the named sections changed; the same one for the same change."""
    made: dict[str, Site] = {}

    def make(name: str, **change: Any) -> Site:
        key = json.dumps([name, change], sort_keys=True)
        if key not in made:
            base = yaml.safe_load((SAMPLES / f"{name}.yaml").read_bytes())
            made[key] = make_site(engine, approving, tmp_path_factory.mktemp("site"), change, base)
        return made[key]

    return make


@pytest.fixture(scope="session")
def applied(site: SiteOf) -> Applied:
    """Give what an undisturbed Apply leaves behind: its result, with the tenant and the folder of its journal."""
    made: dict[str, Result] = {}

    def apply(**change: Any) -> Result:
        key = json.dumps(change, sort_keys=True)
        if key not in made:
            made[key] = site(**change).run("Apply")
            assert made[key].exit_code == 0, made[key].screen
        return made[key]

    return apply


@pytest.fixture(scope="session")
def undone(site: SiteOf, applied: Applied, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """An undisturbed Rollback of all that an undisturbed Apply leaves behind."""
    journal = copied_journal(applied(), tmp_path_factory.mktemp("undone"))
    back = undo(site(), applied().tenant, [journal])
    assert back.exit_code == 0, back.screen
    return back


@pytest.fixture(scope="session")
def sample_applied(sample: SiteOf) -> Applied:
    """Give what an undisturbed Apply of ``samples/NAME.yaml`` leaves behind; the same one for the same arguments."""
    made: dict[str, Result] = {}

    def apply(name: str, **arguments: Any) -> Result:
        key = json.dumps([name, arguments], sort_keys=True)
        if key not in made:
            made[key] = sample(name).run("Apply", **arguments)
            assert made[key].exit_code == 0, made[key].screen
        return made[key]

    return apply


@pytest.fixture(scope="session")
def prepared(sample_applied: Applied) -> Result:
    """What phase Prepare of the migration leaves behind."""
    return sample_applied(NAME, Phase="Prepare")


@pytest.fixture(scope="session")
def cleaned(sample: SiteOf, prepared: Result) -> Result:
    """What phase Cleanup leaves behind after that Prepare."""
    run = sample(NAME).run("Apply", prepared.tenant, **CUT_OVER)
    assert run.exit_code == 0, run.screen
    return run
