"""Who can read whose mailbox after this change that could not before?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from diff.conftest import deployment
from support.sites import DESCRIPTION, KEEP, OURS

from pexgen.diff import compare
from pexgen.diff._access import AccessChange, access_change

APP = f"application Pexip Scheduler ({OURS})"
EQUIPMENT = DESCRIPTION["equipment"]["address"]
OTHERS = "whoever else is a member of {} already (prune is off)"
SERVICE = "service account pexip@contoso.com"
ALL = "every mailbox of the organization"
GROUP = DESCRIPTION["scheduling_group"]["address"]
JOINING = "whoever joins {} without being asked, where that is open (harden is off)"
CONSENTS = "every mailbox that its consents in Entra give it"
CLEANUP = "phase Cleanup takes it away"
GROUP_A = {"scope": "group", "group": "group-a@contoso.com"}
OTHER = "22222222-2222-4333-8444-555555555555"


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
    found = between({}, {"application": {"client_id": OTHER}})
    everyone = {EQUIPMENT, "alice@contoso.com", "bob@contoso.com", OTHERS.format(GROUP), JOINING.format(GROUP)}
    assert gained(found) == {
        *((f"application Pexip Scheduler ({OTHER})", whose) for whose in everyone),
        (f"application Pexip Scheduler ({OTHER}) may use EWS", CONSENTS),
    }
    assert lost(found) == dict.fromkeys({*everyone, CONSENTS}, False)


def test_another_group_opens_whoever_is_in_it(between) -> None:
    found = between({}, {"scheduling_group": {"address": "everyone@contoso.com"}})
    assert gained(found) == {(APP, each.format("everyone@contoso.com")) for each in (OTHERS, JOINING)}


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
    assert len(found.access.gained) == 9
    assert found.differences[0].verdict == "deployment"


def lost_notes(comparison) -> set[tuple[str, str, str]]:
    return {(grant.who, grant.whose, note) for grant, note, _ in comparison.access.lost}


MIGRATE = {"method": "migrate", "service_account": {"user_principal_name": "pexip@contoso.com"}}
ONLINE = {
    **dict.fromkeys(("application", "scheduling_group", "scope", "proof", "ews")),
    "method": "service-account",
    "service_account": {"user_principal_name": "pexip@contoso.com", "existing": True},
    "impersonation": {"scope": "organization"},
}


@pytest.mark.parametrize("said", [{}, {"impersonation": {"scope": "organization"}}, {"impersonation": GROUP_A}])
def test_a_migration_of_a_service_account_ends_its_impersonation_in_cleanup(between, said) -> None:
    found = between(ONLINE, {**MIGRATE, **said})
    assert lost_notes(found) == {(SERVICE, ALL, CLEANUP)}
    assert SERVICE not in {who for who, _ in gained(found)}


def test_a_migration_never_gives_what_it_says_of_the_old_way(between) -> None:
    found = between({}, {**MIGRATE, "impersonation": {"scope": "organization"}, "oauth": {"client_id": OTHER}})
    assert gained(found) == set()
    assert lost_notes(found) == {(SERVICE, ALL, CLEANUP)}
    old_way = [
        each for each in found.differences if each.key.startswith(("service_account.u", "impersonation.", "oauth"))
    ]
    assert {each.verdict for each in old_way} == {"other"}
    assert found.unclear == ()


@pytest.mark.parametrize(
    "other",
    [
        {"service_account": {"user_principal_name": "another@contoso.com"}},
        {"target": {"organization": "fabrikam.onmicrosoft.com"}},
        {"target": {"tenant_id": OTHER}},
    ],
)
def test_cleanup_takes_nothing_away_from_another_account_nor_in_another_tenant(between, other) -> None:
    (lost_one,) = (each for each in between(ONLINE, {**MIGRATE, **other}).access.lost if each[0].who == SERVICE)
    assert (lost_one[0].whose, lost_one[2]) == (ALL, False)


def test_cleanup_online_takes_nothing_away_on_a_server(between, server) -> None:
    target = {**dict.fromkeys(server["target"]), **DESCRIPTION["target"]}
    new = {**dict.fromkeys(server), **DESCRIPTION, **MIGRATE, "target": target}
    (lost_one,) = (each for each in between({}, new, base=server).access.lost if each[0].who == SERVICE)
    assert lost_one[2] is False


def test_what_a_migration_says_of_the_old_way_stays_when_its_description_goes(between) -> None:
    old = {**MIGRATE, "impersonation": {"scope": "organization"}}
    (lost_one,) = between(old, {}).access.lost
    assert lost_one[1:] == (
        "NOT removed by the new runbook; phase Cleanup of the old one does that, if it was run",
        False,
    )
    assert between(old, {**old, "equipment": {"name": "Another"}}).access.lost == ()


def test_a_runbook_that_does_not_hold_how_far_impersonation_reaches_is_not_taken_for_none(between, catalogue) -> None:
    described = between({}, ONLINE).new
    method = catalogue.methods["service-account", "exchange-online"]
    known = frozenset({"method", "target.platform", *(parameter.key for parameter in method.parameters)})
    values = {key: value for key, value in described.values.items() if key in known}
    runbook = replace(described, kind="runbook", values=values, known=known)
    for pair in ((runbook, described), (described, runbook)):
        assert access_change(*pair, catalogue) == AccessChange((), ())


@pytest.mark.parametrize(
    ("old", "new", "who", "whose", "key"),
    [
        ({"ews": {"keep": []}}, {}, f"application Room panels ({KEEP}) may use EWS", CONSENTS, "ews.keep"),
        ({"ews": {"policy": "check"}}, {}, f"{APP} may use EWS", CONSENTS, "ews.policy"),
        ({"ews": {"switch_on": False}}, {}, "all applications on the organization's EWS list may use EWS",
         "every mailbox that their consents in Entra give them, when the runbook sets EwsEnabled (switch_on is on)",
         "ews.switch_on"),
        ({}, {"application": {"object_id": OTHER}},
         f"application Pexip Scheduler ({OURS}, enterprise application {OTHER})", "alice@contoso.com",
         "application.object_id"),
        ({}, {"scheduling_group": {"managed_by": "eve@contoso.com"}}, "owner eve@contoso.com",
         f"decides whose mailboxes the application can open, as an owner of {GROUP}", "scheduling_group.managed_by"),
        ({"scheduling_group": {"harden": True}}, {}, APP, JOINING.format(GROUP), "scheduling_group.harden"),
        ({}, {"scheduling_group": {"adopt": True}}, APP,
         f"whoever else is a member of {GROUP}, an existing group, already (adopt is on, prune is off)",
         "scheduling_group.adopt"),
    ],
)  # fmt: skip
def test_a_widening_that_names_nobody_s_mailbox_still_names_who_gains(between, old, new, who, whose, key) -> None:
    found = between(old, new)
    assert (who, whose) in gained(found)
    assert key in found.unclear
    assert gained(between(new, old)) & {(who, whose)} == set()


@pytest.mark.parametrize("key", ["application.client_id", "equipment.address", "scheduling_group.address"])
def test_a_runbook_in_which_a_value_is_empty_can_be_compared(between, catalogue, key) -> None:
    old = between({}, {}).old
    new = replace(old, kind="runbook", values={**old.values, key: None})
    for pair in ((old, new), (new, old)):
        assert access_change(*pair, catalogue).gained or access_change(*pair, catalogue).lost


def test_an_adopted_group_that_is_made_instead_gains_nothing(between) -> None:
    assert gained(between({"scheduling_group": {"adopt": True}}, {})) == set()


def test_an_old_application_that_is_retired_is_said_to_leave_the_list_in_cleanup(between) -> None:
    retired = {"ews": {"keep": [], "retire": [{"client_id": KEEP}], "switch_on": False}}
    taken = {grant.who: is_taken for grant, _, is_taken in between({}, {**MIGRATE, **retired}).access.lost}
    assert taken[f"application Room panels ({KEEP}) may use EWS"] is True
    on = {"ews": {**retired["ews"], "switch_on": True}}
    found = between({**MIGRATE}, {**MIGRATE, **on})
    ((grant, note, is_taken),) = found.access.lost
    assert (grant.who, note, is_taken) == (
        f"application Room panels ({KEEP}) may use EWS",
        "phase Cleanup takes it off the list",
        True,
    )
    assert gained(found) == set()
    kept = {"ews": {"keep": [], "retire": [{"client_id": KEEP}]}}
    ((grant, note, is_taken),) = between({**MIGRATE, **kept}, {"ews": {"keep": []}}).access.lost
    assert (grant.who, is_taken) == (f"application {KEEP} may use EWS", False)
    assert "phase Cleanup of the old one does that" in note


@pytest.mark.parametrize(
    ("old", "new", "more", "less"),
    [
        ("group", "equipment-only", set(), {"every member of group-a@contoso.com"}),
        ("equipment-only", "group", {"every member of group-a@contoso.com"}, set()),
    ],
)
def test_the_equipment_mailbox_is_a_member_of_the_group_that_impersonation_is_limited_to(
    between, server, old, new, more, less
) -> None:
    found = between(
        *({"impersonation": {"scope": each, **({} if each == "group" else {"group": None})}} for each in (old, new)),
        base=server,
    )
    assert {whose for _, whose in gained(found)} == more
    assert set(lost(found)) == less


def test_an_add_in_whose_code_moves_to_another_host_is_never_said_to_open_nobodys_mailbox(catalogue) -> None:
    old = deployment(DESCRIPTION, "old.yaml")
    moved = {"add_in.manifest_sha256": "0" * 64, "add_in.hosts": ("elsewhere.example.com",)}
    found = compare(old, replace(old, values={**old.values, **moved}), catalogue)
    assert gained(found) == set()
    assert set(found.unclear) >= {"add_in.hosts", "add_in.manifest_sha256"}
    assert "widens" in {each.verdict for each in found.differences if each.key == "add_in.hosts"}


@pytest.mark.parametrize("side", ["old", "new"])
def test_other_bytes_of_a_manifest_are_unclear_where_a_runbook_does_not_say_what_is_in_it(catalogue, side) -> None:
    described = deployment(DESCRIPTION, "a.yaml")
    details = ("add_in.hosts", "add_in.asks", "add_in.mailbox_set")
    values = {key: value for key, value in described.values.items() if key not in details}
    runbook = replace(described, kind="runbook", values=values, known=frozenset(values))
    assert compare(runbook, described, catalogue).unclear == ()
    other = replace(described, values={**described.values, "add_in.manifest_sha256": "0" * 64})
    pair = (runbook, other) if side == "old" else (other, runbook)
    assert compare(*pair, catalogue).unclear == ("add_in.manifest_sha256",)


def test_whoever_is_named_twice_gains_an_access_once(between) -> None:
    group = {"members": ["eve@contoso.com", "EVE@contoso.com", "pexip-scheduling@contoso.com"]}
    found = between(
        {}, {"scheduling_group": group, "delegates": [{"account": "a@contoso.com"}, {"account": "A@contoso.com"}]}
    )
    whose = [grant.whose.lower() for grant in found.access.gained]
    assert whose.count("eve@contoso.com") == 1
    assert sum(grant.who.lower() == "delegate a@contoso.com" for grant in found.access.gained) == 1
