"""PXG104: addresses in domains that differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule
from pexgen.lint._values import KeyedText, count_by_domain, delegates, domain, in_scope, members

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _account(description: Description) -> Iterator[KeyedText]:
    account, impersonation = description.service_account, description.impersonation
    if account:
        yield KeyedText("service_account.user_principal_name", account.user_principal_name)
    if impersonation and impersonation.group:
        yield KeyedText("impersonation.group", impersonation.group)


def _not_known(description: Description) -> str:
    if description.scheduling_group:
        return "neither the equipment mailbox's domain nor the group's"
    if description.target.accepted_domain:
        return "neither the equipment mailbox's domain nor `target.accepted_domain`"
    return "not the equipment mailbox's domain"


def _check(description: Description) -> Iterator[Finding]:
    own = domain(description.equipment.address)
    group = description.scheduling_group
    if group and domain(group.address) != own:
        yield Finding(
            "scheduling_group.address",
            f"the group is in {domain(group.address)}, the equipment mailbox in {own}",
            "check for a typo; both have to be accepted domains of this organization",
        )
    known = {own, domain(group.address) if group else own, (description.target.accepted_domain or own).casefold()}
    others = [*_account(description), *members(description), *in_scope(description), *delegates(description)]
    counts = count_by_domain(others)
    for value in others:
        name = domain(value.text)
        if name in known:
            continue
        known.add(name)
        more = f" and {counts[name] - 1} more" if counts[name] > 1 else ""
        yield Finding(
            value.key,
            f"`{value.key}`{more}: {name} is {_not_known(description)}",
            "check for a typo; a mailbox that does not exist in this organization stops the run",
        )


RULE = Rule(
    "PXG104",
    "Addresses in different domains",
    "warning",
    "The equipment mailbox, the service account, the group, its members and the delegates live in one organization, "
    "mostly in one domain. Another domain is often a typo (`contso.com`), and then a mailbox that does not exist, "
    "which stops the run. An organization with several domains accepts this finding. Each domain is reported once.",
    _check,
)
