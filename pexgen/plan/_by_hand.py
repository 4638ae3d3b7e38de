"""What a runbook does not do, and a person has to: before it, after it, or between its phases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pexgen.description import Description

_ENTRA = "In Entra: the app registration, its client secret, and nothing that is consented to as full_access_as_app."
_INTEGRATION = (
    "In Pexip Infinity: the Secure Scheduler for Exchange integration. pexgen values prints what to enter; secrets and "
    "passwords go into it past pexgen."
)
_SWITCH = "In Pexip Infinity, between the phases: the switch to the application (pexgen values prints what to enter)."
_OLD_ACCOUNT = "Afterwards: the old account's licence, its sign-in, and the registration by which it signed in."
_ADD_IN_ONLINE = (
    "In the Microsoft 365 admin center (Settings, Integrated apps, Upload custom apps), the way that Pexip prefers: "
    "upload the add-in's manifest from Pexip Infinity, choose who gets it, and wait until Outlook shows it to them."
)
_ADD_IN_SERVER = (
    "In the Exchange admin center, among the organization's add-ins, unless the description gets an add_in: upload "
    "its manifest from Pexip Infinity, choose who gets it, and wait until Outlook shows it to them."
)


def by_hand(description: Description) -> tuple[str, ...]:
    """Return what is done by hand, in the order in which it is due."""
    return tuple(_items(description))


def _items(description: Description) -> Iterator[str]:
    on_premises, migrates = description.target.platform == "exchange-server", description.method == "migrate"
    if description.application is not None:
        yield _ENTRA
    if on_premises:
        yield from _group(description)
    if migrates:
        yield from (_SWITCH, _OLD_ACCOUNT)
        return
    yield _INTEGRATION
    if description.add_in is None:
        yield _ADD_IN_SERVER if on_premises else _ADD_IN_ONLINE


def _group(description: Description) -> Iterator[str]:
    impersonation = description.impersonation
    if impersonation is None or impersonation.group is None:
        return
    yield (
        f"In Exchange, before Apply: the group {impersonation.group} (distribution or mail-enabled security) with its "
        "direct members, who schedule. The runbook only looks at it, and refuses where it is not there. The equipment "
        f"mailbox {description.equipment.address} has to be one of the members: put it in as soon as it exists; until "
        "then the step impersonation is blocked."
    )
