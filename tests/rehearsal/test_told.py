"""What a rehearsal shows: each write with its values on a line that fits, why a step failed, and movement."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from support.small_runbook import small_runbook

from pexgen.cli import run
from pexgen.cli._rehearse_screen import ActivityLine, Screen
from pexgen.rehearsal import Engine
from pexgen.rehearsal.calls import command_of, names_of
from pexgen.rehearsal.rehearsal import PlayedMode
from pexgen.rehearsal.runs import Call, Result

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "app-permissions.yaml"
GROUP = "ed86e689-f0a0-e47a-98f2-242bde18d5b8"


def call(cmdlet: str, **sent: Any) -> Call:
    return Call(1, cmdlet, {"Confirm": False, "ErrorAction": "Stop", **sent}, is_write=True, outcome="ok")


def test_a_write_is_a_line_of_powershell_with_names_for_identifiers() -> None:
    names = names_of({"recipients": [{"Guid": GROUP, "PrimarySmtpAddress": "g@contoso.com", "Name": "G"}]})
    add = call("Add-DistributionGroupMember", Member="o'hara@contoso.com", Identity=GROUP.upper())
    assert command_of(add, names) == (
        "Add-DistributionGroupMember -Identity 'g@contoso.com' -Member 'o''hara@contoso.com'"
    )
    odd = call("Set-X", A=True, B=None, C=["a", "b\n"], D={"Add": ["c"]}, E=7, F=[])
    assert command_of(odd, {}) == r"Set-X -A $true -B $null -C 'a', 'b" + "\ufffd" + "' -D @{ Add = 'c' } -E 7 -F @()"


@pytest.mark.parametrize("width", [40, 60, 74, 200])
def test_a_line_that_is_cut_fits_and_keeps_something_of_each_value_there_is_room_for(width: int) -> None:
    add = call("Add-DistributionGroupMember", Identity="pexip-schedulers@contoso.com", Member="adele.vance@contoso.com")
    text = command_of(add, {}, width)
    assert len(text) <= width
    assert ("-Member 'adele.v" in text) == (width > 60)
    many = call("New-X", **{f"P{number}": "v" * 30 for number in range(20)})
    assert len(command_of(many, {}, width)) <= width
    assert command_of(many, {}, width).endswith(" ...")


@pytest.mark.usefixtures("rehearsing_engine")
def test_writes_and_the_words_of_a_step_that_failed_are_shown_within_80_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(SAMPLE.parent)
    options, page = ["--mode", "apply", "--fault", "forbidden@5"], tmp_path / "page.html"
    assert run(["rehearse", SAMPLE.name, *options, "--html", str(page)]) == 0
    shown = capsys.readouterr()
    assert "Add-DistributionGroupMember -Identity" in page.read_text("utf-8").replace("&#x27;", "'")
    assert [line for line in shown.out.splitlines() if len(line) > 80] == []
    failed = shown.out.partition("scheduling-members    failed\n")[2].partition("application-pointer")[0]
    assert "Forbidden: the operation is not allowed for the current session (403)." in " ".join(failed.split())
    written = [line.strip() for line in shown.out.splitlines() if line.startswith("      ") and "-" in line]
    assert "Set-OrganizationConfig -EwsEnabled $true" in written
    assert any(line.startswith("error: Add-DistributionGroupMember") for line in written)
    # No terminal, no movement.
    assert "..." not in shown.err

    told = tmp_path / "told.json"
    assert run(["rehearse", SAMPLE.name, *options, "-o", str(told)]) == 0
    assert capsys.readouterr().out == ""
    first, second = json.loads(told.read_text("utf-8"))["runs"]
    assert first["written"][-1].startswith(
        "Add-DistributionGroupMember -Identity 'pexip-schedulers@contoso.com' -Member"
    )
    assert "Set-OrganizationConfig -EwsEnabled $true" in second["written"]
    (step,) = [step for step in first["steps"] if step["state"] == "failed"]
    assert "(403)" in step["detail"]
    assert [each["message"] for each in first["calls"] if each["outcome"] == "error"] == [
        "Forbidden: the operation is not allowed for the current session (403)."
    ]


def test_what_could_not_be_written_in_the_end_is_refused_before_anything_is_played(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (there := tmp_path / "there.html").write_text("mine")
    for name, said in ((there, "already exists"), (tmp_path, "no file can"), (tmp_path / "no" / "x", "no file can")):
        for option in ("--html", "-o"):
            assert run(["rehearse", str(SAMPLE), option, str(name)]) == 2
            assert said in capsys.readouterr().err
    (copied := tmp_path / "a.yaml").write_bytes(SAMPLE.read_bytes())
    assert run(["rehearse", str(copied), "--html", str(copied), "--force"]) == 2
    assert copied.read_bytes() == SAMPLE.read_bytes()
    assert there.read_text() == "mine"


@pytest.mark.parametrize("start", ["fresch", "there-is-none.json"])
def test_a_start_that_there_is_not_is_said(capsys: pytest.CaptureFixture[str], start: str) -> None:
    assert run(["rehearse", str(SAMPLE), "--from", start]) == 3
    assert f"{start}: error PXG091: the file was not found, and no start has that name" in capsys.readouterr().err


def test_movement_is_one_line_that_goes_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    engine = Engine("no-such-engine")
    engine.log = tmp_path / "calls.jsonl"
    engine.log.write_text("{}\n{}\n")
    movement = ActivityLine(engine, enabled=True)
    with movement.running():
        movement.begin("Apply")
        movement.end()
    seen = capsys.readouterr().err
    assert "\rApply ... 0 s, 2 calls" in seen
    assert "\n" not in seen
    assert not seen.rpartition("\r")[0].rpartition("\r")[2].strip()
    quiet = ActivityLine(engine, enabled=False)
    with quiet.running():
        quiet.begin("Apply")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("screen", "blocks"), [("", 0), ("said\nmore", 2)])
def test_an_error_that_ended_a_run_is_shown_once(tmp_path: Path, screen: str, blocks: int) -> None:
    ended = Result(None, screen, [], (), {}, (), "it broke", killed=False, folder=tmp_path)
    lines: list[str] = []
    Screen(lines.append, verbose=False).tell(PlayedMode("Apply", (0,), ended))
    shown = "\n".join(lines)
    assert shown.count("it broke") == 1
    assert "It ended with an error: it broke" in shown
    assert shown.count("    | ") == blocks


@pytest.mark.skipif(sys.platform == "win32", reason="the terminal of this test is one of Unix")
def test_movement_is_on_a_terminal_and_not_with_quiet(pwsh: str, tmp_path: Path) -> None:
    from support.console import in_terminal

    command = [sys.executable, "-m", "pexgen", "rehearse", small_runbook(tmp_path), "--mode", "check"]
    for options, moves in (((), True), (("--quiet",), False)):
        with in_terminal([*command, *options], {"PEXGEN_PWSH": pwsh}) as shell:
            assert shell.ended(120) == 0
        assert ("PowerShell starts ... 0 s" in shell.screen) == moves
