"""The clouds that a tenant may live in, by their names under ``target.environment``: the one table of them.

The schema has the names for editors, and the engine has what its session takes; a test holds both to this.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Cloud(NamedTuple):
    """A cloud: how its initial domains end, where Entra signs in, and what ``-ExchangeEnvironmentName`` takes.

    ``exchange`` is empty where the cmdlet needs no name. Sources: Microsoft's reference of Connect-ExchangeOnline, and
    https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud.
    """

    domain: str
    entra: str
    exchange: str = ""


CLOUDS: Mapping[str, Cloud] = {
    "worldwide": Cloud(".onmicrosoft.com", "login.microsoftonline.com"),
    "gcc": Cloud(".onmicrosoft.com", "login.microsoftonline.com"),
    "gcc-high": Cloud(".onmicrosoft.us", "login.microsoftonline.us", "O365USGovGCCHigh"),
    "dod": Cloud(".onmicrosoft.us", "login.microsoftonline.us", "O365USGovDoD"),
    "china": Cloud(".partner.onmschina.cn", "login.partner.microsoftonline.cn", "O365China"),
}


def of_domain(organization: str) -> tuple[str, ...]:
    """Return the clouds whose initial domains end as this one does; none for any other domain."""
    name = organization.casefold()
    return tuple(cloud for cloud, each in CLOUDS.items() if name.endswith(each.domain))
