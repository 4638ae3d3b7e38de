"""The forms and numbers that a command names before anything is loaded are those that are there once it runs."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer

import pexgen.cli._lint_formats
from pexgen.cli._app import app
from pexgen.cli._diff_formats import RENDERERS
from pexgen.cli._lint_formats import FORMATS
from pexgen.output import FORMS
from pexgen.vendor_facts import CHECK_AGAIN_DAYS, EWS_USAGE_DAYS


def offered(command: str) -> set[str]:
    """Return the forms that a command's help names."""
    root: Any = typer.main.get_command(app)
    found = next(each for each in root.get_command(None, command).params if "--format" in each.opts)
    return set(found.metavar.split("|"))


def test_diff_offers_what_it_writes() -> None:
    assert offered("diff") == set(RENDERERS)


def test_lint_offers_a_format_for_each_of_their_modules() -> None:
    folder = Path(pexgen.cli._lint_formats.__file__).parent
    modules = {path.stem.removeprefix("_") for path in folder.glob("_[a-z]*.py")} - {"interface"}
    assert offered("lint") == set(FORMATS) == modules


def test_a_file_that_is_named_after_a_form_is_one_of_a_command_s() -> None:
    every = {*FORMS, *(form for command in ("lint", "values", "diff", "verify", "facts") for form in offered(command))}
    assert set(import_module("pexgen.output")._OTHERS) <= every


@pytest.mark.parametrize(
    ("command", "said", "days"),
    [
        ("facts", r"After (\d+) days pexgen says that they are old", CHECK_AGAIN_DAYS),
        ("ews-usage", r"Take (\d+) days", EWS_USAGE_DAYS),
    ],
)
def test_a_number_in_the_help_is_the_one_that_counts(command: str, said: str, days: int) -> None:
    root: Any = typer.main.get_command(app)
    found = re.search(said, " ".join(root.get_command(None, command).help.split()))
    assert found is not None
    assert int(found[1]) == days == 90
