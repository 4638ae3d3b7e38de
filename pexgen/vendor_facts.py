"""What Microsoft and Pexip announced, with its date or version, its clouds and its source: the one table of it.

Everything with a date that a runbook, a record, a rule or a page says about Microsoft or Pexip is made from this table
or held against it by a test, so that a change there is a change of one line here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pexgen.clouds import WORLDWIDE
from pexgen.vendor_fact_kinds import Delay, Fact, License, Source, Version
from pexgen.vendor_sources import (
    ALMOST_UP,
    APPLICATION_ROLES,
    CMDLETS,
    IS_HERE,
    KIOSK,
    LIFECYCLE,
    LIST_INTRODUCED,
    MODULE,
    MODULE_NOTES,
    NOTES,
    POST,
)

CHECKED = date(2026, 11, 29)
"""The day on which every line was last compared with its source."""

CHECK_AGAIN_DAYS = 90
"""So many days after :data:`CHECKED` the table is called old."""


IMPERSONATION_ANNOUNCED = Fact(
    name="RoleFirstAnnounced",
    day=date(2024, 5, 1),
    text="Microsoft's first announcement names this month for the end of new assignments of ApplicationImpersonation, "
    "and Pexip's page still does; it moved",
    source=Source(
        "Configuring Office 365 for scheduling using a service account",
        "",
        "https://docs.pexip.com/admin/scheduling_o365_config_service.htm",
        "2026-11",
    ),
    is_month=True,
)
IMPERSONATION_CLOSED = Fact(
    name="RoleClosed",
    day=date(2024, 9, 1),
    text="Microsoft blocks new assignments of ApplicationImpersonation in Exchange Online",
    source=Source(
        "Retirement of RBAC Application Impersonation in Exchange Online",
        "Tech Community 4062671, Message Center MC718754",
        "https://techcommunity.microsoft.com/t5/exchange-team-blog/"
        "retirement-of-rbac-application-impersonation-in-exchange-online/ba-p/4062671",
        "2024-11-08",
    ),
    is_month=True,
)
IMPERSONATION_REMOVED = Fact(
    name="RoleRemoved",
    day=date(2025, 2, 1),
    text="Microsoft removes the role ApplicationImpersonation from Exchange Online",
    source=Source(
        "Critical Update: ApplicationImpersonation RBAC Role Deprecation in Exchange Online",
        "Tech Community 4295762, Message Center MC724116",
        f"{POST}critical-update-applicationimpersonation-rbac-role-deprecation-in-exchange-onlin/4295762",
        "2024-11",
    ),
    is_month=True,
)
EXCHANGE_TOKENS_OFF = Fact(
    name="TokensOff",
    day=date(2025, 10, 1),
    text="Microsoft has turned Exchange's identity tokens for Outlook add-ins off in Exchange Online, begun in August "
    "2025 and without exemptions since",
    source=Source("Set-AuthenticationPolicy, -AllowLegacyExchangeTokens", "pull request 13213", CMDLETS, "2025-10-30"),
    is_month=True,
)
SERVER_SUPPORT_ENDED = Fact(
    name="ServerSupportEnded",
    day=date(2025, 10, 14),
    text="Microsoft ends support for Exchange Server 2016 and 2019; Subscription Edition is the only supported server",
    source=Source(
        "Exchange Server 2016 and 2019, end of support",
        "",
        "https://learn.microsoft.com/lifecycle/products/exchange-server-2019",
        "2026-07-21",
    ),
    clouds=(),
)
INITIAL_DOMAIN_LIMITED = Fact(
    name="InitialDomainLimited",
    day=date(2026, 6, 1),
    text="Exchange Online limits mail that leaves an organization from an initial domain to 100 recipients in 24 "
    "hours; this is when the largest organizations followed",
    source=Source(
        "Limiting Onmicrosoft Domain Usage for Sending Emails",
        "Tech Community 4446167",
        f"{POST}limiting-onmicrosoft-domain-usage-for-sending-emails/4446167",
        "2025-08",
    ),
    is_month=True,
)
EWS_LIST_INTRODUCED = Fact(
    name="EwsListIntroduced",
    day=date(2026, 6, 19),
    text="EwsAllowedAppIDs, the organization's list of applications that may use EWS, can be read",
    source=LIST_INTRODUCED,
)
EWS_LAST_DAY = Fact(
    name="EwsLastDay",
    day=date(2026, 9, 30),
    text="The last day on which an administrator could set a list and EwsEnabled true and so stay out of the automatic "
    "switch-off",
    source=ALMOST_UP,
    clouds=WORLDWIDE,
)
EWS_NOTED = Fact(
    name="EwsNoted",
    day=date(2026, 10, 2),
    text="Microsoft notes which organizations have EwsEnabled true and no list",
    source=IS_HERE,
    clouds=WORLDWIDE,
)
EWS_FILLED = Fact(
    name="EwsFilled",
    day=date(2026, 10, 9),
    text="Microsoft has filled the list of those organizations, on this day and the day before, from 60 days of use",
    source=IS_HERE,
    clouds=WORLDWIDE,
)
EWS_LIST_REQUIRED = Fact(
    name="EwsListRequired",
    day=date(2026, 10, 10),
    text="EwsEnabled true requires a list from this day on: over an empty list EWS is closed to everybody",
    source=IS_HERE,
    clouds=WORLDWIDE,
)
MODULE_SIGN_IN = Fact(
    name="ModuleSignIn",
    day=date(2027, 3, 31),
    text="From this day on an ExchangeOnlineManagement module below 3.10.1 may fail to sign in interactively "
    "(PowerShell 7 with WAM switched off); certificates, WAM and Windows PowerShell 5.1 may be unaffected",
    source=MODULE,
)
EWS_ENDS = Fact(
    name="EwsEnds",
    day=date(2027, 4, 1),
    text="EWS in Exchange Online is off for good, without exceptions. Exchange Server keeps it",
    source=ALMOST_UP,
)

MODULE_MINIMUM = Version(
    name="ModuleMinimum",
    value="3.2.0",
    text="The first ExchangeOnlineManagement module whose Get-ConnectionInformation takes -ConnectionId",
    source=MODULE_NOTES,
)
MODULE_NEEDS_NEWER = Version(
    name="ModuleNeedsNewer",
    value="3.10",
    text="From this module on, PowerShell 7 has to be 7.6 or later; Windows PowerShell 5.1 is unaffected",
    source=MODULE_NOTES,
)
MODULE_RECOMMENDED = Version(
    name="ModuleRecommended",
    value="3.10.1",
    text="The ExchangeOnlineManagement module that Microsoft recommends to everybody, or a later one",
    source=MODULE,
)
MODULE_LAST_OLDER = Version(
    name="ModuleLastOlder",
    value="3.9.2",
    text="The last ExchangeOnlineManagement module for PowerShell 7.4 and 7.5; a stopgap, see ModuleSignIn",
    source=MODULE_NOTES,
)
POWERSHELL_NEWER = Version(
    name="PowerShellNewer",
    value="7.6",
    text="The PowerShell 7 that module 3.10 needs, and the first that Microsoft still supports beside Windows "
    "PowerShell 5.1: 7.4 and 7.5 are out of support",
    source=LIFECYCLE,
)
POWERSHELL_MINIMUM = Version(
    name="PowerShellMinimum", value="7.4", text="The PowerShell 7 that module 3.5.0 needs", source=MODULE_NOTES
)

LICENSES: tuple[License, ...] = (
    License(
        name="Kiosk, F1, F3",
        text="Microsoft cancelled the block of EWS that it had announced for mailboxes with Exchange Online Kiosk, F1 "
        "or F3 alone. Their service description does not include EWS; nothing enforces that. Their EWS ends with "
        "everybody's",
        source=KIOSK,
    ),
)
"""Licenses about which an announcement was made that no longer holds; no check depends on one."""

SWITCH_DELAY = Delay("EwsSwitchTakes", "usually an hour, up to about four", "EwsEnabled acts after that", NOTES)
LIST_HOURS = Delay("EwsListHours", "24", "So many hours after a change EwsAllowedAppIDs acts everywhere", IS_HERE)
LIST_DELAY = Delay("EwsListTakes", f"up to {LIST_HOURS.value} hours", "EwsAllowedAppIDs acts after that", IS_HERE)
ROLE_DELAY = Delay(
    "RoleTakes",
    "30 minutes (idle application) to 2 hours (active one)",
    "A role that is given to an application, or taken from it, acts after that",
    APPLICATION_ROLES,
)
DELAYS: tuple[Delay, ...] = (SWITCH_DELAY, LIST_DELAY, ROLE_DELAY)
"""How long Exchange Online takes to act on a change."""

EWS_SECOND_PHASE = (
    "Then, in a second phase of the worldwide cloud, Microsoft sets EwsEnabled to false where it is not set and no "
    "list is there: organization by organization, seven days after a notice in the Message Center. Right before, it "
    "fills the list from 60 days of use. No date is given. A list that an administrator made is never filled"
)
"""What follows in the worldwide cloud, without a date."""

EWS_OTHER_CLOUDS = "Other clouds follow on schedules of their own, which the Message Center announces"
"""What is known of the clouds that do not count to the worldwide one."""

EWS_WAY_OUT = (
    "Before that: ask Pexip whether its scheduling service will use Microsoft Graph, move the mailboxes to Exchange "
    "Server, or plan the end of the service."
)
"""What a person can do about the end of EWS."""

EWS_USAGE_REPORT = "Reports > Usage > Exchange > EWS usage in the Microsoft 365 admin center"
"""Where an administrator sees who uses EWS."""

EWS_USAGE_DAYS = 90
"""The longest period of that report: what runs once a quarter is not in a shorter one."""

_DATED = (
    IMPERSONATION_ANNOUNCED,
    IMPERSONATION_CLOSED,
    IMPERSONATION_REMOVED,
    EXCHANGE_TOKENS_OFF,
    SERVER_SUPPORT_ENDED,
    INITIAL_DOMAIN_LIMITED,
    EWS_LIST_INTRODUCED,
    EWS_LAST_DAY,
    EWS_NOTED,
    EWS_FILLED,
    EWS_LIST_REQUIRED,
    MODULE_SIGN_IN,
    EWS_ENDS,
)
DATED: tuple[Fact, ...] = tuple(sorted(_DATED, key=lambda fact: fact.day))
"""Every fact with a day, in the order of their days, also after one of them has moved."""

VERSIONS: tuple[Version, ...] = (
    MODULE_MINIMUM,
    MODULE_NEEDS_NEWER,
    MODULE_RECOMMENDED,
    MODULE_LAST_OLDER,
    POWERSHELL_NEWER,
    POWERSHELL_MINIMUM,
)
"""Every version from which on something holds."""

_IN_BODIES: tuple[Fact | Version | Delay, ...] = (
    IMPERSONATION_CLOSED,
    IMPERSONATION_REMOVED,
    EWS_LIST_INTRODUCED,
    EWS_ENDS,
    MODULE_SIGN_IN,
    *DELAYS,
    LIST_HOURS,
    *VERSIONS,
)
RUNBOOK_FACTS: Mapping[str, Fact | Version | Delay] = {each.name: each for each in _IN_BODIES}
"""What every body knows as ``$Facts``, by its key there."""


def age_of(today: date) -> tuple[str, bool]:
    """Return a sentence about when the table was checked, and whether that is longer ago than it should be."""
    days = (today - CHECKED).days
    if days <= CHECK_AGAIN_DAYS:
        return f"Facts about Microsoft and Pexip were last checked on {CHECKED}.", False
    text = (
        f"Facts about Microsoft and Pexip are old: they were last checked on {CHECKED}, {days} days ago, and newer "
        "announcements are not among them. Look for a newer pexgen, and compare with the sources that pexgen facts "
        "prints."
    )
    return text, True
