"""Facts with a date, a version or a limit that rules, records and runbooks rest on, each with where it comes from.

One table, so that a change at Microsoft's or Pexip's is a change of one line here. Facts reach to October 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple


class Fact(NamedTuple):
    """What happens on a day, and who says so; of some facts the sources name the month alone."""

    day: date
    text: str
    source: str
    is_month: bool = False

    @property
    def value(self) -> str:
        """The day as ``yyyy-MM-dd``, or the month as ``September 2024``."""
        return f"{_MONTHS[self.day.month - 1]} {self.day.year}" if self.is_month else str(self.day)


class Version(NamedTuple):
    """A version from which on something holds, what that is, and who says so."""

    value: str
    text: str
    source: str


# Not the system's names, which depend on its language.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

IMPERSONATION_CLOSED = Fact(
    date(2024, 9, 1),
    "Microsoft blocks new assignments of ApplicationImpersonation in Exchange Online",
    "Exchange team blog, Tech Community 4062671; Message Center MC718754",
    is_month=True,
)
IMPERSONATION_REMOVED = Fact(
    date(2025, 2, 1),
    "Microsoft removes the role ApplicationImpersonation from Exchange Online",
    "Exchange team blog, Tech Community 4295762; Message Center MC724116",
    is_month=True,
)
EXCHANGE_TOKENS_OFF = Fact(
    date(2025, 10, 1),
    "Microsoft turned Exchange's identity tokens for Outlook add-ins off in Exchange Online from August to October "
    "2025, without exemptions since",
    "Microsoft's reference, 2026-08-21",
)
EWS_LIST_INTRODUCED = Fact(
    date(2026, 6, 19),
    "EwsAllowedAppIDs, the organization's list of applications that may use EWS, can be read",
    "Exchange team blog, Tech Community 4529471",
)
EWS_BLOCKED = Fact(
    date(2026, 10, 1),
    "Exchange Online begins to block EWS, tenant by tenant, where EwsEnabled is not set",
    "Exchange team blog, Tech Community 4492361",
)
EWS_ENDS = Fact(
    date(2027, 4, 1),
    "EWS in Exchange Online is off for good; nobody can switch it on again",
    "Exchange team blog, Tech Community 4492361",
)
SERVER_SUPPORT_ENDED = Fact(
    date(2025, 10, 14),
    "Microsoft ends support for Exchange Server 2016 and 2019; Subscription Edition is the only supported server",
    "Exchange team blog of 2026-07-21",
)
MODULE_MINIMUM = Version(
    "3.2.0",
    "The first ExchangeOnlineManagement module whose Get-ConnectionInformation takes -ConnectionId",
    "release notes of the module",
)
MODULE_NEEDS_NEWER = Version(
    "3.10",
    "From this module on, PowerShell 7 has to be 7.6 or later; Windows PowerShell 5.1 is unaffected",
    "release notes of the module",
)
MODULE_LAST_OLDER = Version(
    "3.9.2", "The last ExchangeOnlineManagement module for PowerShell 7.4 and 7.5", "release notes of the module"
)
POWERSHELL_NEWER = Version("7.6", "The PowerShell 7 that module 3.10 needs", "release notes of the module")
POWERSHELL_MINIMUM = Version("7.4", "The PowerShell 7 that module 3.5.0 needs", "release notes of the module")

#: Days before the end of EWS from which a description that rests on it is worth a warning.
EWS_ENDS_SOON_DAYS = 90

#: What Exchange takes, in UTF-16 code units as .NET counts them.
EXCHANGE_NAME_LENGTH = 64
EXCHANGE_DISPLAY_NAME_LENGTH = 256

RUNBOOK_FACTS: Mapping[str, Fact | Version] = {
    "RoleClosed": IMPERSONATION_CLOSED,
    "RoleRemoved": IMPERSONATION_REMOVED,
    "EwsListIntroduced": EWS_LIST_INTRODUCED,
    "EwsBlocked": EWS_BLOCKED,
    "EwsEnds": EWS_ENDS,
    "ModuleMinimum": MODULE_MINIMUM,
    "ModuleNeedsNewer": MODULE_NEEDS_NEWER,
    "ModuleLastOlder": MODULE_LAST_OLDER,
    "PowerShellNewer": POWERSHELL_NEWER,
    "PowerShellMinimum": POWERSHELL_MINIMUM,
}
"""What every body knows as ``$Facts``, by its key there."""

DATED: tuple[Fact, ...] = (
    IMPERSONATION_CLOSED,
    IMPERSONATION_REMOVED,
    EXCHANGE_TOKENS_OFF,
    EWS_LIST_INTRODUCED,
    EWS_BLOCKED,
    EWS_ENDS,
    SERVER_SUPPORT_ENDED,
)
"""Every fact with a day, in any order."""

VERSIONS: tuple[Version, ...] = (
    MODULE_MINIMUM,
    MODULE_NEEDS_NEWER,
    MODULE_LAST_OLDER,
    POWERSHELL_NEWER,
    POWERSHELL_MINIMUM,
)
"""Every version from which on something holds."""
