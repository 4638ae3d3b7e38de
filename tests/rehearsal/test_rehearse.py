"""``pexgen rehearse``: the row of modes, what each has to end with, and what is said about it."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path

import pytest
from support.simulated import VALUES
from support.small_runbook import small_runbook

from pexgen.cli import run
from pexgen.errors import UsageError
from pexgen.rehearsal.rehearsal import FAULTS, WHOLE, check_modes, parse_fault
from pexgen.simulation import drifted, fresh, without_bookkeeping

played_here = pytest.mark.usefixtures("rehearsing_engine")
"""For what is rehearsed in this process; what rehearses in a process of its own, beside, has an engine of its own."""


@played_here
def test_the_whole_row_is_played_and_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rehearse", small_runbook(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert [line.split()[0] for line in text.splitlines() if "as expected" in line][: len(WHOLE)] == list(WHOLE)
    assert "exit 2 (something differs)" in text
    assert "one-step" in text
    assert "The tenant after Rollback: as before." in text


@played_here
def test_a_rollback_that_does_not_give_back_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rehearse", small_runbook(tmp_path, undone="$false")]) == 1
    assert "NOT as before" in capsys.readouterr().out


@played_here
def test_a_fault_is_met_once_and_run_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rehearse", small_runbook(tmp_path), "--fault", "kill-after@1", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["format"] == "pexgen.rehearsal/1"
    assert [each["mode"] for each in found["runs"]] == ["Check", "Apply", "Apply", "Check", "Verify", "Rollback"]
    assert [each["killed"] for each in found["runs"]] == [False, True, False, False, False, False]
    assert found["tenantAsBefore"] is True
    assert [call["cmdlet"] for call in found["runs"][1]["calls"]] == ["Get-CASMailbox", "Set-CASMailbox"]


@played_here
def test_a_fault_that_no_call_met_is_said_and_not_as_expected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for options, words in (
        (["--fault", "kill-after@99", "--mode", "apply"], "the first Apply sent 2 calls, 1 of them writes"),
        (["--fault", "throttled@Set-Nothing", "--mode", "apply"], "the first Apply sent 2 calls"),
        (["--fault", "kill-after@1", "--mode", "check"], "none was played"),
    ):
        assert run(["rehearse", small_runbook(tmp_path), *options]) == 1
        out = capsys.readouterr().out
        assert f"The fault {options[1]} was NOT met: " in out
        assert words in " ".join(out.split())
        assert "Everything went as expected" not in out
    assert run(["rehearse", small_runbook(tmp_path), "--format", "json", *options]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["faultMet"], found["asExpected"]) == (False, False)


@played_here
@pytest.mark.parametrize("kind", ["freeze-before", "freeze-after"])
def test_a_run_that_stands_still_for_good_is_a_fault_as_the_page_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    assert run(["rehearse", small_runbook(tmp_path), "--fault", f"{kind}@1", "--mode", "apply"]) == 0
    assert "stopped for good, as planned" in capsys.readouterr().out


def test_the_faults_of_the_page_are_the_faults_of_the_command() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "rehearsal.md").read_text("utf-8")
    table = page.partition("## Faults\n")[2].partition("\nFrom Python")[0]
    first_cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    told = {kind for cell in first_cells for kind in re.findall(r"`([a-z-]+)`", cell)}
    assert told == set(FAULTS)


@played_here
def test_a_real_runbook_that_is_killed_goes_on_and_is_taken_back(capsys: pytest.CaptureFixture[str]) -> None:
    description = Path(__file__).resolve().parents[2] / "samples" / "app-permissions.yaml"
    modes = ["--mode", "apply", "--mode", "rollback", "--format", "json"]
    assert run(["rehearse", str(description), "--fault", "kill-after@3", *modes]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(each["mode"], each["killed"]) for each in found["runs"]] == [
        ("Apply", True),
        ("Apply", False),
        ("Rollback", False),
    ]
    assert (found["asExpected"], found["tenantAsBefore"]) == (True, True)
    killed, on = ([call["cmdlet"] for call in each["calls"] if call["write"]] for each in found["runs"][:2])
    assert (len(killed), set(killed) & set(on)) == (3, set())


@played_here
def test_a_tenant_of_ones_own_can_be_played_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tenant = fresh(VALUES)
    next(r for r in tenant["recipients"] if r["Alias"] == "anna")["EwsEnabled"] = False
    own = tmp_path / "own.json"
    own.write_text(json.dumps(tenant), encoding="utf-8")
    assert run(["rehearse", small_runbook(tmp_path), "--from", str(own), "--mode", "check"]) == 0
    assert "exit 0 (nothing left to do)" in capsys.readouterr().out


@played_here
@pytest.mark.parametrize("text", ["", "[]", '{"format": "other"}', "{", '{"format": "pexgen.tenant/1"}'])
def test_what_is_no_tenant_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    own = tmp_path / "own.json"
    own.write_text(text, encoding="utf-8")
    assert run(["rehearse", small_runbook(tmp_path), "--from", str(own)]) == 3
    assert "own.json" in capsys.readouterr().err


@played_here
def test_a_script_that_is_no_runbook_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "other.ps1"
    script.write_text("param($A = 1)")
    assert run(["rehearse", str(script)]) == 3
    assert "not a runbook" in capsys.readouterr().err
    script.write_text("param(\n$A = \n")
    assert run(["rehearse", str(script)]) == 3
    assert "line 2" in capsys.readouterr().err


def test_without_powershell_there_is_advice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PEXGEN_PWSH", "no-such-engine")
    assert run(["rehearse", small_runbook(tmp_path)]) == 3
    assert "https://aka.ms/powershell" in capsys.readouterr().err


def test_faults_are_read_and_what_is_none_is_refused() -> None:
    assert parse_fault("kill-after@3") == {"kind": "kill-after", "write": 3}
    assert parse_fault("forbidden@call:2") == {"kind": "forbidden", "call": 2}
    assert parse_fault("lost-answer@New-Mailbox:2") == {"kind": "lost-answer", "cmdlet": "New-Mailbox", "nth": 2}
    for text in ("kill", "kill-after@x", "what@3", "kill-after@3x", "kill-after@0", "kill-after@\u0663"):
        with pytest.raises(UsageError, match="is not a fault"):
            parse_fault(text)


def test_modes_are_read_and_a_lonely_rollback_is_refused() -> None:
    assert check_modes(()) == WHOLE
    assert check_modes(("check", "APPLY")) == ("Check", "Apply")
    for modes in (("Undo",), ("Rollback",), ("Rollback", "Apply")):
        with pytest.raises(UsageError):
            check_modes(modes)


def test_a_fresh_tenant_has_everybody_and_nothing_of_ours() -> None:
    tenant = fresh(VALUES)
    addresses = {entry["PrimarySmtpAddress"] for entry in tenant["recipients"]}
    assert {"anna@contoso.com", "bert@contoso.com", "outside@contoso.com", "operator@contoso.com"} <= addresses
    assert VALUES["EquipmentAddress"] not in addresses
    assert VALUES["ApplicationClientId"] not in json.dumps(tenant["servicePrincipals"])
    assert [domain["DomainName"] for domain in tenant["domains"]] == ["contoso.com", "contoso.onmicrosoft.com"]


def test_a_fresh_tenant_holds_what_the_description_adopts() -> None:
    tenant = fresh({**VALUES, "EquipmentAdopt": True, "SchedulingGroupAdopt": True})
    types = {entry["PrimarySmtpAddress"]: entry["RecipientTypeDetails"] for entry in tenant["recipients"]}
    assert types[VALUES["EquipmentAddress"]] == "EquipmentMailbox"
    assert types[VALUES["SchedulingGroupAddress"]] == "MailUniversalSecurityGroup"


def test_the_same_tenant_with_other_times_is_the_same() -> None:
    tenant = fresh(VALUES)
    later = copy.deepcopy(tenant)
    later["recipients"].reverse()
    later["recipients"][0]["WhenChangedUTC"] = "2026-11-01 00:00:00"
    later["changes"] = 9
    assert without_bookkeeping(tenant) == without_bookkeeping(later)
    later["organization"]["EwsEnabled"] = None
    assert without_bookkeeping(tenant) != without_bookkeeping(later)


def test_a_drifted_tenant_differs_in_what_the_deployment_owns() -> None:
    tenant = fresh({**VALUES, "EquipmentAdopt": True, "SchedulingGroupAdopt": True})
    tenant["organization"]["EwsAllowedAppIDs"] += f", {VALUES['ApplicationClientId'].upper()}"
    found = drifted(tenant, VALUES)
    before, after = without_bookkeeping(tenant), without_bookkeeping(found)
    assert {key for key in before if before[key] != after[key]} == {"recipients", "organization"}
    assert VALUES["ApplicationClientId"] not in found["organization"]["EwsAllowedAppIDs"].lower()


@played_here
def test_a_migration_is_rehearsed_with_both_phases(capsys: pytest.CaptureFixture[str]) -> None:
    samples = Path(__file__).resolve().parents[2] / "samples"
    assert run(["rehearse", str(samples / "migrate.yaml"), "--format", "json"]) == 0
    runs = json.loads(capsys.readouterr().out)["runs"]
    assert [each["mode"] for each in runs] == [*WHOLE, "Apply", "Apply", "Verify"]
    cleanup = runs[-2]
    assert cleanup["byHand"].endswith("then -Phase Cleanup.")
    removed = {call["cmdlet"] for call in cleanup["calls"] if call["write"]}
    assert "Remove-ManagementRoleAssignment" in removed
    assert {step["state"] for step in runs[-1]["steps"]} <= {"proved", "not-asked"}
