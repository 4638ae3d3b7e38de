"""The functions of the two platforms' bodies."""

from __future__ import annotations

import pytest
from support.functions import Functions, functions_of
from support.sites import SiteOf


@pytest.fixture(scope="session")
def functions(site: SiteOf, tmp_path_factory: pytest.TempPathFactory) -> Functions:
    """Functions of the body of app permissions."""
    return functions_of(site(), tmp_path_factory.mktemp("functions"))


@pytest.fixture(scope="session")
def server_functions(sample: SiteOf, tmp_path_factory: pytest.TempPathFactory) -> Functions:
    """Functions of the body for Exchange Server."""
    return functions_of(sample("service-account-server"), tmp_path_factory.mktemp("functions"))
