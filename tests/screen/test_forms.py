"""One list of forms, one wording where one is unknown, in any case, and never another than the file's name says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer

from pexgen.cli import run
from pexgen.cli._app import app
from pexgen.output import FORMS

COMMANDS = {
    "lint": ["lint", "app-permissions.yaml"],
    "plan": ["plan", "app-permissions.yaml", "--allow-unreviewed"],
    "values": ["values", "app-permissions.yaml"],
    "diff": ["diff", "app-permissions.yaml", "app-permissions.yaml"],
    "verify": ["verify", "contoso-scheduling.ps1"],
    "facts": ["facts"],
    "rehearse": ["rehearse", "app-permissions.yaml"],
    "report": ["report", "x.json"],
}


def forms_of(name: str) -> str:
    """The forms that the help of a command names, as a message lists them."""
    root: Any = typer.main.get_command(app)
    (option,) = [each for each in root.get_command(None, name).params if each.name == "output_format"]
    return str(option.metavar).replace("|", ", ")


def test_the_forms_of_a_record_are_the_same_for_every_record() -> None:
    assert {forms_of(name) for name in ("plan", "rehearse", "report")} == {", ".join(FORMS)}


@pytest.mark.parametrize("name", COMMANDS)
def test_an_unknown_form_is_refused_in_one_wording(folder: Path, capsys, name) -> None:
    assert run([*COMMANDS[name], "--format", "Word"]) == 2
    hint = f"formats are {forms_of(name)}"
    assert capsys.readouterr().err == f"pexgen: error: format Word does not exist\n  hint: {hint}\n"


@pytest.mark.parametrize("name", ["lint", "plan", "values", "diff", "facts"])
def test_the_case_of_a_form_says_nothing(folder: Path, capsys, name) -> None:
    run(["--quiet", *COMMANDS[name], "--format", "JSON"])
    assert json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("name", "output", "begins"),
    [
        ("lint", "found.json", b"{"),
        ("lint", "found.sarif", b'{\n  "$schema"'),
        ("plan", "c.HTML", b"<!DOCTYPE html>"),
        ("plan", "c.md", b"# "),
        ("values", "c.tfvars", b"# Values"),
        ("values", "c.json", b"{"),
        ("diff", "c.md", b"# "),
        ("plan", "plain", b""),
    ],
)
def test_the_form_follows_from_the_name_of_the_file_which_is_utf_8_with_lf(folder: Path, name, output, begins) -> None:
    assert run(["--quiet", *COMMANDS[name], "-o", output]) == 0
    data = (folder / output).read_bytes()
    assert data.startswith(begins)
    assert b"\r" not in data
    data.decode("utf-8")


@pytest.mark.parametrize(("name", "output"), [("plan", "plan.docx"), ("values", "sheet.xlsx"), ("lint", "found.html")])
def test_a_file_that_would_be_opened_as_something_else_is_not_written(folder: Path, capsys, name, output) -> None:
    assert run([*COMMANDS[name], "-o", output]) == 2
    err = capsys.readouterr().err
    assert f"{output}: no format here has the ending .{output.rpartition('.')[2]}" in err
    assert re.search(rf"--format which is meant: {forms_of(name)}$", err.strip())
    assert not (folder / output).exists()
