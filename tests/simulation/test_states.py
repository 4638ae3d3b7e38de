"""The organizations that a rehearsal starts from, by the parameters of the runbook; no PowerShell is needed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.simulated import ACCOUNT_VALUES, SERVER_VALUES, VALUES

from pexgen.simulation import drifted, fresh, shape_problems

MIGRATE = VALUES | ACCOUNT_VALUES | {"EwsRetire": [{"ClientId": "33333333-3333-4333-8333-333333333333"}]}


def shut(tenant: dict[str, Any]) -> list[tuple[str, str]]:
    """Return server and switch of what is off on the virtual directories."""
    switches = ("BasicAuthentication", "WindowsAuthentication")
    return [(one["Server"], switch) for one in tenant["virtualDirectories"] for switch in switches if not one[switch]]


@pytest.mark.parametrize(
    ("values", "platform"),
    [(VALUES, None), (ACCOUNT_VALUES, None), (MIGRATE, None), (SERVER_VALUES, "exchange-server")],
)
def test_every_method_has_its_organization(values: Any, platform: str | None) -> None:
    tenant = fresh(values)
    assert tenant.get("platform") == platform
    assert shape_problems(json.loads(json.dumps(tenant))) == []
    assert fresh(values) == tenant
    guids = [one["Guid"] for key in ("recipients", "scopes", "assignments") for one in tenant[key]]
    assert len(guids) == len(set(guids))


def test_a_server_starts_with_what_is_relied_on_and_nothing_that_is_made() -> None:
    tenant = fresh(SERVER_VALUES | {"ImpersonationGroup": ""})
    addresses = {one["PrimarySmtpAddress"] for one in tenant["recipients"]}
    assert {"anna@contoso.com", "rooms@contoso.com"} <= addresses
    assert not addresses & {"scheduling@contoso.com", "pexip-service@contoso.com"}
    assert shut(tenant) == [("EX01", "BasicAuthentication")]
    assert tenant["organizationalUnits"] == ["contoso.com/Service Accounts"]


def test_a_server_has_what_is_adopted_and_no_directory_is_shut_that_is_not_named() -> None:
    values = SERVER_VALUES | {
        "ServiceAccountAdopt": True,
        "EquipmentAdopt": True,
        "AuthenticationVirtualDirectory": "",
        "ServiceAccountOrganizationalUnit": "OU=Service,OU=Accounts,DC=ad,DC=contoso,DC=com",
    }
    tenant = fresh(values)
    addresses = {one["PrimarySmtpAddress"] for one in tenant["recipients"]}
    assert {"scheduling@contoso.com", "pexip-service@contoso.com"} <= addresses
    assert shut(tenant) == []
    assert (tenant["initialDomain"], tenant["netBios"]) == ("ad.contoso.com", "AD")
    assert tenant["organizationalUnits"] == ["ad.contoso.com/Accounts/Service"]


def test_a_group_to_act_for_is_there_with_the_equipment_mailbox_in_it() -> None:
    recipients = {one["PrimarySmtpAddress"]: one for one in fresh(SERVER_VALUES)["recipients"]}
    members = recipients["schedulers@contoso.com"]["members"]
    assert members == [recipients[address]["Guid"] for address in ("scheduling@contoso.com", "rooms@contoso.com")]


def test_others_have_changed_calendar_name_delegates_and_authentication_of_a_server() -> None:
    converged = fresh(SERVER_VALUES | {"EquipmentAdopt": True, "AuthenticationVirtualDirectory": ""})
    converged["recipients"][-2]["permissions"] = [{"User": "x", "AccessRights": ["FullAccess"]}]
    tenant = drifted(converged, SERVER_VALUES)
    equipment = next(one for one in tenant["recipients"] if one["PrimarySmtpAddress"] == "scheduling@contoso.com")
    assert equipment["DisplayName"] == "Changed by hand"
    assert equipment["calendar"] == {"AutomateProcessing": "AutoAccept"}
    assert equipment["permissions"] == []
    assert shut(tenant) == [("EX01", "BasicAuthentication")]
    assert shut(converged) == []


def test_a_migration_finds_the_old_deployment_at_work_and_the_new_one_absent() -> None:
    tenant = fresh(MIGRATE)
    addresses = {one["PrimarySmtpAddress"] for one in tenant["recipients"]}
    assert {"pexip-service@contoso.com", "scheduling@contoso.com"} <= addresses
    assert "group@contoso.com" not in addresses
    assert tenant["organization"]["EwsEnabled"] is True
    listed = tenant["organization"]["EwsAllowedAppIDs"].lower()
    assert MIGRATE["OauthClientId"] in listed
    assert MIGRATE["ApplicationClientId"] not in listed
    assert "contoso-impersonation" in [row["Name"] for row in tenant["assignments"]]


def test_an_organization_of_exchange_server_needs_its_servers() -> None:
    tenant = fresh(SERVER_VALUES)
    del tenant["servers"]
    assert shape_problems(tenant) == ["'servers' has to be a list"]


def test_what_is_wrong_within_a_list_is_told_with_its_place() -> None:
    tenant = fresh(SERVER_VALUES)
    tenant["recipients"][1] = "x"
    tenant["recipients"][2]["Guid"] = "7"
    del tenant["recipients"][3]["PrimarySmtpAddress"]
    tenant["recipients"][4]["EmailAddresses"] = [1, "a"]
    tenant["roles"][0] = None
    tenant["apps"][1] |= {"AppId": 5, "users": "everybody"}
    tenant["operator"]["upn"] = None
    tenant["version"] = "2013"
    assert shape_problems(tenant) == [
        "'operator.upn' has to be text",
        "'version' has to be one of 2016, 2019, SE",
        "'roles[0]' has to be text",
        "'recipients[1]' has to be an object",
        "'recipients[2].Guid' has to be a GUID",
        "'recipients[3].PrimarySmtpAddress' has to be text",
        "'recipients[4].EmailAddresses' has to be a list of texts",
        "'apps[1].AppId' has to be text",
        "'apps[1].users' has to be a list of texts",
    ]
    assert shape_problems(fresh(VALUES) | {"apps": {"a": 1}}) == ["'apps' has to be a list"]


@pytest.mark.parametrize("place", ["domains", "scopes", "servicePrincipals", "assignments", "roleGroups", "servers"])
def test_an_entry_that_is_no_object_is_told_wherever_it_stands(place: str) -> None:
    tenant = fresh(SERVER_VALUES)
    tenant[place].append(None)
    assert shape_problems(tenant) == [f"'{place}[{len(tenant[place]) - 1}]' has to be an object"]


def test_a_tenant_without_add_ins_is_one() -> None:
    tenant = fresh(VALUES)
    del tenant["apps"]
    assert shape_problems(tenant) == []
