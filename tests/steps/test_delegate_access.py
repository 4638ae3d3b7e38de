"""Delegates get access to the equipment mailbox and lose it again, whatever Exchange says of them or leaves out."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from support.function_cases import ENTRY, WITH
from support.functions import Functions
from support.service_accounts import SERVER, WITH_PASSWORD
from support.sites import Applied, Json, SiteOf, states
from support.step_cases import (
    ABSENT,
    Changes,
    unreadable_where_lacking,
    unreadable_where_not_shown,
)
from support.tenants import EQUIPMENT, GROUP, changed, in_conflict, recipient

STEP = "delegate-access"
ADMIN, DELEGATE = "admin@contoso.com", "pexip-admin@contoso.com"


BEFORE_ANYTHING: Changes = {
    "a delegate is not there": (
        lambda t: t["recipients"].remove(recipient(t, ADMIN)),
        "The delegate admin@contoso.com was not found",
    ),
}


@pytest.mark.parametrize("case", BEFORE_ANYTHING)
def test_a_conflict_in_a_tenant_where_nothing_is_there_yet(site: SiteOf, case: str) -> None:
    change, text = BEFORE_ANYTHING[case]
    in_conflict(site(), changed(site().tenant, change), STEP, text)


@pytest.mark.parametrize("shown", ["upn", "sid"])
@pytest.mark.parametrize("beside", [[], [{"AccessRights": ["FullAccess"]}]], ids=["alone", "beside one that allows"])
def test_an_entry_that_denies_a_delegate_is_a_conflict(
    site: SiteOf, applied: Applied, beside: list[Json], shown: str
) -> None:
    def denied(tenant: Json) -> None:
        who = recipient(tenant, ADMIN)["Guid"]
        rows = [{"AccessRights": ["FullAccess"], "Deny": True}, *beside]
        recipient(tenant, EQUIPMENT)["permissions"] = [{"User": who, **row} for row in rows]
        tenant["settings"]["permissionUserAs"] = shown

    words = f"denies {ADMIN} full access to {EQUIPMENT}"
    in_conflict(site(), changed(applied().tenant, denied), "delegate-access", words, "remove it yourself")


def test_an_answer_that_lacks_a_property_does_not_say_that_it_is_empty(site: SiteOf, applied: Applied) -> None:
    unreadable_where_lacking(site, applied, "Get-MailboxPermission", "AccessRights", STEP)


@pytest.mark.parametrize("form", ["name", "guid", "dn", "upn", "sid"])
def test_delegates_are_found_in_whatever_form_they_come_back(site: SiteOf, form: str) -> None:
    tenant = copy.deepcopy(site().tenant)
    tenant["settings"]["permissionUserAs"] = form
    run = site().run("Apply", tenant, Step=["equipment-mailbox", "delegate-access"])
    assert run.exit_code == 0, run.screen
    check = site().run("Check", run.tenant, Step=["equipment-mailbox", "delegate-access"])
    assert (check.exit_code, len(check.calls) <= 25) == (0, True)


@pytest.mark.parametrize(("mode", "state", "code"), [("Check", "unreadable", 5), ("Apply", "pending", 5)])
def test_permissions_that_a_mailbox_is_said_not_to_have_are_not_given_again(
    site: SiteOf, applied: Applied, mode: str, state: str, code: int
) -> None:
    fault = {**ABSENT, "cmdlet": "Get-MailboxPermission", "nth": 1, "times": 99}
    run = site().run(mode, applied().tenant, Step=["delegate-access"], WaitSeconds=2, options={"faults": [fault]})
    assert (states(run), run.exit_code, run.writes) == ({"delegate-access": state}, code, ()), run.screen


def test_rollback_does_not_call_undone_what_it_was_not_shown(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    unreadable_where_not_shown(site(), applied(), tmp_path, STEP, "Get-MailboxPermission")


def test_an_entry_that_denies_somebody_else_is_nobodys_conflict(site: SiteOf, applied: Applied) -> None:
    def denied(tenant: Json) -> None:
        row = {"User": recipient(tenant, "ceo@contoso.com")["Guid"], "AccessRights": ["FullAccess"], "Deny": True}
        recipient(tenant, EQUIPMENT)["permissions"].append(row)
        tenant["settings"]["permissionUserAs"] = "sid"

    assert states(site().run("Check", changed(applied().tenant, denied)))[STEP] == "in-place"


def test_exchange_server_names_who_is_denied_as_no_recipient_does(sample: SiteOf, sample_applied: Applied) -> None:
    made = sample_applied(SERVER, **WITH_PASSWORD)

    def denied(tenant: Json) -> None:
        row = {"User": recipient(tenant, DELEGATE)["Guid"], "AccessRights": ["FullAccess"], "Deny": True}
        recipient(tenant, EQUIPMENT)["permissions"] = [row]
        tenant["settings"]["permissionUserAs"] = "account"

    in_conflict(sample(SERVER), changed(made.tenant, denied), STEP, f"denies {DELEGATE} full access to {EQUIPMENT}")


def test_a_group_that_becomes_a_delegate_is_named_as_all_its_members(site: SiteOf) -> None:
    here = site(delegates=[{"account": GROUP}])
    steps = ["equipment-mailbox", "scheduling-group"]
    ready = here.run("Apply", Step=steps)
    run = here.run("Apply", ready.tenant, Step=[STEP], options={"answers": ["n"]})
    assert f"give all members of {GROUP} full access to {EQUIPMENT}" in run.screen, run.screen


ROWS = """
$Anna = [pscustomobject] @{
    PrimarySmtpAddress = 'anna@contoso.com'; Guid = [guid] '11111111-2222-4333-8444-555555555555'; Name = 'Anna'
}
function New-Row {
    param([string] $User, $Rights = 'FullAccess', [hashtable] $Of = @{})
    [pscustomobject] (@{ User = $User; AccessRights = @($Rights) } + $Of)
}
function Get-RecipientOf { param($Address) if ($Address -eq 'anna@contoso.com') { $Anna } }
function Get-MailboxPermission {
    [CmdletBinding()] param($Identity, $User)
    if ($User) { $Named } else { $All }
}
function Get-Read { param([object[]] $All) Read-FullAccess 'room' | ForEach-Object { $_.User } }
function Test-Access {
    param([object[]] $All, [object[]] $Named = @(), [string] $Who = 'anna@contoso.com')
    Test-FullAccess -Identity 'room' -Account $Who -Rows @(Read-FullAccess 'room')
}
function Test-Denial {
    param([object[]] $All, [object[]] $Named = @())
    Assert-NotDenied -Identity 'room' -Account 'anna@contoso.com' -Rows @(Read-FullAccess 'room')
}
$Deny, $Self = @{ Deny = $true }, (New-Row 'NT AUTHORITY\\SELF')
"""
ACCESS: dict[str, Any] = {
    "Get-Read @((New-Row 'a'), (New-Row 'b' 'ReadPermission'), (New-Row 'c' 'ReadPermission, FullAccess'))": ["a", "c"],
    "Get-Read @((New-Row 'a' 'FullAccess' @{ IsInherited = 'True' }), (New-Row 'b' @('SendAs', 'fullaccess')))": "b",
    "Test-Access @($Self)": False,
    "Test-Access @(New-Row 'ANNA@contoso.com')": True,
    "Test-Access @(New-Row $Anna.Guid)": True,
    "Test-Access @(New-Row 'Anna')": True,
    "Test-Access @(New-Row 'bob')": False,
    # An entry that denies gives nothing.
    "Test-Access @(New-Row 'anna@contoso.com' 'FullAccess' $Deny)": False,
    # Whom the list shows by another name is asked for; an answer that names the mailbox itself is about somebody else.
    "Test-Access @(New-Row 'CONTOSO\\anna') @(New-Row 'CONTOSO\\anna')": True,
    "Test-Access @(New-Row 'S-1-5-21') @((New-Row 'S-1-5-21'), $Self)": False,
    "Test-Access @(New-Row 'S-1-5-21') @(New-Row 'S-1-5-21' 'FullAccess' $Deny)": False,
}
DENIALS: dict[str, str] = {
    "Test-Denial @(New-Row 'anna@contoso.com')": "",
    "Test-Denial @(New-Row 'D\\anna' 'FullAccess' $Deny) @(New-Row 'D\\anna' 'FullAccess' $Deny)": (
        "An entry, listed as 'D\\anna', denies anna@contoso.com full access"
    ),
    "Test-Denial @(New-Row 'D\\bob' 'FullAccess' $Deny) @()": "",
    "Test-Denial @(New-Row 'D\\bob' 'FullAccess' $Deny) @($Self, (New-Row 'D\\bob' 'FullAccess' $Deny))": "",
}


def test_full_access_is_seen_in_every_form_and_never_where_somebody_else_has_it(functions: Functions) -> None:
    assert functions.values(*ACCESS, before=ROWS) == ACCESS
    assert functions.stops(DENIALS, before=ROWS, ends="conflict") == DENIALS


def test_only_access_that_is_described_is_claimed(functions: Functions) -> None:
    claim = """
function Get-Claim {
    param([string] $Name, $Before, $Wanted)
    Get-DelegateAccessClaim (New-Entry @{ $Name = $Before } @{ $Name = $Wanted }) -Name $Name
}
"""
    none = "the description does not give that access"
    claims: dict[str, Any] = {
        "Get-Claim 'ADMIN@contoso.com' $false $true": [],
        "Get-Claim 'ceo@contoso.com' $false $true": none,
        "Get-Claim 'admin@contoso.com' $true $false": none,
        "Get-Claim 'admin@contoso.com' $null 'True'": none,
        "Get-DelegateAccessClaim (New-Entry $null @{}) -Name ''": none,
    }
    assert functions.values(*claims, before=WITH + ENTRY + claim) == claims
