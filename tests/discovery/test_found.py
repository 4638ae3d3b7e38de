"""Deployments that nobody described, on the simulated Exchange: looked at, described, and found as described."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.discoveries import doubts
from support.sites import Json, Site, SiteOf
from support.tenants import changed, named, recipient, without_impersonation

from pexgen.discovery import Decisions, assemble_discovery, describe, discovery_script, read_discovery
from pexgen.errors import UndecidedError
from pexgen.rehearsal import Engine, Result
from pexgen.render import Renderer

EQUIPMENT = "pexip-scheduling@contoso.com"
OTHER = "beamer@contoso.com"
ONLINE = Decisions(assignment="contoso-scheduling-ews")
SERVER = Decisions(assignment="contoso-server-impersonation", version="SE")
SAMPLES = {"app-permissions": ONLINE, "service-account-server": SERVER}

Look = Callable[..., Result]


@pytest.fixture(scope="module")
def tenants(sample: SiteOf) -> Callable[[str], Json]:
    """Give the tenant of a sample after its Apply; with a calendar that somebody set by hand, and a delegate."""
    made: dict[str, Json] = {}

    def make(name: str) -> Json:
        if name not in made:
            site: Site = sample(name, delegates=[{"account": "pexip-admin@contoso.com"}])
            server = name.endswith("server")
            more: Json = {"PasswordOfServiceAccount": {"secure": "of nothing and nobody"}} if server else {}
            run = site.run("Apply", **more)
            assert run.exit_code == 0, run.screen
            made[name] = run.tenant
        return made[name]

    return make


@pytest.fixture(scope="module")
def look(engine: Engine, approving: Renderer, tmp_path_factory: pytest.TempPathFactory) -> Look:
    """Play the script that looks, for the tenant's platform."""

    def play(tenant: Json, *faults: Json, reviewed: bool = True, **arguments: Any) -> Result:
        platform = tenant.get("platform", "exchange-online")
        body = assemble_discovery(approving.catalogue, platform)
        script = tmp_path_factory.mktemp("look") / "discover.ps1"
        script.write_bytes(discovery_script(approving.catalogue, body, {}, reviewed=reviewed))
        return engine.play(script, tenant, arguments, faults=faults)

    return play


def found(run: Result) -> Json:
    """Return what a run wrote."""
    written: Json = json.loads((run.folder / "FOUND.json").read_text("utf-8"))
    return written


def described(run: Result, choice: Decisions) -> str:
    """Return the description of what a run found."""
    return describe(read_discovery(json.dumps(found(run)).encode(), "FOUND.json"), choice)


@pytest.mark.parametrize("name", SAMPLES)
def test_what_nobody_described_is_found_described_and_then_found_without_a_difference(
    engine: Engine, approving: Renderer, tenants: Callable[[str], Json], look: Look, tmp_path: Path, name: str
) -> None:
    def by_hand(tenant: Json) -> None:
        recipient(tenant, EQUIPMENT)["calendar"].update(BookingWindowInDays=400)
        for principal in tenant["servicePrincipals"]:
            # No screen shows that these are no usual spaces, and a name without them would be another one.
            principal["DisplayName"] = principal["DisplayName"].replace(" ", "\u00a0", 1).replace(" ", "\u3000")

    tenant = changed(tenants(name), by_hand)
    run = look(tenant)
    assert (run.exit_code, run.writes, run.uncaught) == (0, (), None), run.screen
    text = described(run, SAMPLES[name])
    assert "booking_window_in_days: 400" in text
    assert "- account: pexip-admin@contoso.com" in text
    rendered = approving.render(text.encode(), "found.yaml")
    runbook = tmp_path / "found.ps1"
    runbook.write_bytes(rendered.runbook)
    check = engine.play(runbook, tenant, {"Mode": "Check"})
    assert (check.exit_code, [one["differences"] for one in check.objects if one["differences"]]) == (0, [])


def test_of_two_equipment_mailboxes_and_two_assignments_none_is_taken_silently(
    tenants: Callable[[str], Json], look: Look
) -> None:
    def add(tenant: Json) -> None:
        copied = json.loads(json.dumps(recipient(tenant, EQUIPMENT)).replace("pexip-scheduling", "beamer"))
        ids = {key: "0" * 7 + copied[key][7:] for key in ("Guid", "ExternalDirectoryObjectId", "ExchangeGuid")}
        tenant["recipients"].append({**copied, **ids, "Name": "Beamer"})

    run = look(changed(tenants("app-permissions"), add))
    assert run.exit_code == 0, run.screen
    with pytest.raises(UndecidedError, match=f"{OTHER}|{EQUIPMENT}") as open_question:
        described(run, ONLINE)
    assert OTHER in str(open_question.value)
    assert EQUIPMENT in str(open_question.value)
    assert "--equipment" in open_question.value.hint
    with pytest.raises(UndecidedError, match="Somebody else's access, contoso-scheduling-ews"):
        described(run, Decisions(equipment=EQUIPMENT))
    assert f"address: {EQUIPMENT}" in described(run, Decisions(equipment=EQUIPMENT, assignment=ONLINE.assignment))


