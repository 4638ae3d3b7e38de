"""The clouds that a tenant may live in, by their names under ``target.environment``: the one table of them.

What stands elsewhere of a cloud is made from here: in the schema, the parts of bodies and the pages by the tools, as
``tools/cloud_places.py`` says, and in messages, records and rules as pexgen runs.
"""

# No "from __future__ import annotations": named tuples look at the types of their fields, and resolving text is slow.

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pexgen.words import listed


class Cloud(NamedTuple):
    """A cloud: what is said of it, how its initial domains end, where Entra signs in, and its name in Exchange.

    ``about`` is the sentence that editors show, and ``name`` what a sentence calls it. ``exchange`` is what
    ``-ExchangeEnvironmentName`` takes, empty where the cmdlet needs no name. ``is_worldwide`` is for the clouds that
    Microsoft counts to the worldwide one: they are reached like it, and what Microsoft announces for it holds in them.
    Sources: Microsoft's reference of Connect-ExchangeOnline, and
    https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud.
    """

    about: str
    name: str
    domain: str
    entra: str
    exchange: str = ""
    is_worldwide: bool = False


CLOUDS: Mapping[str, Cloud] = {
    "worldwide": Cloud(
        about="Microsoft 365 worldwide.",
        name="worldwide",
        domain=".onmicrosoft.com",
        entra="login.microsoftonline.com",
        is_worldwide=True,
    ),
    "gcc": Cloud(
        about="US Government GCC; connects like worldwide.",
        name="GCC",
        domain=".onmicrosoft.com",
        entra="login.microsoftonline.com",
        is_worldwide=True,
    ),
    "gcc-high": Cloud(
        about="US Government GCC High.",
        name="GCC High",
        domain=".onmicrosoft.us",
        entra="login.microsoftonline.us",
        exchange="O365USGovGCCHigh",
    ),
    "dod": Cloud(
        about="US Department of Defense.",
        name="DoD",
        domain=".onmicrosoft.us",
        entra="login.microsoftonline.us",
        exchange="O365USGovDoD",
    ),
    "china": Cloud(
        about="Microsoft 365 operated by 21Vianet.",
        name="21Vianet",
        domain=".partner.onmschina.cn",
        entra="login.partner.microsoftonline.cn",
        exchange="O365China",
    ),
}

DEFAULT = next(iter(CLOUDS))
"""The cloud of a description that names none."""

WORLDWIDE = tuple(cloud for cloud, each in CLOUDS.items() if each.is_worldwide)
"""The clouds that count to the worldwide one."""

_CLOSED = (".onmicrosoft.de",)
"""The cloud of Germany was closed; organizations that came from it kept their domains."""

DOMAINS = tuple(dict.fromkeys((*(each.domain for each in CLOUDS.values()), *_CLOSED)))
"""How initial domains end, in every cloud and in those that were closed."""


def of_domain(organization: str) -> tuple[str, ...]:
    """Return the clouds whose initial domains end as this one does; none for any other domain."""
    name = organization.casefold()
    return tuple(cloud for cloud, each in CLOUDS.items() if name.endswith(each.domain))


def by_domain() -> Mapping[str, tuple[str, ...]]:
    """Return the clouds whose initial domains end so, by each of the ends."""
    return {each.domain: of_domain(each.domain) for each in CLOUDS.values()}


def spoken(clouds: Iterable[str]) -> str:
    """Return what a sentence calls these clouds: ``worldwide and GCC``."""
    return listed((CLOUDS[cloud].name for cloud in clouds), "and")
