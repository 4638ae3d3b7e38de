"""PXG127: the Exchange Server is out of support."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule
from pexgen.vendor_facts import SERVER_SUPPORT_ENDED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _check(description: Description) -> Iterator[Finding]:
    if description.target.version in {"2016", "2019"}:
        yield Finding(
            "target.version",
            f"Microsoft ended support for Exchange Server {description.target.version} on {SERVER_SUPPORT_ENDED.day}",
            "plan the move to Subscription Edition (SE); accept this until then",
        )


RULE = Rule(
    "PXG127",
    "Exchange Server out of support",
    "warning",
    f"On {SERVER_SUPPORT_ENDED.day}: {SERVER_SUPPORT_ENDED.text} ({SERVER_SUPPORT_ENDED.source}). The runbook is "
    "written for it all the same. An account that may act in mailboxes on a server without security updates is worth "
    "knowing about. Pexip's own pages name 2016 and 2019; SE is not listed in those that are publicly readable.",
    _check,
)
