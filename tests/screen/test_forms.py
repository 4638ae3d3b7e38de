"""One list of forms, one wording where one is unknown, in any case, and never another than the file's name says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pexgen.cli import run
from pexgen.output import FORMS

COMMANDS = {
    "lint": (["lint", "app-permissions.yaml"], "text, json, sarif, github"),
    "plan": (["plan", "app-permissions.yaml", "--allow-unreviewed"], ", ".join(FORMS)),
    "values": (["values", "app-permissions.yaml"], "text, json, tfvars"),
    "diff": (["diff", "app-permissions.yaml", "app-permissions.yaml"], "text, markdown, json"),
    "verify": (["verify", "contoso-scheduling.ps1"], "text, json"),
    "facts": (["facts"], "text, json"),
    "rehearse": (["rehearse", "app-permissions.yaml"], ", ".join(FORMS)),
    "report": (["report", "x.json"], ", ".join(FORMS)),
}


@pytest.mark.parametrize(("arguments", "forms"), COMMANDS.values(), ids=COMMANDS)
def test_an_unknown_form_is_refused_in_one_wording(folder: Path, capsys, arguments, forms) -> None:
    assert run([*arguments, "--format", "Word"]) == 2
    assert capsys.readouterr().err == f"pexgen: error: format Word does not exist\n  hint: formats are {forms}\n"


@pytest.mark.parametrize("name", ["lint", "plan", "values", "diff", "facts"])
def test_the_case_of_a_form_says_nothing(folder: Path, capsys, name) -> None:
    arguments, _ = COMMANDS[name]
    run(["--quiet", *arguments, "--format", "JSON"])
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
    arguments, _ = COMMANDS[name]
    assert run(["--quiet", *arguments, "-o", output]) == 0
    data = (folder / output).read_bytes()
    assert data.startswith(begins)
    assert b"\r" not in data
    data.decode("utf-8")


@pytest.mark.parametrize(("name", "output"), [("plan", "plan.docx"), ("values", "sheet.xlsx"), ("lint", "found.html")])
def test_a_file_that_would_be_opened_as_something_else_is_not_written(folder: Path, capsys, name, output) -> None:
    arguments, forms = COMMANDS[name]
    assert run([*arguments, "-o", output]) == 2
    err = capsys.readouterr().err
    assert f"{output}: no format here has the ending .{output.rpartition('.')[2]}" in err
    assert re.search(rf"--format which is meant: {forms}$", err.strip())
    assert not (folder / output).exists()
