"""Facts with a date or a limit that rules and records rest on, each with where it comes from.

One table, so that a change at Microsoft's or Pexip's is a change of one line here. Facts reach to October 2026.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Fact(NamedTuple):
    """What happens on a day, and who says so."""

    day: date
    text: str
    source: str


IMPERSONATION_CLOSED = Fact(
    date(2024, 9, 1),
    "Microsoft blocks new assignments of ApplicationImpersonation in Exchange Online",
    "Exchange team blog, Tech Community 4062671; Message Center MC718754",
)
IMPERSONATION_REMOVED = Fact(
    date(2025, 2, 1),
    "Microsoft removes the role ApplicationImpersonation from Exchange Online",
    "Exchange team blog, Tech Community 4295762; Message Center MC724116",
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

#: Days before the end of EWS from which a description that rests on it is worth a warning.
EWS_ENDS_SOON_DAYS = 90

#: What Exchange takes, in UTF-16 code units as .NET counts them.
EXCHANGE_NAME_LENGTH = 64
EXCHANGE_DISPLAY_NAME_LENGTH = 256
