"""PXG102: one address for two different objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule
from pexgen.lint._values import KeyedText, delegates, members, repeated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description

_WHOSE = "name the mailbox of a person here, or remove the entry"


def _check(description: Description) -> Iterator[Finding]:
    group, account = description.scheduling_group, description.service_account
    objects = [
        KeyedText("equipment.address", description.equipment.address),
        *([KeyedText("scheduling_group.address", group.address)] if group else []),
        *([KeyedText("service_account.user_principal_name", account.user_principal_name)] if account else []),
    ]
    for value, earlier in repeated(objects):
        message = f"`{value.key}` is the same address as `{earlier.key}`, and these are two objects"
        yield Finding(value.key, message, "give each its own address")
    if group:
        for value in members(description):
            if value.folded == group.address.casefold():
                yield Finding(value.key, f"`{value.key}` is the group itself", _WHOSE)
    for value in delegates(description):
        if value.folded == description.equipment.address.casefold():
            yield Finding(value.key, f"`{value.key}` is the equipment mailbox itself", _WHOSE)


RULE = Rule(
    "PXG102",
    "One address for two objects",
    "error",
    "An SMTP address belongs to one object in Exchange. The equipment mailbox, the scheduling group and the service "
    "account each need one of their own; a group cannot be its own member, nor the mailbox its own delegate.",
    _check,
)
