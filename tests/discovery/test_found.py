"""Deployments that nobody described, on the simulated Exchange: looked at, described, and found as described."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.sites import Json, Site, SiteOf
from support.tenants import changed, recipient

from pexgen.discovery import Choice, assemble_discovery, describe, discovery_script, read_discovery
from pexgen.errors import UndecidedError
from pexgen.rehearsal import Engine, Result
from pexgen.render import Renderer

EQUIPMENT = "pexip-scheduling@contoso.com"
OTHER = "beamer@contoso.com"
ONLINE = Choice(assignment="contoso-scheduling-ews")
SERVER = Choice(assignment="contoso-server-impersonation", version="SE")
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


def described(run: Result, choice: Choice) -> str:
    """Return the description of what a run found."""
    return describe(read_discovery(json.dumps(found(run)).encode(), "FOUND.json"), choice)


@pytest.mark.parametrize("name", SAMPLES)
def test_what_nobody_described_is_found_described_and_then_found_without_a_difference(
    engine: Engine, approving: Renderer, tenants: Callable[[str], Json], look: Look, tmp_path: Path, name: str
) -> None:
    tenant = changed(tenants(name), lambda t: recipient(t, EQUIPMENT)["calendar"].update(BookingWindowInDays=400))
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
        described(run, Choice(equipment=EQUIPMENT))
    assert f"address: {EQUIPMENT}" in described(run, Choice(equipment=EQUIPMENT, assignment=ONLINE.assignment))


def test_what_could_not_be_read_is_recorded_as_that_and_never_as_absent(
    tenants: Callable[[str], Json], look: Look
) -> None:
    names = ("Get-CalendarProcessing", "Get-MailboxPermission", "Get-DistributionGroupMember")
    faults = [{"kind": "error", "cmdlet": name, "nth": 1, "class": "", "text": f"no {name}"} for name in names]
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
    assert (run.exit_code, found(run)["cutOff"], len(found(run)["found"]["equipment"])) == (0, ["equipment"], 1)