def test_what_could_not_be_read_is_recorded_as_that_and_never_as_absent(
    tenants: Callable[[str], Json], look: Look
) -> None:
    names = ("Get-CalendarProcessing", "Get-MailboxPermission", "Get-DistributionGroupMember")
    # A read that fails is asked for three times more.
    error = {"kind": "error", "nth": 1, "times": 4, "class": ""}
    faults = [{**error, "cmdlet": name, "text": f"no {name}"} for name in names]
    run = look(tenants("app-permissions"), *faults)
    assert (run.exit_code, run.writes) == (5, ()), run.screen
    (equipment,) = found(run)["found"]["equipment"]
    assert (equipment["calendar"], equipment["fullAccess"]) == (None, None)
    assert [f"no {name}" in one["error"] for name, one in zip(names, found(run)["unreadable"], strict=True)] == [
        True
    ] * 3
    with pytest.raises(UndecidedError, match=r"members of .* not read"):
        described(run, ONLINE)


def test_a_refusal_writes_nothing_at_all(tenants: Callable[[str], Json], look: Look) -> None:
    tenant = tenants("app-permissions")
    for arguments, text in (
        ({"TargetTenantId": "00000000-0000-4000-8000-000000000001"}, "Connected to tenant"),
        ({"MaximumMailboxes": 0}, "-MaximumMailboxes"),
        ({"reviewed": False}, "-AcceptUnreviewed"),
    ):
        run = look(tenant, **arguments)
        assert (run.exit_code, run.writes, list(run.folder.glob("*"))) == (4, (), []), run.screen
        assert text in run.screen


def test_a_list_that_is_cut_off_says_so(tenants: Callable[[str], Json], look: Look) -> None:
    def add(tenant: Json) -> None:
        copied = json.loads(json.dumps(recipient(tenant, EQUIPMENT)).replace("pexip-scheduling", "beamer"))
        tenant["recipients"].append({**copied, "Guid": "0" * 7 + copied["Guid"][7:], "Name": "Beamer"})

    run = look(changed(tenants("app-permissions"), add), MaximumMailboxes=1)
    assert (run.exit_code, found(run)["cutOff"], len(found(run)["found"]["equipment"])) == (5, ["equipment"], 1)
    with pytest.raises(UndecidedError, match="and more, which were cut off"):
        described(run, ONLINE)
    (only,) = found(run)["found"]["equipment"]
    assert f"address: {only['address']}" in described(
        run, Decisions(equipment=only["address"], assignment="contoso-scheduling-ews")
    )


def test_what_an_application_holds_beside_its_role_and_what_closes_ews_is_found(
    tenants: Callable[[str], Json], look: Look
) -> None:
    def widen(tenant: Json) -> None:
        ours = named(tenant["assignments"], ONLINE.assignment)
        wide = {**ours, "Guid": "f" * 8 + ours["Guid"][8:], "Name": "Wide", "Role": "Application Exchange Full Access"}
        tenant["assignments"].append({**wide, "scopeKind": "Organization", "scope": ""})
        tenant["organization"].update(EwsApplicationAccessPolicy="EnforceAllowList", EwsAllowList=["Teams*", "Pexip*"])
        recipient(tenant, EQUIPMENT)["EwsEnabled"] = False

    run = look(changed(tenants("app-permissions"), widen))
    assert (run.exit_code, run.writes, run.uncaught) == (0, (), None), run.screen
    text = doubts(described(run, ONLINE))
    assert "also holds Application Exchange Full Access on every mailbox (Organization) by 'Wide'" in text
    assert "Exchange knows other applications too: 'Somebody else's application'" in text
    assert "EwsApplicationAccessPolicy is EnforceAllowList" in text
    assert "EwsAllowList: Teams*, Pexip*; EwsBlockList: empty" in text
    assert "EwsEnabled of the equipment mailbox is false" in text
    assert "'Somebody else's add-in' 2.1.0.0 by 'Somebody Else Ltd'" in text
    assert "Action Items" not in text
    assert not any("OrganizationApp" in each for each in found(run)["notLookedAt"])


def test_add_ins_are_found_on_exchange_server_too(tenants: Callable[[str], Json], look: Look) -> None:
    run = look(tenants("service-account-server"))
    assert run.exit_code == 0, run.screen
    assert "Somebody else's add-in" in [each["displayName"] for each in found(run)["found"]["addIns"]]


