"""Who runs the runbook, with which roles, and how the session is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.clouds import CLOUDS
from pexgen.plan.model import Operator, PlannedStep
from pexgen.vendor_facts import (
    MODULE_MINIMUM,
    MODULE_NEEDS_NEWER,
    MODULE_RECOMMENDED,
    MODULE_SIGN_IN,
    POWERSHELL_MINIMUM,
    POWERSHELL_NEWER,
)

if TYPE_CHECKING:
    from pexgen.description import Description


def operator_of(description: Description, steps: tuple[PlannedStep, ...]) -> Operator:
    """Return who may run the runbook and how the session is opened."""
    roles = dict.fromkeys(role for step in steps if step.asked for role in step.roles)
    return Operator(roles=tuple(roles), needs=_needs(description), connect=_connect(description))


def _needs(description: Description) -> tuple[str, ...]:
    shell = (
        f"Windows PowerShell 5.1, or PowerShell {POWERSHELL_NEWER.value} or later. The runbook also runs from "
        f"PowerShell {POWERSHELL_MINIMUM.value} on, but Microsoft no longer supports what is older than "
        f"{POWERSHELL_NEWER.value}."
    )
    if description.target.platform == "exchange-server":
        return (
            shell,
            (
                f"The cmdlets of Exchange Server {description.target.version}: the Exchange Management Shell, or a "
                "remote session of it, and no connection to Exchange Online in the same window."
            ),
            (
                "In a forest of several domains the session has to see all of it: Set-ADServerSettings "
                "-ViewEntireForest $true, in the same window. Without it recipients of other domains are not found."
            ),
        )
    return (
        shell,
        (
            f"The module ExchangeOnlineManagement, {MODULE_RECOMMENDED.value} or later (Install-Module "
            f"ExchangeOnlineManagement -Scope CurrentUser). From {MODULE_NEEDS_NEWER.value} on it needs PowerShell "
            f"{POWERSHELL_NEWER.value} or later, or Windows PowerShell 5.1. The runbook takes {MODULE_MINIMUM.value} "
            f"and later, but an older module may fail to sign in from {MODULE_SIGN_IN.day} on."
        ),
        "A new window without a Microsoft.Graph module.",
    )


def _connect(description: Description) -> str:
    if description.target.platform == "exchange-server":
        return ""
    line = "Connect-ExchangeOnline -UserPrincipalName <you> -ShowBanner:$false"
    name = CLOUDS[description.target.environment].exchange
    return f"{line} -ExchangeEnvironmentName {name}" if name else line
