"""On Exchange Server authentication is read from all servers, and switched on in the named directory alone."""

from __future__ import annotations

from typing import Any

import pytest
from support.function_cases import ENTRY, WITH
from support.functions import Functions
from support.service_accounts import SERVER, WITH_PASSWORD
from support.sites import Applied, Json, Site, SiteOf, states
from support.tenants import changed, detail

from pexgen.rehearsal import Result

STEP = "account-authentication"


@pytest.fixture(scope="module")
def site(sample: SiteOf) -> Site:
    return sample(SERVER)


@pytest.fixture(scope="module")
def made(sample_applied: Applied) -> Result:
    return sample_applied(SERVER, **WITH_PASSWORD)


def test_authentication_is_read_from_all_servers_and_switched_on_in_the_named_directory_alone(
    site: Site, made: Result
) -> None:
    before, after = site.tenant["virtualDirectories"], made.tenant["virtualDirectories"]
    assert [one["WindowsAuthentication"] for one in before] == [False, True]
    assert [one["WindowsAuthentication"] for one in after] == [True, True]
    assert [one["BasicAuthentication"] for one in before] == [one["BasicAuthentication"] for one in after]
    assert "EX02\\EWS (Default Web Site) takes" in detail(made, "account-authentication")


def test_without_a_named_directory_nothing_is_switched_on(sample: SiteOf, site: Site) -> None:
    careful = sample(SERVER, authentication={"virtual_directory": None})
    run = careful.run("Apply", site.tenant, Step=["account-authentication"])
    assert (run.exit_code, states(run), run.writes) == (5, {"account-authentication": "blocked"}, ())


def test_a_directory_that_is_not_there_is_a_conflict_that_names_those_that_are(sample: SiteOf) -> None:
    site = sample(SERVER, authentication={"virtual_directory": "EX09\\EWS (Default Web Site)"})
    run = site.run("Check", sample(SERVER).tenant, Step=["account-authentication"])
    assert (run.exit_code, states(run)) == (4, {"account-authentication": "conflict"})
    assert "EX01\\EWS (Default Web Site)" in detail(run, "account-authentication")


def test_a_directory_is_found_however_its_site_is_spaced(sample: SiteOf) -> None:
    site = sample(SERVER, authentication={"methods": ["ntlm"], "virtual_directory": "EX01\\EWS(Default Web Site)"})
    run = site.run("Apply", Step=["account-authentication"])
    assert (run.exit_code, [call.cmdlet for call in run.writes]) == (0, ["Set-WebServicesVirtualDirectory"]), run.screen


def test_without_described_methods_the_directories_are_reported_and_nothing_is_written(sample: SiteOf) -> None:
    site = sample(SERVER, authentication=None)
    found = site.run("Check", Step=["account-authentication"])
    assert (found.exit_code, states(found)) == (0, {"account-authentication": "in-place"})
    assert "EX02" in detail(found, "account-authentication")


def test_a_server_that_is_down_does_not_hide_the_named_directory(site: Site, made: Result) -> None:
    tenant = changed(made.tenant, lambda t: t["virtualDirectories"][1].update(unreachable=True))
    run = site.run("Check", tenant, Step=["account-authentication"])
    assert (run.exit_code, states(run)) == (0, {"account-authentication": "in-place"}), run.screen


def test_a_server_that_does_not_answer_is_said_and_never_taken_for_absent(sample: SiteOf, site: Site) -> None:
    step = "account-authentication"

    def down(tenant: Json) -> None:
        tenant["virtualDirectories"][1]["unreachable"] = True

    found = site.run("Check", changed(site.tenant, down), Step=[step])
    assert states(found)[step] == "different"
    assert "Only 'EX01" in detail(found, step)
    other = sample(SERVER, authentication={"methods": ["ntlm"], "virtual_directory": "EX09\\EWS (Default Web Site)"})
    lost = other.run("Check", changed(site.tenant, down), Step=[step])
    assert states(lost)[step] == "unreadable", lost.screen


SILENT = """
& (Get-Module -Name 'tmp_pexgen*') {
    $script:Plain = $script:Handler['Get-WebServicesVirtualDirectory']
    $script:Handler['Get-WebServicesVirtualDirectory'] = {
        param($Sent)
        foreach ($one in & $script:Plain $Sent) {
            if ($one.Server -eq 'SERVER') { $one.BasicAuthentication = $null }
            $one
        }
    }
}
"""


