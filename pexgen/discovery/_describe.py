"""From what was found to a description whose Check finds nothing different, with every doubt marked."""

from __future__ import annotations

import re

from pexgen.clouds import CLOUDS, DEFAULT, of_domain
from pexgen.description import SCHEMA_FILE
from pexgen.discovery._account import write_service_account
from pexgen.discovery._application import write_app_permissions
from pexgen.discovery._choose import CandidateKind, Decisions, choose
from pexgen.discovery._document import Discovered
from pexgen.discovery._equipment import write_delegates, write_equipment
from pexgen.discovery._ews_and_add_ins import cloud_of, write_add_ins
from pexgen.discovery._method import ONLINE, method_of
from pexgen.discovery._screen import shown
from pexgen.discovery._validate import require_valid
from pexgen.discovery._writer import DescriptionWriter
from pexgen.errors import UndecidedError, UsageError
from pexgen.words import listed


def describe(discovery: Discovered, decisions: Decisions) -> str:
    """Return the description of what a discovery found, as commented YAML that lint has no error for.

    Raises :class:`UndecidedError` where a person has to decide, and :class:`pexgen.errors.InputError` where the file
    is not what a discovery writes.
    """
    try:
        text = _written(discovery, decisions)
        require_valid(text)
    except (UndecidedError, UsageError) as error:
        # Names come as Exchange has them, and a screen would not show every character of one.
        raise type(error)(shown(str(error)), shown(error.hint)) from None
    return text


def _written(discovery: Discovered, decisions: Decisions) -> str:
    method, found = method_of(discovery, decisions), discovery.one("found")
    kind = CandidateKind(
        "equipment mailbox", "--equipment ADDRESS", is_cut="equipment" in (discovery.texts("cutOff") or ())
    )
    equipment = choose(found.rows("equipment"), lambda row: row.text("address"), decisions.equipment, kind)
    if equipment.text("type") != "EquipmentMailbox":
        raise UndecidedError(f"{equipment.text('address')} is a {equipment.text('type')}, not an EquipmentMailbox", "")
    writer = DescriptionWriter()
    _write_head(writer, discovery, decisions.name or _name(equipment.text("address")), method)
    _write_target(writer, discovery, found, equipment, decisions)
    write_equipment(writer, equipment)
    if method == "app-permissions":
        write_app_permissions(writer, discovery, equipment, decisions)
    else:
        write_service_account(writer, discovery, equipment, decisions)
    write_delegates(writer, equipment)
    write_add_ins(writer, found)
    return writer.text


def _name(address: str) -> str:
    """A name for the deployment from the mailbox's address."""
    return re.sub(r"[^A-Za-z0-9]+", "-", address.partition("@")[0]).strip("-")[:40].rstrip("-") or "discovered"


def _write_head(writer: DescriptionWriter, discovery: Discovered, name: str, method: str) -> None:
    writer.raw(f"# yaml-language-server: $schema={SCHEMA_FILE}")
    writer.remark(
        "An existing deployment, as pexgen discover found it. Read every line that says doubt: it is about what "
        "Exchange does not show, and somebody has to know it."
    )
    for one in discovery.rows("unreadable") or ():
        writer.doubt(f"not read: {one.text('error')}", 0)
    for subject in discovery.texts("cutOff") or ():
        writer.doubt(f"more than the limit were found, and not all were read: {subject}", 0)
    for text in discovery.texts("notLookedAt") or ():
        writer.doubt(f"not checked: {text}", 0)
    writer.key("version", 1, 0)
    writer.key("name", name, 0)
    writer.key("method", method, 0)


def _write_target(
    writer: DescriptionWriter, discovery: Discovered, found: Discovered, equipment: Discovered, decisions: Decisions
) -> None:
    platform, tenant = discovery.text("platform"), discovery.one("tenant")
    writer.section("target")
    writer.key("platform", platform)
    if platform == ONLINE:
        writer.key("organization", tenant.text("organization"))
        writer.key("tenant_id", tenant.text("tenantId"))
        _write_environment(writer, discovery)
        return
    versions = found.texts("versions") or ()
    if decisions.version and decisions.version not in versions:
        raise UndecidedError(
            f"version: found {', '.join(versions)}, not {decisions.version}", "name one that was found"
        )
    if len(versions) != 1 and not decisions.version:
        raise UndecidedError(f"version: found {', '.join(versions)}", "choose one with --server-version VERSION")
    domain = equipment.text("address").partition("@")[2]
    if domain not in (found.texts("domains") or ()):
        domain = tenant.text("acceptedDomain")
    writer.key("accepted_domain", domain)
    writer.key("version", decisions.version or versions[0])


def _write_environment(writer: DescriptionWriter, discovery: Discovered) -> None:
    first = cloud_of(discovery)
    if discovery.option("environment"):
        writer.key("environment", first)
        return
    end = CLOUDS[first].domain
    others = of_domain(end)[1:]
    if first == DEFAULT:
        writer.doubt(f"environment is {first} unless you say otherwise{f' ({listed(others)})' if others else ''}.")
        return
    other = "".join(f" {each} has such domains too: change it if it is that one." for each in others)
    writer.doubt(f"environment was not given; an initial domain that ends in {end} means this.{other}")
    writer.key("environment", first)
