"""A console speaks whatever its code page is, and a name is the same name beside every one of them."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.simulated import VALUES, SimulatedSession
from support.sites import merged

from pexgen.cli import run
from pexgen.rehearsal import Engine, RunbookError
from pexgen.rehearsal.engine import name_for_engine

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
LETTERS = "Räume Жанна 会議室 קבוצה ประชุม 🗓 é \u2028|\x85| 'O’Neil'"
"""Letters of five scripts, one beyond the first plane, one in two characters, and what Unicode calls line ends."""
CODE_PAGES = ("de_DE.ISO-8859-1", "en_US.US-ASCII", "C.UTF-8")
NAMES = {
    "change": {"title": "Räume für Жанна", "ticket": "CHG-1"},
    "equipment": {"display_name": "Räume Жанна 会議室"},
    "application": {"name": "Terminplaner קבוצה"},
    "scheduling_group": {"name": "Группа ประชุม é"},
}


@pytest.fixture(params=CODE_PAGES)
def code_page(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let the console of every process that is started speak this code page."""
    found: str = request.param
    monkeypatch.setenv("LC_ALL", found)
    return found


@pytest.fixture(scope="module")
def engines(pwsh: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Engine]]:
    """An engine for each code page, whose folders have letters in their names; its first run starts its process."""
    (home := tmp_path_factory.mktemp("home") / "Søren Жук 会").mkdir()
    with contextlib.ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tempfile.tempdir", str(home))
            made = {name: stack.enter_context(Engine(pwsh)) for name in CODE_PAGES}
        yield made


@pytest.fixture
def beside(engines: dict[str, Engine], code_page: str) -> Engine:
    """An engine that is started beside that code page."""
    return engines[code_page]


def test_letters_go_in_and_come_back_whole(beside: Engine, console: SimulatedSession, tmp_path: Path) -> None:
    script = tmp_path / "Räume ж.ps1"
    script.write_text(
        "param($Text, $Secret)\nWrite-Host $Text\nWrite-Warning $Text\n$Text\n"
        "(Get-Location).ProviderPath\n[Net.NetworkCredential]::new('', $Secret).Password\nexit 4",
        encoding="ascii",
    )
    (folder := tmp_path / "Ordner ж").mkdir()
    result = beside.play(
        script, console.tenant, {"Text": LETTERS, "Secret": {"secure": LETTERS}}, folder=folder, prelude="# ж"
    )
    assert (result.exit_code, result.uncaught) == (4, None)
    assert result.objects == [LETTERS, str(folder), LETTERS]
    assert result.screen == f"{LETTERS}\nWARNING: {LETTERS}"


# Who asks is another process; in UTF-8 the letters of others are asked and answered in tests/runbook/test_consent.py.
@pytest.mark.parametrize("code_page", CODE_PAGES[:2], indirect=True)
def test_what_is_asked_and_answered_keeps_its_letters(
    beside: Engine, console: SimulatedSession, tmp_path: Path
) -> None:
    script = tmp_path / "fragen ж.ps1"
    script.write_text(
        'param($Text)\n$answer = Read-Host "$Text"\nWrite-Host "got $answer"\nWrite-Warning $answer\n$answer\nexit 4',
        encoding="ascii",
    )
    typed = LETTERS.replace("\u2028|\x85|", "")
    result = beside.play(script, console.tenant, {"Text": "Räume?"}, answers=[typed])
    assert (result.exit_code, result.objects) == (4, [typed])
    for text in ("Räume?", f"got {typed}", f"WARNING: {typed}"):
        assert text in result.screen


def test_the_tenant_and_the_call_log_keep_their_letters(
    beside: Engine, console: SimulatedSession, tmp_path: Path
) -> None:
    script = tmp_path / "new.ps1"
    script.write_text(
        "param($Name)\n$null = Set-Mailbox -Identity anna@contoso.com -DisplayName $Name -ErrorAction Stop\n"
        "(Get-Mailbox -Identity anna@contoso.com).DisplayName\nexit 0",
        encoding="ascii",
    )
    name = "Жанна 会 קב ปร é"
    result = beside.play(script, console.tenant, {"Name": name})
    assert result.objects == [name]
    assert next(call for call in result.calls if call.is_write).parameters["DisplayName"] == name
    assert name in [entry.get("DisplayName") for entry in result.tenant["recipients"]]


def rehearsed(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Rehearse a description with such names, from a folder with such a name, in a process of its own."""
    base: dict[str, Any] = yaml.safe_load((SAMPLES / "app-permissions.yaml").read_bytes())
    for name in ("Büro ж", "Søren Жук 会"):
        (folder / name).mkdir(exist_ok=True)
    description = folder / "Büro ж" / "Räume ж.yaml"
    description.write_text(yaml.safe_dump(merged(base, NAMES), allow_unicode=True), encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "pexgen", "rehearse", str(description), *arguments],
        capture_output=True,
        check=False,
        env={**os.environ, "TMPDIR": str(folder / "Søren Жук 会"), **environment},
    )


@pytest.mark.parametrize("code_page", CODE_PAGES[:2], indirect=True)
def test_a_rehearsal_has_every_letter_beside_another_code_page(pwsh: str, code_page: str, tmp_path: Path) -> None:
    modes = ["--mode", "apply"] + ([] if code_page.endswith("ASCII") else ["--mode", "rollback"])
    done = rehearsed(tmp_path, "--format", "json", *modes, LC_ALL=code_page, PEXGEN_PWSH=pwsh)
    assert done.returncode == 0, done.stderr.decode()
    found = json.loads(done.stdout)
    assert (found["asExpected"], found["file"]) == (True, str(tmp_path / "Büro ж" / "Räume ж.yaml"))
    for name in (NAMES["equipment"]["display_name"], NAMES["scheduling_group"]["name"]):
        assert name.encode() in done.stdout
        assert name in [
            value for run in found["runs"] for call in run["calls"] for value in call["parameters"].values()
        ]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is text")
def test_a_name_that_no_powershell_can_open_is_said(pwsh: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RunbookError, match="not UTF-8"):
        name_for_engine(tmp_path / os.fsdecode(b"r\xe4ume.ps1"))
    (bad := tmp_path / os.fsdecode(b"b\xfcro")).mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(bad))
    monkeypatch.setenv("PEXGEN_PWSH", pwsh)
    assert run(["rehearse", str(SAMPLES / "app-permissions.yaml"), "--mode", "check"]) == 3


def test_a_name_is_that_of_its_bytes_beside_every_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform == "win32":
        assert name_for_engine(Path("C:/Räume")) == str(Path("C:/Räume"))
        return
    # As a Python whose locale is Latin-1 reads a folder that was named in UTF-8.
    monkeypatch.setattr(os, "fsencode", lambda path: str(path).encode("latin-1"))
    assert name_for_engine(Path("/tmp/S\xc3\xb8ren")) == "/tmp/Søren"  # noqa: S108 - a name, not a place


def test_the_values_of_a_runbook_keep_their_letters(beside: Engine, tmp_path: Path) -> None:
    script = tmp_path / "werte ж.ps1"
    script.write_text(f"param($A = 'Жанна 会', $B = @('קב'), $C = '{VALUES['EquipmentName']}')", encoding="utf-8-sig")
    found = beside.defaults(script)
    assert {name: list(value) if name == "B" else value for name, value in found.items()} == {
        "A": "Жанна 会", "B": ["קב"], "C": "Pexip Scheduling"
    }  # fmt: skip
