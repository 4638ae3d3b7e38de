"""What a cmdlet writes can be read back, by every cmdlet that should know of it."""

from __future__ import annotations

import pytest
from support.simulated import VALUES, SimulatedSession

APP = VALUES["ApplicationObjectId"]
SETUP = f"""
$null = New-DistributionGroup -Name g -Type Security -PrimarySmtpAddress group@contoso.com
$null = New-ServicePrincipal -AppId {VALUES["ApplicationClientId"]} -ObjectId {APP} -DisplayName before
$null = New-ManagementScope -Name s -RecipientRestrictionFilter "Alias -eq 'anna'"
$null = New-ManagementScope -Name t -RecipientRestrictionFilter "Alias -eq 'bert' -or Alias -like 'b*'"
$null = New-ManagementRoleAssignment -Name a -App {APP} -Role 'Application EWS.AccessAsApp' -CustomResourceScope s
"""
IN_SCOPE = f"(Test-ServicePrincipalAuthorization -Identity {APP} -Resource bert@contoso.com).InScope"
FULL = "anna -User bert -AccessRights FullAccess"
MEMBER = "group@contoso.com -Member anna"
GROUP = "Get-DistributionGroup -Identity group@contoso.com"


@pytest.mark.parametrize(
    ("change", "read", "expected"),
    [
        (f"Set-ServicePrincipal {APP} -DisplayName after", f"(Get-ServicePrincipal {APP}).DisplayName", "after"),
        ("Set-ManagementScope -Identity s -RecipientRestrictionFilter \"Alias -eq 'bert'\"", IN_SCOPE, "True"),
        ("Set-ManagementScope -Identity s -RecipientRestrictionFilter \"-not(Alias -eq 'bert')\"", IN_SCOPE, "False"),
        ("Set-ManagementRoleAssignment -Identity a -CustomResourceScope t", IN_SCOPE, "True"),
        ("Set-ManagementRoleAssignment -Identity a -CustomResourceScope s -Enabled $false",
         "(Get-ManagementRoleAssignment a).Enabled", False),
        ("Remove-ManagementRoleAssignment -Identity a", "@(Get-ManagementScope -Orphan | ? Name -eq 's').Count", 1),
        ("Set-DistributionGroup group@contoso.com -DisplayName New", f"({GROUP}).DisplayName", "New"),
        ("Set-DistributionGroup group@contoso.com -ManagedBy @{ Add = 'anna' }", f"({GROUP}).ManagedBy.Count", 2),
        ("Remove-DistributionGroup group@contoso.com", "@(Get-DistributionGroup).Count", 0),
        ("Set-Mailbox anna -EmailAddresses @{ Add = 'n@contoso.com' }", "(Get-Recipient n@contoso.com).Alias", "anna"),
        ("Set-DistributionGroup group@contoso.com -PrimarySmtpAddress new@contoso.com",
         f"({GROUP}).PrimarySmtpAddress", "new@contoso.com"),
        ("Set-Mailbox anna -Type Shared", "(Get-Recipient anna).RecipientTypeDetails", "SharedMailbox"),
        ("Set-CASMailbox anna -EwsEnabled $false", "(Get-CASMailbox anna).EwsEnabled", False),
        (f"$null = Add-MailboxPermission {FULL}\nRemove-MailboxPermission {FULL}",
         "@(Get-MailboxPermission anna -User bert).Count", 0),
        (f"Add-DistributionGroupMember {MEMBER}\nRemove-DistributionGroupMember {MEMBER}",
         "@(Get-DistributionGroupMember group@contoso.com).Count", 0),
        ("Remove-Mailbox anna\nRemove-Mailbox anna -PermanentlyDelete", "@(Get-Mailbox -SoftDeletedMailbox).Count", 0),
    ],
)  # fmt: skip
def test_a_change_is_read_back(console: SimulatedSession, change: str, read: str, expected: object) -> None:
    quiet = "\n".join(f"{line} -Confirm:$false -ErrorAction Stop" for line in change.splitlines())
    result = console.run(f"{SETUP}\n{quiet}\n{read}")
    assert "ERROR" not in result.screen
    assert result.objects == [expected]
