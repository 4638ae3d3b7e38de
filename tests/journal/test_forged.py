"""A journal is a memory and no order: whatever it names, nothing is sent but what this description can have led to."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.deployments import ACCOUNT
from support.deployments import SERVER as SERVER_DEPLOYMENT
from support.function_cases import WITH
from support.functions import Functions
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
    recipient(tenant, CEO)["DisplayName"] = "Ceo"
    tenant["scopes"].append(scope("Board scope", "MemberOfGroup -eq 'CN=Board,OU=contoso'"))


ROLE, OBJECT = "Application EWS.AccessAsApp", "66666666-7777-4888-9999-aaaaaaaaaaaa"
DELEGATING = "Application EWS.AccessAsApp-Organization Management-Delegating"
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
    "rename a person": (
        "equipment-mailbox",
        lambda _: set_to(CEO, {"DisplayName": "Nobody"}, {"DisplayName": "Ceo"}),
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
    "a setting of the calendar that is none of ours": (
        "equipment-calendar",
        lambda _: set_to(EQUIPMENT, {"ResourceDelegates": "admin@contoso.com"}, {"ResourceDelegates": ""}),
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
    "remove an assignment that hands the role on": (
        "application-role",
        lambda _: made(DELEGATING, Role=ROLE, App=OBJECT, CustomResourceScope=""),
    ),
    "remove another assignment without saying whose": (
        "application-role",
        lambda _: made("Somebody else's access", Role=ROLE, App="", CustomResourceScope="Somebody else's scope"),
    ),
    "remove an assignment without properties": ("application-role", lambda _: made(ASSIGNMENT)),
    "remove another assignment than the one that was not there": (
        "application-role",
        lambda _: [absent(ASSIGNMENT), *made(DELEGATING, Role="x", App="y", CustomResourceScope="z")[1:]],
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
    "access to a person's mailbox": (
        "delegate-access",
        lambda _: set_to(CEO, {"admin@contoso.com": True}, {"admin@contoso.com": False}),
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


# No run of this script writes such lines: the journal is not even read.
NOT_OF_A_RUN = {
    "a setting of the calendar that is none of ours",
    "remove an assignment without properties",
    "remove another assignment than the one that was not there",
    "remove a scope without a name",
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


PLANNED = """
function Get-Planned {
    # What a Rollback by this journal would do: of each step its state, what it would send, and what it says.
    param([string] $Path)
    $begun = @{ JournalPath = @($Path); Runs = @(); Memory = @(); States = @{} }
    foreach ($name in 'InJournal', 'Gone', 'Seen', 'Lengths', 'Digests') { $begun[$name] = Get-Table }
    $begun.Pauses = New-Object -TypeName System.Collections.Queue
    With {
        Read-AllJournal
        foreach ($id in @($Run.InJournal.Keys)) {
            $found = Get-UndoFinding $id
            "$id $($found.State), sends $($found.Plan.Changes.Count). $($found.Plan.Notes -join ' ')"
        }
    } $begun
}
"""


def planned(functions: Functions, tenant: Json, folder: Path, forgeries: dict[str, tuple[str, str]]) -> dict[str, str]:
    """Return what a Rollback makes of each journal, given by its case with its step and its text.

    "kept" is what is named and left, "refused" a journal that is not even read; anything else is told as it is.
    """
    there = Functions(replace(functions.site, tenant=tenant), folder)
    calls = {}
    for number, (case, (_, text)) in enumerate(forgeries.items()):
        (path := folder / f"{number}.jsonl").write_text(text, "utf-8")
        calls[case] = f"Get-Planned '{path}'"
    arguments = {"Mode": "Rollback", "RemoveCreatedMailbox": True, "Confirm": False}
    answers = there.answers(*calls.values(), before=WITH + PLANNED, **arguments)
    found = {}
    for (case, (step, _)), answer in zip(forgeries.items(), answers, strict=True):
        stop, said = answer.get("stop", {}), answer.get("values", [answer])
        is_kept = len(said) == 1 and str(said[0]).startswith(f"{step} kept, sends 0. Kept ")
        if stop:
            found[case] = "refused" if (stop["state"], stop["guard"]) == ("refused", "journal") else str(stop)
        else:
            found[case] = "kept" if is_kept else str(said)
    assert there.result is not None
    asked = [call for call in there.result.calls if any(mark in str(call.parameters) for mark in "*?")]
    assert asked == []
    return found


def rolled_back(site: Site, tenant: Json, folder: Path, text: str) -> Result:
    (journal := folder / "forged.jsonl").write_text(text, "utf-8")
    return site.run("Rollback", tenant, JournalPath=[str(journal)], RemoveCreatedMailbox=True)


def not_carried_out(run: Result, tenant: Json, step: str, *, how: tuple[int, str | None] = (5, "kept")) -> None:
    """Check that the line was named and kept, or, where ``how`` says so, refused as one that no run writes."""
    assert run.uncaught is None
    assert run.writes == (), run.writes
    assert without_bookkeeping(run.tenant) == without_bookkeeping(tenant)
    assert (run.exit_code, states(run).get(step)) == how, run.screen


def tenant_with_others(run: Result) -> Json:
    tenant = changed(run.tenant, with_others)
    return {**tenant, "listed": tenant["organization"]["EwsAllowedAppIDs"].split(",")[0].strip()}


@pytest.mark.parametrize("form", [chained, as_first_format])
def test_by_no_forged_line_anything_is_planned(
    functions: Functions, applied: Applied, tmp_path: Path, form: Callable[[str], str]
) -> None:
    tenant = tenant_with_others(applied())
    head = journal_text(applied())
    texts = {case: (step, form(forged(head, step, make(tenant)))) for case, (step, make) in ONLINE.items()}
    wanted = {case: "refused" if case in NOT_OF_A_RUN else "kept" for case in ONLINE}
    assert planned(functions, tenant, tmp_path, texts) == wanted


# One that is kept and one that is refused, each in a whole Rollback.
@pytest.mark.parametrize(
    ("case", "form", "how"),
    [
        ("remove another mailbox", chained, (5, "kept")),
        ("remove an assignment without properties", as_first_format, (4, None)),
    ],
)
def test_a_forged_line_is_not_carried_out(
    site: SiteOf,
    applied: Applied,
    tmp_path: Path,
    case: str,
    form: Callable[[str], str],
    how: tuple[int, str | None],
) -> None:
    step, make = ONLINE[case]
    tenant = tenant_with_others(applied())
    text = form(forged(journal_text(applied()), step, make(tenant)))
    not_carried_out(rolled_back(site(), tenant, tmp_path, text), tenant, step, how=how)


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


ADELE = "adele.vance@contoso.com"
IMPERSONATION, ITS_SCOPE = "contoso-server-impersonation", "contoso-server-impersonation-scope"
SERVER: dict[str, tuple[str, Forged]] = {
    "remove another account": (
        "account-mailbox",
        lambda t: made(ACCOUNT, after=our(t, CEO), UserPrincipalName=CEO),
    ),
    "remove a person's mailbox": ("account-mailbox", lambda _: made(ADELE, UserPrincipalName=ADELE)),
    "remove another assignment": (
        "impersonation",
        lambda t: made(
            f"assignment:{next(one['Name'] for one in t['assignments'] if one['Name'] != IMPERSONATION)}",
            Role="ApplicationImpersonation",
            User=ACCOUNT,
            CustomRecipientWriteScope=ITS_SCOPE,
        ),
    ),
    "remove another assignment without saying whose": (
        "impersonation",
        lambda _: made(
            "assignment:Somebody else's impersonation",
            Role="ApplicationImpersonation",
            User="",
            CustomRecipientWriteScope="",
        ),
    ),
    "switch another assignment off": (
        "impersonation",
        lambda _: set_to("assignment:Somebody else's impersonation", {"Enabled": False}, {"Enabled": True}),
    ),
    "remove a scope without a name": ("impersonation", lambda _: made("scope:", RecipientFilter="")),
    "remove another scope by the shape of an assignment": (
        "impersonation",
        lambda _: made(
            "scope:Somebody else's scope", Role="ApplicationImpersonation", User="", CustomRecipientWriteScope=""
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


def server_with_others(tenant: Json) -> None:
    room = user(ROOM, RecipientTypeDetails="EquipmentMailbox", DisplayName="Board room")
    tenant["recipients"].append({**room, "calendar": {"AutomateProcessing": "None"}})
    if not any(one["PrimarySmtpAddress"] == CEO for one in tenant["recipients"]):
        tenant["recipients"].append(user(CEO))
    tenant["scopes"].append(scope("Board scope", FILTER))


def test_by_no_forged_line_anything_is_planned_on_exchange_server(
    server_functions: Functions, first_apply: FirstApply, tmp_path: Path
) -> None:
    run = first_apply(SERVER_DEPLOYMENT)[2]
    tenant = changed(run.tenant, server_with_others)
    texts = {case: (step, forged(journal_text(run), step, make(tenant))) for case, (step, make) in SERVER.items()}
    wanted = {case: "refused" if case in NOT_OF_A_RUN else "kept" for case in SERVER}
    assert planned(server_functions, tenant, tmp_path, texts) == wanted


def test_a_forged_line_is_not_carried_out_on_exchange_server(first_apply: FirstApply, tmp_path: Path) -> None:
    here, _, run = first_apply(SERVER_DEPLOYMENT)
    tenant = changed(run.tenant, server_with_others)
    step, make = SERVER["remove another assignment"]
    text = forged(journal_text(run), step, make(tenant))
    not_carried_out(rolled_back(here, tenant, tmp_path, text), tenant, step)
