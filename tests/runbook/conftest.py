"""Runbooks as an administrator runs them: rendered from a description, called by path, against the simulated tenant."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from support.sites import DESCRIPTION, Site, SiteOf, merged

from pexgen.catalogue import load_catalogue, template_folder
from pexgen.rehearsal import Engine, Result, fresh
from pexgen.render import Renderer
from pexgen.reviews import checklist, review_body
from pexgen.runbook import assemble


@pytest.fixture(scope="session")
def approving() -> Renderer:
    """Render with a review of the body as it is, which is in memory alone."""
    catalogue = load_catalogue(template_folder())
    body = assemble(catalogue, catalogue.methods["app-permissions", "exchange-online"])
    review = review_body(
        catalogue, body, by="the tests", date="2026-11-23", checked=checklist(catalogue), notes="in memory"
    )
    return Renderer(catalogue, {body.method.key: review})


@pytest.fixture(scope="session")
def engine(pwsh: str) -> Iterator[Engine]:
    """One engine process, which plays all runs of this worker."""
    with Engine(pwsh) as started:
        yield started


@pytest.fixture(scope="session")
def site(engine: Engine, approving: Renderer, tmp_path_factory: pytest.TempPathFactory) -> SiteOf:
    """Give the site of the usual description with the named sections changed; the same one for the same change."""
    made: dict[str, Site] = {}

    def make(**change: Any) -> Site:
        key = json.dumps(change, sort_keys=True)
        if key not in made:
            source = yaml.safe_dump(merged(DESCRIPTION, change), allow_unicode=True).encode()
            runbook = tmp_path_factory.mktemp("site") / "contoso-scheduling.ps1"
            runbook.write_bytes(approving.render(source, "contoso.yaml").runbook)
            made[key] = Site(engine, runbook, fresh(engine.defaults(runbook)))
        return made[key]

    return make


@pytest.fixture(scope="session")
def applied(site: SiteOf) -> Callable[..., Result]:
    """Give what an undisturbed Apply leaves behind: its result, with the tenant and the folder of its journal."""
    made: dict[str, Result] = {}

    def apply(**change: Any) -> Result:
        key = json.dumps(change, sort_keys=True)
        if key not in made:
            made[key] = site(**change).run("Apply")
            assert made[key].exit_code == 0, made[key].screen
        return made[key]

    return apply
