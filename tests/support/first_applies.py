"""A fixture for the Apply with which a deployment begins, which many tests only look at or go on from."""

from __future__ import annotations

import pytest
from support.bad_days import first_tenant
from support.deployments import Deployment
from support.sites import Applied, FirstApply, Json, Site, SiteOf

from pexgen.rehearsal import Result


@pytest.fixture(scope="session")
def first_apply(site: SiteOf, sample: SiteOf, applied: Applied) -> FirstApply:
    """Give a deployment's site, the tenant in which its Apply has everything to do, and that Apply; played once."""
    made: dict[str, tuple[Site, Json, Result]] = {}

    def apply(deployment: Deployment) -> tuple[Site, Json, Result]:
        if deployment.name not in made:
            here = sample(deployment.sample, **deployment.change) if deployment.sample else site()
            start = first_tenant(deployment, here)
            arguments = deployment.arguments("Apply")
            run = here.run("Apply", start, **arguments) if deployment.sample else applied()
            assert run.exit_code == 0, run.screen
            made[deployment.name] = here, start, run
        return made[deployment.name]

    return apply
