"""What surprises at writing in Exchange Online surprises here."""

from __future__ import annotations

import pytest
from support.simulated import VALUES, SimulatedSession

NEW_MAILBOX = (
    "New-Mailbox -Name 'Pexip Scheduling' -Equipment -Alias scheduling -PrimarySmtpAddress scheduling@contoso.com"
)
NEW_GROUP = "New-DistributionGroup -Name 'contoso-group' -Type Security -PrimarySmtpAddress group@contoso.com"
NEW_POINTER = f"New-ServicePrincipal -AppId {VALUES['ApplicationClientId']} -ObjectId {VALUES['ApplicationObjectId']}"
NEW_SCOPE = "New-ManagementScope -Name s -RecipientRestrictionFilter \"MemberOfGroup -eq 'CN=nothing'\""
NEW_ASSIGNMENT = (
    f"New-ManagementRoleAssignment -App {VALUES['ApplicationObjectId']} -Role 'Application EWS.AccessAsApp'"
)


def test_a_new_mailbox_is_named_by_a_guid(console: SimulatedSession) -> None:
    made = console.value(NEW_MAILBOX)
    assert made["Name"] == made["ExternalDirectoryObjectId"] != "Pexip Scheduling"
    assert made["DisplayName"] == "Pexip Scheduling"


def test_a_new_equipment_mailbox_accepts_by_itself(console: SimulatedSession) -> None:
    found = console.run(f"$null = {NEW_MAILBOX}\nGet-CalendarProcessing -Identity scheduling@contoso.com").objects[0]
    assert found["AutomateProcessing"] == "AutoAccept"
    harmful = ("DeleteSubject", "AddOrganizerToSubject", "DeleteComments", "RemovePrivateProperty")
    assert [found[name] for name in harmful] == [True] * 4
    assert found["ProcessExternalMeetingMessages"] is False


def test_letters_beyond_ascii_are_refused_in_a_mailbox_name(console: SimulatedSession) -> None:
    command = "New-Mailbox -Name 'R\u00e4ume' -Equipment -PrimarySmtpAddress scheduling@contoso.com"
    assert console.error(command)["reason"] == "DataValidationException"


def test_an_address_is_taken_by_a_soft_deleted_mailbox_too(console: SimulatedSession) -> None:
    console.run(f"$null = {NEW_MAILBOX}\nRemove-Mailbox -Identity scheduling@contoso.com -Confirm:$false")
    assert (
        console.error("Get-Recipient -Identity scheduling@contoso.com")["reason"] == "ManagementObjectNotFoundException"
    )
    assert console.value("(Get-Mailbox -SoftDeletedMailbox -Identity scheduling@contoso.com).RecipientTypeDetails")
    assert "proxy address" in console.error(NEW_MAILBOX)["text"]


def test_an_alias_at_the_initial_domain_may_be_taken(console: SimulatedSession) -> None:
    console.recipient("anna@contoso.com")["EmailAddresses"].append("smtp:scheduling@contoso.onmicrosoft.com")
    assert "proxy address" in console.error(NEW_MAILBOX)["text"]


def test_an_alias_with_a_space_is_refused(console: SimulatedSession) -> None:
    assert "Alias" in console.error(NEW_MAILBOX.replace("-Alias scheduling", "-Alias 'a b'"))["text"]


def test_a_foreign_domain_is_refused(console: SimulatedSession) -> None:
    command = "New-Mailbox -Name x -Equipment -PrimarySmtpAddress x@fabrikam.com"
    assert "accepted domain" in console.error(command)["text"]


def test_a_new_object_is_not_found_for_a_while(console: SimulatedSession) -> None:
    console.tenant["settings"]["late"] = {"mailbox": 2}
    console.run(f"$null = {NEW_MAILBOX}")
    read = "Get-Mailbox -Identity scheduling@contoso.com"
    assert console.error(read)["reason"] == "ManagementObjectNotFoundException"
    assert "proxy address" in console.error(NEW_MAILBOX)["text"]
    assert console.error(read)["reason"] == "ManagementObjectNotFoundException"
    assert console.value(f"({read}).Alias") == "scheduling"


