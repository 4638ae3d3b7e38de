"""PXG124: the service account may act in every mailbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _check(description: Description) -> Iterator[Finding]:
    impersonation = description.impersonation
    if description.target.platform == "exchange-server" and impersonation and impersonation.scope == "organization":
        yield Finding(
            "impersonation.scope",
            "`scope: organization` lets the service account read and change every mailbox of the organization",
            "`scope: group` limits it to those who schedule; accept this where everybody is meant",
        )


RULE = Rule(
    "PXG124",
    "Impersonation reaches everybody",
    "warning",
    "Without a scope the role ApplicationImpersonation lets the account act as all users and resources, which is how "
    "Pexip describes it. Whoever has the account's password then has every mailbox. `scope: group` limits it to the "
    "direct members of a group. That form is common among other vendors; that Pexip describes it for scheduling is "
    "not publicly known.",
    _check,
)
