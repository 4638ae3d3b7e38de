"""PXG102: one address for two different objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.rules._interface import Finding, Rule
from pexgen.rules._values import Value, listed, members, repeated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _check(description: Description) -> Iterator[Finding]:
    group, account = description.scheduling_group, description.service_account
    objects = [
        Value("equipment.address", description.equipment.address),
        *([Value("scheduling_group.address", group.address)] if group else []),
        *([Value("service_account.user_principal_name", account.user_principal_name)] if account else []),
    ]
    for value, earlier in repeated(objects):
        message = f"`{value.key}` is the same address as `{earlier.key}`, and these are two objects"
        yield Finding(value.key, message, "give each its own address")
    owners = [
        *([value for value in members(description) if group and value.folded == group.address.casefold()]),
        *(
            value
            for value in listed("delegates", (delegate.account for delegate in description.delegates))
            if value.folded == description.equipment.address.casefold()
        ),
    ]
    for value in owners:
        kind = "the group itself" if value.key.startswith("scheduling_group") else "the equipment mailbox itself"
        yield Finding(value.key, f"`{value.key}` is {kind}", "name the mailbox of a person here, or remove the entry")


RULE = Rule(
    "PXG102",
    "One address for two objects",
    "error",
    "An SMTP address belongs to one object in Exchange. The equipment mailbox, the scheduling group and the service "
    "account each need one of their own; a group cannot be its own member, nor the mailbox its own delegate.",
    _check,
)
