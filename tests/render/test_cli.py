"""The command line as a whole: help, version, errors, streams, and what start-up imports."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import pexgen
from pexgen.cli import DEFECT, INTERRUPTED, run
from pexgen.cli._app import COMMANDS

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "app-permissions.yaml"


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, **environment},
    )


def test_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"pexgen {pexgen.__version__}\n"


def test_version_also_works_among_other_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--quiet", "--version"]) == 0
    assert capsys.readouterr().out == f"pexgen {pexgen.__version__}\n"


@pytest.mark.parametrize("arguments", [["--help"], ["-h"]])
def test_help_lists_every_command_with_what_it_does(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert run(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    for command in COMMANDS:
        assert [line for line in lines if line.startswith(f"  {command} ") and len(line.split()) > 3], command


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_its_exit_codes(capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert run([command, "--help"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"Usage: pexgen {command} ")
    assert "Exit codes:" in out or "Commands:" in out


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    assert "Usage: pexgen" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rendr"], "Did you mean 'render'?"),
        (["render", "--chek", "x.yaml"], "--check"),
        (["templates", "aprove"], "approve"),
        (["--colour"], "No such option"),
    ],
)
def test_a_slip_of_the_keyboard_gets_a_suggestion(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert words in captured.err
    assert "hint: " in captured.err


def test_a_defect_is_told_without_a_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr("pexgen.catalogue.load_catalogue", broken)
    assert run(["templates", "list"]) == DEFECT
    err = capsys.readouterr().err
    assert "a defect in pexgen: ZeroDivisionError: on purpose" in err
    assert "Traceback" not in err
    assert run(["--verbose", "templates", "list"]) == DEFECT
    assert "Traceback" in capsys.readouterr().err


def test_ctrl_c_ends_with_its_own_code(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pexgen.catalogue.load_catalogue", interrupted)
    assert run(["templates", "list"]) == INTERRUPTED
    assert "interrupted" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error() -> None:
    script = (
        "import os, sys\n"
        "read, write = os.pipe()\n"
        "os.close(read)\n"
        "os.dup2(write, 1)\n"
        "from pexgen.cli import main\n"
        "sys.argv = ['pexgen', 'schema']\n"
        "main()\n"
    )
    done = python("-c", script)
    assert done.returncode == 141
    assert done.stderr == ""


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
def test_a_console_that_knows_few_characters_gets_utf8(tmp_path: Path, encoding: str) -> None:
    bad = tmp_path / "contoso-\u4e2d\u6587.yaml"
    bad.write_text("version: 1\nname: \u2018curly\u2019 \U0001f600\n", encoding="utf-8")
    done = python("-m", "pexgen", "lint", str(bad), PYTHONIOENCODING=encoding)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "contoso-\u4e2d\u6587.yaml:" in done.stdout + done.stderr


def test_no_color_gets_into_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("nothing: here\n", encoding="utf-8")
    done = python("-m", "pexgen", "render", str(tmp_path / "bad.yaml"))
    assert done.returncode == 3
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["--version"], {"typer", "jinja2", "yaml", "jsonschema_rs", "rich", "json"}),
        (
            ["render", str(SAMPLE), "-o", "-", "--allow-unreviewed"],
            {"rich", "pydantic", "asyncio", "hypothesis", "pexgen.run_records", "pexgen.plan", "pexgen.diff"},
        ),
    ],
)
def test_a_command_does_not_wait_for_what_it_does_not_use(arguments: list[str], unwanted: set[str]) -> None:
    script = (
        "import sys\n"
        "from pexgen.cli import run\n"
        f"assert run({arguments!r}) == 0\n"
        f"sys.stderr.write('loaded: ' + '|'.join(sorted(set(sys.modules) & {unwanted!r})))\n"
    )
    done = python("-c", script)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "loaded: ")


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("option", ["-q", "--quiet"])
def test_what_holds_for_every_command_stands_before_or_behind_it(
    capsys: pytest.CaptureFixture[str], place: int, option: str
) -> None:
    arguments = ["lint", str(SAMPLE)]
    assert run([*arguments[:place], option, *arguments[place:]]) == 0
    assert "in 1 file" not in capsys.readouterr().err
    assert run(["lint", "--", option]) == 3


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("validate", "`pexgen lint FILE` checks"),
        ("check", "`pexgen lint FILE` checks"),
        ("apply", ".\\NAME.ps1 -Mode Apply"),
        ("rollback", ".\\NAME.ps1 -Mode Rollback"),
        ("generate", "`pexgen render FILE`"),
        ("build", "`pexgen render FILE`"),
        ("test", "`pexgen rehearse FILE`"),
        ("new", "`pexgen init NAME.yaml`"),
        ("create", "`pexgen init NAME.yaml`"),
    ],
)
def test_a_word_of_other_programs_is_answered_in_one_line(capsys, word: str, said: str) -> None:
    assert run([word, "contoso.yaml"]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"pexgen: error: pexgen has no command '{word}': ")
    assert said in err
    assert err.count("\n") == 1
