"""``pexgen values``: what to enter in Pexip Infinity."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from pexgen.cli._inputs import STANDARD, read_with
from pexgen.cli._outputs import deliver
from pexgen.cli._talk import wants_colour
from pexgen.errors import UsageError

if TYPE_CHECKING:
    from pexgen.connector import Sheet

_FORMATS = ("text", "json", "tfvars")
_SHEETS = ("before", "after")


def values(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A description; - is standard input.")],
    output_format: Annotated[
        str, typer.Option("--format", metavar="|".join(_FORMATS), help="A sheet, the API's body, or for Terraform.")
    ] = "text",
    sheet: Annotated[
        str, typer.Option("--sheet", metavar="|".join(_SHEETS), help="Of migrate: the values before or after.")
    ] = "",
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where to; - is standard output.")
    ] = STANDARD,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that differs.")] = False,
) -> None:
    """Write what to enter in Pexip Infinity's Exchange integration, under Pexip's own field names.

    Values follow from the description and are held against Pexip's limits. Secrets are asked for and never written.
    For migrate, text has both sheets and what changes between them; json and tfvars have the one after the switch.

    Exit codes: 0 done, 2 usage, 3 the description cannot be used.

    Examples:
        pexgen values contoso.yaml

        pexgen values contoso.yaml --format json -o connector.json
    """
    from pexgen.cli._inputs import read_description
    from pexgen.cli._text import render_problems
    from pexgen.connector import follow, json_text, sheet_text, tfvars_text
    from pexgen.description import load
    from pexgen.output import chosen_form

    output_format = chosen_form(output_format, "", _FORMATS)
    loaded = load(read_description(file), "<stdin>" if file == STANDARD else file)
    sheets, warnings = follow(loaded)
    chosen = _chosen(sheets, sheet)
    sys.stderr.write(render_problems(warnings, colour=wants_colour(sys.stderr)))
    description = loaded.description
    heading = f"Values of {description.name} ({description.method} on {description.target.platform})"
    if output_format == "text":
        text = sheet_text((chosen,) if sheet else sheets, heading)
    else:
        text = json_text(chosen) if output_format == "json" else tfvars_text(chosen, heading)
    deliver(text, output, read_with(file, description), context.obj, force=force)
    if output_format != "text":
        _warn(chosen)
    context.obj.say(_summary(chosen))


def _chosen(sheets: tuple[Sheet, ...], name: str) -> Sheet:
    """Return the sheet of that name; without one the last, which is that after the switch."""
    if not name:
        return sheets[-1]
    if name not in _SHEETS:
        raise UsageError(f"there is no sheet {name}", f"sheets are {' and '.join(_SHEETS)}")
    for sheet in sheets:
        if sheet.name == name:
            return sheet
    raise UsageError(f"only migrate has a sheet {name}", "leave --sheet away")


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
            print(f"warning: {words}: {', '.join(names)} (pexgen values says why)", file=sys.stderr)


def _summary(sheet: Sheet) -> str:
    parts = [
        f"{len(sheet.having('set'))} values",
        f"{len(sheet.having('compare'))} to compare",
        f"{len(sheet.having('enter'))} to enter",
        f"{len(sheet.having('secret'))} secret",
        f"{len(sheet.having('left', 'generated'))} left alone",
    ]
    return ", ".join(parts)
