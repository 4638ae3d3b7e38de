"""Who may act in whose mailboxes: an application or an account, its assignment, and the scope with its group."""

from __future__ import annotations

import re

from pexgen.discovery._choose import Choice, choose, only
from pexgen.discovery._document import Record
from pexgen.discovery._yaml import Lines, scalar
from pexgen.errors import UndecidedError

_BY_ADDRESS = re.compile(r"(?i)PrimarySmtpAddress -eq '((?:[^']|'')*)'")
_BY_GROUP = re.compile(r"(?i)MemberOfGroup -eq '(?:[^']|'')*'")
_OPTION = "--assignment NAME"


def write_app_permissions(lines: Lines, found: Record, equipment: Record, choice: Choice) -> None:
    """Write the application, the group, the scope, the proof and what is known of EWS."""
    row = choose(
        found.rows("applications"),
        lambda each: each.text("assignment"),
        choice.assignment,
        what="assignment of Application EWS.AccessAsApp",
        option=_OPTION,
    )
    name = row.text("assignment")
    principal = only(row.rows("principals"), f"application of {name}")
    scope = only(row.rows("scopes"), f"management scope of {name} (without one it reaches every mailbox)")
    group = only(scope.rows("groups"), f"group in the filter of {scope.text('name')}: {scope.text('filter')}")
    lines.section("application")
    lines.key("name", principal.text("name"))
    lines.key("client_id", principal.text("clientId"))
    lines.key("object_id", principal.text("objectId"))
    _write_assignment(lines, row)
    members = _write_group(lines, group, equipment)
    lines.section("scope")
    lines.key("name", scope.text("name"))
    _doubt_exclusive(lines, scope)
    _write_proof(lines, found, members or (equipment.text("address"),), choice)
    _write_ews(lines, found)
    if found.rows("impersonations"):
        lines.doubt("accounts hold Application Impersonation as well; method migrate takes an old one away.", 0)


def write_service_account(lines: Lines, found: Record, equipment: Record, choice: Choice, platform: str) -> None:
    """Write the account, how far its impersonation reaches, and what is to be known of its log-in."""
    rows = found.rows("impersonations")
    online = platform == "exchange-online"
    row = None
    if not online or rows:
        row = choose(
            rows,
            lambda each: each.text("assignment"),
            choice.assignment,
            what="assignment of ApplicationImpersonation",
            option=_OPTION,
        )
    account = only(
        row.rows("accounts") if row else found.rows("accounts"),
        "service account (give the discovery -ServiceAccount where no assignment to it is left)",
    )
    lines.section("service_account")
    lines.key("user_principal_name", account.text("userPrincipalName"))
    if online:
        lines.doubt("true states that account and impersonation are from before September 2024.")
    lines.key("existing" if online else "adopt", True)
    if row:
        _write_impersonation(lines, found, row, equipment, choice, online=online)
    if online:
        lines.raw("")
        lines.doubt("the registration by which the account signs in (oauth) does not stand in Exchange.", 0)
    else:
        _remark_authentication(lines, found)
    lines.doubt("One-Touch Join's accounts and applications (one_touch_join) do not stand in Exchange.", 0)


def _write_impersonation(  # noqa: PLR0913 - the assignment and everything that it is compared with
    lines: Lines, found: Record, row: Record, equipment: Record, choice: Choice, *, online: bool
) -> None:
    scope = next(iter(_read(row, "scopes")), None)
    lines.section("impersonation")
    if scope is None:
        if row.text("reach") not in {"", "Organization"}:
            raise UndecidedError(f"{row.text('assignment')} reaches '{row.text('reach')}'", "that cannot be described")
        lines.key("scope", "organization")
        _write_assignment(lines, row)
        return
    address = _BY_ADDRESS.fullmatch(scope.text("filter"))
    if address and address[1].casefold() == equipment.text("address").casefold():
        lines.key("scope", "equipment-only")
        members: tuple[str, ...] = ()
    elif _BY_GROUP.fullmatch(scope.text("filter")):
        group = only(scope.rows("groups"), f"group in the filter of {scope.text('name')}")
        lines.key("scope", "group")
        lines.key("group", group.text("address"))
        members = _members(lines, group, equipment)
    else:
        message = f"the scope {scope.text('name')} has the filter {scope.text('filter')}"
        raise UndecidedError(message, "pexgen describes a group or the equipment mailbox; choose another assignment")
    _write_assignment(lines, row)
    lines.key("scope_name", scope.text("name"))
    _doubt_exclusive(lines, scope)
    if members and not online:
        _write_proof(lines, found, members, choice)


