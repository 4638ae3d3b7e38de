"""PXG119: the initial domain belongs to another cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.clouds import CLOUDS, of_domain
from pexgen.lint._interface import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _check(description: Description) -> Iterator[Finding]:
    target = description.target
    clouds = of_domain(target.organization or "")
    if clouds and target.environment not in clouds:
        fitting = " or ".join(f"`{cloud}`" for cloud in sorted(clouds, reverse=True))
        yield Finding(
            "target.environment",
            f"{target.organization} is not in the cloud `{target.environment}`",
            f"an initial domain that ends in {CLOUDS[clouds[0]].domain} belongs to {fitting}",
        )


RULE = Rule(
    "PXG119",
    "Initial domain of another cloud",
    "error",
    "Initial domains end in `.onmicrosoft.com` (worldwide and GCC), `.onmicrosoft.us` (GCC High and DoD) or "
    "`.partner.onmschina.cn` (21Vianet). Where `target.environment` names another cloud, one of the two is wrong.",
    _check,
)