def test_a_new_mailbox_has_no_calendar_for_a_while(console: SimulatedSession) -> None:
    console.tenant["settings"]["late"] = {"store": 1}
    console.run(f"$null = {NEW_MAILBOX}")
    command = "Set-CalendarProcessing -Identity scheduling@contoso.com -AutomateProcessing None"
    assert console.error(command)["reason"] == "ManagementObjectNotFoundException"
    assert console.run(command).calls[0].outcome == "ok"


def test_booking_lists_come_back_as_directory_names(console: SimulatedSession) -> None:
    command = "Set-CalendarProcessing -Identity scheduling@contoso.com -BookInPolicy anna@contoso.com"
    console.run(f"$null = {NEW_MAILBOX}\n{command}")
    listed = console.value("(Get-CalendarProcessing -Identity scheduling@contoso.com).BookInPolicy")
    assert listed == console.recipient("anna@contoso.com")["Name"]


def test_booking_lists_are_replaced_whole_and_keep_who_is_gone(console: SimulatedSession) -> None:
    console.run(f"$null = {NEW_MAILBOX}")
    console.recipient("scheduling@contoso.com")["calendar"] = {"BookInPolicy": ["gone-1", "gone-2"]}
    read = "(Get-CalendarProcessing -Identity scheduling@contoso.com).BookInPolicy"
    assert console.run(read).objects == ["gone-1", "gone-2"]
    add = "Set-CalendarProcessing -Identity scheduling@contoso.com -BookInPolicy @{ Add = 'anna@contoso.com' }"
    assert console.error(add)["text"]


def test_a_user_mailbox_cannot_accept_by_itself(console: SimulatedSession) -> None:
    command = "Set-CalendarProcessing -Identity anna@contoso.com -AutomateProcessing AutoAccept"
    assert console.error(command)["reason"] == "InvalidParametersException"


def test_writing_the_ews_list_replaces_it_whole(console: SimulatedSession) -> None:
    console.run(f"Set-OrganizationConfig -EwsAllowedAppIDs '{VALUES['ApplicationClientId']}'")
    assert console.tenant["organization"]["EwsAllowedAppIDs"].lower() == VALUES["ApplicationClientId"]


def test_null_empties_the_ews_list_and_unsets_the_switch(console: SimulatedSession) -> None:
    console.run("Set-OrganizationConfig -EwsAllowedAppIDs $null\nSet-OrganizationConfig -EwsEnabled $null")
    organization = console.tenant["organization"]
    assert (organization["EwsAllowedAppIDs"], organization["EwsEnabled"]) == (None, None)


def test_the_ews_list_may_not_be_settable_yet(console: SimulatedSession) -> None:
    console.tenant["settings"]["ewsListWritable"] = False
    assert console.error(f"Set-OrganizationConfig -EwsAllowedAppIDs '{VALUES['ApplicationClientId']}'")["reason"]


def test_a_naming_policy_renames_a_group_unless_it_is_ignored(console: SimulatedSession) -> None:
    console.tenant["settings"]["groupNamePrefix"] = "GRP "
    assert console.value(NEW_GROUP)["Name"] == "GRP contoso-group"
    ignoring = NEW_GROUP.replace("contoso-group", "two").replace("group@", "two@") + " -IgnoreNamingPolicy"
    assert console.value(ignoring)["Name"] == "two"


def test_the_operator_owns_a_group_that_names_no_owner(console: SimulatedSession) -> None:
    owner = console.recipient("operator@contoso.com")["Name"]
    assert console.value(NEW_GROUP)["ManagedBy"] == [owner]


def test_somebody_who_is_no_owner_has_to_bypass_the_check(console: SimulatedSession) -> None:
    console.run(f"$null = {NEW_GROUP} -ManagedBy anna@contoso.com")
    command = "Add-DistributionGroupMember -Identity group@contoso.com -Member bert@contoso.com"
    assert console.error(command)["reason"] == "OperationRequiresGroupManagerException"
    assert console.run(f"{command} -BypassSecurityGroupManagerCheck").calls[0].outcome == "ok"


def test_a_member_who_is_one_already_is_an_error(console: SimulatedSession) -> None:
    command = "Add-DistributionGroupMember -Identity group@contoso.com -Member bert@contoso.com"
    console.run(f"$null = {NEW_GROUP}\n{command}")
    assert console.error(command)["reason"] == "MemberAlreadyExistsException"


