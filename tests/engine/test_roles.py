"""Whom a management scope reaches, and which role assignments are ours (shared/roles)."""

from __future__ import annotations

from typing import Any

import pytest
from support.function_cases import WITH
from support.functions import Functions, part

OURS = "'MemberOfGroup -eq ''CN=a,DC=b'''"
FILTERS: dict[str, Any] = {
    "Get-ScopeFilter 'MemberOfGroup' -Is 'CN=o''hara'": "MemberOfGroup -eq 'CN=o''hara'",
    "Get-ScopeFilter 'MemberOfGroup' -Is 'a'' -or Name -like ''*'": "MemberOfGroup -eq 'a'' -or Name -like ''*'",
    f"ConvertTo-ScopeFilter {OURS}": "MemberOfGroup -eq 'CN=a,DC=b'",
    "ConvertTo-ScopeFilter '((MemberOfGroup  -EQ ''CN=o''''hara''))'": "MemberOfGroup -eq 'CN=o''hara'",
    "ConvertTo-ScopeFilter 'MemberOfGroup -eq ''a'' -or Name -like ''*'''": "MemberOfGroup -eq 'a' -or Name -like '*'",
    f"Test-SameScope {OURS} '(MemberOfGroup -eq ''cn=A,dc=B'')'": True,
    f"Test-SameScope {OURS} 'MemberOfGroup -eq ''CN=a,DC=c'''": False,
    f"Test-SameScope {OURS} 'PrimarySmtpAddress -eq ''CN=a,DC=b'''": False,
    f"Test-SameScope {OURS} 'MemberOfGroup -ne ''CN=a,DC=b'''": False,
    f"Test-SameScope {OURS} '-not (MemberOfGroup -eq ''CN=a,DC=b'')'": False,
    f"Test-SameScope {OURS} '(MemberOfGroup -eq ''CN=a,DC=b'') -or (Alias -ne $null)'": False,
    f"Test-SameScope {OURS} ''": False,
    "Test-SameScope '' ''": False,
}
OWN: dict[str, bool] = {
    f"Test-OwnFilter {OURS}": True,
    "Test-OwnFilter '(PrimarySmtpAddress -eq ''a@b.com'')'": True,
    "Test-OwnFilter 'MemberOfGroup -eq ''a'' -or MemberOfGroup -eq ''b'''": False,
    "Test-OwnFilter 'RecipientTypeDetails -eq ''UserMailbox'''": False,
    "Test-OwnFilter '-not (MemberOfGroup -eq ''a'')'": False,
    "Test-OwnFilter ''": False,
}
SCOPE = f"""
function Test-Scope {{
    param([hashtable] $Of = @{{}}, [string] $Filter = {OURS})
    $scope = @{{ Name = 'S'; RecipientFilter = {OURS}; Exclusive = $false }}
    foreach ($name in $Of.Keys) {{ $scope[$name] = $Of[$name] }}
    Assert-DescribedScope ([pscustomobject] $scope) -Filter $Filter
}}
"""
SCOPES: dict[str, str] = {
    "Test-Scope": "",
    "Test-Scope @{ RecipientFilter = '(MemberOfGroup -eq ''CN=A,DC=B'')' }": "",
    "Test-Scope @{ RecipientFilter = 'Name -like ''*''' }": (
        "The management scope 'S' exists and has another filter: Name -like '*'. It may belong to another application"
    ),
    "Test-Scope @{ Exclusive = 'True' }": "The management scope 'S' exists and is exclusive.",
    "Test-Scope @{ RecipientFilter = 'x'; Exclusive = $true }": "has another filter: x, and is exclusive.",
    # What nobody can tell is not taken for the same.
    "Test-Scope @{} ''": "has another filter:",
}
NAMED: dict[str, str] = {
    "$null = Assert-Named ([pscustomobject] @{ Name = 'Scope' }) -Name 'SCOPE'": "",
    "$null = Assert-Named $null -Name 'Scope'": "",
    "$null = Assert-Named ([pscustomobject] @{ Name = 'Scope 2' }) -Name 'Scope*'": (
        "Asked for 'Scope*', Exchange answers with 'Scope 2'."
    ),
}
FORMED = """
function Get-Formed {
    param([hashtable] $Of)
    Format-Assignment ([pscustomobject] (@{ Name = 'n'; Role = 'r' } + $Of))
}
"""
ASSIGNMENTS: dict[str, str] = {
    "Get-Formed @{ CustomResourceScope = 'S' }": "'n' of 'r' on 'S'",
    "Get-Formed @{ CustomRecipientWriteScope = 'S' }": "'n' of 'r' on 'S'",
    "Get-Formed @{ RecipientWriteScope = 'Organization' }": "'n' of 'r' on every mailbox",
    "Get-Formed @{}": "'n' of 'r' on every mailbox",
    "Get-Formed @{ RecipientWriteScope = 'Self' }": "'n' of 'r' on the recipients of Self",
    "Get-Formed @{ CustomResourceScope = 'S'; Enabled = 'False' }": "'n' of 'r' on 'S' (disabled)",
}
REACHED = """
function New-Recipient {
    param([string] $Address, [string[]] $Others = @())
    [pscustomobject] @{ PrimarySmtpAddress = $Address; Name = $Address.Split('@')[0]; EmailAddresses = $Others }
}
function Read-Reach { $Reached }
$Anna = New-Recipient 'anna@contoso.com' @('SMTP:anna@contoso.com', 'smtp:Anna.Long@contoso.com', 'X500:/o=a')
$Many = @(1..12 | ForEach-Object { New-Recipient "user$_@contoso.com" })
function Get-Reach {
    param([object[]] $Reached, [string[]] $Described, [string] $Filter = 'f')
    Get-ReachLine $Filter -Described (Get-AddressTable $Described)
}
"""
PREVIEW = "(Exchange's own preview, just now)"
STRANGERS = (
    f"Reach     Recipients that the filter matches: 13 {PREVIEW}, 12 of them NOT in the description: "
    f"{', '.join(f'user{number}@contoso.com' for number in range(1, 11))} and 2 more."
)
REACHES: dict[str, Any] = {
    "@(Get-UndescribedMember @($Anna) -Described (Get-AddressTable 'ANNA.long@contoso.com')).Count": 0,
    "@(Get-UndescribedMember @($Anna) -Described (Get-AddressTable 'long@contoso.com')).Count": 1,
    "Get-Reach @() @('B@contoso.com', 'a@contoso.com') ''": (
        "Reach     Described mailboxes: 2 (a@contoso.com, b@contoso.com). The group does not exist yet, so Exchange "
        "cannot preview it."
    ),
    "Get-Reach @($Anna) @('anna@contoso.com')": (
        f"Reach     Recipients that the filter matches: 1 {PREVIEW}, all of them in the description: anna@contoso.com."
    ),
    "Get-Reach (@($Anna) + $Many) @('anna@contoso.com', 'bob@contoso.com')": [
        STRANGERS,
        "Reach     Described mailboxes that are not among them yet: 1. Exchange may show new members late.",
    ],
    # Whom the proofs want out of reach is said before the Yes, by whichever of his addresses, and not by Verify alone.
    "@(With { Get-Reach $Anna 'anna@contoso.com' } @{} @{ ProofOutOfScope = @('Anna.Long@contoso.com') })[1]": (
        "Reach     The description wants these OUT of reach (proofs.out_of_scope), and the filter matches them: "
        "anna@contoso.com"
    ),
    "@(With { Get-Reach @($Anna) @('anna@contoso.com') } @{} @{ ProofOutOfScope = @('b@contoso.com') }).Count": 1,
    "@(Get-Reach @() @('anna@contoso.com'))[0]": f"Reach     Recipients that the filter matches: 0 {PREVIEW}.",
    "@(Get-Reach @() @('anna@contoso.com'))[1]": (
        "Reach     Described mailboxes that are not among them yet: 1. Exchange may show new members late."
    ),
}
GETTERS = """
function Get-Filter { 'f' }
function Get-NoFilter { return $null }
function Get-Conflict { throw (Get-Stop 'conflict' 'another object') }
function Get-Unread { throw (Get-Stop 'unreadable' 'no answer') }
"""
DESCRIBED: dict[str, Any] = {
    "Get-DescribedFilter 'Get-Filter'": "f",
    "Get-DescribedFilter 'Get-NoFilter'": "",
    "Get-DescribedFilter 'Get-Conflict'": "",
}
ROWS = """
function New-Row {
    param([string] $Name, [string] $Role, [hashtable] $Of = @{})
    [pscustomobject] (@{ Name = $Name; Role = $Role } + $Of)
}
function Get-ManagementRoleAssignment {
    [CmdletBinding()] param($RoleAssignee, $RoleAssigneeType, $CustomRecipientWriteScope)
    if ($RoleAssigneeType) { New-Row 'app' 'x' @{ CustomResourceScope = 's' }; New-Row 'else' 'x'; return }
    New-Row 'direct' 'applicationimpersonation' @{ CustomRecipientWriteScope = 'S'; RoleAssigneeType = 'User' }
    New-Row 'group' 'ApplicationImpersonation' @{ RoleAssigneeType = 'RoleGroup' }
    New-Row 'handed on' 'ApplicationImpersonation' @{ RoleAssignmentDelegationType = 'DelegatingOrgWide' }
    New-Row 'other' 'MyBaseOptions' @{ CustomRecipientWriteScope = 'T' }
}
"""
HOLDERS: dict[str, Any] = {
    "Read-Impersonation 'a@b.com' | ForEach-Object { $_.Name }": ["direct", "group"],
    "Read-Impersonation 'a@b.com' | Where-Object { Test-Direct $_ } | ForEach-Object { $_.Name }": "direct",
    "Get-ScopeUser 's'": ["direct", "app"],
    "Get-ScopeUser 'U'": [],
}


