"""Which shell of Exchange Server a body takes for the described one (engine/50-session.exchange-server)."""

from __future__ import annotations

from support.functions import Functions

SERVERS = """
function New-Server {
    param([string] $Version, [hashtable] $Of = @{})
    $all = @{
        Name = 'EX01'; AdminDisplayVersion = $Version; IsEdgeServer = $false; Domain = 'contoso.com'
        Fqdn = 'ex01.sub.contoso.com'; DistinguishedName = 'CN=EX01,CN=Servers,DC=Contoso,DC=com'
    }
    foreach ($name in $Of.Keys) { $all[$name] = $Of[$name] }
    [pscustomobject] $all
}
function Get-ExchangeServer { [CmdletBinding()] param() if ($Found -is [string]) { throw $Found }; $Found }
function Test-Shell {
    param($Found)
    $Run = $Run.Clone()
    Assert-Connection
    "$($Run.ConnectionUri)"
}
$SE = 'Version 15.2 (Build 2562.17)'
"""
VERSIONS: dict[str, str] = {
    "Get-ServerVersion (New-Server 'Version 15.1 (Build 2507.6)')": "2016",
    "Get-ServerVersion (New-Server 'Version 15.1 (Build 2600.1)')": "2016",
    "Get-ServerVersion (New-Server 'Version 15.2 (Build 1544.4)')": "2019",
    "Get-ServerVersion (New-Server 'Version 15.2 (Build 2561.99)')": "2019",
    "Get-ServerVersion (New-Server 'Version 15.2 (Build 2562.17)')": "SE",
    "Get-ServerVersion (New-Server '15.2.2562.17')": "SE",
    "Get-ServerVersion (New-Server 'Version 15.0 (Build 1497.2)')": "another version",
    # As servers of the cloud show themselves.
    "Get-ServerVersion (New-Server 'Version 15.20 (Build 8272.24)')": "another version",
    "Get-ServerVersion (New-Server '')": "another version",
}
FORESTS: dict[str, str] = {
    "Test-Shell (New-Server $SE)": "contoso.com",
    "Test-Shell (New-Server $SE @{ DistinguishedName = '' })": "sub.contoso.com",
    "Test-Shell (New-Server $SE @{ DistinguishedName = ''; Fqdn = 'EX01' })": "",
    "Test-Shell @((New-Server $SE @{ Name = 'B'; DistinguishedName = 'CN=B,DC=b' }), (New-Server $SE))": "b",
    "Test-Shell @((New-Server $SE @{ Name = 'Z'; DistinguishedName = 'CN=Z,DC=b' }), (New-Server $SE))": "contoso.com",
}
REFUSED: dict[str, str] = {
    "Test-Shell (New-Server 'Version 15.2 (Build 1544.4)')": (
        "No Exchange Server SE was found in this organization. Found: EX01 2019."
    ),
    "Test-Shell (New-Server $SE @{ IsEdgeServer = $true })": "No Exchange Server SE was found in this organization.",
    "Test-Shell (New-Server $SE @{ IsEdgeServer = 'True' })": "No Exchange Server SE was found in this organization.",
    "Test-Shell @()": "No Exchange Server SE was found in this organization.",
    "Test-Shell 'no answer'": "The session could not be read: no answer",
}


def test_editions_that_share_a_number_are_told_apart_by_their_build(server_functions: Functions) -> None:
    assert server_functions.values(*VERSIONS, before=SERVERS) == VERSIONS


def test_the_forest_is_read_from_the_described_server_that_is_first_by_name(server_functions: Functions) -> None:
    assert server_functions.values(*FORESTS, before=SERVERS) == FORESTS


def test_an_organization_without_the_described_server_is_refused(server_functions: Functions) -> None:
    assert server_functions.stops(REFUSED, before=SERVERS, ends="refused connection") == REFUSED


def test_in_a_session_with_the_cloud_as_well_no_shell_is_taken(server_functions: Functions) -> None:
    cloud = """
$Module = New-Module -Name 'tmp_cloud' {
    function Get-ConnectionInformation { [pscustomobject] @{ State = $global:State; ModulePrefix = $global:Prefix } }
} | Import-Module -PassThru
$global:State, $global:Prefix = 'Connected', ''
"""
    both: dict[str, str] = {
        "Test-Shell (New-Server $SE)": "This session is connected to Exchange Online too.",
        "$global:Prefix = 'Cloud'; Test-Shell (New-Server $SE)": "",
        "$global:State, $global:Prefix = 'Disconnected', ''; Test-Shell (New-Server $SE)": "",
    }
    assert server_functions.stops(both, before=SERVERS + cloud, ends="refused connection") == both
