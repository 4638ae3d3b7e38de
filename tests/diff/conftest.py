"""Comparisons of two descriptions that are written down as what differs from a base."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.sites import DESCRIPTION, merged

from pexgen.catalogue import Catalogue, load_catalogue
from pexgen.description import load
from pexgen.diff import Comparison, Deployment, compare, of_description
from pexgen.template_files import template_folder

Json = dict[str, Any]

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
"""Where the manifest is that an add_in names."""

SERVER: Json = {
    "version": 1,
    "name": "contoso-server",
    "method": "service-account",
    "target": {"platform": "exchange-server", "accepted_domain": "contoso.com", "version": "2019"},
    "equipment": {"address": "pexip-scheduling@contoso.com", "name": "Pexip Scheduling"},
    "service_account": {"user_principal_name": "pexip@contoso.com"},
    "impersonation": {"scope": "group", "group": "group-a@contoso.com"},
    "authentication": {"methods": ["kerberos"]},
}


@pytest.fixture
def server() -> Json:
    """A description of a service account on Exchange Server."""
    return SERVER


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The project's own catalogue."""
    return load_catalogue(template_folder())


def deployment(description: Json, name: str) -> Deployment:
    """Return the deployment of a description that is given as data."""
    source = yaml.safe_dump(description, allow_unicode=True).encode()
    return of_description(load(source, str(SAMPLES / name)).description, name)


@pytest.fixture
def between(catalogue: Catalogue) -> Callable[..., Comparison]:
    """Compare two descriptions, each the base with a change laid over it."""

    def compared(old: Json, new: Json, base: Json = DESCRIPTION) -> Comparison:
        return compare(deployment(merged(base, old), "old.yaml"), deployment(merged(base, new), "new.yaml"), catalogue)

    return compared
