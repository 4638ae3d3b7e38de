"""The equipment mailbox: its names, its calendar, and who may open it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pexgen.description import longest, scalar, schema_of
from pexgen.discovery._document import Discovered
from pexgen.discovery._screen import unfit
from pexgen.discovery._writer import DescriptionWriter
from pexgen.parameters import pascal_case


def write_equipment(writer: DescriptionWriter, equipment: Discovered) -> None:
    """Write the mailbox with the settings of its calendar that are not Exchange's defaults."""
    writer.section("equipment")
    writer.doubt(
        "Exchange does not show whether this mailbox is Pexip's. Compare address with room_mailbox_email_address of "
        "the integration in Pexip Infinity before anything is applied."
    )
    address, name = equipment.text("address"), equipment.text("name")
    writer.key("address", address)
    why = unfit(name, longest("equipment.name"), ascii_only=True)
    if why:
        writer.doubt(f"the name '{name}' in Exchange {why}; the name here is a substitute, and is not compared.")
    writer.key("name", address.partition("@")[0] if why else name)
    title = equipment.text("displayName")
    why = unfit(title, longest("equipment.display_name"))
    if why:
        writer.doubt(f"the display name '{title}' in Exchange {why}, and is left out.")
    else:
        writer.key("display_name", title)
    writer.remark("It exists: its names are not changed.", 1)
    writer.key("adopt", True)
    rows = equipment.rows("calendar")
    if not rows:
        writer.doubt("its calendar could not be read; without this section it is not checked.")
        return
    _write_calendar(writer, rows[0])


def calendar_settings(calendar: Discovered) -> dict[str, str | int]:
    """Return what of a calendar's settings is not the default that the schema knows, as Exchange names them."""
    values: dict[str, str | int] = {}
    for key, setting in _settings().items():
        value = _typed(calendar.plain(pascal_case(key)))
        if value is not None and value != setting.get("x-exchange-default"):
            values[pascal_case(key)] = value
    return values


def _settings() -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = schema_of(("equipment", "calendar"))["properties"]
    return found


def _write_calendar(writer: DescriptionWriter, calendar: Discovered) -> None:
    values = calendar_settings(calendar)
    if values:
        writer.raw("  calendar:")
        writer.doubt("is this what your copy of Pexip's page says? Settings at Exchange's default are left out.", 2)
    for key in _settings():
        if pascal_case(key) in values:
            writer.key(key, values[pascal_case(key)], 2)
    if "AutomateProcessing" not in values:
        writer.doubt("Exchange returned no AutomateProcessing, so automate_processing is not checked.", 2)


def _typed(value: str | int | None) -> str | int | None:
    """A setting as a description has it; Exchange answers with text for the same thing, depending on the module."""
    if not isinstance(value, str):
        return value
    if value.isdecimal():
        return int(value)
    return {"true": True, "false": False}.get(value.casefold(), value)


def write_delegates(writer: DescriptionWriter, equipment: Discovered) -> None:
    """Write who has full access to the mailbox."""
    access = equipment.rows("fullAccess")
    if access is None:
        writer.raw("")
        writer.doubt("who may open the equipment mailbox could not be read.", 0)
        return
    # What the mailbox has on itself makes nobody a delegate.
    own = equipment.text("address").casefold()
    named = sorted({row.text("address") for row in access if row.text("address").casefold() != own} - {""})
    if named:
        writer.section("delegates")
        writer.doubt("should all of them have it? Exchange does not show automapping.")
    for address in named:
        writer.raw(f"  - account: {scalar(address)}")
        writer.key("automapping", False, 2)
    for row in access:
        if not row.text("address"):
            writer.doubt(f"{row.text('user')} has full access too, and has no address to describe it by.", 0)
