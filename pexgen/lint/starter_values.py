"""PXG141: an example of ``pexgen init`` is still there."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule
from pexgen.lint._values import texts
from pexgen.lint.placeholders import is_placeholder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description
    from pexgen.lint._values import KeyedText

_STARTERS = Path(__file__).parent.parent / "starters"
_EXAMPLE = "contoso"
_WORDS = re.compile(r"[A-Za-z0-9@._+'-]*contoso[A-Za-z0-9@._+'-]*(?:/[A-Za-z][A-Za-z ]*)?")


@cache
def _examples() -> frozenset[str]:
    """Every name, address and domain with the example's name in it that a starter has, also in its comments."""
    lines = (
        line
        for starter in sorted(_STARTERS.glob("*.yaml"))
        for line in starter.read_text(encoding="utf-8").splitlines()
    )
    found = (word for line in lines if _EXAMPLE in line for word in _WORDS.findall(line))
    return frozenset(word.strip().casefold() for word in found)


def _check(description: Description) -> Iterator[Finding]:
    values = [
        value
        for value in texts(description)
        # What follows from the name is mended with it.
        if _EXAMPLE in value.folded and not value.folded.startswith(f"{description.name.casefold()}-")
    ]
    left = [value for value in values if value.folded in _examples()]
    if len(left) < len(values) and _is_meant(description):
        return
    for value in left:
        yield Finding(value.key, f'`{value.key}` is still the example of `pexgen init`, "{value.text}"', _hint(value))


def _is_meant(description: Description) -> bool:
    """Whether the tenant is one that is called so: nobody has written another one, nor left its ID as it was."""
    target = description.target
    domain = (target.organization or target.accepted_domain or "").casefold()
    return domain.startswith(_EXAMPLE) and not is_placeholder(target.tenant_id or "")


def _hint(value: KeyedText) -> str:
    if value.key == "name":
        return "give the deployment a name of its own; runbook, journal and objects in Exchange are called after it"
    return "write your own; where your organization is called so, accept this finding with that reason"


RULE = Rule(
    "PXG141",
    "Example of init is still there",
    "warning",
    "`pexgen init` writes names, addresses and domains of Contoso, Microsoft's example, also in lines that are "
    "commented out. Each that is still there is found. They are taken for meant where the target is such a tenant with "
    "an ID of its own, and the description has at least one other value of Contoso, which `init` did not write.",
    _check,
)