def test_members_of_some_types_are_accepted_and_not_listed(console: SimulatedSession) -> None:
    console.tenant["settings"]["unlistedMemberTypes"] = ["UserMailbox"]
    command = "Add-DistributionGroupMember -Identity group@contoso.com -Member bert@contoso.com"
    result = console.run(f"$null = {NEW_GROUP}\n{command}\nGet-DistributionGroupMember -Identity group@contoso.com")
    assert result.calls[1].outcome == "ok"
    assert result.objects == []


def test_a_synced_object_is_out_of_the_write_scope(console: SimulatedSession) -> None:
    console.recipient("anna@contoso.com")["IsDirSynced"] = True
    assert "write scope" in console.error("Set-Mailbox -Identity anna@contoso.com -DisplayName x")["text"]


def test_only_the_ids_of_an_enterprise_application_make_a_pointer(console: SimulatedSession) -> None:
    registration = (
        f"New-ServicePrincipal -AppId {VALUES['ApplicationClientId']} -ObjectId 99999999-9999-4999-8999-999999999999"
    )
    assert console.error(registration)["reason"] == "InvalidServicePrincipalException"
    assert console.value(NEW_POINTER)["ObjectId"] == VALUES["ApplicationObjectId"]
    assert console.error(NEW_POINTER)["reason"] == "ADObjectAlreadyExistsException"


def test_a_new_pointer_cannot_be_assigned_to_at_once(console: SimulatedSession) -> None:
    console.tenant["settings"]["assignmentNotFound"] = 2
    console.run(f"$null = {NEW_POINTER}\n$null = {NEW_SCOPE}")
    command = f"{NEW_ASSIGNMENT} -Name a -CustomResourceScope s"
    for _ in range(2):
        assert console.error(command)["reason"] == "ManagementObjectNotFoundException"
    assert console.value(command)["CustomResourceScope"] == "s"


def test_a_scope_over_a_group_that_is_not_there_is_accepted_and_holds_nobody(console: SimulatedSession) -> None:
    made = console.value(NEW_SCOPE)
    preview = f'Get-Recipient -RecipientPreviewFilter "{made["RecipientFilter"]}"'
    assert console.run(preview).objects == []


def test_a_scopes_filter_comes_back_in_the_services_own_form(console: SimulatedSession) -> None:
    assert console.value(NEW_SCOPE)["RecipientFilter"] == "(MemberOfGroup -eq 'CN=nothing')"


def test_a_scope_in_use_cannot_be_removed(console: SimulatedSession) -> None:
    console.run(f"$null = {NEW_POINTER}\n$null = {NEW_SCOPE}\n$null = {NEW_ASSIGNMENT} -Name a -CustomResourceScope s")
    error = console.error("Remove-ManagementScope -Identity s -Confirm:$false")
    assert error["reason"] == "TaskInvalidOperationException"


def test_a_taken_assignment_name_is_refused_and_none_gets_a_number(console: SimulatedSession) -> None:
    console.run(f"$null = {NEW_POINTER}\n$null = {NEW_ASSIGNMENT} -Name a\n$null = {NEW_ASSIGNMENT}")
    assert console.error(f"{NEW_ASSIGNMENT} -Name a")["reason"] == "ADObjectAlreadyExistsException"
    assert console.value(NEW_ASSIGNMENT)["Name"].endswith("-1")


def test_without_a_scope_an_assignment_is_for_the_whole_tenant(console: SimulatedSession) -> None:
    console.run(f"$null = {NEW_POINTER}\n$null = {NEW_ASSIGNMENT} -Name a")
    test = f"Test-ServicePrincipalAuthorization -Identity {VALUES['ApplicationObjectId']} -Resource outside@contoso.com"
    row = console.value(test)
    assert (row["InScope"], row["ScopeType"], row["AllowedResourceScope"]) == ("True", "Organization", "")


