"""Where the facts of :mod:`pexgen.vendor_facts` stand, so that somebody can look again."""

from __future__ import annotations

from pexgen.vendor_fact_kinds import Source

POST = "https://techcommunity.microsoft.com/blog/exchange/"
CMDLETS = "https://github.com/MicrosoftDocs/office-docs-powershell"
LIFECYCLE = Source(
    "PowerShell Support Lifecycle",
    "",
    "https://learn.microsoft.com/powershell/scripting/install/powershell-support-lifecycle",
    "2026-11",
)
ALMOST_UP = Source(
    "Exchange Online EWS, Your Time is Almost Up",
    "Tech Community 4492361",
    f"{POST}exchange-online-ews-your-time-is-almost-up/4492361",
    "2026-09-09",
)
IS_HERE = Source(
    "EWS Deprecation Is Here - What This Means To You",
    "Tech Community 4561431",
    f"{POST}ews-deprecation-is-here-%E2%80%93-what-this-means-to-you/4561431",
    "2026-10-01",
)
LIST_INTRODUCED = Source(
    "Introducing EWSAllowedAppIDs: Preparing for the Final Phase of EWS Retirement",
    "Tech Community 4529471",
    f"{POST}introducing-ewsallowedappids-preparing-for-the-final-phase-of-ews-retirement/4529471",
    "2026-06-19",
)
NOTES = Source(
    "Notes from the field: testing EWSAllowedAppIDs safely",
    "Tech Community 4548568",
    f"{POST}notes-from-the-field-testing-ewsallowedappids-safely/4548568",
    "2026-10-05",
)
KIOSK = Source(
    "Update to EWS Access for Kiosk / Frontline Worker Licensed Users",
    "Tech Community 4474299",
    f"{POST}update-to-ews-access-for-kiosk--frontline-worker-licensed-users/4474299",
    "2026-09-22",
)
MODULE = Source(
    "Action Required: Upgrade ExchangeOnlineManagement PowerShell Module to Version 3.10.1 or Newer",
    "Tech Community 4561418",
    f"{POST}action-required-upgrade-exchangeonlinemanagement-powershell-module-to-version-3-/4561418",
    "2026-10-02",
)
APPLICATION_ROLES = Source(
    "Role Based Access Control for Applications in Exchange Online",
    "",
    "https://learn.microsoft.com/exchange/permissions-exo/application-rbac",
    "2026-11",
)
MODULE_NOTES = Source(
    "About the Exchange Online PowerShell module, release notes",
    "",
    "https://learn.microsoft.com/powershell/exchange/exchange-online-powershell-v2",
    "2026-08",
)
