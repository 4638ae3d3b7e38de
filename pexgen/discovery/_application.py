"""An application with app permissions: which one, what it holds, its group, its scope and its proof."""

from __future__ import annotations

from pexgen.description import longest
from pexgen.discovery._choose import CandidateKind, Decisions, choose, only
from pexgen.discovery._document import Discovered
from pexgen.discovery._ews_and_add_ins import ews_doubts, ews_facts
from pexgen.discovery._scopes import doubt_exclusive, members_of, scope_of, write_assignment, write_proof
from pexgen.discovery._screen import unfit
from pexgen.discovery._writer import DescriptionWriter
from pexgen.errors import UndecidedError
from pexgen.words import first_few

_MOST_NAMED = 10


def write_app_permissions(
    writer: DescriptionWriter, discovery: Discovered, equipment: Discovered, decisions: Decisions
) -> None:
    """Write the application, the group, the scope, the proof and what is known of EWS."""
    found = discovery.one("found")
    row = _assignment(discovery, found, decisions)
    name = row.text("assignment")
    principal = only(row.rows("principals"), f"application of {name}")
    scope = scope_of(row)
    if scope is None:
        message = f"{name} has no management scope, and without one it reaches every mailbox"
        raise UndecidedError(message, "limit it to a group in Exchange, or describe another assignment")
    group = only(scope.rows("groups"), f"group in the filter of {scope.text('name')}: {scope.text('filter')}")
    _write_application(writer, found, row, principal)
    members = _write_group(writer, group, equipment)
    writer.section("scope")
    why = unfit(scope.text("name"), longest("scope.name"))
    if why:
        message = f"the name '{scope.text('name')}' of the management scope {why}, and no description can hold it"
        raise UndecidedError(message, "create a scope with another name, and move the assignment to it")
    writer.key("name", scope.text("name"))
    doubt_exclusive(writer, scope)
    write_proof(writer, found, members or (equipment.text("address"),), decisions)
    _write_ews(writer, discovery, equipment, principal)
    if found.rows("impersonations"):
        writer.doubt("accounts hold Application Impersonation as well; method migrate removes an old one.", 0)


def _assignment(discovery: Discovered, found: Discovered, decisions: Decisions) -> Discovered:
    rows, client_id = found.rows("applications"), discovery.option("clientId")
    if rows == () and client_id and found.has("principals"):
        known = only(found.rows("principals"), f"application with the client ID {client_id} that Exchange knows")
        held = [f"{each.text('assignment')} of {each.text('role')}" for each in known.rows("roles") or ()]
        holds = f"it holds {', '.join(held)}" if held else "it holds no role for applications"
        if known.rows("roles") is None:
            holds = "what it holds could not be read"
        message = (
            f"Exchange knows the application '{known.text('name')}' (client ID {known.text('clientId')}, object ID "
            f"{known.text('objectId')}), which has no assignment of Application EWS.AccessAsApp: {holds}"
        )
        hint = "nothing shows which scope is meant: pexgen init --method app-permissions, with these two identifiers"
        raise UndecidedError(message, hint)
    kind = CandidateKind("assignment of Application EWS.AccessAsApp", "--assignment NAME")
    return choose(rows, lambda each: each.text("assignment"), decisions.assignment, kind)


def _write_application(writer: DescriptionWriter, found: Discovered, row: Discovered, principal: Discovered) -> None:
    writer.section("application")
    writer.doubt(
        "Exchange does not show whether this application is Pexip's. Compare client_id with oauth_client_id of the "
        "integration in Pexip Infinity before anything is applied."
    )
    name = principal.text("name")
    why = unfit(name, longest("application.name"))
    if why:
        writer.doubt(
            f"the display name '{name}' in Exchange {why}, so name has another one: Check will report a difference, "
            "and Apply would write it."
        )
    writer.key("name", "Pexip Scheduler" if why else name)
    writer.key("client_id", principal.text("clientId"))
    writer.key("object_id", principal.text("objectId"))
    write_assignment(writer, row)
    _doubt_other_roles(writer, row)
    _doubt_other_applications(writer, found, principal)


def _doubt_other_roles(writer: DescriptionWriter, row: Discovered) -> None:
    """Mark whatever else the application holds: Check finds a conflict in what reaches beyond the described scope."""
    if not row.has("roles"):
        return
    roles = row.rows("roles")
    if roles is None:
        writer.doubt("what else the application holds could not be read.")
        return
    for role in roles:
        if role.text("assignment").casefold() == row.text("assignment").casefold():
            continue
        scope = role.text("scope")
        where = f"on '{scope}' ({role.text('reach')})" if scope else f"on every mailbox ({role.text('reach')})"
        writer.doubt(
            f"the application also holds {role.text('role')} {where} by '{role.text('assignment')}'. Check will find a "
            "conflict where that reaches beyond the scope below."
        )


def _doubt_other_applications(writer: DescriptionWriter, found: Discovered, principal: Discovered) -> None:
    ours = principal.text("objectId").casefold()
    others = [row for row in found.rows("principals") or () if row.text("objectId").casefold() != ours]
    if not others:
        return
    named = [f"'{row.text('name')}' {row.text('clientId')}" for row in others]
    writer.doubt(f"Exchange knows other applications too: {first_few(named, _MOST_NAMED)}.")


def _write_group(writer: DescriptionWriter, group: Discovered, equipment: Discovered) -> tuple[str, ...]:
    writer.section("scheduling_group")
    writer.key("address", group.text("address"))
    name = group.text("displayName")
    why = unfit(name, longest("scheduling_group.name"))
    if why:
        writer.doubt(f"the display name '{name}' {why}; the name here is a substitute, and is not compared.")
    writer.key("name", group.text("address").partition("@")[0] if why else name)
    writer.remark("It exists: it is never created, and its names are never changed.", 1)
    writer.key("adopt", True)
    members = members_of(writer, group, equipment)
    writer.items("members", members)
    return members


def _write_ews(writer: DescriptionWriter, discovery: Discovered, equipment: Discovered, principal: Discovered) -> None:
    writer.section("ews")
    writer.doubt("check only looks. merge, switch_on and keep say what has to be; see the list below.")
    writer.key("policy", "check")
    for doubt in ews_doubts(discovery, equipment, principal.text("clientId")):
        writer.doubt(doubt)
    for fact in ews_facts(discovery.one("found")):
        writer.remark(fact, 1)