def test_a_group_as_scope_reads_back_as_a_resource_scope(console: SimulatedSession) -> None:
    console.run(f"$null = {NEW_POINTER}\n$null = {NEW_GROUP}")
    made = console.value(f"{NEW_ASSIGNMENT} -Name a -RecipientGroupScope group@contoso.com")
    assert (made["RecipientWriteScope"], made["CustomResourceScope"]) == ("Group", "contoso-group")
    assert "RecipientGroupScope" not in made


def test_only_direct_members_are_in_scope(console: SimulatedSession) -> None:
    inner = NEW_GROUP.replace("contoso-group", "inner").replace("group@", "inner@")
    console.run(
        f"$null = {NEW_POINTER}\n$outer = {NEW_GROUP}\n$null = {inner}\n"
        "Add-DistributionGroupMember -Identity group@contoso.com -Member inner@contoso.com\n"
        "Add-DistributionGroupMember -Identity inner@contoso.com -Member bert@contoso.com\n"
        "Add-DistributionGroupMember -Identity group@contoso.com -Member anna@contoso.com\n"
        "$filter = \"MemberOfGroup -eq '$($outer.DistinguishedName)'\"\n"
        "$null = New-ManagementScope -Name s -RecipientRestrictionFilter $filter\n"
        f"$null = {NEW_ASSIGNMENT} -Name a -CustomResourceScope s"
    )
    identity = VALUES["ApplicationObjectId"]
    test = f"(Test-ServicePrincipalAuthorization -Identity {identity} -Resource {{}}@contoso.com).InScope"
    assert console.value(test.format("anna")) == "True"
    assert console.value(test.format("bert")) == "False"
    assert console.value(test.replace(" -Resource {}@contoso.com", "")) == "Not Run"


def test_handing_out_a_role_needs_a_delegating_assignment(console: SimulatedSession) -> None:
    console.tenant["roleGroups"][0]["members"] = []
    console.run(f"$null = {NEW_POINTER}")
    assert "must be assigned a delegating role assignment" in console.error(f"{NEW_ASSIGNMENT} -Name a")["text"]


@pytest.mark.parametrize("command", [NEW_POINTER, NEW_SCOPE, NEW_ASSIGNMENT])
def test_a_dehydrated_tenant_refuses_configuration(console: SimulatedSession, command: str) -> None:
    console.tenant["settings"]["dehydrated"] = True
    assert console.error(command)["reason"] == "InvalidOperationInDehydratedContextException"


def test_removing_a_pointer_takes_its_assignments_and_leaves_its_scopes(console: SimulatedSession) -> None:
    console.run(f"$null = {NEW_POINTER}\n$null = {NEW_SCOPE}\n$null = {NEW_ASSIGNMENT} -Name a -CustomResourceScope s")
    console.run(f"Remove-ServicePrincipal -Identity {VALUES['ApplicationObjectId']} -Confirm:$false")
    assert "a" not in [row["Name"] for row in console.tenant["assignments"]]
    assert "s" in [row["Name"] for row in console.tenant["scopes"]]


def test_auto_mapping_is_on_unless_it_is_refused_and_not_changed_later(console: SimulatedSession) -> None:
    add = "$null = Add-MailboxPermission -Identity bert@contoso.com -User anna@contoso.com -AccessRights FullAccess"
    console.run(add)
    result = console.run(f"{add} -AutoMapping $false")
    assert "already present" in result.screen
    assert console.recipient("bert@contoso.com")["permissions"][0]["AutoMapping"] is True


def test_a_what_if_of_set_user_changes_the_tenant(console: SimulatedSession) -> None:
    console.run("Set-User -Identity anna@contoso.com -DisplayName changed -WhatIf")
    assert console.recipient("anna@contoso.com")["DisplayName"] == "changed"


def test_a_what_if_reaches_the_service_and_fails_where_the_target_is_absent(console: SimulatedSession) -> None:
    error = console.error("Set-Mailbox -Identity scheduling@contoso.com -DisplayName x -WhatIf")
    assert error["reason"] == "ManagementObjectNotFoundException"


def test_removing_asks_by_itself(console: SimulatedSession) -> None:
    result = console.run("Remove-Mailbox -Identity anna@contoso.com")
    assert result.uncaught is not None
    assert console.recipient("anna@contoso.com")
    assert console.run("Remove-Mailbox -Identity anna@contoso.com -Confirm:$false").calls[0].outcome == "ok"
