"""Delegates get access to the equipment mailbox and lose it again, whatever Exchange says of them or leaves out."""

from __future__ import annotations

import pytest
from support.sites import Applied, Json, SiteOf
from support.step_cases import Changes, stopped
from support.tenants import EQUIPMENT, changed, in_conflict, recipient

STEP = "delegate-access"
ADMIN = "admin@contoso.com"


BEFORE_ANYTHING: Changes = {
    "a delegate is not there": (
        lambda t: t["recipients"].remove(recipient(t, ADMIN)),
        "The delegate admin@contoso.com was not found",
    ),
}


@pytest.mark.parametrize("case", BEFORE_ANYTHING)
def test_a_conflict_in_a_tenant_where_nothing_is_there_yet(site: SiteOf, case: str) -> None:
    change, text = BEFORE_ANYTHING[case]
    stopped(site(), changed(site().tenant, change), STEP, text)


@pytest.mark.parametrize("beside", [[], [{"AccessRights": ["FullAccess"]}]], ids=["alone", "beside one that allows"])
def test_an_entry_that_denies_a_delegate_is_a_conflict(site: SiteOf, applied: Applied, beside: list[Json]) -> None:
    def denied(tenant: Json) -> None:
        who = recipient(tenant, ADMIN)["Guid"]
        rows = [{"AccessRights": ["FullAccess"], "Deny": True}, *beside]
        recipient(tenant, EQUIPMENT)["permissions"] = [{"User": who, **row} for row in rows]
        tenant["settings"]["permissionUserAs"] = "upn"

    words = f"denies {ADMIN} full access to {EQUIPMENT}"
    in_conflict(site(), changed(applied().tenant, denied), "delegate-access", words, "remove it yourself")
