"""How far an assignment reaches: its scope with the group in it, the group's members, and mailboxes to test it with."""

from __future__ import annotations

import re

from pexgen.description import longest
from pexgen.discovery._choose import Decisions
from pexgen.discovery._document import Discovered
from pexgen.discovery._screen import unfit
from pexgen.discovery._writer import DescriptionWriter
from pexgen.errors import UndecidedError

_BY_ADDRESS = re.compile(r"(?i)PrimarySmtpAddress -eq '((?:[^']|'')*)'")
_BY_GROUP = re.compile(r"(?i)MemberOfGroup -eq '(?:[^']|'')*'")
_DIRECT = {"Group": "the group", "AdministrativeUnit": "the administrative unit"}

OTHER_ROLES = "run the discovery with other roles"
"""What to do where something could not be read."""


def write_assignment(writer: DescriptionWriter, row: Discovered) -> None:
    """Write an assignment's name, and whether it is in force."""
    if not row.flag("enabled"):
        writer.doubt("the assignment is disabled; Check will report that as a difference.")
    name = row.text("assignment")
    why = unfit(name, longest("scope.name"))
    if why:
        writer.doubt(f"the name '{name}' of the assignment {why}. It is left out: it is not compared.")
    else:
        writer.key("assignment", name)


def scope_of(row: Discovered) -> Discovered | None:
    """Return the management scope of an assignment, or None where it reaches every mailbox.

    Raises :class:`UndecidedError` where it is limited in a way that no description has words for.
    """
    name, scopes = row.text("assignment"), row.rows("scopes")
    if scopes is None:
        raise UndecidedError(f"scopes of {name}: not read", OTHER_ROLES)
    if not scopes and row.text("reach") not in {"", "Organization"}:
        message = f"{name} reaches '{row.text('reach')}', and no management scope of it was found"
        raise UndecidedError(message, "pexgen cannot describe that: check the assignment in Exchange")
    for scope in scopes:
        kind = scope.text("kind")
        if kind in _DIRECT:
            message = f"{name} is limited to {_DIRECT[kind]} '{scope.text('name')}' itself, not to a management scope"
            hint = (
                "pexgen describes a management scope with a filter over a group: create one over the same members "
                "(pexgen init --method app-permissions, with adopt: true for the group), and remove this assignment"
            )
            raise UndecidedError(message, hint)
    return scopes[0] if scopes else None


def reach_of(scope: Discovered, equipment: Discovered) -> str:
    """Return how far a scope reaches: ``equipment-only``, ``group``, or empty where a description cannot say it."""
    address = _BY_ADDRESS.fullmatch(scope.text("filter"))
    if address and address[1].casefold() == equipment.text("address").casefold():
        return "equipment-only"
    return "group" if _BY_GROUP.fullmatch(scope.text("filter")) else ""


def doubt_exclusive(writer: DescriptionWriter, scope: Discovered) -> None:
    """Mark a scope that shuts out other administrators."""
    if scope.flag("exclusive"):
        writer.doubt("the scope is exclusive; Check will find a conflict.")


def members_of(writer: DescriptionWriter, group: Discovered, equipment: Discovered) -> tuple[str, ...]:
    """Return the direct members that can be described, without the equipment mailbox, which always is one."""
    rows = group.rows("members")
    if rows is None:
        raise UndecidedError(f"members of {group.text('address')}: not read", OTHER_ROLES)
    ours = equipment.text("address").casefold()
    if all(row.text("address").casefold() != ours for row in rows):
        writer.doubt("the equipment mailbox is not a direct member; it has to be one.")
    kept = []
    for row in rows:
        address = row.text("address")
        if not address or "Group" in row.text("type"):
            writer.doubt(f"the member '{address}' ({row.text('type')}) is not described: it is not in the scope.")
        elif address.casefold() != ours:
            kept.append(address)
    return tuple(sorted(kept))


def write_proof(writer: DescriptionWriter, found: Discovered, members: tuple[str, ...], decisions: Decisions) -> None:
    """Write the mailboxes that Verify tests the scope with."""
    outside = (decisions.out_of_scope,) if decisions.out_of_scope else found.texts("outside")
    if not outside:
        hint = "give one that must not be reached with --out-of-scope ADDRESS"
        raise UndecidedError("no mailbox out of the scope was found, and Verify tests with one", hint)
    writer.section("proof")
    writer.doubt("a member, and a mailbox that is not a member; name others if these cannot be used for a test.")
    writer.items("in_scope", members[:1])
    writer.items("out_of_scope", outside[:1])
