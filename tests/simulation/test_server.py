"""The simulated Exchange Server answers, defaults and fails as an Exchange Management Shell does."""

from __future__ import annotations

from support.simulated import SimulatedSession

from pexgen.simulation import user

ACCOUNT = (
    "New-Mailbox -Name 'Pexip Service' -UserPrincipalName pexip-service@contoso.com"
    " -Password (ConvertTo-SecureString 'not a real one' -AsPlainText -Force) -OrganizationalUnit 'Service Accounts'"
)
ROW = "| Select-Object Name, RoleAssigneeType, AssignmentMethod, EffectiveUserName, RoleAssignmentDelegationType"


def test_the_session_is_that_of_a_temporary_module_and_reaches_nothing_else(shell: SimulatedSession) -> None:
    found = shell.value(
        "$ways = foreach ($line in 'Add-PSSnapin x', 'New-PSSession -ConnectionUri http://x', 'Import-PSSession x') {\n"
        "    try { & ([scriptblock]::Create($line)); 'open' } catch { [string] $_ }\n}\n"
        "@{ source = (Get-Command Get-Mailbox).Source; ways = @($ways | Select-Object -Unique)\n"
        "online = @(Get-Module -ListAvailable *Exchange*).Count + @(Get-Module *Exchange*).Count }"
    )
    assert found == {"source": "tmp_pexgen00.srv", "ways": ["A rehearsal opens no session but its own."], "online": 0}


def test_without_a_session_there_are_no_cmdlets(shell: SimulatedSession) -> None:
    shell.tenant["session"]["connections"] = []
    assert shell.run("Get-Command Get-ExchangeServer, Get-Mailbox -ErrorAction Ignore").objects == []


def test_servers_and_their_directories_are_shown_as_text(shell: SimulatedSession) -> None:
    servers = shell.run("Get-ExchangeServer").objects
    assert [one["AdminDisplayVersion"] for one in servers] == [
        "Version 15.2 (Build 1748.10)",
        "Version 15.1 (Build 2507.61)",
    ]
    named = "'EX01\\EWS(Default Web Site)'"
    result = shell.run(
        f"Set-WebServicesVirtualDirectory -Identity {named} -BasicAuthentication $true\n"
        "Get-WebServicesVirtualDirectory\nGet-WebServicesVirtualDirectory -Server EX01 -ADPropertiesOnly"
    )
    shown = [(one["Identity"], one["BasicAuthentication"], one["WindowsAuthentication"]) for one in result.objects]
    first, second = (f"EX0{number}\\EWS (Default Web Site)" for number in (1, 2))
    assert shown == [(first, True, True), (second, True, True), (first, None, None)]


def test_a_directory_whose_server_does_not_answer_is_an_error_and_not_absent(shell: SimulatedSession) -> None:
    shell.tenant["virtualDirectories"][1]["unreachable"] = True
    assert shell.error("Get-WebServicesVirtualDirectory")["reason"] == "IISGeneralCOMException"
    assert shell.error("Get-WebServicesVirtualDirectory -Identity EX09\\EWS*")["reason"] == (
        "ManagementObjectNotFoundException"
    )


def test_an_account_is_made_with_its_mailbox_in_its_unit(shell: SimulatedSession) -> None:
    made = shell.value(ACCOUNT)
    assert made["Identity"] == "contoso.com/Service Accounts/Pexip Service"
    assert made["DistinguishedName"] == "CN=Pexip Service,OU=Service Accounts,DC=contoso,DC=com"
    assert (made["PrimarySmtpAddress"], made["ExternalDirectoryObjectId"]) == ("pexip-service@contoso.com", "")
    again = shell.error(ACCOUNT.replace("Pexip Service", "Other"))
    assert again["reason"] == "RecipientTaskException"
    assert "is used by another recipient object" in again["text"]
    # Its user principal name is an identity for Get-Mailbox; Get-Recipient goes by addresses.
    shell.recipient("pexip-service@contoso.com")["UserPrincipalName"] = "service@ad.contoso.com"
    assert shell.value("Get-Mailbox service@ad.contoso.com")["Name"] == "Pexip Service"
    assert shell.error("Get-Recipient service@ad.contoso.com")["reason"] == "ManagementObjectNotFoundException"


def test_an_account_needs_a_unit_that_exists_and_a_password_that_the_domain_takes(shell: SimulatedSession) -> None:
    assert shell.error(ACCOUNT.replace("Service Accounts", "Nowhere"))["reason"] == "ManagementObjectNotFoundException"
    shell.tenant["settings"]["passwordRefused"] = True
    assert shell.error(ACCOUNT)["reason"] == "ADInvalidPasswordException"
    assert not [one for one in shell.tenant["recipients"] if one["Name"] == "Pexip Service"]


