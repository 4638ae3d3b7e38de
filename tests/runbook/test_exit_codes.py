"""Every way out of a runbook has an exit code, whoever calls it and whatever the session is."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support.sites import Site, SiteOf, result_file
from support.wrapped import wrapped

Powershell = Callable[..., subprocess.CompletedProcess[bytes]]

# What is wrong with a session before the runbook has said a word, and what it says.
SESSIONS = {
    "a constant table in all scopes": ("Set-Variable Value @{} -Option Constant,AllScope", 4, b"a variable Value"),
    "a table in all scopes": ("Set-Variable Steps 1 -Option AllScope", 4, b"a variable Steps"),
    "a local name of a function": ("Set-Variable text 1 -Option AllScope,ReadOnly", 4, b"a variable text"),
    "the first name of all": ("Set-Variable PexgenReview reviewed -Option AllScope,Constant", 1, b"PexgenReview"),
    "errors that cannot be stopped": (
        "Set-Variable ErrorActionPreference SilentlyContinue -Option AllScope,ReadOnly",
        4,
        b"a variable ErrorActionPreference",
    ),
    "never asked": ("Set-Variable ConfirmPreference None -Option AllScope", 4, b"a variable ConfirmPreference"),
    "defaults that stay": (
        "Set-Variable PSDefaultParameterValues @{} -Option AllScope",
        4,
        b"PSDefaultParameterValues",
    ),
    "a separator": ("Set-Variable OFS '#' -Option AllScope,Constant", 4, b"a variable OFS"),
    "a dry run that stays": ("Set-Variable WhatIfPreference $false -Option AllScope,ReadOnly", 4, b"WhatIfPreference"),
    "a function that stays": (
        "Set-Item function:Get-Text { 'x' } -Options AllScope,Constant",
        4,
        b"the function Get-Text of this session",
    ),
    "a function of all scopes": (
        "Set-Item function:Get-Text { 'x' } -Options AllScope",
        4,
        b"the function Get-Text of this session",
    ),
    "a long name": (
        "function Microsoft.PowerShell.Core\\Get-Command { }",
        4,
        b"the function Microsoft.PowerShell.Core\\Get-Command of this session",
    ),
    "another long name": (
        "Set-Alias microsoft.powershell.utility\\Write-Host Out-Null",
        4,
        b"the alias microsoft.powershell.utility\\Write-Host of this session",
    ),
    "no modules": ("$PSModuleAutoLoadingPreference = 'None'", 1, b""),
    "talk that fails": ("function Write-Host { throw 'no talk' }", 1, b""),
}
# How an unattended run is started; each hands the runbook's code on.
CALLS = {
    "called": "& '{runbook}' -Mode Apply -Confirm:$false; exit $LASTEXITCODE",
    "by its path": "{runbook} -Mode Apply -Confirm:$false; exit $LASTEXITCODE",
    "for its first object": "& '{runbook}' -Mode Apply | Select-Object -First 1; exit $LASTEXITCODE",
    "with errors that are silent": (
        "$ErrorActionPreference = 'SilentlyContinue'; & '{runbook}' -Mode Apply; exit $LASTEXITCODE"
    ),
    "after a success": "$global:LASTEXITCODE = 0; & '{runbook}' -Mode Apply; exit $LASTEXITCODE",
    "in a function": "function Start-It {{ & '{runbook}' -Mode Apply }}; Start-It; exit $LASTEXITCODE",
}


# An engine has PowerShell's own modules from the beginning.
@pytest.mark.parametrize("name", [name for name in SESSIONS if name != "no modules"])
def test_a_session_that_stops_the_first_lines_leaves_a_code(site: SiteOf, name: str) -> None:
    before, code, said = SESSIONS[name]
    run = site().run("Apply", options={"prelude": before})
    assert (run.exit_code, run.calls, said.decode() in run.screen) == (code, (), True), run.screen
    assert not list(run.folder.glob("*.jsonl"))


# In a process of its own every way to call it, with one of three kinds of sessions.
KINDS = ("a constant table in all scopes", "the first name of all", "talk that fails")


@pytest.mark.parametrize(
    ("name", "call"),
    [("no modules", "called"), *((KINDS[number % len(KINDS)], call) for number, call in enumerate(CALLS))],
)
def test_a_session_that_stops_the_first_lines_leaves_a_code_however_it_is_called(
    site: SiteOf, run_powershell: Powershell, tmp_path: Path, name: str, call: str
) -> None:
    before, code, said = SESSIONS[name]
    done = run_powershell(f"{before}; {CALLS[call].format(runbook=site().runbook)}", cwd=tmp_path, check=False)
    assert (done.returncode, said in done.stdout) == (code, True), done
    assert not list(tmp_path.glob("*.jsonl"))


def test_dot_sourced_it_refuses_leaves_a_code_and_the_session_as_it_was(
    site: SiteOf, run_powershell: Powershell
) -> None:
    line = f'try {{ . \'{site().runbook}\' }} catch {{ "said: $_" }}; "$ErrorActionPreference"; exit $LASTEXITCODE'
    done = run_powershell(line, check=False)
    assert done.returncode == 4
    assert b"said: Refused: run this by its path" in done.stdout
    assert done.stdout.split()[-1] == b"Continue"
    silent = run_powershell(f"$ErrorActionPreference = 'Ignore'; . '{site().runbook}'; exit $LASTEXITCODE", check=False)
    assert silent.returncode != 0


def test_a_code_that_nobody_can_see_is_refused(site: SiteOf, run_powershell: Powershell) -> None:
    before = "Set-Variable LASTEXITCODE 0 -Option ReadOnly -Scope Global"
    done = run_powershell(f"{before}; & '{site().runbook}' -Mode Apply; 'went on'; exit 0", check=False)
    assert b"LASTEXITCODE" in done.stdout + done.stderr
    assert b"pexgen runbook" not in done.stdout


def broken(site: Site, text: str, by: str) -> Site:
    """The site with a runbook in which something was replaced."""
    whole = site.runbook.read_text("utf-8-sig")
    assert whole.count(text) == 1
    path = site.runbook.with_name("broken.ps1")
    path.write_text(whole.replace(text, by), "utf-8-sig")
    return Site(site.engine, path, site.tenant)


# Where a run is when it meets an error that nobody foresaw: the anchor, and what is put before it.
ERRORS = {
    "in the first table": ("$Run = @{\n    Mode", "throw 'unforeseen'\n"),
    "in the middle of a region": ("$Run.Id = [guid]", "[int] 'unforeseen'\n"),
    "in a function of a module": ("$Run.Id = [guid]", "Import-Module unforeseen -ErrorAction Stop\n"),
    "in a guard": ("function Assert-Engine {", "Assert-Engine { throw 'unforeseen' }; function Assert-Nothing {"),
}


@pytest.mark.parametrize("place", ERRORS)
def test_an_unforeseen_error_anywhere_ends_with_1_and_says_so(site: SiteOf, place: str) -> None:
    anchor, before = ERRORS[place]
    by = before + anchor if place != "in a guard" else "function Assert-Engine { throw 'unforeseen' }\nfunction Get-X {"
    run = broken(site(), anchor, by).run("Check")
    assert (run.exit_code, run.writes, run.uncaught) == (1, (), None), run.screen
    assert "unforeseen" in run.screen
    assert "Exit code 1." in run.screen


def test_after_writes_it_names_journal_and_result(site: SiteOf) -> None:
    here = broken(site(), "function Write-Done {", "function Write-Done { throw 'unforeseen' }\nfunction Get-X {")
    run = here.run("Apply")
    assert (run.exit_code, len(run.writes)) == (1, 1), run.screen
    assert "1 writes had been sent to Exchange." in run.screen
    (journal,) = run.folder.glob("*.jsonl")
    assert f"Journal   {journal}" in run.screen
    assert result_file(run)["exitCode"] == 1
    assert str(next(run.folder.glob("*.result.json"))) in run.screen


def test_a_function_that_breaks_out_of_the_script_leaves_a_code(site: SiteOf) -> None:
    run = wrapped(
        site(), "breaking", "function global:Get-AcceptedDomain { break }", "do { & $Runbook @Given } while (0)"
    )
    result = run.run("Check")
    assert result.exit_code not in {0, None}, result.screen


def test_whoever_takes_only_the_first_object_gets_the_code_of_the_run(site: SiteOf) -> None:
    result = wrapped(site(), "first", "", "& $Runbook @Given | Select-Object -First 1").run("Apply")
    assert result.exit_code == 0, result.screen


def test_what_powershell_itself_refuses_never_starts_and_a_code_set_before_shows_it(
    site: SiteOf, run_powershell: Powershell
) -> None:
    line = f"$LASTEXITCODE = 1; & '{site().runbook}' -Mood Apply; exit $LASTEXITCODE"
    done = run_powershell(line, check=False)
    assert (done.returncode, b"Mood" in done.stderr) == (1, True)
