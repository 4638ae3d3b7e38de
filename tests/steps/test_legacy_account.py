"""What of the old account stays on the EWS list is as the description says."""

from __future__ import annotations

from typing import Any

from support.bad_days import ews_list
from support.function_cases import ENTRY, WITH
from support.functions import Functions
from support.migration import CUT_OVER, NAME, OLD
from support.sites import SiteOf, states

from pexgen.rehearsal import Result


def test_an_old_application_leaves_the_list_only_if_it_is_named(sample: SiteOf, prepared: Result) -> None:
    site = sample(NAME, ews={"retire": [], "switch_on": False})
    run = site.run("Apply", prepared.tenant, **CUT_OVER)
    assert (run.exit_code, states(run)["legacy-account"], OLD in ews_list(run.tenant)) == (0, "in-place", True)


LISTS = f"""
$Old, $New, $Other = '{OLD}', $Value.ApplicationClientId, '27922004-5251-4030-b22d-91ecd9a37ea4'
function Get-Claim {{
    param([string] $Name, $Before, $Wanted)
    Get-LegacyAccountClaim (New-Entry @{{ $Name = $Before }} @{{ $Name = $Wanted }}) -Name $Name
}}
function New-Side {{
    param($Enabled, [string[]] $Ids)
    $side = [ordered] @{{ EwsEnabled = $Enabled }}
    foreach ($id in $Ids) {{ $side[$id] = $true }}
    $side
}}
function Read-Organization {{ [pscustomobject] @{{ EwsEnabled = $true; EwsAllowedAppIDs = $Ids -join ',' }} }}
function Get-Retired {{
    param([string[]] $Ids)
    $plan = Get-EmptyPlan 'legacy-account'
    Compare-RetiredApplication $plan
    "$($plan.Remaining)"
    foreach ($change in $plan.Changes) {{ Get-ListedId $change.Wanted.properties }}
}}
function Get-InUse {{
    param($Side, [bool] $On = $true)
    With {{ Get-RetiredInUse $Side }} @{{}} @{{ EwsSwitchOn = $On }}
}}
function Get-ByHand {{
    param([string] $Role, [string] $State = 'changed', [string] $Mode = 'Apply')
    $results = @{{ 'legacy-impersonation' = [pscustomobject] @{{ state = $Role }} }}
    With {{ [bool] (& $Steps['legacy-account'].ByHand -State $State) }} @{{ Mode = $Mode; Results = $results }}
}}
"""
NOT_OFF = "the description does not take that application off"
RETIRED: dict[str, Any] = {
    "Get-Claim $Old.ToUpper() $true $false": [],
    "Get-Claim $Old $false $true": NOT_OFF,
    "Get-Claim $New $true $false": NOT_OFF,
    "Get-Claim $Old $null $false": NOT_OFF,
    # Whom nobody named stays; and as long as the new application is not on the list, so does the old one.
    "Get-Retired @($Old, $New, $Other, 'room panels') | Select-Object -Skip 1": [
        "5f6e7d8c-9b0a-4c1d-8e2f-3a4b5c6d7e8f",
        "27922004-5251-4030-b22d-91ecd9a37ea4",
        "room panels",
    ],
    "Get-Retired @($Old, $Other)": "blocked",
    "Get-Retired @($New, $Other)": "",
    # A list or a switch that shuts out all others must not shut out the way that is still in use.
    "Get-InUse (New-Side $null $Other)": OLD,
    "Get-InUse (New-Side $true)": OLD,
    "Get-InUse (New-Side $true $Other)": [],
    "Get-InUse (New-Side $false)": [],
    "Get-InUse (New-Side $null) $false": [],
    # Without its license nobody can tell any more which assignments were its own.
    "Get-ByHand 'changed'": True,
    "Get-ByHand 'in-place' 'not-asked'": True,
    "Get-ByHand 'blocked'": False,
    "Get-ByHand 'failed'": False,
    "Get-ByHand 'changed' 'blocked'": False,
    "Get-ByHand 'changed' -Mode 'Verify'": False,
}


def test_only_named_applications_leave_the_list_and_none_that_is_still_needed(migrate_functions: Functions) -> None:
    assert migrate_functions.values(*RETIRED, before=WITH + ENTRY + LISTS) == RETIRED
