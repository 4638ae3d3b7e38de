"""The grounds on which trials are played, each made when a test of this worker asks for it first."""

from __future__ import annotations

import pytest
from support.bad_days import Ground, Trials, apply_ground, drifted_tenant, rollback_ground
from support.deployments import APP_PERMISSIONS
from support.sites import FirstApply


@pytest.fixture(scope="session")
def fresh_ground(first_apply: FirstApply) -> Ground:
    """Apply where nothing of the deployment is there."""
    here, start, good = first_apply(APP_PERMISSIONS)
    return apply_ground(APP_PERMISSIONS, here, "fresh", start, good)


@pytest.fixture(scope="session")
def fresh_trials(fresh_ground: Ground) -> Trials:
    """Trials of that Apply; what follows a fault is played once for all tests of this worker that come to the same."""
    return Trials(fresh_ground, one_way_back=True)


@pytest.fixture(scope="session")
def drifted_ground(fresh_ground: Ground) -> Ground:
    """Apply where others have changed several of the deployment's values."""
    return apply_ground(APP_PERMISSIONS, fresh_ground.site, "drifted", drifted_tenant(fresh_ground))


@pytest.fixture(scope="session")
def rollback_of_fresh(fresh_ground: Ground) -> Ground:
    """Rollback of an Apply that made everything."""
    return rollback_ground([fresh_ground])
