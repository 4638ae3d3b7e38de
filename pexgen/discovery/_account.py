"""A service account: whose it is, how far its impersonation reaches, and what is to be known of its log-in."""

from __future__ import annotations

from pexgen.description import longest
from pexgen.discovery._choose import CandidateKind, Decisions, choose, only
from pexgen.discovery._document import Discovered
from pexgen.discovery._ews_and_add_ins import ews_doubts, ews_facts, gate_doubts
from pexgen.discovery._method import ONLINE
from pexgen.discovery._scopes import (
    OTHER_ROLES,
    doubt_exclusive,
    members_of,
    reach_of,
    scope_of,
    write_assignment,
    write_proof,
)
from pexgen.discovery._screen import unfit
from pexgen.discovery._writer import DescriptionWriter
from pexgen.errors import UndecidedError
from pexgen.vendor_facts import IMPERSONATION_CLOSED

_OTHER_ACCOUNT = "run the discovery again with the right -ServiceAccount, or without it"
_CANDIDATES = CandidateKind("assignment of ApplicationImpersonation", "--assignment NAME")


def write_service_account(
    writer: DescriptionWriter, discovery: Discovered, equipment: Discovered, decisions: Decisions
) -> None:
    """Write the account with what is known of its impersonation, of its log-in and, online, of EWS."""
    found, online = discovery.one("found"), discovery.text("platform") == ONLINE
    account, row = _holder(discovery, found, decisions, online=online)
    writer.section("service_account")
    writer.doubt("Exchange does not show whether Pexip Infinity signs in as this account. Compare it.")
    writer.key("user_principal_name", account.text("userPrincipalName"))
    if online:
        writer.doubt(f"true states that account and impersonation are from before {IMPERSONATION_CLOSED.value}.")
    writer.key("existing" if online else "adopt", True)
    for doubt in gate_doubts(account, account.text("userPrincipalName")):
        writer.doubt(doubt)
    if row is None:
        _doubt_nothing_held(writer, account)
    elif online:
        _write_online(writer, row, equipment)
    else:
        _write_server(writer, found, row, equipment, decisions)
    writer.raw("")
    if online:
        _write_registration(writer, discovery, equipment)
    else:
        _remark_authentication(writer, found)
    writer.doubt("Exchange does not show the accounts and applications of One-Touch Join (one_touch_join).", 0)


def _holder(
    discovery: Discovered, found: Discovered, decisions: Decisions, *, online: bool
) -> tuple[Discovered, Discovered | None]:
    """Return the account and its assignment, or None where an account that somebody named holds none."""
    rows, named_account = found.rows("impersonations"), discovery.option("serviceAccount")
    named = found.rows("accounts") if found.has("accounts") else ()
    if named is None:
        raise UndecidedError(f"service account {named_account}: not read", OTHER_ROLES)
    if named:
        account = only(named, "service account given to the discovery")
        return account, _held_by(account, rows, decisions, online=online)
    if named_account:
        message = f"the mailbox of {named_account}, the service account given to the discovery, was not found"
        raise UndecidedError(message, _OTHER_ACCOUNT)
    if online and rows == ():
        message = "service account: no assignment of ApplicationImpersonation was found"
        raise UndecidedError(message, "give the discovery -ServiceAccount: the account that Pexip Infinity signs in as")
    row = choose(rows, lambda each: each.text("assignment"), decisions.assignment, _CANDIDATES)
    if row.text("assigneeType") not in {"", "User"}:
        message = (
            f"'{row.text('assignment')}' is held by the {row.text('assigneeType')} '{row.text('assignee')}', so "
            "its members have it through that, and a description names one account with a direct assignment"
        )
        raise UndecidedError(message, "find out which member Pexip Infinity signs in as, and see who else is in it")
    return only(row.rows("accounts"), f"mailbox of '{row.text('assignee')}', who holds {row.text('assignment')}"), row


def _held_by(
    account: Discovered, rows: tuple[Discovered, ...] | None, decisions: Decisions, *, online: bool
) -> Discovered | None:
    if rows is None:
        raise UndecidedError("assignments of ApplicationImpersonation: not read", OTHER_ROLES)
    unread = [row.text("assignment") for row in rows if row.rows("accounts") is None]
    if unread:
        raise UndecidedError(f"whose {', '.join(unread)} is: not read", OTHER_ROLES)
    name = account.text("userPrincipalName").casefold()
    held = tuple(
        row for row in rows if any(_is(name, each.text("userPrincipalName")) for each in row.rows("accounts") or ())
    )
    if held or decisions.assignment:
        return choose(held, lambda each: each.text("assignment"), decisions.assignment, _CANDIDATES)
    if online:
        return None
    groups = ", ".join(_through(account))
    message = f"{account.text('userPrincipalName')} has no direct assignment of ApplicationImpersonation"
    if groups:
        raise UndecidedError(f"{message}, but one through a group: {groups}", "pexgen describes a direct one")
    raise UndecidedError(message, _OTHER_ACCOUNT)


