"""A journal is a memory and no order: whatever it names, nothing is sent but what this description can have led to."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.deployments import SERVER as SERVER_DEPLOYMENT
from support.journals import as_first_format, chained, journal_text
from support.sites import Applied, FirstApply, Json, Site, SiteOf, states
from support.tenants import ASSIGNMENT, EQUIPMENT, GROUP, SCOPE, changed, named, recipient

from pexgen.rehearsal import Result
from pexgen.simulation import without_bookkeeping
from pexgen.simulation.objects import group, guid, scope, user

BOARD, ROOM, CEO = "board@contoso.com", "boardroom@contoso.com", "ceo@contoso.com"
THEIRS = "77777777-2222-4333-8444-555555555555"
ADD_IN = "4d0f2b7e-6a31-4c58-9b0d-7e5c3a1f2d64"


def there(identity: str, **properties: Any) -> Json:
    return {"exists": True, "id": identity, "properties": properties}


def absent(identity: str) -> Json:
    return {"exists": False, "id": identity, "properties": {}}


def made(identity: str, *, after: str = "", **properties: Any) -> list[Json]:
    """Lines that say that a run created this."""
    return [absent(identity), there(identity, **properties), there(after or identity, **properties)]


def set_to(identity: str, before: Json, wanted: Json) -> list[Json]:
    """Lines that say that a run changed these properties."""
    return [{**there(identity), "properties": before}, *[{**there(identity), "properties": wanted}] * 2]


def with_others(tenant: Json) -> None:
    """Somebody else's group, room, scope and members, which forged lines are about."""
    owner = recipient(tenant, CEO)["Guid"]
    room = user(ROOM, RecipientTypeDetails="EquipmentMailbox", DisplayName="Board room", items=None)
    room["calendar"] = {"AutomateProcessing": "None"}
    board = group(BOARD, "Board", owner, members=[owner])
    tenant["recipients"] += [room, board]
    tenant["scopes"].append(scope("Board scope", "MemberOfGroup -eq 'CN=Board,OU=contoso'"))


FILTER = "MemberOfGroup -eq 'CN=Board,OU=contoso'"
GROUP_OF = {"DisplayName": "Board", "MemberJoinRestriction": "Closed", "MemberDepartRestriction": "Closed"}
Forged = Callable[[Json], list[Json]]


def our(tenant: Json, address: str) -> str:
    found: str = recipient(tenant, address)["Guid"]
    return found