def test_an_equipment_mailbox_leaves_requests_alone_and_is_gone_when_removed(shell: SimulatedSession) -> None:
    calendar = shell.value(
        "$null = New-Mailbox -Name 'Second Resource' -Equipment -PrimarySmtpAddress second@contoso.com\n"
        "Get-CalendarProcessing -Identity second@contoso.com"
    )
    assert calendar["AutomateProcessing"] == "AutoUpdate"
    assert "EnforceCapacity" not in calendar
    before = shell.recipient("second@contoso.com")
    assert before["AccountDisabled"] is True
    shell.run("Remove-Mailbox -Identity 'contoso.com/Users/Second Resource' -Confirm:$false")
    assert shell.tenant["softDeleted"] == []
    assert shell.value("New-Mailbox -Name Again -Equipment -PrimarySmtpAddress second@contoso.com")


def test_permissions_name_accounts_of_the_domain(shell: SimulatedSession) -> None:
    users = shell.run(
        "$null = New-Mailbox -Name 'Second Resource' -Equipment\n"
        "$null = Add-MailboxPermission -Identity 'Second Resource' -User CONTOSO\\anna -AccessRights FullAccess\n"
        "(Get-MailboxPermission -Identity 'Second Resource').User"
    ).objects
    assert users == ["NT AUTHORITY\\SELF", "CONTOSO\\anna", "CONTOSO\\Organization Management"]


def test_the_role_of_impersonation_is_given_over_the_members_of_a_group(shell: SimulatedSession) -> None:
    rows = shell.run(
        f"$null = {ACCOUNT}\n"
        "$group = Get-DistributionGroup -Identity schedulers@contoso.com\n"
        "$null = New-ManagementScope -Name ours -RecipientRestrictionFilter"
        " \"MemberOfGroup -eq '$($group.DistinguishedName)'\"\n"
        "New-ManagementRoleAssignment -Name ours -Role ApplicationImpersonation -User pexip-service@contoso.com"
        " -CustomRecipientWriteScope ours\nGet-ManagementScope -Identity ours",
    ).objects
    row, scope = rows
    assert row["RoleAssignee"] == "contoso.com/Service Accounts/Pexip Service"
    assert (row["RoleAssigneeName"], row["RoleAssigneeType"]) == ("Pexip Service", "User")
    assert (row["RecipientWriteScope"], row["CustomRecipientWriteScope"]) == ("CustomRecipientScope", "ours")
    assert row["RoleAssignmentDelegationType"] == "Regular"
    assert scope["RecipientFilter"] == "(MemberOfGroup -eq 'CN=Impersonated people,CN=Users,DC=contoso,DC=com')"
    refused = shell.error("Remove-ManagementScope -Identity ours -Confirm:$false")
    assert refused["reason"] == "TaskInvalidOperationException"


def test_a_role_is_seen_directly_by_way_of_a_group_and_for_each_user(shell: SimulatedSession) -> None:
    anna = shell.recipient("anna@contoso.com")["Guid"]
    shell.tenant["roleGroups"][1]["members"] = [anna]
    held = shell.run(f"Get-ManagementRoleAssignment -RoleAssignee anna@contoso.com {ROW}").objects
    hygiene = {
        "Name": "ApplicationImpersonation-Hygiene Management",
        "RoleAssigneeType": "RoleGroup",
        "AssignmentMethod": "RoleGroup",
        "EffectiveUserName": "Anna",
        "RoleAssignmentDelegationType": "Regular",
    }
    assert hygiene in held
    assert {one["AssignmentMethod"] for one in held} == {"RoleGroup", "RoleAssignmentPolicy"}
    of_role = "Get-ManagementRoleAssignment -Role ApplicationImpersonation"
    plain, effective = (shell.run(f"{of_role} {more} {ROW}").objects for more in ("", "-GetEffectiveUsers"))
    assert {**hygiene, "AssignmentMethod": "Direct", "EffectiveUserName": "All Group Members"} in plain
    assert hygiene in effective
    delegating = shell.run(f"{of_role} -Delegating $true {ROW}").objects
    assert [one["RoleAssignmentDelegationType"] for one in delegating] == ["DelegatingOrgWide"]


def test_errors_carry_their_class_beside_the_text_and_say_that_they_stopped(shell: SimulatedSession) -> None:
    error = shell.error("Get-Mailbox nobody@contoso.com")
    assert error["reason"] == "ManagementObjectNotFoundException"
    assert error["text"].startswith("The running command stopped because")
    assert "'nobody@contoso.com' couldn't be found on 'dc01.rehearsal.invalid'" in error["text"]
    assert "[FailureCategory=Cmdlet-ManagementObjectNotFoundException]" in error["id"]
    assert "RequestId=" in error["id"]


