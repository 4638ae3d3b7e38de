"""``pexgen rehearse --shell``: a session that a person sits before, and what is said before and after it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from support.simulated import VALUES

from pexgen.cli import run
from pexgen.rehearsal.script import Script
from pexgen.rehearsal.shell import commands_to_try

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
BEGIN = [sys.executable, "-m", "pexgen", "rehearse"]


def test_without_a_terminal_it_is_refused_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rehearse", str(SAMPLES / "app-permissions.yaml"), "--shell"]) == 2
    shown = capsys.readouterr()
    assert (shown.out, len(shown.err.splitlines())) == ("", 1)
    assert "--shell needs a terminal" in shown.err


@pytest.mark.parametrize(
    "option", [["--mode", "check"], ["--fault", "kill-after@1"], ["--format", "json"], ["--html", "x.html"]]
)
def test_what_belongs_to_a_rehearsal_that_plays_by_itself_is_refused(
    capsys: pytest.CaptureFixture[str], option: list[str]
) -> None:
    assert run(["rehearse", "x.yaml", "--shell", *option]) == 2
    assert "leave out --mode, --fault, --format and --html" in capsys.readouterr().err


def test_the_commands_to_try_have_what_this_runbook_needs() -> None:
    many = {**VALUES, "SchedulingGroupMembers": [f"m{n}@contoso.com" for n in range(600)], "MaxChanges": 500}
    (apply,) = [line for line in commands_to_try(Script(Path("a.ps1"), many), reviewed=False) if "Apply" in line]
    assert apply == r".\a.ps1 -Mode Apply -JournalPath CHG1.jsonl -MaxChanges 601 -AcceptUnreviewed"
    assert commands_to_try(Script(Path("it's a.ps1"), VALUES), reviewed=True)[0] == r"& '.\it''s a.ps1'"


if sys.platform != "win32":
    from support.console import Console, in_terminal

    def banner(shell: Console) -> list[str]:
        """Return the commands that the session says to try, once it is ready."""
        shown = shell.wait_for("[rehearsal] PS ", 120)
        shell.wait_for("> ")
        assert "No tenant is reached or changed." in shown
        # What is typed, and the name of a file, is as long as it is.
        told = shown.partition("A rehearsal")[2].splitlines()
        assert [line for line in told if len(line) > 80 and not re.match(r"    \S|Folder|Begin", line)] == []
        return [line[4:] for line in shown.partition("Try, in this order")[2].splitlines() if line.startswith("    ")]

    def exit_code(shell: Console, command: str) -> int:
        """Type a command; return the code that the runbook ended with, or -1 where the command has none."""
        shell.type(f'$LASTEXITCODE = -1; {command}; "code $LASTEXITCODE."\r')
        if "Read-Host" in command:
            shell.wait_for("Any password: ")
            shell.type("of nobody\r")
        shell.wait_for("\ncode ", 120)
        return int(shell.wait_for(".")[:-1])

    @pytest.mark.parametrize(
        ("sample", "codes"),
        [
            # Between two Applies a person puts the new mailbox into a group. Rollback keeps that mailbox.
            ("service-account-server", [2, -1, 5, -1, 0, 0, 5]),
            ("migrate", [2, 0, 0, 0, 0, 2]),
        ],
    )
    def test_what_it_says_to_try_does_the_whole_change(pwsh: str, sample: str, codes: list[int]) -> None:
        command = [*BEGIN, str(SAMPLES / f"{sample}.yaml"), "--shell"]
        with in_terminal(command, {"PEXGEN_PWSH": pwsh}, columns=200) as shell:
            lines = [
                line if "-WhatIf" in line or "-Mode" not in line or "Verify" in line else f"{line} -Confirm:$false"
                for line in banner(shell)
            ]
            assert [exit_code(shell, line) for line in lines] == codes

    def test_a_folder_that_is_named_is_kept_with_the_tenant_and_goes_on_from_there(pwsh: str, tmp_path: Path) -> None:
        kept = tmp_path / "kept ü"
        command = [*BEGIN, str(SAMPLES / "app-permissions.yaml"), "--shell", "-o", str(kept)]
        with in_terminal(command, {"PEXGEN_PWSH": pwsh, "LC_ALL": "C"}) as shell:
            banner(shell)
            shell.type("Set-OrganizationConfig -EwsEnabled:$true -Confirm:$false; Start-Sleep 900; 'done'\r")
            shell.wait_for("\ndone\n")
            shell.type("exit\r")
            assert shell.ended() == 0
        assert "NOT as before" in shell.screen
        tenant = kept / "contoso-scheduling.tenant.json"
        assert f'--from "{tenant}"' in shell.screen
        assert json.loads(tenant.read_text("utf-8"))["organization"]["EwsEnabled"] is True
        assert {path.name for path in kept.iterdir()} == {
            "contoso-scheduling.ps1",
            "contoso-scheduling.manifest.json",
            "contoso-scheduling.tenant.json",
        }
        with in_terminal([*command, "--from", str(tenant)], {"PEXGEN_PWSH": pwsh}) as shell:
            banner(shell)
            shell.type("(Get-OrganizationConfig).EwsEnabled\r")
            shell.wait_for("\nTrue\n")

    def test_a_powershell_that_ends_at_once_is_said(tmp_path: Path, pwsh: str) -> None:
        # It plays what is asked without a person, and ends before one could type.
        broken = tmp_path / "pwsh"
        broken.write_text(f'#!/bin/sh\ncase "$*" in *-NoExit*) exit 7;; esac\nexec "{pwsh}" "$@"\n')
        broken.chmod(0o755)
        with in_terminal([*BEGIN, str(SAMPLES / "migrate.yaml"), "--shell"], {"PEXGEN_PWSH": str(broken)}) as shell:
            assert shell.ended() == 3
        assert "ended before the session was ready, with exit code 7" in " ".join(shell.screen.split())
