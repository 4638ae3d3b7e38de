"""Plans of the samples, with sections of their descriptions changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.runbooks import approving_renderer
from support.sites import merged

from pexgen.plan import Plan, make_plan
from pexgen.render import Renderer

SAMPLES = Path(__file__).resolve().parents[2] / "samples"

PlanOf = Callable[..., Plan]


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    """A renderer that takes every body as reviewed, because bodies change more often than they are reviewed."""
    return approving_renderer()


@pytest.fixture(scope="session")
def plan_of(renderer: Renderer) -> PlanOf:
    """Give the plan of a sample with the named sections changed; None takes a section away.

    It is called as the sample is, because files that it names are read from that folder.
    """

    def make(sample: str = "app-permissions", **change: Any) -> Plan:
        described = yaml.safe_load((SAMPLES / f"{sample}.yaml").read_bytes())
        source = yaml.safe_dump(merged(described, change), allow_unicode=True).encode()
        return make_plan(source, str(SAMPLES / f"{sample}.yaml"), renderer)

    return make
