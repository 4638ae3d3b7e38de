"""What a discovery found beside the deployment: EWS of the organization and of mailboxes, and add-ins."""

from __future__ import annotations

from collections.abc import Iterator

from pexgen.clouds import DEFAULT, of_domain
from pexgen.discovery._document import Discovered
from pexgen.discovery._writer import DescriptionWriter
from pexgen.ews_states import EMPTY, EMPTY_ELSEWHERE, FALSE


def ews_facts(found: Discovered) -> Iterator[str]:
    """Yield what was found of EWS, line by line."""
    for ews in (found.rows("ews") or ())[:1]:
        value = ews.plain("enabled")
        enabled = "not set" if value is None else str(value).lower()
        allowed = ews.texts("allowed") or ()
        yield f"Found: EwsEnabled {enabled}, and the list of applications {'has:' if allowed else 'is empty.'}"
        yield from (f"- {one}" for one in allowed)


def ews_doubts(discovery: Discovered, equipment: Discovered, client: str) -> Iterator[str]:
    """Yield what of EWS keeps a deployment from working, or may; ``client`` is its application's ID, where known."""
    yield from gate_doubts(equipment, "the equipment mailbox")
    rows = discovery.one("found").rows("ews")
    if not rows:
        yield "EWS of the organization could not be read."
        return
    (ews,) = rows[:1]
    allowed = [one.casefold() for one in ews.texts("allowed") or ()]
    enabled = str(ews.plain("enabled")).casefold()
    if enabled == "false":
        yield f"{FALSE.now} Check will end with 5."
    elif enabled == "true" and not allowed:
        state = EMPTY if cloud_of(discovery) in EMPTY.clouds else EMPTY_ELSEWHERE
        yield f"{state.now} Check will end with 5."
    elif enabled == "true" and client and client.casefold() not in allowed:
        yield "the application is not on the list: EWS is closed to it, and Check will end with 5."
    policy = ews.text("accessPolicy")
    if policy:
        lists = (("EwsAllowList", ews.texts("allowList")), ("EwsBlockList", ews.texts("blockList")))
        said = "; ".join(f"{name}: {', '.join(agents) if agents else 'empty'}" for name, agents in lists)
        yield f"EwsApplicationAccessPolicy is {policy}: a second gate, by user agent, never changed by pexgen. {said}."


def cloud_of(discovery: Discovered) -> str:
    """Return the cloud that was said, else the first of those that the initial domain stands for."""
    organization = discovery.one("tenant").text("organization").casefold()
    return discovery.option("environment") or (of_domain(organization) or (DEFAULT,))[0]


def gate_doubts(mailbox: Discovered, what: str) -> Iterator[str]:
    """Yield what is to be said of a mailbox's own switch for EWS; nothing where it was not looked at."""
    if not mailbox.has("ews"):
        return
    rows = mailbox.rows("ews")
    if rows is None:
        yield f"EWS of {what} could not be read."
    for row in rows or ():
        if row.plain("enabled") is False:
            yield f"EwsEnabled of {what} is false: EWS is closed to it (Set-CASMailbox -EwsEnabled)."


def write_add_ins(writer: DescriptionWriter, found: Discovered) -> None:
    """List the add-ins of the organization, and how the one of this deployment is described."""
    if not found.has("addIns"):
        return
    writer.raw("")
    rows = found.rows("addIns")
    if rows is None:
        writer.doubt("the add-ins of the organization could not be read.", 0)
        return
    own = [row for row in rows if row.text("scope") != "Default"]
    if not own:
        writer.doubt(
            "Exchange has no add-in of the organization but its own: if users have one, see the admin center.", 0
        )
        return
    writer.doubt(
        "does one of these add-ins belong to this deployment? Then export its manifest from Pexip Infinity, put the "
        "file into the folder of this one, and describe it with the two lines below.",
        0,
    )
    for row in own:
        state = "enabled" if row.flag("enabled") else "disabled"
        writer.remark(
            f"- '{row.text('displayName')}' {row.text('version')} by '{row.text('publisher')}', ID {row.text('id')}, "
            f"{state}, provided to {row.text('providedTo') or 'unknown users'}"
        )
    writer.raw("# add_in:")
    writer.raw("#   manifest: pexip-add-in.xml")