def test_a_known_application_without_an_assignment_is_found_by_its_client_id(
    tenants: Callable[[str], Json], look: Look
) -> None:
    tenant = tenants("app-permissions")
    (ours,) = [each for each in tenant["servicePrincipals"] if each["DisplayName"] != "Somebody else's application"]

    def drop(tenant: Json) -> None:
        row = named(tenant["assignments"], ONLINE.assignment)
        tenant["assignments"].remove(row)

    run = look(changed(tenant, drop), ApplicationClientId=ours["AppId"], ForMethod="app-permissions")
    assert (run.exit_code, found(run)["found"]["applications"]) == (0, []), run.screen
    (known,) = found(run)["found"]["principals"]
    assert (known["clientId"], known["objectId"], known["roles"]) == (ours["AppId"], ours["ObjectId"], [])
    with pytest.raises(UndecidedError, match="which has no assignment"):
        described(run, Decisions(equipment=EQUIPMENT))


def test_an_assignment_that_is_limited_to_a_group_itself_is_read_and_told(
    tenants: Callable[[str], Json], look: Look
) -> None:
    def narrow(tenant: Json) -> None:
        group = next(one for one in tenant["recipients"] if one["RecipientTypeDetails"] == "MailUniversalSecurityGroup")
        named(tenant["assignments"], ONLINE.assignment).update(scopeKind="Group", scope=group["Guid"])

    run = look(changed(tenants("app-permissions"), narrow))
    assert run.exit_code == 0, run.screen
    with pytest.raises(UndecidedError, match=r"contoso-scheduling-ews is limited to the group '.*' itself"):
        described(run, ONLINE)


def test_a_connection_that_names_the_organization_by_its_id_is_one_and_the_environment_is_kept(
    tenants: Callable[[str], Json], look: Look
) -> None:
    def delegate(tenant: Json) -> None:
        tenant["session"]["connections"][0]["DelegatedOrganization"] = tenant["tenantId"]

    run = look(changed(tenants("app-permissions"), delegate), TargetEnvironment="gcc")
    assert run.exit_code == 0, run.screen
    assert found(run)["tenant"]["organization"] == "contoso.onmicrosoft.com"
    assert found(run)["asked"]["environment"] == "gcc"
    assert "  environment: gcc\n" in described(run, ONLINE)


def test_an_account_of_a_server_that_has_the_role_by_a_group_is_told_so(
    tenants: Callable[[str], Json], look: Look
) -> None:
    tenant = tenants("service-account-server")
    ours = named(tenant["assignments"], SERVER.assignment)
    account = next(one for one in tenant["recipients"] if one["Guid"] == ours["assignee"])

    def by_group(tenant: Json) -> None:
        tenant["roleGroups"].append({"Name": "Pexip", "members": [account["Guid"]]})
        named(tenant["assignments"], SERVER.assignment).update(assignee="Pexip", assigneeType="RoleGroup")

    for arguments, said in (
        ({"ServiceAccount": account["PrimarySmtpAddress"]}, f"but one through a group: '{SERVER.assignment}' of Pexip"),
        ({}, "is held by the RoleGroup 'Pexip'"),
    ):
        run = look(changed(tenant, by_group), **arguments)
        assert run.exit_code == 0, run.screen
        with pytest.raises(UndecidedError, match=said):
            described(run, Decisions(version="SE", assignment="" if arguments else SERVER.assignment))


def narrowed(tenant: Json) -> None:
    scope = named(tenant["scopes"], "contoso-existing-impersonation-scope")
    scope["RecipientFilter"] = f"PrimarySmtpAddress -eq '{EQUIPMENT}'"


@pytest.mark.parametrize(
    ("change", "is_described", "doubt", "code"),
    [
        (narrowed, True, "", 0),
        (lambda _: None, False, "still assigns the role, and cannot be described: its scope has the filter", 0),
        (without_impersonation, False, "no direct assignment of ApplicationImpersonation to this account was found", 5),
    ],
)
def test_of_a_named_account_only_what_it_holds_is_described_and_check_agrees(
    sample: SiteOf,
    engine: Engine,
    approving: Renderer,
    look: Look,
    tmp_path: Path,
    change: Callable[[Json], Any],
    is_described: bool,  # noqa: FBT001 - a parameter of the test
    doubt: str,
    code: int,
) -> None:
    tenant = changed(sample("service-account-online").tenant, change)
    run = look(tenant, ServiceAccount="pexip-service@contoso.com", ForMethod="service-account")
    assert run.exit_code == 0, run.screen
    text = described(run, Decisions())
    assert ("\nimpersonation:\n" in text, "Somebody else's impersonation" in text) == (is_described, False)
    assert doubt in doubts(text)
    runbook = tmp_path / "found.ps1"
    runbook.write_bytes(approving.render(text.encode(), "found.yaml").runbook)
    check = engine.play(runbook, tenant, {"Mode": "Check"})
    assert check.exit_code == code, check.screen
    assert [one["differences"] for one in check.objects if one["differences"]] == []
