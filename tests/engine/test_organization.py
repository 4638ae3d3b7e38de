"""That the organization is the described one, and its operator may hand out the roles (engine/53-organization)."""

from __future__ import annotations

from typing import Any

from support.function_cases import WITH
from support.functions import Functions

DOMAINS = """
function Get-AcceptedDomain { [CmdletBinding()] param() if ($Domains -is [string]) { throw $Domains }; $Domains }
function New-Domain {
    param($Name, $Initial = $true)
    [pscustomobject] @{ DomainName = $Name; InitialDomain = $Initial }
}
function Test-Domain { param($Domains) With { Assert-Organization } @{ Mode = 'Check' } }
"""
ORGANIZATIONS: dict[str, str] = {
    "Test-Domain @((New-Domain 'contoso.com' $false), (New-Domain 'Contoso.onmicrosoft.com'))": "",
    "Test-Domain @(New-Domain 'contoso.onmicrosoft.com' 'True')": "",
    "Test-Domain @(New-Domain 'fabrikam.onmicrosoft.com')": (
        "'contoso.onmicrosoft.com' is not an accepted domain of the connected organization."
    ),
    "Test-Domain @()": "'contoso.onmicrosoft.com' is not an accepted domain",
    "Test-Domain @(New-Domain 'contoso.onmicrosoft.com' $false)": (
        "'contoso.onmicrosoft.com' is not the initial domain of the connected organization."
    ),
    "Test-Domain @(New-Domain 'contoso.onmicrosoft.com' $null)": "is not the initial domain",
    "Test-Domain 'no answer'": "The organization could not be read: no answer",
}
RIGHTS = """
$Absent = 'Ex6F9304|Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException|It is not there.'
function Get-ManagementRoleAssignment {
    [CmdletBinding()] param($RoleAssignee, $Role, $Delegating)
    $answer = if ($RoleAssignee) { $Own } else { $Anybody }
    if ($answer -is [string]) { throw $answer }
    $answer
}
function Test-Right {
    param([bool] $OwnRights, $Own, $Anybody)
    $of = @{ OwnRights = $OwnRights; Operator = 'a@contoso.com' }
    With { Assert-DelegatingRole -Guard 'organization' -Role 'R' } $of
}
"""
HELD: dict[str, str] = {
    "Test-Right $true @(1) @()": "",
    "Test-Right $true @() @(1)": "a@contoso.com has no right to assign the role 'R'. Add the account to the role group",
    # Where Exchange does not show the operator's own rights, anybody's are enough, and nobody's are not.
    "Test-Right $false @() @(1)": "",
    "Test-Right $false @(1) @()": "Exchange shows nobody who has a right to assign the role 'R'",
    "Test-Right $true $Absent @(1)": "",
    "Test-Right $true $Absent @()": "Exchange shows nobody who has a right to assign the role 'R'",
}
GRANTS: dict[str, Any] = {
    "With { Get-GrantedRole } @{ Mode = 'Apply'; Selected = @('application-role', 'add-in') }": (
        "Application EWS.AccessAsApp"
    ),
    "With { Get-GrantedRole } @{ Mode = 'Apply'; Selected = @('application-scope') }": [],
    "With { Get-GrantedRole } @{ Mode = 'Rollback'; Selected = @('application-role') }": [],
    "With { Get-GuardStep } @{ Mode = 'Apply' }": "equipment-mailbox",
    "With { Get-GuardStep } @{ Mode = 'Rollback' }": [],
}
GUARDS = """
$Steps = [ordered] @{ one = @{ Guard = @{ Name = 'apart'; Test = { throw (Get-Stop 'conflict' 'It is taken.') } } } }
"""


def test_only_the_organization_with_the_described_initial_domain_is_taken(functions: Functions) -> None:
    assert functions.stops(ORGANIZATIONS, before=WITH + DOMAINS, ends="refused organization") == ORGANIZATIONS


def test_an_operator_who_may_not_assign_the_role_is_told_so_before_anything_is_written(functions: Functions) -> None:
    assert functions.stops(HELD, before=WITH + RIGHTS, ends="refused organization") == HELD
    assert functions.values(*GRANTS, before=WITH) == GRANTS


def test_an_error_is_no_answer_about_a_right(functions: Functions) -> None:
    (answer,) = functions.answers("Test-Right $true 'access is denied' @(1)", before=WITH + RIGHTS)
    assert answer == {"error": "access is denied"}


def test_the_guard_of_a_step_refuses_the_run_under_its_own_name(functions: Functions) -> None:
    stop = functions.stop("With { Assert-StepGuard } @{ Mode = 'Check' }", before=WITH + GUARDS)
    assert stop == {"state": "refused", "detail": "It is taken.", "guard": "apart"}
