"""PXG103: one name for two recipients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule
from pexgen.lint._values import KeyedText, repeated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _account_name(description: Description) -> Iterator[KeyedText]:
    """Yield the name that a service account is made with, which happens on Exchange Server alone."""
    account = description.service_account
    if account is None or account.adopt or description.target.platform != "exchange-server":
        return
    if account.name:
        yield KeyedText("service_account.name", account.name)
    else:
        key, address = "service_account.user_principal_name", account.user_principal_name
        yield KeyedText(key, address.partition("@")[0])


def _check(description: Description) -> Iterator[Finding]:
    equipment, group = description.equipment, description.scheduling_group
    names = [
        *([] if equipment.adopt else [KeyedText("equipment.name", equipment.name)]),
        *([KeyedText("scheduling_group.name", group.name)] if group and not group.adopt else []),
        *_account_name(description),
    ]
    for value, earlier in repeated(names):
        yield Finding(
            value.key,
            f'`{value.key}` and `{earlier.key}` are both "{value.text}"',
            "give one of them another name; what users see is `equipment.display_name`",
        )


RULE = Rule(
    "PXG103",
    "One name for two recipients",
    "error",
    "A recipient's Name is unique in an Exchange organization, whatever its type and case. Of two objects that are to "
    "be created with one name the second is refused. Objects that are adopted keep their names and are not checked.",
    _check,
)