def _is(name: str, other: str) -> bool:
    return bool(name) and other.casefold() == name


def _through(account: Discovered) -> list[str]:
    rows = account.rows("assignments") or ()
    return [f"'{row.text('assignment')}' of {row.text('through')}" for row in rows if not row.flag("direct")]


def _doubt_nothing_held(writer: DescriptionWriter, account: Discovered) -> None:
    writer.raw("")
    writer.doubt(
        "no direct assignment of ApplicationImpersonation to this account was found, so the section impersonation is "
        "left out. Check looks for one all the same, and ends with 5 until it finds one.",
        0,
    )
    if account.has("assignments") and account.rows("assignments") is None:
        writer.doubt("whether it has one through a group could not be read.", 0)
    for one in _through(account):
        writer.doubt(f"it has one through a group: {one}.", 0)


def _write_online(writer: DescriptionWriter, row: Discovered, equipment: Discovered) -> None:
    """Write what is left of the role; nobody can change it any more, and what has no words is told in a comment."""
    try:
        scope = scope_of(row)
    except UndecidedError as error:
        _doubt_left_out(writer, row, str(error))
        return
    reach = "organization" if scope is None else reach_of(scope, equipment)
    group = only(scope.rows("groups"), f"group of {row.text('assignment')}") if scope and reach == "group" else None
    if not reach:
        _doubt_left_out(writer, row, f"its scope has the filter {scope.text('filter') if scope else ''}")
        return
    why = unfit(scope.text("name"), longest("impersonation.scope_name")) if scope else ""
    if scope and why:
        _doubt_left_out(writer, row, f"the name '{scope.text('name')}' of its scope {why}")
        return
    _write_reach(writer, row, reach, group)
    if scope:
        writer.key("scope_name", scope.text("name"))
        doubt_exclusive(writer, scope)


def _write_reach(writer: DescriptionWriter, row: Discovered, reach: str, group: Discovered | None) -> None:
    writer.section("impersonation")
    writer.key("scope", reach)
    if group:
        writer.key("group", group.text("address"))
    write_assignment(writer, row)


def _doubt_left_out(writer: DescriptionWriter, row: Discovered, why: str) -> None:
    writer.raw("")
    name = row.text("assignment")
    writer.doubt(f"'{name}' still assigns the role, and cannot be described: {why}. Check reports it.", 0)


def _write_server(
    writer: DescriptionWriter, found: Discovered, row: Discovered, equipment: Discovered, decisions: Decisions
) -> None:
    scope = scope_of(row)
    if scope is None:
        _write_reach(writer, row, "organization", None)
        return
    name, reach = scope.text("name"), reach_of(scope, equipment)
    why = unfit(name, longest("impersonation.scope_name"))
    if not reach or why:
        message = f"the name '{name}' of the scope {why}" if why else f"{name} has the filter {scope.text('filter')}"
        raise UndecidedError(message, "pexgen describes a group or the equipment mailbox; choose another assignment")
    group = only(scope.rows("groups"), f"group in the filter of {name}") if reach == "group" else None
    _write_reach(writer, row, reach, group)
    writer.key("scope_name", name)
    doubt_exclusive(writer, scope)
    members = members_of(writer, group, equipment) if group else ()
    if members:
        write_proof(writer, found, members, decisions)


def _write_registration(writer: DescriptionWriter, discovery: Discovered, equipment: Discovered) -> None:
    writer.doubt(
        "Exchange does not show the registration that the account signs in with (oauth); it is oauth_client_id of the "
        "integration in Pexip Infinity.",
        0,
    )
    for doubt in ews_doubts(discovery, equipment, ""):
        writer.doubt(doubt, 0)
    for fact in ews_facts(discovery.one("found")):
        writer.remark(fact)


def _remark_authentication(writer: DescriptionWriter, found: Discovered) -> None:
    writer.doubt("Exchange does not show how Pexip Infinity logs in (authentication). What EWS offers:", 0)
    for row in found.rows("virtualDirectories") or ():
        offers = [name for name in ("basic", "windows") if row.flag(name)]
        writer.remark(f"  {row.text('identity')}: {', '.join(offers) or 'neither basic nor windows'}")
