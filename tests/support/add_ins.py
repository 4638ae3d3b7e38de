"""The add-in of the samples and who has it, for tests of its step."""

from __future__ import annotations

from typing import Any

from support.sites import Json
from support.tenants import changed, recipient

MANIFEST = "pexip-add-in.xml"
ID = "4d0f2b7e-6a31-4c58-9b0d-7e5c3a1f2d64"
ADELE, MEGAN = "adele.vance@contoso.com", "megan.bowen@contoso.com"
SOME = {"manifest": MANIFEST, "provided_to": "specific-users", "users": [ADELE]}
ONLY: Json = {"Step": ["add-in"]}


def ours(tenant: Json) -> Json:
    """Return the described add-in of a tenant."""
    (found,) = (app for app in tenant["apps"] if app["AppId"] == ID)
    assert isinstance(found, dict)
    return found


def after(tenant: Json, **values: Any) -> Json:
    """Return a tenant in which somebody changed the described add-in."""
    return changed(tenant, lambda one: ours(one).update(values))


def guid_of(tenant: Json, address: str) -> str:
    """Return the GUID by which Exchange lists a user."""
    return str(recipient(tenant, address)["Guid"])