def _write_assignment(lines: Lines, row: Record) -> None:
    if not row.flag("enabled"):
        lines.doubt("the assignment is disabled; Check will find that different.")
    lines.key("assignment", row.text("assignment"))


def _doubt_exclusive(lines: Lines, scope: Record) -> None:
    if scope.flag("exclusive"):
        lines.doubt("the scope is exclusive; Check will find a conflict.")


def _read(record: Record, key: str) -> tuple[Record, ...]:
    rows = record.rows(key)
    if rows is None:
        raise UndecidedError(f"{key} of {record.text('assignment')}: not read", "run the discovery with other roles")
    return rows


def _write_group(lines: Lines, group: Record, equipment: Record) -> tuple[str, ...]:
    lines.section("scheduling_group")
    lines.key("address", group.text("address"))
    lines.key("name", group.text("displayName"))
    lines.remark("It was there: it is never made, and its names are never touched.", 1)
    lines.key("adopt", True)
    members = _members(lines, group, equipment)
    lines.items("members", members)
    return members


def _members(lines: Lines, group: Record, equipment: Record) -> tuple[str, ...]:
    """The direct members that can be described, without the equipment mailbox, which always is one."""
    rows = group.rows("members")
    if rows is None:
        raise UndecidedError(f"members of {group.text('address')}: not read", "run the discovery with other roles")
    ours = equipment.text("address").casefold()
    if all(row.text("address").casefold() != ours for row in rows):
        lines.doubt("the equipment mailbox is no direct member; it has to be one.")
    kept = []
    for row in rows:
        address = row.text("address")
        if not address or "Group" in row.text("type"):
            lines.doubt(f"the member '{address}' ({row.text('type')}) is not described: it is not in the scope.")
        elif address.casefold() != ours:
            kept.append(address)
    return tuple(sorted(kept))


def _write_proof(lines: Lines, found: Record, members: tuple[str, ...], choice: Choice) -> None:
    outside = (choice.out_of_scope,) if choice.out_of_scope else found.texts("outside")
    if not outside:
        hint = "say one that must not be reached with --out-of-scope ADDRESS"
        raise UndecidedError("no mailbox out of the scope was found, and Verify tests with one", hint)
    lines.section("proof")
    lines.doubt("the first member, and some mailbox that is no member; name others if these are not fit to test with.")
    lines.items("in_scope", members[:1])
    lines.items("out_of_scope", outside[:1])


def _write_ews(lines: Lines, found: Record) -> None:
    lines.section("ews")
    lines.doubt("check only looks. merge, switch_on and keep say what has to be; see the list below.")
    lines.key("policy", "check")
    rows = found.rows("ews")
    if not rows:
        lines.doubt("EWS of the organisation could not be read.")
        return
    (ews,) = rows[:1]
    enabled = ews.plain("enabled")
    said = "not set" if enabled is None else scalar(enabled)
    lines.remark(f"Found: EwsEnabled {said}, and on the list:", 1)
    for one in ews.texts("allowed") or ():
        lines.remark(f"- {one}", 1)


def _remark_authentication(lines: Lines, found: Record) -> None:
    lines.raw("")
    lines.doubt("how Pexip Infinity logs in (authentication) does not stand in Exchange. What EWS offers:", 0)
    for row in found.rows("virtualDirectories") or ():
        offers = [name for name in ("basic", "windows") if row.flag(name)]
        lines.remark(f"  {row.text('identity')}: {', '.join(offers) or 'neither basic nor windows'}")