ONLINE: dict[str, tuple[str, Forged]] = {
    "remove another mailbox": (
        "equipment-mailbox",
        lambda t: made(
            EQUIPMENT, after=our(t, ROOM), PrimarySmtpAddress=ROOM, DisplayName="Board room", Alias="boardroom"
        ),
    ),
    "rename another mailbox": (
        "equipment-mailbox",
        lambda t: set_to(our(t, ROOM), {"DisplayName": "Mine"}, {"DisplayName": "Board room"}),
    ),
    "give an alias that is not described": (
        "equipment-mailbox",
        lambda t: set_to(our(t, EQUIPMENT), {"Alias": "mine"}, {"Alias": "pexip-scheduling"}),
    ),
    "the calendar of another room": (
        "equipment-calendar",
        lambda t: set_to(our(t, ROOM), {"AutomateProcessing": "AutoAccept"}, {"AutomateProcessing": "None"}),
    ),
    "the calendar of rooms by a pattern": (
        "equipment-calendar",
        lambda _: set_to("Boardr*", {"AutomateProcessing": "AutoAccept"}, {"AutomateProcessing": "None"}),
    ),
    "the calendar of rooms by one letter's pattern": (
        "equipment-calendar",
        lambda _: set_to("boardroo?@contoso.com", {"AutomateProcessing": "AutoAccept"}, {"AutomateProcessing": "None"}),
    ),
    "a calendar setting that is not described": (
        "equipment-calendar",
        lambda t: set_to(our(t, EQUIPMENT), {"AllowConflicts": True}, {"AllowConflicts": False}),
    ),
    "remove another group": (
        "scheduling-group",
        lambda t: made(GROUP, after=our(t, BOARD), PrimarySmtpAddress=BOARD, **GROUP_OF),
    ),
    "an owner of ours": (
        "scheduling-group",
        lambda t: set_to(our(t, GROUP), {f"owner:{CEO}": True}, {f"owner:{CEO}": False}),
    ),
    "an owner of another group": (
        "scheduling-group",
        lambda t: set_to(our(t, BOARD), {"owner:bob@contoso.com": True}, {"owner:bob@contoso.com": False}),
    ),
    "open our group": (
        "scheduling-group",
        lambda t: set_to(our(t, GROUP), {"MemberJoinRestriction": "Open"}, {"MemberJoinRestriction": "Closed"}),
    ),
    "somebody into another group": (
        "scheduling-members",
        lambda t: set_to(our(t, BOARD), {"bob@contoso.com": True}, {"bob@contoso.com": False}),
    ),
    "somebody out of another group": (
        "scheduling-members",
        lambda t: set_to(our(t, BOARD), {CEO: False}, {CEO: True}),
    ),
    "somebody who is not described into ours": (
        "scheduling-members",
        lambda t: set_to(our(t, GROUP), {CEO: True}, {CEO: False}),
    ),
    "members by a pattern": (
        "scheduling-members",
        lambda t: set_to(our(t, GROUP), {"*@contoso.com": True}, {"*@contoso.com": False}),
    ),
    "remove another pointer": (
        "application-pointer",
        lambda t: made(
            t["servicePrincipals"][0]["ObjectId"],
            AppId=t["servicePrincipals"][0]["AppId"],
            ObjectId=t["servicePrincipals"][0]["ObjectId"],
            DisplayName=t["servicePrincipals"][0]["DisplayName"],
        ),
    ),
    "rename another pointer": (
        "application-pointer",
        lambda t: set_to(
            t["servicePrincipals"][0]["ObjectId"],
            {"DisplayName": "Mine"},
            {"DisplayName": t["servicePrincipals"][0]["DisplayName"]},
        ),
    ),
    "remove another scope": ("application-scope", lambda _: made("Board scope", RecipientFilter=FILTER)),
    "remove another assignment": (
        "application-role",
        lambda t: made(
            "Somebody else's access",
            Role=named(t["assignments"], "Somebody else's access")["Role"],
            App="66666666-7777-4888-9999-aaaaaaaaaaaa",
            CustomResourceScope="Somebody else's scope",
        ),
    ),
    "switch an assignment on": (
        "application-role",
        lambda _: set_to(ASSIGNMENT, {"Enabled": True}, {"Enabled": False}),
    ),
    "an application on the list": (
        "ews-access",
        lambda _: set_to("organization", {THEIRS: True}, {THEIRS: False}),
    ),
    "an application off the list": (
        "ews-access",
        lambda t: set_to("organization", {t["listed"]: False}, {t["listed"]: True}),
    ),
    "EWS on for everybody": (
        "ews-access",
        lambda _: set_to("organization", {"EwsEnabled": True}, {"EwsEnabled": False}),
    ),
    "access to another room": (
        "delegate-access",
        lambda t: set_to(our(t, ROOM), {"admin@contoso.com": True}, {"admin@contoso.com": False}),
    ),
    "access of another delegate": (
        "delegate-access",
        lambda t: set_to(our(t, EQUIPMENT), {CEO: True}, {CEO: False}),
    ),
    "remove another add-in": (
        "add-in",
        lambda _: made(
            guid("app|other"),
            AppVersion="2.1.0.0",
            ProvidedTo="SpecificUsers",
            DefaultStateForUser="Disabled",
            Enabled=True,
        ),
    ),
    "the add-in for somebody else": (
        "add-in",
        lambda _: set_to(ADD_IN, {f"user:{CEO}": True}, {f"user:{CEO}": False}),
    ),
}


def forged(text: str, step: str, sides: list[Json]) -> str:
    """Return the journal's header with the announcement of this write and its end, as whoever knows the form writes."""
    header = json.loads(text.splitlines()[0])
    line = {"run": header["run"], "step": step, "before": sides[0], "wanted": sides[1], "utc": header["utc"]}
    lines = [
        header,
        {**line, "event": "intent", "after": None, "prev": ""},
        {**line, "event": "done", "after": sides[2], "prev": ""},
    ]
    return chained("".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) + "\n" for one in lines))


def rolled_back(site: Site, tenant: Json, folder: Path, text: str) -> Result:
    (journal := folder / "forged.jsonl").write_text(text, "utf-8")
    return site.run("Rollback", tenant, JournalPath=[str(journal)], RemoveCreatedMailbox=True)


def not_carried_out(run: Result, tenant: Json, step: str) -> None:
    assert run.uncaught is None
    assert run.writes == (), run.writes
    assert without_bookkeeping(run.tenant) == without_bookkeeping(tenant)
    # Refused as a line that no run of this script writes, or named and kept.
    assert (run.exit_code, states(run).get(step)) in {(5, "kept"), (4, None)}, run.screen
    patterns = [call for call in run.calls if any(mark in str(call.parameters.get("Identity", "")) for mark in "*?")]
    assert patterns == []


@pytest.mark.parametrize("form", [chained, as_first_format])
@pytest.mark.parametrize("case", ONLINE)
def test_a_forged_line_is_not_carried_out(
    site: SiteOf, applied: Applied, tmp_path: Path, case: str, form: Callable[[str], str]
) -> None:
    step, make = ONLINE[case]
    tenant = changed(applied().tenant, with_others)
    known = {**tenant, "listed": next(one for one in tenant["organization"]["EwsAllowedAppIDs"].split(",")).strip()}
    text = form(forged(journal_text(applied()), step, make(known)))
    not_carried_out(rolled_back(site(), tenant, tmp_path, text), tenant, step)


