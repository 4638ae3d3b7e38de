"""What is offered for each option and argument, without a shell."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from pexgen.catalogue import load_catalogue
from pexgen.cli import run
from pexgen.cli._app import COMMANDS, app
from pexgen.description.codes import CODES
from pexgen.lint import RULES
from pexgen.outcomes import EXIT_CODES, STATES
from pexgen.rehearsal.rehearsal import FAULTS
from pexgen.template_files import template_folder

FREE = {
    "--by", "--date", "--checked", "--notes", "--timeout", "--name", "--equipment", "--assignment", "--out-of-scope",
    "--organization", "--tenant-id", "--accepted-domain", "--service-account", "--client-id",
}  # fmt: skip
"""Options whose values only a person knows."""


def parameters() -> Iterator[tuple[str, Any]]:
    root: Any = typer.main.get_command(app)
    for name in COMMANDS:
        command = root.get_command(None, name)
        for each in (command, *getattr(command, "commands", {}).values()):
            yield from ((name, parameter) for parameter in each.params)


def offered(line: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("_PEXGEN_COMPLETE", "complete_pexgen")
    monkeypatch.setenv("_PEXGEN_LINE", line)
    assert run([]) == 0
    return [each.partition("\t")[0] for each in capsys.readouterr().out.splitlines() if each]


def test_every_option_and_argument_offers_its_values_but_those_that_only_a_person_knows() -> None:
    silent = {
        f"{name} {parameter.opts[0]}"
        for name, parameter in parameters()
        if not getattr(parameter, "is_flag", False)
        and parameter._custom_shell_complete is None
        and not set(parameter.opts) & FREE
    }
    assert silent == set()


def test_what_explain_knows_is_offered(capsys, monkeypatch) -> None:
    found = offered("pexgen explain ", capsys, monkeypatch)
    steps = {step.id for method in load_catalogue(template_folder()).methods.values() for step in method.steps}
    codes = {each.code for each in (*CODES, *RULES)}
    assert set(found) >= steps | codes | {state.name for state in STATES} | {str(each.code) for each in EXIT_CODES}


def test_a_value_is_offered_in_the_case_that_was_begun(capsys, monkeypatch) -> None:
    assert offered("pexgen explain pxg10", capsys, monkeypatch)[0] == "pxg101"
    assert offered("pexgen explain PXG10", capsys, monkeypatch)[0] == "PXG101"


def test_every_kind_of_fault_is_offered_with_the_sign_behind_it(capsys, monkeypatch) -> None:
    assert offered("pexgen rehearse x.yaml --fault ", capsys, monkeypatch) == [f"{kind}@" for kind in FAULTS]


def test_keys_are_offered_and_then_their_values(capsys, monkeypatch) -> None:
    found = offered("pexgen init x.yaml --set target.", capsys, monkeypatch)
    assert "target.organization=" in found
    assert "target.platform=" not in found
    found = offered("pexgen init x.yaml --set target.environment=g", capsys, monkeypatch)
    assert found == ["target.environment=gcc", "target.environment=gcc-high"]
    assert offered("pexgen init x.yaml --set equipment.adopt=", capsys, monkeypatch)[0] == "equipment.adopt=true"
    assert offered("pexgen init x.yaml --set zork=", capsys, monkeypatch) == []


def test_files_are_offered_by_what_a_command_takes_and_all_where_there_is_none(work, capsys, monkeypatch) -> None:
    monkeypatch.chdir(work)
    assert offered("pexgen lint ", capsys, monkeypatch) == ["contoso.yaml", "north wind.yaml", f"customers{os.sep}"]
    assert offered("pexgen verify ", capsys, monkeypatch) == ["contoso.ps1", f"customers{os.sep}"]
    assert offered("pexgen lint no", capsys, monkeypatch) == ["north wind.yaml"]
    assert offered("pexgen lint notes", capsys, monkeypatch) == ["notes.txt"]
    assert offered("pexgen lint nowhere/", capsys, monkeypatch) == []
    assert offered("pexgen rehearse contoso.yaml --from ", capsys, monkeypatch)[:3] == ["fresh", "converged", "drifted"]


@pytest.mark.parametrize(
    "line", ["pexgen zork ", "pexgen lint --zork ", "pexgen lint 'open", "", "pexgen lint --format \\"]
)
def test_a_line_that_makes_no_sense_is_answered_with_nothing_and_no_error(line, work, capsys, monkeypatch) -> None:
    monkeypatch.chdir(work)
    monkeypatch.setenv("_PEXGEN_COMPLETE", "complete_pexgen")
    monkeypatch.setenv("_PEXGEN_LINE", line)
    run([])
    assert "defect" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "first"), [("pexgen lint --format ", "text"), ("pexgen rehearse x.yaml --format ", "text")]
)
def test_a_value_is_offered_without_loading_what_commands_work_with(line: str, first: str) -> None:
    script = (
        "import sys\n"
        "from pexgen.cli import run\n"
        "assert run([]) == 0\n"
        "loaded = set(sys.modules) & {'yaml', 'jinja2', 'rich', 'pexgen.lint', 'pexgen.catalogue', "
        "'pexgen.simulation'}\n"
        "sys.stderr.write('|'.join(sorted(loaded)))\n"
    )
    asked = {"_PEXGEN_COMPLETE": "complete_pexgen", "_PEXGEN_LINE": line}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, encoding="utf-8", env={**os.environ, **asked}
    )
    assert (done.stdout.split()[0], done.stderr) == (first, "")


@pytest.mark.parametrize("name", ["csh", "cmd", ""])
def test_a_shell_that_is_not_known_is_answered_with_those_that_are(name, capsys) -> None:
    assert run(["completion", name]) == 2
    assert "bash, zsh, fish, powershell" in capsys.readouterr().err


def test_nothing_edits_a_profile_any_more(capsys) -> None:
    for option in ("--install-completion", "--show-completion"):
        assert run([option, "powershell"]) == 2
