"""The organization's EWS switch and list, for tests of the step that can hurt a whole tenant."""

from __future__ import annotations

import copy
from typing import Any

from support.sites import KEEP, OURS, Json, Site

OTHER = "27922004-5251-4030-b22d-91ecd9a37ea4"
"""An application on the list that is nobody's of ours."""
FULL = [OTHER, OURS, KEEP]
STEP: Json = {"Step": ["ews-access"]}


def tenant_with(site: Site, enabled: Any, ids: list[str]) -> Json:
    """Return the site's tenant with this switch and this list; an empty one is not set."""
    tenant = copy.deepcopy(site.tenant)
    tenant["organization"] |= {"EwsEnabled": enabled, "EwsAllowedAppIDs": ",".join(ids) if ids else None}
    return tenant


def gate(tenant: Json) -> tuple[bool | None, set[str]]:
    """Return the switch and who is on the list."""
    ids = tenant["organization"]["EwsAllowedAppIDs"] or ""
    entries = ids.split(",") if isinstance(ids, str) else ids
    return tenant["organization"]["EwsEnabled"], {text.strip().lower() for text in entries if text.strip()}
