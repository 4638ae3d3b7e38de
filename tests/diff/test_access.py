"""Who can read whose mailbox after this change that could not before?"""

from __future__ import annotations

import pytest
from support.sites import DESCRIPTION, OURS

APP = f"application Pexip Scheduler ({OURS})"
EQUIPMENT = DESCRIPTION["equipment"]["address"]
OTHERS = "whoever else is a member of {} already (prune is off)"
SERVICE = "service account pexip@contoso.com"
ALL = "every mailbox of the organisation"


def gained(comparison) -> set[tuple[str, str]]:
    return {(grant.who, grant.whose) for grant in comparison.access.gained}


def lost(comparison) -> dict[str, bool]:
    return {grant.whose: is_taken for grant, _, is_taken in comparison.access.lost}


def members(*names: str, **more) -> dict:
    return {"scheduling_group": {"members": [f"{name}@contoso.com" for name in names], **more}}


def test_a_new_member_is_opened_to_the_application(between) -> None:
    found = between({}, members("alice", "bob", "eve"))
    assert gained(found) == {(APP, "eve@contoso.com")}
    assert found.access.lost == ()


def test_a_member_that_is_no_longer_named_is_taken_out_only_with_prune(between) -> None:
    assert lost(between({}, members("alice"))) == {"bob@contoso.com": False}
    pruned = between(members("alice", "bob", prune=True), members("alice", prune=True))
    assert lost(pruned) == {"bob@contoso.com": True}


def test_another_application_gains_all_and_the_old_one_keeps_all(between) -> None:
    other = "22222222-2222-4333-8444-555555555555"
    found = between({}, {"application": {"client_id": other}})
    group = DESCRIPTION["scheduling_group"]["address"]
    everyone = {EQUIPMENT, "alice@contoso.com", "bob@contoso.com", OTHERS.format(group)}
    assert gained(found) == {(f"application Pexip Scheduler ({other})", whose) for whose in everyone}
    assert lost(found) == dict.fromkeys(everyone, False)


def test_another_group_opens_whoever_is_in_it(between) -> None:
    found = between({}, {"scheduling_group": {"address": "everyone@contoso.com"}})
    assert gained(found) == {(APP, OTHERS.format("everyone@contoso.com"))}


def test_a_renamed_application_gains_nothing(between) -> None:
    found = between({}, {"application": {"name": "Another name"}})
    assert (gained(found), found.access.lost) == (set(), ())
    assert [each.verdict for each in found.differences] == ["other"]


def test_prune_that_goes_off_leaves_the_unnamed_in(between) -> None:
    found = between({"scheduling_group": {"prune": True}}, {})
    assert gained(found) == {(APP, OTHERS.format(DESCRIPTION["scheduling_group"]["address"]))}


def test_a_delegate_gains_the_equipment_mailbox(between) -> None:
    found = between({}, {"delegates": [{"account": "admin@contoso.com"}, {"account": "eve@contoso.com"}]})
    assert gained(found) == {("delegate eve@contoso.com", EQUIPMENT)}


def test_another_equipment_mailbox_is_opened_to_application_and_delegates(between) -> None:
    found = between({}, {"equipment": {"address": "boss@contoso.com"}})
    assert gained(found) == {(APP, "boss@contoso.com"), ("delegate admin@contoso.com", "boss@contoso.com")}


def test_the_case_of_an_address_and_the_order_of_members_say_nothing(between) -> None:
    found = between({}, {"scheduling_group": {"members": ["BOB@contoso.com", "Alice@Contoso.com"]}})
    assert (found.differences, gained(found)) == ((), set())


@pytest.mark.parametrize(
    ("old", "new", "who"),
    [
        ({"scope": "equipment-only"}, {"scope": "organization"}, {(SERVICE, ALL)}),
        ({"scope": "group"}, {"scope": "organization"}, {(SERVICE, ALL)}),
        ({"scope": "organization"}, {"scope": "group"}, set()),
        ({"scope": "organization"}, {"scope": "equipment-only"}, set()),
        ({"scope": "equipment-only"}, {"scope": "group"}, {(SERVICE, "every member of group-a@contoso.com")}),
        ({"scope": "group"}, {"group": "group-b@contoso.com"}, {(SERVICE, "every member of group-b@contoso.com")}),
    ],
)
def test_impersonation_opens_what_its_scope_says(between, server, old, new, who) -> None:
    without_group = [
        {**each, **({} if each.get("scope", "group") == "group" else {"group": None})} for each in (old, new)
    ]
    found = between(*({"impersonation": each} for each in without_group), base=server)
    assert gained(found) == who


def test_in_another_tenant_everything_is_gained(between) -> None:
    found = between({}, {"target": {"organization": "fabrikam.onmicrosoft.com"}})
    assert len(found.access.gained) == 5
    assert found.differences[0].verdict == "deployment"