def test_the_same_faults_hit_a_server_and_a_lost_session_names_no_class_of_exchange(shell: SimulatedSession) -> None:
    reasons = {
        kind: shell.error("Get-Mailbox anna@contoso.com", faults=[{"kind": kind, "call": 1}])["reason"]
        for kind in ("server-error", "throttled", "session-gone")
    }
    assert reasons == {
        "server-error": "ADTransientException",
        "throttled": "PSRemotingTransportException",
        "session-gone": "PSRemotingTransportException",
    }
    lost = shell.error(ACCOUNT, faults=[{"kind": "lost-answer", "write": 1}])
    assert lost["reason"] == "PSRemotingTransportException"
    assert shell.recipient("pexip-service@contoso.com")
    killed = shell.run("New-ManagementScope -Name x -RecipientRestrictionFilter \"Alias -eq 'x'\"",
                       faults=[{"kind": "kill-after", "write": 1}])  # fmt: skip
    assert killed.killed
    assert [scope["Name"] for scope in killed.tenant["scopes"]][-1] == "x"


READS = """
function Show($Value) {
    $switched = switch ($Value) { 'AutoUpdate' { 'name' } default { 'other' } }
    @{ text = [string] $Value; held = $Value.Value; shown = "$Value"; equal = $Value -eq 'AutoUpdate'
        listed = 'AutoUpdate', 'x' -contains $Value; switched = $switched; number = $Value -is [int]
        type = $Value.PSObject.TypeNames[0] }
}
$calendar = Get-CalendarProcessing -Identity scheduling@contoso.com
@{ shown = Show $calendar.AutomateProcessing; type = $calendar.PSObject.TypeNames[0]
    computer = $calendar.PSComputerName; methods = @($calendar | Get-Member -MemberType ScriptMethod).Count
    plain = $calendar.BookingWindowInDays -is [int] -or $calendar.BookingWindowInDays -is [long]
    truth = $calendar.AllowConflicts -is [bool]
    list = (Get-Mailbox -Identity scheduling@contoso.com).EmailAddresses.GetType().FullName
    guid = (Get-Mailbox -Identity scheduling@contoso.com).Guid.GetType().FullName
    rights = [string] (Get-MailboxPermission -Identity scheduling@contoso.com)[0].AccessRights[0]
    right = "$((Get-MailboxPermission -Identity scheduling@contoso.com)[0].AccessRights[0])" }
"""


def test_an_answer_is_what_implicit_remoting_makes_of_it(shell: SimulatedSession) -> None:
    """Held against a real session by ``tests/methods/test_server_remoting.py``."""
    shell.tenant["recipients"].append(user("second@contoso.com"))
    found = shell.value(READS)
    assert found["shown"] == {
        "text": "AutoUpdate",
        "held": "AutoUpdate",
        "shown": "1",
        "equal": False,
        "listed": False,
        "switched": "other",
        "number": True,
        "type": "Deserialized.Microsoft.Exchange.Data.Storage.CalendarProcessingFlags",
    }
    assert found["type"].startswith("Deserialized.Microsoft.Exchange.")
    assert (found["computer"], found["methods"]) == ("ex01.rehearsal.invalid", 0)
    assert (found["plain"], found["truth"]) == (True, True)
    assert (found["list"], found["guid"]) == ("System.Collections.ArrayList", "System.Guid")
    assert (found["rights"], found["right"]) == ("FullAccess", "1")


ELSEWHERE = "far@emea.contoso.com"


def test_recipients_of_another_domain_are_not_found_until_the_session_sees_the_whole_forest(
    shell: SimulatedSession,
) -> None:
    shell.tenant["recipients"].append(user(ELSEWHERE, OrganizationalUnit="emea.contoso.com/Users"))
    look = f"Get-Recipient -Identity {ELSEWHERE}"
    assert shell.value("Get-ADServerSettings")["ViewEntireForest"] is False
    assert shell.value("Get-ADServerSettings")["RecipientViewRoot"] == "contoso.com"
    assert shell.error(look)["reason"] == "ManagementObjectNotFoundException"
    listed = f"@(Get-Mailbox | Where-Object PrimarySmtpAddress -eq {ELSEWHERE}).Count"
    assert shell.value(listed) == 0
    entire = "Set-ADServerSettings -ViewEntireForest $true\n"
    assert shell.value(f"{entire}{look}")["PrimarySmtpAddress"] == ELSEWHERE
    assert shell.value(f"{entire}{listed}") == 1
    # The setting is the session's: the next one begins anew, and nothing was written.
    assert shell.error(look)["reason"] == "ManagementObjectNotFoundException"
    assert shell.run(f"{entire}{look}").writes == ()
