"""Something in the place of ours that is not ours: named, with what can be done, and not one write."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from support.sites import OURS, Applied, Site, SiteOf, states

from pexgen.simulation.objects import guid, user

Json = dict[str, Any]
EQUIPMENT = "pexip-scheduling@contoso.com"
GROUP = "pexip-users@contoso.com"
OBJECT = "66666666-7777-4888-9999-aaaaaaaaaaaa"


def find(tenant: Json, address: str) -> Json:
    found: Json = next(one for one in tenant["recipients"] if one["PrimarySmtpAddress"] == address)
    return found


def pointer(app: str, object_id: str) -> Json:
    return {"AppId": app, "ObjectId": object_id, "DisplayName": "Something", "Guid": guid(object_id), "Name": object_id}


def scope(tenant: Json, **changed: Any) -> Json:
    return {**copy.deepcopy(tenant["scopes"][0]), "Guid": guid("scope"), "Name": "Pexip scheduling scope", **changed}


def assignment(tenant: Json, **changed: Any) -> Json:
    (other,) = [one for one in tenant["assignments"] if one["Name"] == "Somebody else's access"]
    return {**copy.deepcopy(other), "Guid": guid("assignment"), **changed}


def with_pointer(tenant: Json) -> None:
    tenant["servicePrincipals"].append(pointer(OURS, OBJECT))


def wide_assignment(tenant: Json) -> None:
    with_pointer(tenant)
    whole = {"assignee": guid(OBJECT), "scope": "", "scopeKind": "Organization", "Name": "everything"}
    tenant["assignments"].append(assignment(tenant, **whole))


BEFORE_ANYTHING: dict[str, tuple[str, Callable[[Json], Any], str]] = {
    "the equipment address is a user's": (
        "equipment-mailbox",
        lambda t: t["recipients"].append(user(EQUIPMENT)),
        "UserMailbox",
    ),
    "the equipment address is a user's second one": (
        "equipment-mailbox",
        lambda t: find(t, "alice@contoso.com")["EmailAddresses"].append(f"smtp:{EQUIPMENT}"),
        "alice@contoso.com",
    ),
    "the equipment name is taken": (
        "equipment-mailbox",
        lambda t: find(t, "alice@contoso.com").update(Name="Pexip Scheduling"),
        "another equipment name",
    ),
    "a deleted mailbox holds the address": (
        "equipment-mailbox",
        lambda t: t["softDeleted"].append(user(EQUIPMENT)),
        "deleted mailbox",
    ),
    "the group address is a Microsoft 365 group's": (
        "scheduling-group",
        lambda t: t["recipients"].append({**user(GROUP), "RecipientTypeDetails": "GroupMailbox", "members": []}),
        "GroupMailbox",
    ),
    "the group is a distribution group that is not adopted": (
        "scheduling-group",
        lambda t: t["recipients"].append(
            {**user(GROUP), "RecipientTypeDetails": "MailUniversalDistributionGroup", "members": []}
        ),
        "adopt: true",
    ),
    "a member is not there": (
        "scheduling-members",
        lambda t: t["recipients"].remove(find(t, "bob@contoso.com")),
        "The member bob@contoso.com was not found",
    ),
    "a member is a group": (
        "scheduling-members",
        lambda t: find(t, "bob@contoso.com").update(RecipientTypeDetails="MailUniversalSecurityGroup", members=[]),
        "is a group",
    ),
    "a delegate is not there": (
        "delegate-access",
        lambda t: t["recipients"].remove(find(t, "admin@contoso.com")),
        "The delegate admin@contoso.com was not found",
    ),
    "the client ID has another object ID": (
        "application-pointer",
        lambda t: t["servicePrincipals"].append(pointer(OURS, "99999999-7777-4888-9999-aaaaaaaaaaaa")),
        "created anew in Entra",
    ),
    "the object ID has another client ID": (
        "application-pointer",
        lambda t: t["servicePrincipals"].append(pointer("99999999-7777-4888-9999-aaaaaaaaaaaa", OBJECT)),
        "created anew in Entra",
    ),
    "the scope is there before its group": (
        "application-scope",
        lambda t: t["scopes"].append(scope(t)),
        "another filter",
    ),
    "the assignment's name is another application's": (
        "application-role",
        lambda t: t["assignments"].append(assignment(t, Name="contoso-scheduling-ews")),
        "name is taken",
    ),
    "the application reaches every mailbox": ("application-role", wide_assignment, "every mailbox"),
}


def stopped(site: Site, tenant: Json, step: str, text: str) -> None:
    check = site.run("Check", tenant)
    assert (check.exit_code, states(check)[step]) == (4, "conflict"), check.screen
    apply = site.run("Apply", tenant)
    assert (apply.exit_code, states(apply)[step], apply.writes) == (4, "conflict", ()), apply.screen
    (detail,) = [one["detail"] for one in apply.objects if one["id"] == step]
    assert text in detail


@pytest.mark.parametrize("case", BEFORE_ANYTHING)
def test_a_conflict_in_a_tenant_where_nothing_is_there_yet(site: SiteOf, case: str) -> None:
    step, change, text = BEFORE_ANYTHING[case]
    tenant = copy.deepcopy(site().tenant)
    change(tenant)
    stopped(site(), tenant, step, text)


AFTERWARDS: dict[str, tuple[str, Callable[[Json], Any], str]] = {
    "the scope has another filter": (
        "application-scope",
        lambda t: next(s for s in t["scopes"] if s["Name"] == "Pexip scheduling scope").update(
            RecipientFilter="PrimarySmtpAddress -eq 'ceo@contoso.com'"
        ),
        "another filter",
    ),
    "the scope has one clause more": (
        "application-scope",
        lambda t: next(s for s in t["scopes"] if s["Name"] == "Pexip scheduling scope").update(
            RecipientFilter="(MemberOfGroup -eq 'CN=x') -or (Alias -eq 'ceo')"
        ),
        "another filter",
    ),
    "the scope is exclusive": (
        "application-scope",
        lambda t: next(s for s in t["scopes"] if s["Name"] == "Pexip scheduling scope").update(Exclusive=True),
        "another filter",
    ),
    "the application got a second, wide assignment": (
        "application-role",
        lambda t: t["assignments"].append(
            {
                **next(a for a in t["assignments"] if a["Name"] == "contoso-scheduling-ews"),
                "Guid": guid("x"),
                "Name": "wide",
                "scope": "",
                "scopeKind": "Organization",
            }
        ),
        "every mailbox",
    ),
    "the wide assignment is switched off": (
        "application-role",
        lambda t: t["assignments"].append(
            {
                **next(a for a in t["assignments"] if a["Name"] == "contoso-scheduling-ews"),
                "Guid": guid("x"),
                "Name": "wide",
                "scope": "",
                "scopeKind": "Organization",
                "Enabled": False,
            }
        ),
        "'wide' of 'Application EWS.AccessAsApp' on every mailbox (disabled)",
    ),
}


@pytest.mark.parametrize("case", AFTERWARDS)
def test_a_conflict_in_a_tenant_where_everything_was_right(site: SiteOf, applied: Applied, case: str) -> None:
    step, change, text = AFTERWARDS[case]
    tenant = copy.deepcopy(applied().tenant)
    change(tenant)
    stopped(site(), tenant, step, text)


def test_verify_disproves_an_application_that_reaches_more_than_its_scope(site: SiteOf, applied: Applied) -> None:
    tenant = copy.deepcopy(applied().tenant)
    AFTERWARDS["the application got a second, wide assignment"][1](tenant)
    verify = site().run("Verify", tenant)
    assert (verify.exit_code, states(verify)["application-role"]) == (6, "disproved")


def test_a_scope_that_would_reach_more_than_the_description_allows_is_stopped(site: SiteOf) -> None:
    small = site(scope={"max_mailboxes": 3})
    assert small.run("Check").exit_code == 2
    tenant = copy.deepcopy(site().run("Apply", Step=["scheduling-group", "equipment-mailbox"]).tenant)
    find(tenant, GROUP)["members"].append(find(tenant, "ceo@contoso.com")["Guid"])
    stopped(small, tenant, "application-scope", "4 mailboxes; the description allows 3")


@pytest.mark.parametrize("section", ["equipment", "scheduling_group"])
def test_what_is_to_be_adopted_and_is_not_there_is_refused(site: SiteOf, section: str) -> None:
    here = site(**{section: {"adopt": True}})
    step = {"equipment": "equipment-mailbox", "scheduling_group": "scheduling-group"}[section]
    stopped(here, site().tenant, step, "adopt is true")


def test_what_is_adopted_keeps_its_names(site: SiteOf) -> None:
    here = site(equipment={"adopt": True}, scheduling_group={"adopt": True})
    tenant = copy.deepcopy(here.tenant)
    find(tenant, EQUIPMENT)["DisplayName"] = "Their mailbox"
    find(tenant, GROUP).update(DisplayName="Their group", RecipientTypeDetails="MailUniversalDistributionGroup")
    apply = here.run("Apply", tenant)
    assert apply.exit_code == 0, apply.screen
    assert states(apply)["equipment-mailbox"] == states(apply)["scheduling-group"] == "in-place"
    assert find(apply.tenant, GROUP)["DisplayName"] == "Their group"


def test_a_read_that_fails_is_never_taken_for_absent(site: SiteOf) -> None:
    faults = [{"kind": "forbidden", "cmdlet": "Get-ManagementScope", "times": 9}]
    check = site().run("Check", options={"faults": faults})
    assert states(check)["application-scope"] == "unreadable"
    apply = site().run("Apply", options={"faults": faults})
    assert (apply.exit_code, states(apply)["application-scope"], apply.writes) == (4, "unreadable", ())