ADOPTED: dict[str, tuple[Json, str, Forged]] = {
    "the mailbox": (
        {"equipment": {"adopt": True}},
        "equipment-mailbox",
        lambda t: made(
            EQUIPMENT,
            after=our(t, EQUIPMENT),
            PrimarySmtpAddress=EQUIPMENT,
            DisplayName=recipient(t, EQUIPMENT)["DisplayName"],
            Alias=recipient(t, EQUIPMENT)["Alias"],
        ),
    ),
    "the group": (
        {"scheduling_group": {"adopt": True}},
        "scheduling-group",
        lambda t: made(
            GROUP, after=our(t, GROUP), PrimarySmtpAddress=GROUP, **{**GROUP_OF, "DisplayName": "Pexip Users"}
        ),
    ),
}


@pytest.mark.parametrize("case", ADOPTED)
def test_what_the_description_adopts_was_never_created_by_it(
    site: SiteOf, applied: Applied, tmp_path: Path, case: str
) -> None:
    change, step, make = ADOPTED[case]
    tenant = changed(applied().tenant, lambda one: recipient(one, GROUP).update(members=[]))
    text = forged(journal_text(applied()), step, make(tenant))
    run = rolled_back(site(**change), tenant, tmp_path, text)
    not_carried_out(run, tenant, step)
    assert "adopts" in run.screen


def test_a_scope_of_the_described_name_over_another_group_is_not_ours(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    def rebuilt(tenant: Json) -> None:
        with_others(tenant)
        tenant["assignments"] = [one for one in tenant["assignments"] if one["Name"] != ASSIGNMENT]
        named(tenant["scopes"], SCOPE)["RecipientFilter"] = FILTER

    tenant = changed(applied().tenant, rebuilt)
    text = forged(journal_text(applied()), "application-scope", made(SCOPE, RecipientFilter=FILTER))
    not_carried_out(rolled_back(site(), tenant, tmp_path, text), tenant, "application-scope")


IMPERSONATION, ITS_SCOPE = "contoso-server-impersonation", "contoso-server-impersonation-scope"
SERVER: dict[str, tuple[str, Forged]] = {
    "remove another account": (
        "account-mailbox",
        lambda t: made("pexip-service@contoso.com", after=our(t, CEO), UserPrincipalName=CEO),
    ),
    "remove another assignment": (
        "impersonation",
        lambda t: made(
            f"assignment:{next(one['Name'] for one in t['assignments'] if one['Name'] != IMPERSONATION)}",
            Role="ApplicationImpersonation",
            User="pexip-service@contoso.com",
            CustomRecipientWriteScope=ITS_SCOPE,
        ),
    ),
    "remove another scope": ("impersonation", lambda _: made("scope:Board scope", RecipientFilter=FILTER)),
    "by a pattern": ("impersonation", lambda _: made("scope:Board?scope", RecipientFilter=FILTER)),
    "switch an assignment on": (
        "impersonation",
        lambda _: set_to(f"assignment:{IMPERSONATION}", {"Enabled": True}, {"Enabled": False}),
    ),
    "a method of another server's directory": (
        "account-authentication",
        lambda _: set_to(
            "EX02\\EWS (Default Web Site)", {"WindowsAuthentication": False}, {"WindowsAuthentication": True}
        ),
    ),
    "switch a method on": (
        "account-authentication",
        lambda _: set_to("EX01\\EWS (Default Web Site)", {"BasicAuthentication": True}, {"BasicAuthentication": False}),
    ),
    "the calendar of another room": (
        "equipment-calendar",
        lambda t: set_to(our(t, ROOM), {"AutomateProcessing": "AutoAccept"}, {"AutomateProcessing": "None"}),
    ),
}


@pytest.mark.parametrize("case", SERVER)
def test_a_forged_line_is_not_carried_out_on_exchange_server(
    first_apply: FirstApply, tmp_path: Path, case: str
) -> None:
    here, _, run = first_apply(SERVER_DEPLOYMENT)

    def others(tenant: Json) -> None:
        room = user(ROOM, RecipientTypeDetails="EquipmentMailbox", DisplayName="Board room")
        tenant["recipients"].append({**room, "calendar": {"AutomateProcessing": "None"}})
        if not any(one["PrimarySmtpAddress"] == CEO for one in tenant["recipients"]):
            tenant["recipients"].append(user(CEO))
        tenant["scopes"].append(scope("Board scope", FILTER))

    tenant = changed(run.tenant, others)
    step, make = SERVER[case]
    text = forged(journal_text(run), step, make(tenant))
    not_carried_out(rolled_back(here, tenant, tmp_path, text), tenant, step)
