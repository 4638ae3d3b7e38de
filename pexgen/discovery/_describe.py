"""From what was found to a description whose Check finds nothing different, with every doubt marked."""

from __future__ import annotations

import re

from pexgen.discovery._access import write_app_permissions, write_service_account
from pexgen.discovery._choose import Choice, choose
from pexgen.discovery._document import Record
from pexgen.discovery._yaml import Lines
from pexgen.errors import UndecidedError, UsageError

_ONLINE = "exchange-online"
_METHODS = {_ONLINE: ("app-permissions", "service-account"), "exchange-server": ("service-account",)}
_DEFAULTS: dict[str, bool | int] = {
    "AllowConflicts": False,
    "BookingWindowInDays": 180,
    "EnforceSchedulingHorizon": True,
    "MaximumDurationInMinutes": 1440,
    "DeleteComments": True,
    "DeleteSubject": True,
    "AddOrganizerToSubject": True,
    "RemovePrivateProperty": True,
    "ProcessExternalMeetingMessages": False,
    "DeleteAttachments": True,
    "DeleteNonCalendarItems": True,
    "AddNewRequestsTentatively": True,
    "RemoveOldMeetingMessages": True,
}
"""Settings of a new equipment mailbox's calendar, by Microsoft's reference of Set-CalendarProcessing."""


def describe(discovery: Record, choice: Choice) -> str:
    """Return the description of what a discovery found, as commented YAML.

    Raises :class:`UndecidedError` where a person has to decide, and :class:`pexgen.errors.InputError` where the file
    is not what a discovery writes.
    """
    platform = discovery.text("platform")
    if platform not in _METHODS:
        raise UsageError(f"there is no platform {platform or 'at all'}", f"there are: {', '.join(_METHODS)}")
    found = discovery.one("found")
    method = choice.method or _method(found, platform, choice.assignment)
    if method not in _METHODS[platform]:
        known = ", ".join(_METHODS[platform])
        raise UsageError(f"what was found on {platform} does not become method {method}", f"methods are {known}")
    equipment = choose(
        found.rows("equipment"),
        lambda row: row.text("address"),
        choice.equipment,
        what="equipment mailbox",
        option="--equipment ADDRESS",
    )
    if equipment.text("type") != "EquipmentMailbox":
        raise UndecidedError(f"{equipment.text('address')} is a {equipment.text('type')}, no EquipmentMailbox", "")
    lines = Lines()
    _write_head(lines, discovery, choice.name or _name(equipment.text("address")), method)
    _write_target(lines, discovery, found, equipment, choice)
    _write_equipment(lines, equipment)
    if method == "app-permissions":
        write_app_permissions(lines, found, equipment, choice)
    else:
        write_service_account(lines, found, equipment, choice, platform)
    _write_delegates(lines, equipment)
    return lines.text


def _method(found: Record, platform: str, assignment: str) -> str:
    """The method of what was found; where that is both ways of getting at the mailboxes, a person says which."""
    if platform != _ONLINE:
        return "service-account"
    applications, impersonations = found.rows("applications"), found.rows("impersonations")
    if applications is None and impersonations is None:
        raise UndecidedError("neither applications nor accounts could be read", "say which it is with --method METHOD")
    ours = [row.text("assignment") for row in applications or ()]
    accounts = [row.text("assignment") for row in impersonations or ()]
    if assignment and (assignment in ours) != (assignment in accounts):
        return "app-permissions" if assignment in ours else "service-account"
    if ours and accounts:
        message = f"applications hold a role ({', '.join(ours)}), and so do accounts ({', '.join(accounts)})"
        raise UndecidedError(message, "say which is meant with --assignment NAME or --method METHOD")
    return "app-permissions" if ours else "service-account"


def _name(address: str) -> str:
    """A name for the deployment from the mailbox's address."""
    return re.sub(r"[^A-Za-z0-9]+", "-", address.partition("@")[0]).strip("-")[:40].rstrip("-") or "discovered"


def _write_head(lines: Lines, discovery: Record, name: str, method: str) -> None:
    lines.remark(
        "A deployment that was there, as pexgen discover found it. Read every line that says doubt: what "
        "Exchange does not show, somebody has to know."
    )
    for one in discovery.rows("unreadable") or ():
        lines.doubt(f"not read: {one.text('error')}", 0)
    for subject in discovery.texts("cutOff") or ():
        lines.doubt(f"more than the bound were there, and not all were read: {subject}", 0)
    for text in discovery.texts("notLookedAt") or ():
        lines.doubt(f"not looked at: {text}", 0)
    lines.key("version", 1, 0)
    lines.key("name", name, 0)
    lines.key("method", method, 0)


def _write_target(lines: Lines, discovery: Record, found: Record, equipment: Record, choice: Choice) -> None:
    platform, tenant = discovery.text("platform"), discovery.one("tenant")
    lines.section("target")
    lines.key("platform", platform)
    if platform == _ONLINE:
        lines.key("organization", tenant.text("organization"))
        lines.key("tenant_id", tenant.text("tenantId"))
        lines.doubt("environment is worldwide unless you say otherwise.")
        return
    versions = found.texts("versions") or ()
    if choice.version and choice.version not in versions:
        raise UndecidedError(f"version: found {', '.join(versions)}, not {choice.version}", "say one that is there")
    if len(versions) != 1 and not choice.version:
        raise UndecidedError(f"version: found {', '.join(versions)}", "say which with --server-version VERSION")
    domain = equipment.text("address").partition("@")[2]
    if domain not in (found.texts("domains") or ()):
        domain = tenant.text("acceptedDomain")
    lines.key("accepted_domain", domain)
    lines.raw(f'  version: "{choice.version or versions[0]}"')


def _write_equipment(lines: Lines, equipment: Record) -> None:
    lines.section("equipment")
    lines.key("address", equipment.text("address"))
    lines.key("name", equipment.text("name"))
    lines.key("display_name", equipment.text("displayName"))
    lines.remark("It was there: its names are not touched.", 1)
    lines.key("adopt", True)
    rows = equipment.rows("calendar")
    if not rows:
        lines.doubt("its calendar could not be read; without this section it is not looked at.")
        return
    (calendar,) = rows[:1]
    lines.raw("  calendar:")
    lines.doubt("is this what your copy of Pexip's page says? Settings at Exchange's default are left out.", 2)
    lines.key("automate_processing", str(calendar.plain("AutomateProcessing")), 2)
    for name, default in _DEFAULTS.items():
        value = _typed(calendar.plain(name))
        if value is not None and value != default:
            lines.key(_snake(name), value, 2)


def _typed(value: str | int | None) -> str | int | None:
    """A setting as a description has it; Exchange answers with text for the same thing, depending on the module."""
    if not isinstance(value, str):
        return value
    if value.isdecimal():
        return int(value)
    return {"true": True, "false": False}.get(value.casefold(), value)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _write_delegates(lines: Lines, equipment: Record) -> None:
    access = equipment.rows("fullAccess")
    if access is None:
        lines.raw("")
        lines.doubt("who may open the equipment mailbox could not be read.", 0)
        return
    named = sorted({row.text("address") for row in access} - {""})
    if named:
        lines.section("delegates")
        lines.doubt("are all of them meant? Exchange does not show automapping.")
    for address in named:
        lines.raw("  - account: " + address)
        lines.key("automapping", False, 2)
    for row in access:
        if not row.text("address"):
            lines.doubt(f"{row.text('user')} has full access too, and has no address to describe it by.", 0)
