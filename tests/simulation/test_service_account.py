"""Exchange Online where a service account is still at work, and the role that nobody is given any more."""

from __future__ import annotations

from support.simulated import SimulatedSession
from support.tenants import without_impersonation

GIVE = "New-ManagementRoleAssignment -Role ApplicationImpersonation -User anna@contoso.com"


def test_the_account_is_a_licensed_mailbox_that_may_use_ews(deployed: SimulatedSession) -> None:
    mailbox, access, organization = deployed.run(
        "$who = 'pexip-service@contoso.com'\nGet-Mailbox $who\nGet-CASMailbox $who\n"
        "Get-OrganizationConfig -RetrieveEwsOperationAccessPolicy"
    ).objects
    assert (mailbox["RecipientTypeDetails"], mailbox["SKUAssigned"], mailbox["IsDirSynced"]) == (
        "UserMailbox", True, False,
    )  # fmt: skip
    assert mailbox["MailboxPlan"].startswith("ExchangeOnlineEnterprise-")
    assert access["EwsEnabled"] is True
    assert organization["EwsEnabled"] is True
    assert "33333333-3333-4333-8333-333333333333" in organization["EwsAllowedAppIDs"]


def test_what_is_left_of_the_closed_role_is_listed_and_can_be_removed(deployed: SimulatedSession) -> None:
    rows = deployed.run("Get-ManagementRoleAssignment -Role ApplicationImpersonation -Delegating $false").objects
    ours, theirs = rows
    assert (ours["Name"], ours["CustomRecipientWriteScope"]) == ("contoso-impersonation", "contoso-impersonation-scope")
    assert theirs["Name"] == "Somebody else's impersonation"
    refused = deployed.error(GIVE.replace("anna", "somebody.else"))
    assert "must be assigned a delegating role assignment" in refused["text"]
    deployed.run(
        "Remove-ManagementRoleAssignment contoso-impersonation -Confirm:$false\n"
        "Remove-ManagementScope contoso-impersonation-scope -Confirm:$false"
    )
    assert "contoso-impersonation" not in [row["Name"] for row in deployed.tenant["assignments"]]
    assert [scope["Name"] for scope in deployed.tenant["scopes"]] == [
        "Somebody else's scope", "Somebody else's impersonation scope",
    ]  # fmt: skip


def test_a_role_that_is_gone_is_not_found_and_neither_is_what_hung_on_it(deployed: SimulatedSession) -> None:
    without_impersonation(deployed.tenant)
    for command in (
        "Get-ManagementRoleAssignment -Role ApplicationImpersonation",
        "Get-ManagementRole ApplicationImp*n",
    ):
        result = deployed.run(f"{command} | ForEach-Object {{ $_.Name }}")
        assert result.objects == []
    assert deployed.error(GIVE)["reason"] == "ManagementObjectNotFoundException"
    held = deployed.run("(Get-ManagementRoleAssignment -RoleAssignee pexip-service@contoso.com).Role").objects
    assert held == ["MyBaseOptions"]