def test_another_directory_that_tells_nothing_is_said_and_stops_nothing(site: Site) -> None:
    step = "account-authentication"
    run = site.run("Apply", Step=[step], options={"prelude": SILENT.replace("SERVER", "EX02")})
    assert (run.exit_code, states(run)) == (0, {step: "changed"}), run.screen
    assert "Not known: Exchange does not tell BasicAuthentication of 'EX02" in detail(run, step)
    assert [call.parameters["Identity"] for call in run.writes] == ["EX01\\EWS (Default Web Site)"]


def test_the_named_directory_that_tells_nothing_is_unreadable(site: Site) -> None:
    step = "account-authentication"
    run = site.run("Apply", Step=[step], options={"prelude": SILENT.replace("SERVER", "EX01")})
    assert (run.exit_code, states(run), run.writes) == (4, {step: "unreadable"}, ()), run.screen
    assert "does not tell BasicAuthentication of 'EX01" in detail(run, step)


def test_extended_protection_that_may_refuse_pexip_is_never_proved(site: Site, made: Result) -> None:
    def required(tenant: Json) -> None:
        for one in tenant["virtualDirectories"]:
            one["ExtendedProtectionTokenChecking"] = "Require"

    verify = site.run("Verify", changed(made.tenant, required))
    assert (verify.exit_code, states(verify)["account-authentication"]) == (5, "blocked"), verify.screen
    assert "All checks passed" not in verify.screen


DIRECTORIES = """
function Get-Wanted { param([string[]] $Methods) With { @((Get-WantedAuthentication).Keys) } @{} @{
        AuthenticationMethods = $Methods } }
function Get-Claim {
    param([string] $Name, $Before, $Wanted, [string] $Key = $Value.AuthenticationVirtualDirectory)
    Get-AccountAuthenticationClaim (New-Entry @{ $Name = $Before } @{ $Name = $Wanted } @{} $Key) -Name $Name
}
function Get-Hold {
    param($Before, $Wanted, [string] $Id = $Value.AuthenticationVirtualDirectory)
    $entry = New-Entry @{ WindowsAuthentication = $Before } @{ WindowsAuthentication = $Wanted }
    Get-AccountAuthenticationHold $entry -Current (Get-Present $Id @{})
}
function Test-On { param($State) Test-Open ([pscustomobject] @{ Identity = 'd'; Basic = $State }) 'Basic' }
$Windows = 'WindowsAuthentication'
"""
OTHER_ONE, OTHER_METHOD = "it is not the described virtual directory", "the description does not switch that method on"
JUDGED: dict[str, Any] = {
    "Test-SameDirectory 'EX01\\EWS (Default Web Site)' 'ex01\\ews(default web site)'": True,
    "Test-SameDirectory 'EX01\\EWS (Default Web Site)' 'EX02\\EWS (Default Web Site)'": False,
    "Test-SameDirectory 'EX01\\EWS (Default Web Site)' 'EX01\\EWS (Exchange Back End)'": False,
    "Test-SameDirectory '' ''": False,
    "Get-Wanted @('ntlm', 'kerberos')": "WindowsAuthentication",
    "Get-Wanted @('basic', 'ntlm')": ["BasicAuthentication", "WindowsAuthentication"],
    "Get-Wanted @('basic')": "BasicAuthentication",
    "Get-Wanted @()": [],
    "Test-On 'True'": True,
    "Test-On $false": False,
    "Get-Claim $Windows $false $true": [],
    "Get-Claim $Windows $false $true 'EX02\\EWS (Default Web Site)'": OTHER_ONE,
    "Get-Claim 'BasicAuthentication' $false $true": OTHER_METHOD,
    "Get-Claim $Windows $true $false": OTHER_METHOD,
    "Get-Hold $false $true": [],
    "Get-Hold $null $true": "Apply never disables an authentication method",
    "Get-Hold $true $true": "Apply never disables an authentication method",
    "Get-Hold $false $true 'EX02\\EWS (Default Web Site)'": OTHER_ONE,
}


def test_a_method_is_ours_in_the_described_directory_alone(server_functions: Functions) -> None:
    assert server_functions.values(*JUDGED, before=WITH + ENTRY + DIRECTORIES) == JUDGED
    silent = dict.fromkeys(("Test-On $null", "Test-On ''", "Test-On 'perhaps'"), "Exchange does not tell Basic of 'd'.")
    assert server_functions.stops(silent, before=WITH + DIRECTORIES, ends="unreadable") == silent