@pytest.fixture(scope="module")
def found(functions: Functions) -> dict[str, Any]:
    """What the functions of this part give."""
    return functions.values(*FILTERS, *DESCRIBED, *REACHES, *ASSIGNMENTS, before=WITH + GETTERS + FORMED + REACHED)


def test_a_filter_is_ours_only_where_it_is_one_clause_with_the_same_value(
    functions: Functions, found: dict[str, Any]
) -> None:
    assert part(found, {**FILTERS, **DESCRIBED}) == {**FILTERS, **DESCRIBED}
    assert functions.stop("Get-DescribedFilter 'Get-Unread'", before=GETTERS)["detail"] == "no answer"


def test_a_scope_of_the_name_that_reaches_others_is_a_conflict(functions: Functions) -> None:
    both = {**SCOPES, **NAMED}
    assert functions.stops(both, before=SCOPE, ends="conflict") == both


def test_on_a_server_a_scope_is_told_by_its_root_and_its_form_as_well(server_functions: Functions) -> None:
    roots = {
        "Test-Scope @{ RecipientRoot = 'contoso.com/Users' }": "exists and has the root 'contoso.com/Users'.",
        "Test-Scope @{ RecipientRoot = '' }": "",
    }
    assert server_functions.stops(roots, before=SCOPE, ends="conflict") == roots
    assert server_functions.values(*OWN) == OWN


def test_nothing_without_a_name_is_asked_for(functions: Functions) -> None:
    assert functions.answers("Read-ManagementScope ' '", "Read-NamedAssignment ''") == [
        {"error": "A scope without a name was about to be read."},
        {"error": "An assignment without a name was about to be read."},
    ]


def test_the_reach_of_a_role_is_said_with_those_whom_nobody_described(found: dict[str, Any]) -> None:
    assert part(found, {**REACHES, **ASSIGNMENTS}) == {**REACHES, **ASSIGNMENTS}


def test_an_assignment_counts_for_whoever_can_use_it_and_for_its_own_scope(migrate_functions: Functions) -> None:
    assert migrate_functions.values(*HOLDERS, before=WITH + ROWS) == HOLDERS
