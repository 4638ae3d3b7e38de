"""Playing: many runs in one process, each as if it were the first."""

from __future__ import annotations

import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.simulated import SimulatedSession

from pexgen.errors import DefectError
from pexgen.rehearsal import Engine, EngineError, NoEngineError, RunbookError, find_engine
from pexgen.rehearsal.engine import _module as module_of_version
from pexgen.simulation import MODULE


def test_nothing_of_one_run_reaches_the_next(console: SimulatedSession) -> None:
    console.run(
        "$global:left = 1\n$global:ErrorActionPreference = 'Stop'\n"
        "$global:PSDefaultParameterValues['*:Verbose'] = $true\n"
        "function global:Get-Mailbox { 'shadow' }\nexit 7"
    )
    found = console.value(
        '@{ left = $global:left; error = "$ErrorActionPreference"; defaults = $PSDefaultParameterValues.Count\n'
        "mailbox = (Get-Command Get-Mailbox).Source -like 'tmpEXO_*'; code = $global:LASTEXITCODE }"
    )
    assert found == {"left": None, "error": "Continue", "defaults": 0, "mailbox": True, "code": None}


def test_the_exit_code_is_the_scripts_and_none_without_one(console: SimulatedSession) -> None:
    assert console.run("exit 4").exit_code == 4
    assert console.run("'no exit'").exit_code is None
    result = console.run("throw 'broken'")
    assert (result.exit_code, (result.uncaught or "").splitlines()[0]) == (None, "broken")


def test_screen_and_pipeline_are_told_apart_and_in_order(console: SimulatedSession) -> None:
    result = console.run("Write-Host one\nWrite-Warning two\n@{ a = 1 }\nWrite-Host three\nexit 0")
    assert result.screen == "one\nWARNING: two\nthree"
    assert result.objects == [{"a": 1}]


def test_arguments_arrive_as_what_they_are(console: SimulatedSession, tmp_path: Path) -> None:
    script = tmp_path / "arguments.ps1"
    script.write_text(
        "[CmdletBinding(SupportsShouldProcess)]\n"
        "param([string]$Text, [string[]]$Texts, [hashtable[]]$Tables, [int]$Number,"
        "[switch]$Switch, [securestring]$Secret)\n"
        "@{ text = $Text; texts = $Texts.Count; table = $Tables[1].Account; number = $Number\n"
        "switch = $Switch.IsPresent\n"
        "secret = $Secret.Length; dry = [bool]$WhatIfPreference }"
    )
    arguments = {
        "Text": "2026-10-01T00:00:00Z",
        "Texts": ["a"],
        "Tables": [{"Account": "x"}, {"Account": "y"}],
        "Number": 3,
        "Switch": True,
        "Secret": {"secure": "four"},
        "WhatIf": True,
    }
    found = console.engine.play(script, console.tenant, arguments).objects[0]
    assert found == {
        "text": "2026-10-01T00:00:00Z", "texts": 1, "table": "y", "number": 3, "switch": True, "secret": 4, "dry": True
    }  # fmt: skip


def test_waiting_takes_no_time_and_is_written_down(console: SimulatedSession) -> None:
    result = console.run("Start-Sleep -Seconds 300\nStart-Sleep 2\nStart-Sleep -Milliseconds 500")
    assert result.waits == (300.0, 2.0, 0.5)


def test_a_prelude_runs_in_the_session_before_the_runbook(console: SimulatedSession) -> None:
    assert console.run("Get-Mailbox", prelude="function global:Get-Mailbox { 'shadow' }").objects == ["shadow"]


def test_the_real_module_and_the_users_modules_cannot_be_found(console: SimulatedSession) -> None:
    found = console.run("Get-Module -ListAvailable -Name ExchangeOnlineManagement, Microsoft.Graph*")
    assert found.objects == []


def test_the_connection_is_under_invalid(console: SimulatedSession) -> None:
    assert ".invalid/" in console.value("(Get-ConnectionInformation).ConnectionUri")


def test_another_version_of_the_module_can_be_asked_for(console: SimulatedSession) -> None:
    read = "[string](Get-Command Get-ConnectionInformation).Module.Version"
    assert console.value(read) == "3.9.2"
    assert console.value(read, module_version="3.1.0") == "3.1.0"


@pytest.mark.parametrize("there", ["4.0.0", "3.9.2"])
def test_the_version_is_changed_whichever_the_module_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: str
) -> None:
    shutil.copytree(MODULE, module := tmp_path / MODULE.name)
    manifest = module / "ExchangeOnlineManagement.psd1"
    manifest.write_text(
        re.sub(r"'\d+\.\d+\.\d+'", f"'{there}'", manifest.read_text("utf-8"), count=1), encoding="utf-8"
    )
    monkeypatch.setattr("pexgen.rehearsal.engine.MODULE", module)
    (place := tmp_path / "run").mkdir()
    text = module_of_version(place, "3.1.0").read_text("utf-8")
    assert "ModuleVersion     = '3.1.0'" in text
    assert there not in text


def test_a_manifest_that_does_not_say_its_version_is_a_defect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (module := tmp_path / MODULE.name).mkdir()
    (module / "ExchangeOnlineManagement.psd1").write_text("@{ }", encoding="utf-8")
    monkeypatch.setattr("pexgen.rehearsal.engine.MODULE", module)
    (place := tmp_path / "run").mkdir()
    with pytest.raises(DefectError, match="says its version 0 times"):
        module_of_version(place, "3.1.0")


