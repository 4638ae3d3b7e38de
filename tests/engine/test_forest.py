"""What of a forest a session sees, and whether that is enough (engine/52-forest.exchange-server)."""

from __future__ import annotations

from typing import Any

from support.function_cases import WITH
from support.functions import Functions

SETTINGS = """
function Get-ADServerSettings { [CmdletBinding()] param() if ($Seen -is [string]) { throw $Seen }; $Seen }
function Test-Forest {
    param($Seen, [string] $Root = 'contoso.com', [string[]] $Servers = @('contoso.com'))
    if ($Seen -is [hashtable]) { $Seen = [pscustomobject] $Seen }
    With { Assert-Forest } @{ ConnectionUri = $Root; ServerDomains = $Servers }
}
function Get-Domain {
    param([hashtable] $Settings, [string] $Root, [string[]] $Servers)
    With { Get-SeenDomain ([pscustomobject] $Settings) } @{ ConnectionUri = $Root; ServerDomains = $Servers }
}
"""
DOMAINS: dict[str, Any] = {
    "Get-Domain @{} 'contoso.com' @('contoso.com/', 'CONTOSO.COM')": "contoso.com",
    "Get-Domain @{} 'contoso.com' @('emea.contoso.com')": ["contoso.com", "emea.contoso.com"],
    "Get-Domain @{ RecipientViewRoot = 'emea.contoso.com/Users' } 'contoso.com' @()": [
        "contoso.com",
        "emea.contoso.com",
    ],
    "Get-Domain @{ DefaultGlobalCatalog = 'dc1.apac.contoso.com' } 'contoso.com' @()": [
        "apac.contoso.com",
        "contoso.com",
    ],
    "Get-Domain @{ DefaultPreferredDomainControllers = 'dc.contoso.com', 'dc.emea.contoso.com.' } '' @()": [
        "contoso.com",
        "emea.contoso.com",
    ],
    "Get-Domain @{ DefaultGlobalCatalog = 'dc1' } '' @('')": [],
}
SIGHT: dict[str, str] = {
    "Test-Forest @{ ViewEntireForest = $true; RecipientViewRoot = '' } -Servers 'a.contoso.com', 'b.contoso.com'": "",
    "Test-Forest @{ ViewEntireForest = 'True'; RecipientViewRoot = '' }": "",
    "Test-Forest @{ ViewEntireForest = $false; RecipientViewRoot = 'contoso.com' }": "",
    "Test-Forest @{ ViewEntireForest = $false; RecipientViewRoot = 'contoso.com/Users' }": (
        "This session sees only the recipients in 'contoso.com/Users'."
    ),
    "Test-Forest @{ ViewEntireForest = $false; RecipientViewRoot = 'emea.contoso.com' }": (
        "The forest has more than one domain (contoso.com, emea.contoso.com)"
    ),
    "Test-Forest @{ RecipientViewRoot = 'contoso.com' }": (
        "What this session sees of the forest could not be read: Exchange's answer about '' has no ViewEntireForest."
    ),
    "Test-Forest 'no answer'": "What this session sees of the forest could not be read: no answer",
}


def test_every_domain_that_shows_itself_is_counted_once(server_functions: Functions) -> None:
    assert server_functions.values(*DOMAINS, before=WITH + SETTINGS) == DOMAINS


def test_a_session_that_does_not_see_the_whole_forest_is_refused(server_functions: Functions) -> None:
    assert server_functions.stops(SIGHT, before=WITH + SETTINGS, ends="refused forest") == SIGHT
