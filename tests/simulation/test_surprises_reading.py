"""What surprises at reading in Exchange Online surprises here."""

from __future__ import annotations

from typing import Any

import pytest
from support.simulated import SimulatedSession

ABSENT = "Get-Recipient -Identity nobody@contoso.com"


def test_a_scripts_error_preference_does_not_reach_the_cmdlets(console: SimulatedSession) -> None:
    result = console.run(f"$ErrorActionPreference = 'Stop'\n{ABSENT}\n'went on'")
    assert result.objects == ["went on"]
    assert "couldn't be found" in result.screen


def test_a_scripts_what_if_preference_does_not_reach_the_cmdlets(console: SimulatedSession) -> None:
    console.run("$WhatIfPreference = $true\nSet-CASMailbox -Identity anna@contoso.com -EwsEnabled $false")
    assert console.recipient("anna@contoso.com")["EwsEnabled"] is False


def test_absent_has_the_shape_of_the_rest_module(console: SimulatedSession) -> None:
    error = console.error(ABSENT)
    assert error["reason"] == "ManagementObjectNotFoundException"
    assert error["activity"] == "Get-Recipient"
    assert error["text"].startswith(
        "Ex6F9304|Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException|"
    )
    assert error["id"].startswith("[Server=")
    assert error["id"].endswith("],Write-ErrorMessage")


def test_the_class_stays_where_the_text_is_in_another_language(console: SimulatedSession) -> None:
    console.tenant["settings"]["language"] = "de"
    error = console.error(ABSENT)
    assert error["reason"] == "ManagementObjectNotFoundException"
    assert "couldn't be found" not in error["text"]


@pytest.mark.parametrize(
    "cmdlet",
    [
        "Get-Recipient",
        "Get-Mailbox",
        "Get-User",
        "Get-ManagementScope",
        "Get-ManagementRoleAssignment",
        "Get-ServicePrincipal",
        "Get-CASMailbox",
    ],
)
@pytest.mark.parametrize("nothing", ["$null", "''"])
def test_an_empty_identity_gives_everything(console: SimulatedSession, cmdlet: str, nothing: str) -> None:
    result = console.run(f"{cmdlet} -Identity {nothing}")
    assert result.objects


def test_two_recipients_for_one_alias_are_ambiguous(console: SimulatedSession) -> None:
    for address in ("anna@contoso.com", "bert@contoso.com"):
        console.recipient(address)["Alias"] = "same"
    assert console.error("Get-Mailbox -Identity same")["reason"] == "ManagementObjectAmbiguousException"


def test_a_display_name_is_an_identity_too(console: SimulatedSession) -> None:
    console.recipient("anna@contoso.com")["DisplayName"] = "Anna Berg"
    assert console.value("(Get-Recipient -Identity 'Anna Berg').PrimarySmtpAddress") == "anna@contoso.com"


def test_a_user_without_a_mail_address_is_no_recipient(console: SimulatedSession) -> None:
    person = console.recipient("bert@contoso.com")
    person |= {"RecipientTypeDetails": "User", "PrimarySmtpAddress": "", "EmailAddresses": []}
    assert console.error("Get-Recipient -Identity bert@contoso.com")["reason"] == "ManagementObjectNotFoundException"
    assert console.value("(Get-User -Identity bert@contoso.com).RecipientTypeDetails") == "User"


def test_more_than_a_thousand_are_cut_with_a_warning(console: SimulatedSession) -> None:
    template = console.recipient("anna@contoso.com")
    for number in range(1001):
        name = f"x{number}"
        console.tenant["recipients"].append(
            {**template, "Guid": name, "ExternalDirectoryObjectId": name, "Name": name, "Alias": name}
        )
    result = console.run("@(Get-Recipient).Count\n@(Get-Recipient -ResultSize Unlimited).Count")
    assert result.objects[0] == 1000
    assert result.objects[1] > 1001
    assert "WARNING: By default, only the first 1000 items" in result.screen


def test_soft_deleted_recipients_need_an_identity_or_a_type(console: SimulatedSession) -> None:
    assert "Please specify" in console.error("Get-Recipient -IncludeSoftDeletedRecipients")["text"]


def test_the_ews_list_comes_only_with_its_switch_and_in_another_form(console: SimulatedSession) -> None:
    without, listed = (
        console.value(f"Get-OrganizationConfig {switch} | Select-Object EwsEnabled, EwsAllowedAppIDs")[
            "EwsAllowedAppIDs"
        ]
        for switch in ("", "-RetrieveEwsOperationAccessPolicy")
    )
    assert without is None
    assert listed == listed.upper()
    assert ", " in listed


@pytest.mark.parametrize(
    ("form", "expected"), [("name", "Name"), ("upn", "UserPrincipalName"), ("guid", "ExternalDirectoryObjectId")]
)
def test_the_user_of_a_permission_comes_back_in_the_tenants_form(
    console: SimulatedSession, form: str, expected: str
) -> None:
    console.tenant["settings"]["permissionUserAs"] = form
    rows = console.run(
        "$null = Add-MailboxPermission -Identity bert@contoso.com -User anna@contoso.com -AccessRights FullAccess\n"
        "Get-MailboxPermission -Identity bert@contoso.com | ForEach-Object { $_.User }"
    ).objects
    assert rows[0] == "NT AUTHORITY\\SELF"
    assert rows[1] == console.recipient("anna@contoso.com")[expected]


def test_inherited_rows_come_with_the_permissions(console: SimulatedSession) -> None:
    result = console.run("Get-MailboxPermission -Identity anna@contoso.com | Where-Object { $_.IsInherited }")
    assert result.objects


def test_a_microsoft_365_group_shows_no_members(console: SimulatedSession) -> None:
    anna = console.recipient("anna@contoso.com")
    console.tenant["recipients"].append(
        {**anna, "Guid": "g", "Name": "team", "Alias": "team", "ExternalDirectoryObjectId": "e",
         "UserPrincipalName": "",
         "PrimarySmtpAddress": "team@contoso.com", "EmailAddresses": ["SMTP:team@contoso.com"],
         "RecipientTypeDetails": "GroupMailbox", "members": [anna["Guid"]]}
    )  # fmt: skip
    result = console.run("Get-DistributionGroupMember -Identity team@contoso.com")
    assert (result.objects, result.uncaught) == ([], None)
    preview = "(Get-UnifiedGroup -Identity team@contoso.com).GroupMemberCount"
    assert console.value(preview) == 1


def test_dates_in_names_are_not_taken_for_dates(console: SimulatedSession) -> None:
    text = "2026-01-01T00:00:00Z"
    console.run(f"Set-Mailbox -Identity anna@contoso.com -DisplayName '{text}'")
    assert console.recipient("anna@contoso.com")["DisplayName"] == text
    assert console.value("(Get-Mailbox -Identity anna@contoso.com).DisplayName.GetType().Name") == "String"


def test_hidden_cmdlets_and_parameters_are_not_there(console: SimulatedSession) -> None:
    console.tenant["operator"]["hidden"] = ["New-ServicePrincipal", "Set-OrganizationConfig:EwsAllowedAppIDs"]
    found: dict[str, Any] = console.value(
        "@{ cmdlet = [bool](Get-Command New-ServicePrincipal -ErrorAction SilentlyContinue)\n"
        "parameter = (Get-Command Set-OrganizationConfig).Parameters.ContainsKey('EwsAllowedAppIDs')\n"
        "other = (Get-Command Set-OrganizationConfig).Parameters.ContainsKey('EwsEnabled') }"
    )
    assert found == {"cmdlet": False, "parameter": False, "other": True}
