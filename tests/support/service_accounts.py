"""The sample with a service account on Exchange Server, and how an operator applies it."""

from __future__ import annotations

from typing import Any

from support.deployments import PASSWORD
from support.sites import Json, Site

from pexgen.rehearsal import Result

SERVER = "service-account-server"
ASSIGNMENT, SCOPE = "contoso-server-impersonation", "contoso-server-impersonation-scope"
WITH_PASSWORD: Json = {"PasswordOfServiceAccount": {"secure": PASSWORD}}
SCOPES: dict[str, Json] = {
    "organization": {"scope": "organization", "group": None},
    "equipment-only": {"scope": "equipment-only", "group": None},
    "group": {},
}
"""Over whom the account gets the role, as sections of a description."""


def apply(site: Site, tenant: Json | None = None, **arguments: Any) -> Result:
    """Play Apply with a password, as an operator would who is to make the account."""
    return site.run("Apply", tenant, **WITH_PASSWORD, **arguments)
