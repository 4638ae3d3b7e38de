"""``pexgen diff``: what changes between two deployments, in a reviewer's words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pexgen.cli._inputs import STANDARD, read_description, read_with
from pexgen.cli._outputs import deliver
from pexgen.errors import UsageError

if TYPE_CHECKING:
    from pexgen.catalogue import Catalogue
    from pexgen.diff import Deployment

_FORMATS = ("text", "markdown", "json")


def diff(
    context: typer.Context,
    old: Annotated[str, typer.Argument(metavar="OLD", help="A description, or a runbook (.ps1).")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="A description, or a runbook (.ps1).")],
    output_format: Annotated[
        str, typer.Option("--format", metavar="|".join(_FORMATS), help="How the differences are written.")
    ] = "text",
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where to; - is standard output.")
    ] = STANDARD,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that differs.")] = False,
) -> None:
    """Say what changes from OLD to NEW: by step, what widens access first, and who gains access to whose mailbox.

    Compared is what is meant: defaults are applied, the order of lists and the case of addresses say nothing. Of a
    runbook the values are compared, not the body; `pexgen verify` looks at that.

    Exit codes: 0 nothing differs, 1 something differs, 2 usage, 3 a file cannot be used.

    Examples:
        pexgen diff approved/contoso.yaml contoso.yaml

        pexgen diff contoso-scheduling.ps1 contoso.yaml --format markdown
    """
    from pexgen.output import chosen_form

    output_format = chosen_form(output_format, "", _FORMATS)
    if old == new == STANDARD:
        raise UsageError("standard input is one file", "name the other one")
    from pexgen.catalogue import load_catalogue, template_folder
    from pexgen.cli._differences import RENDERERS
    from pexgen.diff import compare

    catalogue = load_catalogue(template_folder())
    read: list[str | Path] = [old, new]
    comparison = compare(_deployment(old, catalogue, read), _deployment(new, catalogue, read), catalogue)
    deliver(RENDERERS[output_format](comparison), output, read, context.obj, force=force)
    widen, narrow = len(comparison.of("widens")), len(comparison.of("narrows"))
    context.obj.say(f"{len(comparison.differences)} differences; {widen} widen access, {narrow} narrow it")
    if comparison.differences:
        raise typer.Exit(1)


def _deployment(name: str, catalogue: Catalogue, read: list[str | Path]) -> Deployment:
    """Return the deployment of one file, and add what else is read for it to ``read``."""
    from pexgen.diff import of_description, of_runbook
    from pexgen.runbook_file import read_runbook

    if name.casefold().endswith(".ps1"):
        return of_runbook(read_runbook(name), catalogue)
    from pexgen.description import load

    shown = "<stdin>" if name == STANDARD else name
    # An approved description is often kept without the add-in's manifest; the rest of it can be compared all the same.
    description = load(read_description(name), shown, needs_manifest=False).description
    read += read_with(name, description)
    return of_description(description, shown)
