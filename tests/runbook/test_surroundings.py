"""Whatever session an operator runs it in: the same changes, or a refusal without one."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from support.described import asked_states
from support.sites import Applied, Site, SiteOf, copied_journal, result_file, states
from support.wrapped import wrapped

from pexgen.rehearsal import Result
from pexgen.simulation import without_bookkeeping
from pexgen.vendor_facts import MODULE_SIGN_IN

MANIFEST = "pexip-add-in.xml"
HOSTILE_DEFAULTS = """$global:PSDefaultParameterValues = @{
    'Get-*:Identity' = 'ceo@contoso.com'; 'Get-*:ResultSize' = 1; '*:ErrorAction' = 'SilentlyContinue'
    'New-*:Name' = 'x'; 'New-DistributionGroup:Type' = 'Distribution'; 'ConvertTo-Json:Depth' = 1
    'New-Object:Strict' = $true
    'Get-Date:Format' = 'yyyy'; 'Where-Object:FilterScript' = { $false }; 'Add-MailboxPermission:AutoMapping' = $true
}"""
SETTINGS = {
    "parameter defaults": HOSTILE_DEFAULTS,
    "all that can stop, stops": """
        $global:ErrorActionPreference = $global:WarningPreference = $global:InformationPreference = 'Stop'
        $global:ProgressPreference = 'Stop'; Set-StrictMode -Version Latest""",
    "all that can ask, asks": """
        $global:ErrorActionPreference = $global:InformationPreference = 'Inquire'; $global:ConfirmPreference = 'Low'""",
    "nothing is said": """
        $global:ErrorActionPreference = $global:InformationPreference = 'Ignore'
        $global:ProgressPreference = 'SilentlyContinue'; $global:ConfirmPreference = 'None'""",
    "errors: silently": "$global:ErrorActionPreference = 'SilentlyContinue'; Set-StrictMode -Off",
    "separator, verbose and debug": """
        $global:OFS = '#,#'; $global:VerbosePreference = 'Continue'; $global:DebugPreference = 'Continue'""",
    "an error before": "Get-Item -LiteralPath nowhere -ErrorAction SilentlyContinue; $global:LASTEXITCODE = 7",
    "names and functions of ours": """
        $global:Run = 'x'; $global:Value = 'x'; $global:Catalogue = 1
        Set-Variable -Name Steps -Value 1 -Option ReadOnly -Scope Global
        function global:Get-Text { 'x' }; function global:Invoke-Read { 'x' }""",
    "aliases of an operator": "Set-Alias ll Get-ChildItem; Set-Alias Get-Texts Out-Null; Set-Alias ? Out-Null -Force",
}


def same(run: Result, applied: Applied) -> None:
    """Check that the run was an undisturbed Apply."""
    assert (run.exit_code, run.uncaught) == (0, None), (run.uncaught, run.screen)
    assert [call.cmdlet for call in run.writes] == [call.cmdlet for call in applied().writes]
    assert without_bookkeeping(run.tenant) == without_bookkeeping(applied().tenant)
    assert set(asked_states(run)) == {"changed"}


# Those that have nothing to do with each other are set together.
SET = (
    ("parameter defaults", "separator, verbose and debug", "an error before"),
    ("all that can stop, stops", "names and functions of ours", "aliases of an operator"),
    ("all that can ask, asks",),
    ("nothing is said",),
    ("errors: silently",),
)


def test_every_setting_is_set_once() -> None:
    assert sorted(one for together in SET for one in together) == sorted(SETTINGS)


@pytest.mark.parametrize("together", SET, ids=" and ".join)
def test_what_an_operator_set_changes_nothing(site: SiteOf, applied: Applied, together: tuple[str, ...]) -> None:
    prelude = "\n".join(SETTINGS[one] for one in together)
    same(site().run("Apply", options={"prelude": prelude}), applied)


@pytest.mark.parametrize(
    "prelude", ["$global:WhatIfPreference = $true", "$global:PSDefaultParameterValues = @{ '*:WhatIf' = $true }"]
)
def test_an_operator_who_asked_for_dry_runs_gets_one(site: SiteOf, prelude: str) -> None:
    run = site().run("Apply", options={"prelude": prelude})
    assert (run.exit_code, run.writes, list(run.folder.iterdir())) == (2, (), [])
    assert set(asked_states(run)) == {"different"}


def test_an_operator_whose_session_never_asks_is_asked_all_the_same(site: SiteOf) -> None:
    here = site()
    prelude = "$global:ConfirmPreference = 'None'"
    run = here.engine.play(here.runbook, here.tenant, {"Mode": "Apply"}, prelude=prelude)
    assert (run.exit_code, run.writes) == (4, ())


# Not those that the simulated service is built on itself: a function in their place would be its end, not ours.
BUILT_IN = ("Select-Object", "Sort-Object", "Group-Object", "New-Object", "Write-Host", "Write-Progress", "Get-Date")


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_function_in_the_place_of_a_built_in_command_leads_to_no_wrong_write(
    site: SiteOf, applied: Applied, name: str
) -> None:
    run = site().run("Apply", options={"prelude": f"function global:{name} {{ }}"})
    if run.writes:
        same(run, applied)
    else:
        assert (run.exit_code, run.uncaught) == (4, None), run.screen


# A function of the guards, of the journal, of everybody and of a step; and a built-in command.
ALIASED = ("Assert-That", "Write-Journal", "get-text", "Invoke-AddInChange", "Write-Progress")


@pytest.mark.parametrize("name", ALIASED)
def test_an_alias_that_would_stand_in_for_a_command_of_the_runbook_is_refused_by_name(site: SiteOf, name: str) -> None:
    run = site().run("Apply", options={"prelude": f"Set-Alias -Name {name} -Value Out-Null"})
    assert (run.exit_code, run.calls, run.uncaught) == (4, (), None), run.screen
    assert f"Refused: the alias {name} of this session" in run.screen
    assert list(run.folder.iterdir()) == []


def test_an_alias_of_the_script_that_calls_the_runbook_is_refused_too(site: SiteOf) -> None:
    run = wrapped(site(), "aliased", "Set-Alias -Name Write-Journal -Value Out-Null").run("Apply")
    assert (run.exit_code, run.calls, run.uncaught) == (4, (), None), run.screen
    assert "the alias Write-Journal of this session" in run.screen


def in_culture(site: Site, culture: str) -> Site:
    """The site, called by a script whose thread has this culture."""
    before = f"""
        [Threading.Thread]::CurrentThread.CurrentCulture = [cultureinfo] '{culture}'
        [Threading.Thread]::CurrentThread.CurrentUICulture = [cultureinfo] '{culture}'"""
    return wrapped(site, culture, before)


# Another decimal sign, and another calendar; letters whose case is not that of English, and a third calendar, below.
@pytest.mark.parametrize("culture", ["de-DE", "ar-SA"])
def test_an_apply_in_another_culture_is_that_apply(site: SiteOf, applied: Applied, culture: str) -> None:
    run = in_culture(site(), culture).run("Apply")
    same(run, applied)
    utc = json.loads((next(run.folder.glob("*.jsonl"))).read_text("utf-8").splitlines()[0])["utc"]
    assert utc.startswith(result_file(applied())["startedUtc"][:4])


@pytest.mark.parametrize("culture", ["tr-TR", "fa-IR"])
def test_a_whole_life_in_another_culture_is_that_life(
    site: SiteOf, applied: Applied, culture: str, tmp_path: Path
) -> None:
    here = in_culture(site(), culture)
    run = here.run("Apply")
    same(run, applied)
    utc = json.loads((next(run.folder.glob("*.jsonl"))).read_text("utf-8").splitlines()[0])["utc"]
    assert utc.startswith(result_file(applied())["startedUtc"][:4])
    verify = here.run("Verify", run.tenant)
    assert (verify.exit_code, set(asked_states(verify))) == (0, {"proved"}), verify.screen
    back = here.run("Rollback", run.tenant, JournalPath=[copied_journal(run, tmp_path)], RemoveCreatedMailbox=True)
    assert back.exit_code == 0, back.screen
    assert without_bookkeeping(back.tenant) == without_bookkeeping(site().tenant)


# All that a name may hold and PowerShell, a pattern, an address or a code page takes for something else.
ODD_NAME = "#hash & percent%20, it's $HOME `quoted` ünï ‘curly’ with [brackets]"


def test_any_folder_will_do(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    name, folder = ODD_NAME, tmp_path / ODD_NAME
    folder.mkdir()
    here = replace(site(), runbook=Path(shutil.copy(site().runbook, folder / f"{name}.ps1")))
    shutil.copy(site().runbook.with_name(MANIFEST), folder)
    journal, result = str(folder / "[x] it's.jsonl"), str(folder / "[x] it's.json")
    run = here.run("Apply", JournalPath=[journal], ResultPath=result)
    same(run, applied)
    assert {path.name for path in folder.iterdir()} == {f"{name}.ps1", MANIFEST, "[x] it's.jsonl", "[x] it's.json"}
    back = here.run("Rollback", run.tenant, JournalPath=[journal], RemoveCreatedMailbox=True)
    assert back.exit_code == 0, back.screen


def test_output_that_goes_to_a_file_is_all_there(site: SiteOf, applied: Applied) -> None:
    here = wrapped(site(), "redirected", "", "& $Runbook @Given *> redirected.txt")
    run = here.run("Apply")
    assert (run.exit_code, len(run.writes)) == (0, 13)
    text = (run.folder / "redirected.txt").read_text("utf-8-sig")
    assert "Everything is set as described." in text
    assert "equipment-mailbox" in text


def with_version(site: Site, version: str) -> Site:
    """The site in an engine that says it is another version, for the time of the call."""
    before = f"$known = $PSVersionTable.PSVersion; $PSVersionTable['PSVersion'] = [version] '{version}'"
    call = "try { & $Runbook @Given } finally { $PSVersionTable['PSVersion'] = $known }"
    return wrapped(site, f"version {version}", before, call)


AGED, LATER = "PowerShell 7.4.13 is out of Microsoft's support", f"from {MODULE_SIGN_IN.value} on"


@pytest.mark.parametrize(
    ("version", "module", "code", "said"),
    [
        ("7.4.13", "3.10.0", 4, ["needs PowerShell 7.6 or later"]),
        ("7.5.4", "3.10.1", 4, ["Module 3.9.2"]),
        ("7.2.9", "3.9.2", 4, ["PowerShell 7.4 or later"]),
        ("5.0.10586", "3.9.2", 4, ["Windows PowerShell 5.1"]),
        ("7.4.13", "3.9.2", 2, ["Something differs", AGED, LATER]),
        ("5.1.26100", "3.9.2", 2, ["Something differs", LATER]),
        ("5.1.26100", "3.10.1", 2, ["Something differs"]),
        ("7.6.0", "3.10.1", 2, ["Something differs"]),
    ],
)
def test_engine_and_module_have_to_fit_and_what_is_about_to_be_too_old_is_said(
    site: SiteOf, version: str, module: str, code: int, said: list[str]
) -> None:
    run = with_version(site(), version).run("Check", options={"module_version": module})
    screen = " ".join(run.screen.split())
    assert (run.exit_code, [text for text in said if text not in screen]) == (code, []), (run.uncaught, run.screen)
    if code == 2:
        assert ("out of Microsoft's support" in screen, LATER in screen) == (AGED in said, LATER in said)


def test_the_graph_sdk_in_the_same_session_is_refused(site: SiteOf) -> None:
    prelude = "New-Module -Name Microsoft.Graph.Authentication -ScriptBlock { } | Import-Module -Global"
    run = site().run("Apply", options={"prelude": prelude})
    assert (run.exit_code, run.calls) == (4, ())
    assert "Microsoft.Graph" in run.screen


def test_a_token_that_expires_during_the_run_stops_it_and_the_next_run_goes_on(site: SiteOf, applied: Applied) -> None:
    expiry = {"path": "session.connections.[State=Connected].TokenStatus", "value": "Expired"}
    fault = {"kind": "change", "cmdlet": "New-ServicePrincipal", "set": [expiry]}
    run = site().run("Apply", options={"faults": [fault]})
    assert (run.exit_code, states(run)["application-pointer"]) == (3, "failed")
    assert site().run("Apply", run.tenant).exit_code == 4
    again = {**run.tenant, "session": site().tenant["session"]}
    on = site().run("Apply", again)
    assert on.exit_code == 0, on.screen
    assert without_bookkeeping(on.tenant) == without_bookkeeping(applied().tenant)


@pytest.mark.parametrize(
    "default",
    [
        "'*:Confirm' = $false",
        "'*:cf' = $false",
        "'*:c?' = $false",
        "' *.PS1 : CONFIRM ' = $false",
        "'*:Step' = 'equipment-mailbox'",
        "'contoso-*.ps1:EwsSwitchOn' = $false",
        '\'"*.ps1":"Confirm"\' = $false',
        "\"'*.ps1':'Mode'\" = 'Apply'",
        "([string] [char] 0x201C + '*.ps1' + [char] 0x201D + ':Mode') = 'Apply'",
        "'contoso-scheduling.ps1:[m]ode' = { 'Apply' }",
        "'*:OutVariable' = 'Run'",
    ],
)
def test_what_nobody_typed_is_neither_consent_nor_a_value(site: SiteOf, default: str) -> None:
    here = site()
    prelude = f"$global:PSDefaultParameterValues = @{{ {default} }}"
    run = here.engine.play(here.runbook, here.tenant, {"Mode": "Apply"}, prelude=prelude)
    assert (run.exit_code, run.writes, run.uncaught) == (4, (), None), run.screen
    assert "which nobody typed" in run.screen


SCOPES = {
    "of a function": "function global:Start-It {{ $PSDefaultParameterValues = @{{ {} }}; & $args[0] -Mode Apply }}",
    "of a function alone": (
        "function global:Start-It {{ $private:PSDefaultParameterValues = @{{ {} }}; & $args[0] -Mode Apply }}"
    ),
}


@pytest.mark.parametrize("scope", SCOPES)
def test_defaults_of_whoever_calls_the_runbook_are_no_consent_either(site: SiteOf, scope: str) -> None:
    quoted = '\'"*.ps1":"cf"\' = $false'
    run = wrapped(site(), "caller", SCOPES[scope].format(quoted), "Start-It $Runbook").run("Check")
    assert (run.exit_code, run.writes, run.uncaught) == (4, (), None), run.screen
    assert "gives this script -Confirm, which nobody typed" in run.screen


@pytest.mark.parametrize("name", ["short", "contoso-scheduling.ps1"])
def test_a_default_for_an_alias_of_the_runbook_reaches_it_too(site: SiteOf, name: str) -> None:
    here = site()
    prelude = (
        f"Set-Alias -Scope Global -Name {name} -Value contoso-scheduling.ps1; "
        f"$global:PSDefaultParameterValues = @{{ '{name}:Confirm' = $false }}"
    )
    run = here.engine.play(here.runbook, here.tenant, {"Mode": "Apply"}, prelude=prelude)
    assert (run.exit_code, run.writes) == (4, ()), run.screen


def test_defaults_for_others_and_for_what_if_are_no_reason(site: SiteOf) -> None:
    here = site()
    prelude = (
        "$global:PSDefaultParameterValues = @{ '*:WhatIf' = $false; 'Set-*:Confirm' = $false; 'a.ps1:Step' = 'x'; "
        "'*:wi' = $false; '*:ErrorAction' = 'Ignore'; '*:Verbose' = $false; '*:Encoding' = 'utf8' }"
    )
    run = here.engine.play(here.runbook, here.tenant, {"Mode": "Check"}, prelude=prelude)
    assert run.exit_code == 2, run.screen


def test_cmdlets_of_a_second_session_are_refused(site: SiteOf) -> None:
    here = site()
    prelude = (
        "$null = New-Module -Name 'tmp_onpremises.abc' -ScriptBlock { function New-Mailbox { "
        "[CmdletBinding(SupportsShouldProcess)] param($Name, $DisplayName, $Alias, $PrimarySmtpAddress, "
        "[switch] $Equipment) throw 'the other Exchange' } } | Import-Module -Global"
    )
    run = here.engine.play(here.runbook, here.tenant, {"Mode": "Apply", "Confirm": False}, prelude=prelude)
    assert (run.exit_code, run.writes) == (4, ()), run.screen
    assert "New-Mailbox comes from another session (tmp_onpremises.abc)" in run.screen
