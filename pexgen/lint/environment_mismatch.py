"""PXG119: the initial domain belongs to another cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.clouds import CLOUDS, by_domain, of_domain, spoken
from pexgen.lint._interface import Finding, Rule
from pexgen.words import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _check(description: Description) -> Iterator[Finding]:
    target = description.target
    clouds = of_domain(target.organization or "")
    if clouds and target.environment not in clouds:
        fitting = listed(f"`{cloud}`" for cloud in clouds)
        yield Finding(
            "target.environment",
            f"{target.organization} is not in the cloud `{target.environment}`",
            f"an initial domain that ends in {CLOUDS[clouds[0]].domain} belongs to {fitting}",
        )


RULE = Rule(
    "PXG119",
    "Initial domain of another cloud",
    "error",
    f"Initial domains end in {listed(f'`{end}` ({spoken(clouds)})' for end, clouds in by_domain().items())}. "
    "Where `target.environment` names another cloud, one of the two is wrong.",
    _check,
)
