"""Situations 1 to 11, 47 and 51: the session, the operator and the reads, before anything is changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.deployments import APP_PERMISSIONS, CLEANUP, DEPLOYMENTS, ONLINE, SERVER
from support.function_cases import WITH
from support.functions import Functions
from support.sites import DESCRIPTION, Applied, FirstApply, Json, SiteOf, copied_journal, merged, result_file, states
from support.tenants import changed, guarded
from support.wrapped import wrapped
from yaml import safe_dump

from pexgen.description import load
from pexgen.errors import InputError


def test_01_a_module_that_is_missing_or_too_old(site: SiteOf) -> None:
    # A guard of the session does not know the mode.
    old = site().run("Apply", options={"module_version": "3.1.9"})
    guarded(old, "module", "3.1.9", "3.2.0 or later")
    missing = site().run("Check", options={"prelude": "Remove-Module -Name ExchangeOnlineManagement -Force"})
    guarded(missing, "module", "Install-Module ExchangeOnlineManagement", "Connect-ExchangeOnline")


def test_02_module_and_engine_that_do_not_fit(site: SiteOf) -> None:
    before = "$known = $PSVersionTable.PSVersion; $PSVersionTable['PSVersion'] = [version] '7.5.4'"
    call = "try { & $Runbook @Given } finally { $PSVersionTable['PSVersion'] = $known }"
    run = wrapped(site(), "engine 7.5", before, call).run("Apply", options={"module_version": "3.10.1"})
    guarded(run, "module", "3.10.1", "7.5.4", "7.6", "5.1", "3.9.2")


def test_03_the_graph_sdk_in_the_same_session(site: SiteOf) -> None:
    prelude = "New-Module -Name Microsoft.Graph.Authentication -ScriptBlock { } | Import-Module -Global"
    guarded(site().run("Apply", options={"prelude": prelude}), "module", "Microsoft")


CONNECTIONS: dict[str, tuple[Any, str]] = {
    "another tenant": (lambda all_: all_[0].update(TenantID="0" * 8 + "-0000-4000-8000-00000000000b"), "8a1c2b3d"),
    "two": (lambda all_: all_.append({**all_[0], "ConnectionId": "another"}), "2 connections"),
    "a prefix": (lambda all_: all_[0].update(ModulePrefix="EXO"), "prefix 'EXO'"),
}


@pytest.mark.parametrize(("mode", "case"), [*zip(["Check", "Apply", "Verify"], CONNECTIONS, strict=True)])
def test_05_a_connection_that_is_not_the_one(site: SiteOf, mode: str, case: str) -> None:
    change, text = CONNECTIONS[case]
    tenant = changed(site().tenant, lambda t: change(t["session"]["connections"]))
    guarded(site().run(mode, tenant), "connection", text)


@pytest.mark.parametrize("hidden", ["New-ManagementRoleAssignment", "New-DistributionGroup:IgnoreNamingPolicy"])
def test_06_a_cmdlet_or_parameter_that_the_operator_lacks(site: SiteOf, hidden: str) -> None:
    tenant = changed(site().tenant, lambda t: t["operator"].update(hidden=[hidden]))
    run = site().run("Apply", tenant)
    guarded(run, "cmdlets", *hidden.split(":"), "Organization Management")
    assert run.calls == ()


def test_07_delegated_administration(site: SiteOf) -> None:
    def acting_for(organization: str) -> Any:
        return changed(
            site().tenant, lambda t: t["session"]["connections"][0].update(DelegatedOrganization=organization)
        )

    guarded(site().run("Apply", acting_for("fabrikam.onmicrosoft.com")), "connection", "fabrikam.onmicrosoft.com")
    ours = site().run("Apply", acting_for("contoso.onmicrosoft.com"))
    assert (ours.exit_code, "delegated administration of contoso.onmicrosoft.com" in ours.screen) == (0, True)
    assert result_file(ours)["tenant"]["delegated"] is True


@pytest.mark.parametrize("organization", [DESCRIPTION["target"]["tenant_id"], "contoso.com"])
def test_08_a_tenant_id_as_organization(organization: str) -> None:
    source = safe_dump(merged(DESCRIPTION, {"target": {"organization": organization}})).encode()
    with pytest.raises(InputError) as refused:
        load(source, "contoso.yaml")
    (problem,) = refused.value.problems
    assert (problem.code, problem.source_line.strip()) == ("PXG024", f"organization: {organization}")
    assert problem.message.startswith("`target.organization` must be the tenant's initial domain")


def test_08_a_domain_that_is_not_the_initial_one_of_the_connected_organization(site: SiteOf) -> None:
    def other(tenant: Json) -> None:
        for domain in tenant["domains"]:
            domain["InitialDomain"] = domain["DomainName"] == "contoso.com"

    run = site().run("Apply", changed(site().tenant, other))
    guarded(run, "organization", "'contoso.onmicrosoft.com' is not the initial domain of the connected organization")


IDENTITIES = (
    "EquipmentAddress",
    "EquipmentName", "SchedulingGroupAddress", "SchedulingGroupName", "ScopeName",
    "ApplicationClientId", "ApplicationObjectId", "ApplicationAssignment", "ApplicationName",
)  # fmt: skip


def test_10_an_empty_identity(site: SiteOf, functions: Functions) -> None:
    # The guard says of each what is wrong, and a run that is given nothing for one sends nothing.
    given = [(name, value) for name in IDENTITIES for value in ("''", "' '")]
    given += [(name, "'*'") for name in IDENTITIES if name.endswith(("Address", "Id"))]
    calls = [f"With {{ Assert-Value }} @{{}} @{{ {name} = {value} }}" for name, value in given]
    assert functions.stops(dict.fromkeys(calls, "-"), before=WITH, ends="refused values") == dict.fromkeys(calls, "-")
    run = site().run("Apply", EquipmentAddress=None)
    guarded(run, "values")
    assert run.calls == ()


IDENTIFYING = ("Identity", "Member", "Resource", "RoleAssignee", "User")
SENT = {
    APP_PERMISSIONS.name: {*IDENTIFYING},
    SERVER.name: {"Identity", "RoleAssignee", "User"},
    ONLINE.name: {"Identity", "RoleAssignee", "User"},
    CLEANUP.name: {"Identity", "Resource", "RoleAssignee"},
}


@pytest.mark.parametrize("name", SENT)
def test_10_no_call_of_a_good_run_has_an_empty_identity(first_apply: FirstApply, tmp_path: Path, name: str) -> None:
    (deployment,) = [one for one in DEPLOYMENTS if one.name == name]
    here, _, made = first_apply(deployment)
    journal = [copied_journal(made, tmp_path)]
    back = here.run("Rollback", made.tenant, JournalPath=journal, **deployment.arguments("Rollback"))
    runs = [made, back]
    if deployment is APP_PERMISSIONS:
        runs.append(here.run("Verify", made.tenant))
    calls = [call for run in runs for call in run.calls]
    sent = [(one, call.parameters[one]) for call in calls for one in IDENTIFYING if one in call.parameters]
    assert {one for one, value in sent} == SENT[name]
    assert [one for one, value in sent if not isinstance(value, str) or not value.strip()] == []


@pytest.mark.parametrize(
    ("kind", "modes"),
    [
        ("forbidden", {"Check": 5, "Apply": 4, "Verify": 5}),
        ("unauthorized", {"Check": 5}),
        ("server-error", {"Apply": 4}),
    ],
)
def test_11_a_read_that_fails(site: SiteOf, applied: Applied, kind: str, modes: dict[str, int]) -> None:
    faults = [{"kind": kind, "cmdlet": "Get-ServicePrincipal", "times": 99}]
    for mode, code in modes.items():
        run = site().run(mode, applied().tenant, options={"faults": faults})
        assert (run.exit_code, states(run)["application-pointer"], run.writes) == (code, "unreadable", ()), run.screen


MEND = "Set-ADServerSettings -ViewEntireForest $true"
EMEA = "emea.contoso.com"


def other_servers(tenant: Json) -> None:
    tenant["servers"][1]["Domain"] = EMEA


PARTS: dict[str, Callable[[Json], None]] = {
    "a server in another domain": other_servers,
    "a child domain": lambda tenant: tenant["settings"].update(recipientViewRoot=EMEA),
    "a root of its own": lambda tenant: tenant["settings"].update(forest="root.example"),
    "one organizational unit": lambda tenant: tenant["settings"].update(recipientViewRoot="contoso.com/Rooms"),
}


@pytest.mark.parametrize(
    ("part", "modes"), [*zip(PARTS, (["Check", "Apply", "Verify"], ["Apply"], ["Verify"], ["Check"]), strict=True)]
)
def test_51_a_session_that_sees_a_part_of_the_forest(sample: SiteOf, part: str, modes: list[str]) -> None:
    here = sample(SERVER.sample)
    tenant = changed(here.tenant, PARTS[part])
    for mode in modes:
        guarded(here.run(mode, tenant, **SERVER.arguments(mode)), "forest", MEND)
    mended = here.run("Check", tenant, options={"prelude": MEND})
    assert mended.exit_code == 2, mended.screen
    assert "View  " not in mended.screen


def test_47_constrained_language_mode(site: SiteOf, run_powershell: Any) -> None:
    mode = "$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'"
    done = run_powershell(f"{mode}; & '{site().runbook}' -Mode Apply; exit $LASTEXITCODE", check=False)
    assert done.returncode == 4
    assert b"signed" in done.stdout
