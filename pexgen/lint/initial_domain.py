"""PXG105: the equipment mailbox sends from the tenant's initial domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.clouds import DOMAINS
from pexgen.lint._interface import Finding, Rule
from pexgen.lint._values import domain
from pexgen.vendor_facts import INITIAL_DOMAIN_LIMITED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _check(description: Description) -> Iterator[Finding]:
    address = description.equipment.address
    if description.target.platform == "exchange-online" and domain(address).endswith(DOMAINS):
        yield Finding(
            "equipment.address",
            f"the equipment mailbox would answer from {domain(address)}",
            "take an address in a domain of your own; Exchange Online limits mail from initial domains to the outside",
        )


RULE = Rule(
    "PXG105",
    "Equipment mailbox in the initial domain",
    "warning",
    "Pexip's service answers from the equipment mailbox, and users see its address. Exchange Online limits mail that "
    "leaves the organization from an initial domain (`*.onmicrosoft.com`) to 100 recipients in 24 hours for the whole "
    f"tenant (NDR 550 5.7.236, in force since {INITIAL_DOMAIN_LIMITED.spoken}).",
    _check,
)