def test_an_answer_at_the_prompt_is_typed(console: SimulatedSession) -> None:
    command = "Remove-Mailbox -Identity anna@contoso.com\nexit 0"
    assert "anna@contoso.com" in console.run(command, answers=["n"]).screen
    assert console.recipient("anna@contoso.com")
    console.run(command, answers=["y"])
    assert "anna@contoso.com" not in [entry["PrimarySmtpAddress"] for entry in console.tenant["recipients"]]


def test_each_run_that_asks_has_its_own_answers_and_screen(console: SimulatedSession) -> None:
    ask = "$said = Read-Host 'who'\nWrite-Host \"got $said\"\nWrite-Warning 'mind'\nexit 4"
    for answers, said in ((["anna", "left over"], "anna"), (["bert"], "bert")):
        result = console.run(ask, answers=answers)
        assert (result.exit_code, result.screen) == (4, f"who: {said}\ngot {said}\nWARNING: mind\n")


def test_an_engine_that_is_stopped_leaves_nothing_in_the_folder_for_temporary_files(
    pwsh: str, console: SimulatedSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "a.ps1"
    script.write_text("exit 4", encoding="ascii")
    (folder := tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    with Engine(pwsh) as engine:
        assert engine.play(script, console.tenant, {}).exit_code == 4
    assert list(folder.iterdir()) == []


def test_a_prefix_is_on_every_imported_cmdlet(console: SimulatedSession) -> None:
    console.tenant["session"]["connections"][0]["ModulePrefix"] = "Cloud"
    assert console.value("[bool](Get-Command Get-CloudMailbox)") is True
    assert console.value("[bool](Get-Command Get-Mailbox -ErrorAction SilentlyContinue)") is False


def test_without_a_connection_there_are_no_cmdlets_until_there_is_one(console: SimulatedSession) -> None:
    console.tenant["session"]["connections"] = []
    result = console.run(
        "[bool](Get-Command Get-Mailbox -ErrorAction SilentlyContinue)\n"
        "Connect-ExchangeOnline -ShowBanner:$false\n(Get-ConnectionInformation).State\n@(Get-AcceptedDomain).Count"
    )
    assert result.objects == [False, "Connected", 2]
    console.run("Disconnect-ExchangeOnline -Confirm:$false")
    assert console.tenant["session"]["connections"] == []


def test_connecting_by_a_tenant_id_is_refused(console: SimulatedSession) -> None:
    result = console.run("Connect-ExchangeOnline -Organization 8a1c0000-0000-4000-8000-000000000001")
    assert "initial domain" in (result.uncaught or "")


def test_defaults_are_read_without_running_anything(console: SimulatedSession, tmp_path: Path) -> None:
    script = tmp_path / "values.ps1"
    script.write_text("param([string]$A = 'it''s', $B = @('x', 'y'), $C = @(@{ D = $true }), $E = 3)\nthrow 'never'")
    assert console.engine.defaults(script) == {"A": "it's", "B": ("x", "y"), "C": ({"D": True},), "E": 3}


def test_a_file_that_is_no_powershell_is_a_clear_error(console: SimulatedSession, tmp_path: Path) -> None:
    script = tmp_path / "broken.ps1"
    script.write_text("param(\n$A = \n")
    with pytest.raises(RunbookError, match="line 2"):
        console.engine.defaults(script)


def test_a_run_that_never_ends_is_given_up(pwsh: str, console: SimulatedSession, tmp_path: Path) -> None:
    script = tmp_path / "endless.ps1"
    script.write_text("while ($true) { [Threading.Thread]::Sleep(50) }")
    with Engine(pwsh, timeout=3) as engine, pytest.raises(EngineError, match="No answer within 3 seconds"):
        engine.play(script, console.tenant)


def test_two_sessions_on_one_tenant_lose_nothing_of_each_other(
    console: SimulatedSession, second_engine: Engine, tmp_path: Path
) -> None:
    shared = tmp_path / "shared.json"
    shared.write_text(json.dumps(console.tenant), encoding="utf-8")
    script = tmp_path / "both.ps1"
    script.write_text(
        "param($Name)\n1..15 | ForEach-Object {"
        ' $null = New-ManagementScope -Name "$Name$_" -RecipientRestrictionFilter "Alias -eq \'x\'" }'
    )

    def play(name: str, engine: Engine) -> None:
        engine.play(script, shared, {"Name": name}, in_place=True)

    with ThreadPoolExecutor(2) as sessions:
        list(sessions.map(play, ("a", "b"), (console.engine, second_engine)))
    made = {scope["Name"] for scope in json.loads(shared.read_text("utf-8"))["scopes"]}
    assert {f"{name}{number}" for name in "ab" for number in range(1, 16)} <= made


def test_no_engine_is_said_with_how_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PEXGEN_PWSH", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoEngineError, match=r"aka\.ms/powershell"):
        find_engine()
    monkeypatch.setenv("PEXGEN_PWSH", "no-such-engine")
    with pytest.raises(NoEngineError, match="no-such-engine"):
        find_engine()
