"""The equipment mailbox is made, corrected and taken back, and nobody's mailbox is taken for it."""

from __future__ import annotations

import pytest
from support.sites import (
    DESCRIPTION,
    SiteOf,
)
from support.step_cases import Changes, stopped
from support.tenants import (
    EQUIPMENT,
    changed,
    in_conflict,
    recipient,
)

from pexgen.simulation.objects import user

STEP = "equipment-mailbox"
NAME = DESCRIPTION["equipment"]["name"]


BEFORE_ANYTHING: Changes = {
    "the equipment address is a user's": (lambda t: t["recipients"].append(user(EQUIPMENT)), "UserMailbox"),
    "the equipment address is a user's second one": (
        lambda t: recipient(t, "alice@contoso.com")["EmailAddresses"].append(f"smtp:{EQUIPMENT}"),
        "alice@contoso.com",
    ),
    "the equipment name is taken": (
        lambda t: recipient(t, "alice@contoso.com").update(Name="Pexip Scheduling"),
        "another equipment name",
    ),
    "a deleted mailbox holds the address": (lambda t: t["softDeleted"].append(user(EQUIPMENT)), "deleted mailbox"),
}


@pytest.mark.parametrize("case", BEFORE_ANYTHING)
def test_a_conflict_in_a_tenant_where_nothing_is_there_yet(site: SiteOf, case: str) -> None:
    change, text = BEFORE_ANYTHING[case]
    stopped(site(), changed(site().tenant, change), STEP, text)


def test_one_with_our_name_is_a_conflict(site: SiteOf) -> None:
    other = user("other@contoso.com", Name=NAME)
    tenant = changed(site().tenant, lambda t: t["recipients"].append(other))
    in_conflict(site(), tenant, "equipment-mailbox", NAME, "other@contoso.com", "another equipment name")


@pytest.mark.parametrize("section", ["equipment"])
def test_what_is_to_be_adopted_and_is_not_there_is_refused(site: SiteOf, section: str) -> None:
    stopped(site(**{section: {"adopt": True}}), site().tenant, STEP, "adopt is true")
