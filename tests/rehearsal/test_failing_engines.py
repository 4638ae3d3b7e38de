"""A PowerShell that cannot play: which program it was, how it ended, what it said last, what to try."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
from pathlib import Path

import pytest
from support.simulated import VALUES, SimulatedSession

from pexgen.cli import run
from pexgen.rehearsal import Engine, EngineError
from pexgen.rehearsal.failures import (
    EngineEndedError,
    EngineSilentError,
    EngineUnusableError,
    Program,
    ended_without_answer,
)
from pexgen.rehearsal.process import LineQueue
from pexgen.simulation import fresh

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the engines are scripts of a Unix shell")

# As Windows PowerShell 5.1 writes it on a German machine whose console is 80 columns wide and speaks code page 850.
REFUSAL = """Die Datei "C:\\pexgen\\play.ps1" kann nicht geladen werden, da die Ausf\\201hrung
von Skripts auf diesem System deaktiviert ist. Weitere Informationen finden
Sie unter "about_Execution_Poli
cies" (https:/go.microsoft.com/fwlink/?LinkID=135170).
    + CategoryInfo          : Sicherheitsfehler: (:) [], PSSecurityException"""
ENGINES = {
    "refuses": f"printf '{REFUSAL}' >&2; exit 1",
    "ends at once": "echo 'Could not find a valid ICU package.' >&2; exit 134",
    "ends in the middle": "read -r line; printf 'half of an answ'; exit 9",
    "is killed": "read -r line; kill -9 $$",
    "says nothing": "exit 5",
}


def engine_of(folder: Path, text: str) -> str:
    """Write an engine that does this, and return its path."""
    path = folder / "engine"
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def runbook_of(folder: Path) -> Path:
    """Write something to play."""
    path = folder / "small.ps1"
    path.write_text("exit 0", encoding="ascii")
    return path


def failure(folder: Path, text: str, *, answers: list[str] | None = None) -> EngineUnusableError:
    """Return the error of a run in an engine that does this."""
    script = runbook_of(folder)
    with Engine(engine_of(folder, text)) as engine, pytest.raises(EngineUnusableError) as caught:
        engine.play(script, fresh(VALUES), answers=answers)
    return caught.value


@pytest.mark.parametrize(
    ("engine", "words"),
    [
        ("ends at once", ["with exit code 134", "| Could not find a valid ICU package."]),
        ("ends in the middle", ["with exit code 9", "| half of an answ"]),
        ("is killed", ["by signal 9"]),
        ("says nothing", ["with exit code 5", "It said nothing."]),
    ],
)
@pytest.mark.parametrize("answers", [None, ["n"]])
def test_an_engine_that_ends_is_named_with_its_exit_code_and_last_words(
    tmp_path: Path, engine: str, words: list[str], answers: list[str] | None
) -> None:
    error = failure(tmp_path, ENGINES[engine], answers=answers)
    assert isinstance(error, EngineEndedError)
    for word in (str(tmp_path / "engine"), *words):
        assert word in str(error)
    assert "PEXGEN_PWSH" in error.hint


def test_a_policy_that_overrules_is_told_in_powershells_words_and_with_what_to_do(tmp_path: Path) -> None:
    error = failure(tmp_path, ENGINES["refuses"])
    assert "group policy" in str(error)
    assert "von Skripts auf diesem System deaktiviert ist" in str(error)
    assert "Get-ExecutionPolicy -List" in error.hint


def test_an_engine_that_reads_nothing_does_not_end_pexgen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PEXGEN_PWSH", engine_of(tmp_path, "exec <&-; echo bye; exit 3"))
    assert run(["rehearse", str(runbook_of(tmp_path))]) == 3
    err = capsys.readouterr().err
    assert "with exit code 3" in err
    assert "\n  | bye\n  hint: try " in err


def test_a_request_that_nobody_reads_holds_nothing_up(tmp_path: Path) -> None:
    script = runbook_of(tmp_path)
    with Engine(engine_of(tmp_path, "exit 3")) as engine, pytest.raises(EngineEndedError, match="exit code 3"):
        engine.play(script, fresh(VALUES), {"Long": "x" * 1_000_000})


@pytest.mark.parametrize("text", ["echo before; exec sleep 1000", "echo before; sleep 1000 & sleep 1000"])
def test_an_engine_that_hangs_is_stopped_and_quoted(tmp_path: Path, text: str) -> None:
    said: list[bytes | None] = []

    def no_longer(lines: LineQueue, _seconds: float) -> bytes | None:
        if said:
            raise queue.Empty
        said.append(lines.get())
        return said[0]

    script = runbook_of(tmp_path)
    with (
        Engine(engine_of(tmp_path, text), wait=no_longer) as engine,
        pytest.raises(EngineSilentError, match="No answer within 120 seconds") as caught,
    ):
        engine.play(script, fresh(VALUES), {"Long": "x" * 1_000_000})
    assert "| before" in str(caught.value)
    assert "--timeout" in caught.value.hint


def test_an_engine_that_talks_without_end_is_stopped(tmp_path: Path) -> None:
    script = runbook_of(tmp_path)
    with Engine(engine_of(tmp_path, "yes"), timeout=0) as engine, pytest.raises(EngineSilentError):
        engine.play(script, fresh(VALUES))


@pytest.mark.parametrize("answers", [None, ["n"]])
def test_a_program_that_the_system_does_not_start_is_named(tmp_path: Path, answers: list[str] | None) -> None:
    script, program = runbook_of(tmp_path), tmp_path / "program"
    program.write_bytes(b"\x7fELF nonsense")
    program.chmod(0o755)
    with Engine(program) as engine, pytest.raises(EngineUnusableError, match="cannot be started"):
        engine.play(script, fresh(VALUES), answers=answers)


def test_an_answer_that_is_none_is_an_error_and_not_a_traceback(tmp_path: Path) -> None:
    script = runbook_of(tmp_path)
    text = 'while [ "$1" != -Mark ]; do shift; done; read -r line; echo "$2{"; cat'
    with Engine(engine_of(tmp_path, text)) as engine, pytest.raises(EngineError, match="cannot be read"):
        engine.play(script, fresh(VALUES))


@pytest.mark.parametrize("answers", [None, ["n"]])
def test_talk_in_another_code_page_harms_no_run(
    pwsh: str, console: SimulatedSession, tmp_path: Path, answers: list[str] | None
) -> None:
    # A greeting in code page 850 without a line end, a warning in UTF-16, and what looks like an answer.
    talk = r"printf 'Gr\201\341e \377\376W\000a\000'; printf 'pexgen-answer:{}\n\234' >&2; printf 'pexgen-answer:{}'"
    script = tmp_path / "letters.ps1"
    script.write_text("param($Text)\nWrite-Host 'there'\n$Text\nexit 4", encoding="ascii")
    with Engine(engine_of(tmp_path, f'{talk}; exec "{pwsh}" "$@"')) as engine:
        result = engine.play(script, console.tenant, {"Text": "Räume"}, answers=answers)
    assert (result.exit_code, result.objects) == (4, ["Räume"])
    assert "there" in result.screen


def test_the_execution_policy_is_set_for_the_process_alone(console: SimulatedSession, tmp_path: Path) -> None:
    recorded = tmp_path / "arguments"
    with Engine(engine_of(tmp_path, f'echo "$@" > "{recorded}"')) as engine, pytest.raises(EngineEndedError):
        engine.defaults(runbook_of(tmp_path))
    assert "-NoProfile -NonInteractive -ExecutionPolicy Bypass -File" in recorded.read_text("utf-8")
    # Nothing that outlives the process is set.
    assert console.value("(Get-ExecutionPolicy -Scope CurrentUser).ToString()") in {"Undefined", "Unrestricted"}


def test_a_policy_is_recognized_in_words_that_a_console_has_broken() -> None:
    words = [b"See about_Execution_P", b"olicies at https:/go.microsoft.com"]
    assert "group policy" in str(ended_without_answer(Program("powershell"), 1, words))
    assert "group policy" not in str(
        ended_without_answer(Program("powershell"), 1, [b"UnauthorizedAccessException: /tmp"])
    )


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGINT", 130)])
def test_a_request_to_end_ends_the_engine_and_what_it_started(tmp_path: Path, name: str, code: int) -> None:
    (tmp_path / "work").mkdir()
    # The engine says who it is, and asks the process that waits for it to end.
    pids = f'echo $$ > "{tmp_path}/engine.pid"; sleep 1000 & echo $! > "{tmp_path}/child.pid"'
    text = f"read -r line; {pids}; kill -{name[3:]} $PPID; wait"
    command = [sys.executable, "-m", "pexgen", "rehearse", str(runbook_of(tmp_path))]
    environment = {**os.environ, "TMPDIR": str(tmp_path / "work"), "PEXGEN_PWSH": engine_of(tmp_path, text)}
    done = subprocess.run(command, capture_output=True, check=False, env=environment)
    assert done.returncode == code, done.stderr
    assert list((tmp_path / "work").iterdir()) == []
    for each in ("engine.pid", "child.pid"):
        status = Path("/proc") / (tmp_path / each).read_text("ascii").strip() / "stat"
        assert not status.exists() or " Z " in status.read_text("utf-8")
