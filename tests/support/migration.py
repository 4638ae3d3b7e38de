"""The sample that moves from a service account to app permissions, and what of the old way its tests look for."""

from __future__ import annotations

from support.sites import Json

NAME = "migrate"
ACCOUNT, OLD = "pexip-service@contoso.com", "6c1d8e2a-7f94-4b03-9a5d-0e3f2b1c4d58"
CUT_OVER: Json = {"Phase": "Cleanup", "ConfirmCutover": True}


def role_rows(tenant: Json) -> list[str]:
    """Return the names of the assignments of Application Impersonation."""
    return [row["Name"] for row in tenant["assignments"] if row["Role"] == "ApplicationImpersonation"]
