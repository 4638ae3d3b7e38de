"""PXG119: the initial domain belongs to another cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.rules._interface import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description

_CLOUDS: tuple[tuple[str, frozenset[str]], ...] = (
    (".onmicrosoft.com", frozenset({"worldwide", "gcc"})),
    (".onmicrosoft.us", frozenset({"gcc-high", "dod"})),
    (".partner.onmschina.cn", frozenset({"china"})),
)


def _check(description: Description) -> Iterator[Finding]:
    target = description.target
    for end, environments in _CLOUDS:
        if (target.organization or "").casefold().endswith(end) and target.environment not in environments:
            fitting = " or ".join(f"`{environment}`" for environment in sorted(environments, reverse=True))
            yield Finding(
                "target.environment",
                f"{target.organization} is not in the cloud `{target.environment}`",
                f"an initial domain that ends in {end} belongs to {fitting}",
            )


RULE = Rule(
    "PXG119",
    "Initial domain of another cloud",
    "error",
    "Initial domains end in `.onmicrosoft.com` (worldwide and GCC), `.onmicrosoft.us` (GCC High and DoD) or "
    "`.partner.onmschina.cn` (21Vianet). Where `target.environment` names another cloud, one of the two is wrong.",
    _check,
)
