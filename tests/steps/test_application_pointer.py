"""The application's pointer in Exchange is made, corrected and taken back, and another one is never taken for it."""

from __future__ import annotations

import pytest
from support.sites import OBJECT, OURS, Applied, Json, SiteOf
from support.step_cases import (
    Changes,
    corrected,
    fails_where_it_never_shows,
    seen_later,
    stopped,
    taken_right_before,
    unreadable_where_lacking,
)
from support.tenants import changed, pointer

from pexgen.simulation.objects import guid

STEP = "application-pointer"


ANOTHER = "99999999-7777-4888-9999-aaaaaaaaaaaa"
OLD = "12121212-7777-4888-9999-aaaaaaaaaaaa"
BEFORE_ANYTHING: Changes = {
    "the client ID has another object ID": (
        lambda t: t["servicePrincipals"].append(pointer(OURS, ANOTHER)),
        "created anew in Entra",
    ),
    "the object ID has another client ID": (
        lambda t: t["servicePrincipals"].append(pointer(ANOTHER, OBJECT)),
        "created anew in Entra",
    ),
}


@pytest.mark.parametrize("case", BEFORE_ANYTHING)
def test_a_conflict_in_a_tenant_where_nothing_is_there_yet(site: SiteOf, case: str) -> None:
    change, text = BEFORE_ANYTHING[case]
    stopped(site(), changed(site().tenant, change), STEP, text)


@pytest.mark.parametrize("cmdlet", ["New-ServicePrincipal"])
def test_what_takes_the_place_right_before_the_creation_is_a_conflict_and_not_waited_for(
    site: SiteOf, cmdlet: str
) -> None:
    theirs = {"AppId": OURS, "ObjectId": OLD, "DisplayName": "Old", "Name": "old", "Guid": guid("old")}
    taken_right_before(site(), STEP, cmdlet, {"path": "servicePrincipals", "add": [theirs]}, OLD)


def our_pointer(tenant: Json) -> Json:
    """Return the described application's pointer."""
    (found,) = [one for one in tenant["servicePrincipals"] if one["AppId"] == OURS]
    assert isinstance(found, dict)
    return found


DRIFTS: Changes = {
    "name of the pointer": (lambda t: our_pointer(t).update(DisplayName="x"), "Set-ServicePrincipal"),
}


@pytest.mark.parametrize("case", DRIFTS)
def test_each_drift_is_one_step_that_differs_and_one_write(site: SiteOf, applied: Applied, case: str) -> None:
    change, cmdlet = DRIFTS[case]
    corrected(site(), changed(applied().tenant, change), STEP, cmdlet)


@pytest.mark.parametrize(("cmdlet", "lacking", "step"), [("Get-ServicePrincipal", "DisplayName", STEP)])
def test_an_answer_that_lacks_a_property_does_not_say_that_it_is_empty(
    site: SiteOf, applied: Applied, cmdlet: str, lacking: str, step: str
) -> None:
    unreadable_where_lacking(site, applied, cmdlet, lacking, step)


@pytest.mark.parametrize(("cmdlet", "after"), [("Get-ServicePrincipal", "New-ServicePrincipal")])
def test_a_cmdlet_that_sees_a_new_object_later_than_others_is_waited_for(
    site: SiteOf, applied: Applied, cmdlet: str, after: str
) -> None:
    seen_later(site(), applied(), cmdlet, after)


@pytest.mark.parametrize(("cmdlet", "step"), [("New-ServicePrincipal", STEP)])
def test_what_is_said_to_exist_and_never_shows_has_failed(site: SiteOf, cmdlet: str, step: str) -> None:
    fails_where_it_never_shows(site(), cmdlet, step)
