"""``pexgen values``: what to enter in Pexip Infinity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pexgen.cli._completion_values import one_of
from pexgen.cli._inputs import read_with
from pexgen.cli._options import Files, Force, OutputPlace
from pexgen.cli._outputs import deliver
from pexgen.cli._talk import tell, tell_problems
from pexgen.errors import UsageError
from pexgen.inputs import STANDARD, shown_name
from pexgen.integrations import SHEETS
from pexgen.words import counted, listed

if TYPE_CHECKING:
    from pexgen.cli._talk import Talk
    from pexgen.connector import Sheet
    from pexgen.description import Description

_FORMATS = ("text", "json", "tfvars")


def values(
    context: typer.Context,
    files: Files,
    output_format: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="|".join(_FORMATS),
            autocompletion=one_of(_FORMATS),
            help="A sheet, the API's body, or for Terraform; default: by the ending of -o.",
        ),
    ] = "",
    sheet: Annotated[
        str,
        typer.Option(
            "--sheet",
            metavar="|".join(SHEETS),
            autocompletion=one_of(SHEETS),
            help="Of migrate: the values before or after.",
        ),
    ] = "",
    output: OutputPlace = STANDARD,
    force: Force = False,
) -> None:
    """Write what to enter in Pexip Infinity's Exchange integration, under Pexip's own field names.

    Values follow from the description and are held against Pexip's limits. Secrets are asked for and never written.
    For migrate, text has both sheets and what changes between them; json and tfvars have the one after the switch.
    Several descriptions need a folder to write to; each sheet is then NAME.values.txt, or as the format has it. What
    is left alone is named with --verbose.

    Exit codes: 0 done, 2 usage, 3 a description cannot be used.

    Examples:
        pexgen values contoso.yaml

        pexgen values contoso.yaml --format json -o connector.json

        pexgen values customers --format tfvars -o terraform
    """
    from pexgen.cli._fleet import descriptions, folder_of, work_through
    from pexgen.inputs import Inputs
    from pexgen.output import chosen_form, file_ending

    names = descriptions(files, context.obj)
    folder = folder_of(output, names)
    job = _Job(chosen_form(output_format, "" if folder else output, _FORMATS), _sheet_name(sheet), context.obj)
    inputs = Inputs(names)

    def write(name: str) -> str:
        text, description = job.made(name)
        inputs.add(read_with(name, description))
        path = str(folder / f"{description.name}.values.{file_ending(job.form)}") if folder else output
        return deliver(text, path, inputs, context.obj, force=force, is_prose=job.form == "text")

    work_through(names, write, context.obj, ("written", "current"))


class _Job:
    """What one command line asks to be made of each description."""

    def __init__(self, form: str, sheet: str, talk: Talk) -> None:
        self.form, self._sheet, self._talk = form, sheet, talk

    def made(self, name: str) -> tuple[str, Description]:
        """Return the values of one description in the form that was asked for, and the description."""
        from pexgen.cli._inputs import read_description
        from pexgen.connector import json_text, sheet_text, tfvars_text, value_sheets
        from pexgen.description import load

        loaded = load(read_description(name), shown_name(name))
        sheets, warnings = value_sheets(loaded)
        chosen = _chosen(sheets, self._sheet)
        tell_problems(warnings)
        description = loaded.description
        heading = f"Values of {description.name} ({description.method} on {description.target.platform})"
        if self.form == "text":
            shown = (chosen,) if self._sheet else sheets
            text = sheet_text(shown, heading, every_name=self._talk.verbose)
        else:
            text = json_text(chosen) if self.form == "json" else tfvars_text(chosen, heading)
            _warn(chosen)
        self._talk.say(_summary(chosen))
        return text, description


def _sheet_name(given: str) -> str:
    if given and given.lower() not in SHEETS:
        raise UsageError(f"sheet {given} does not exist", f"sheets are {listed(SHEETS, 'and')}")
    return given.lower()


def _chosen(sheets: tuple[Sheet, ...], name: str) -> Sheet:
    """Return the sheet of that name; without one the last, which is that after the switch."""
    if not name:
        return sheets[-1]
    for sheet in sheets:
        if sheet.name == name:
            return sheet
    raise UsageError(f"this method has one sheet, and none that is called {name}", "leave --sheet away")


def _warn(sheet: Sheet) -> None:
    """Say what a file that a program reads cannot say itself: what is not in it."""
    compared, sent = sheet.having("compare"), sheet.values()
    kept = [entry for entry in compared if entry.keeps]
    for entries, words in (
        (sheet.having("enter"), "not in it, and needed"),
        ([entry for entry in compared if not entry.keeps], "in it, and to be compared"),
        ([e for e in kept if e.field.name in sent], "in it for a new integration; leave out of a PATCH"),
        ([e for e in kept if e.field.name not in sent], "not in it, because the integration has its own; compare"),
    ):
        names = [entry.field.name for entry in entries]
        if names:
            tell(f"{words}: {', '.join(names)} (pexgen values says why)", "warning")


def _summary(sheet: Sheet) -> str:
    parts = [
        counted(len(sheet.having("set")), "value"),
        f"{len(sheet.having('compare'))} to compare",
        f"{len(sheet.having('enter'))} to enter",
        f"{len(sheet.having('secret'))} secret",
        f"{len(sheet.having('left', 'generated'))} left alone",
    ]
    return ", ".join(parts)
