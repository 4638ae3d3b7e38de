"""``pexgen diff``: what changes between two deployments, in a reviewer's words."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pexgen.cli._completion_values import YAML, file_of, one_of
from pexgen.cli._inputs import is_folder, read_description, read_with
from pexgen.cli._options import Force, OutputFile
from pexgen.cli._outputs import deliver
from pexgen.cli._talk import wants_color
from pexgen.errors import UsageError
from pexgen.inputs import STANDARD, shown_name
from pexgen.words import counted

if TYPE_CHECKING:
    from pexgen.catalogue import Catalogue
    from pexgen.diff import Comparison, Deployment

_FORMATS = ("text", "markdown", "json")


def diff(
    context: typer.Context,
    old: Annotated[
        str,
        typer.Argument(
            metavar="OLD", autocompletion=file_of(*YAML, ".ps1"), help="A description, a runbook (.ps1), or a folder."
        ),
    ],
    new: Annotated[
        str,
        typer.Argument(
            metavar="NEW", autocompletion=file_of(*YAML, ".ps1"), help="A description, a runbook (.ps1), or a folder."
        ),
    ],
    output_format: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="|".join(_FORMATS),
            autocompletion=one_of(_FORMATS),
            help="Output format; default: by the ending of -o.",
        ),
    ] = "",
    output: OutputFile = STANDARD,
    force: Force = False,
) -> None:
    """Say what changes from OLD to NEW: by step, what widens access first, and who gains access to whose mailbox.

    Compared is what is meant: defaults are applied, the order of lists and the case of addresses say nothing. Of a
    runbook the values are compared, not the body; `pexgen verify` looks at that. Of two folders the descriptions of
    one name are compared, and those that only one of them has are named.

    Exit codes: 0 nothing differs, 1 something differs, 2 usage, 3 a file cannot be used.

    Examples:
        pexgen diff approved/contoso.yaml contoso.yaml

        pexgen diff contoso.ps1 contoso.yaml -o changes.md

        pexgen diff approved customers
    """
    from pexgen.cli._diff_formats import as_report
    from pexgen.cli._fleet import pairs, work_through
    from pexgen.inputs import Inputs
    from pexgen.output import chosen_form

    form = chosen_form(output_format, output, _FORMATS)
    if old == new == STANDARD:
        raise UsageError("standard input is one file", "name the other one")
    both, *alone = pairs(old, new, context.obj)
    job = _Job(both)

    def finish() -> None:
        is_many = is_folder(old)
        text = as_report(job.found, form, tuple(alone) if is_many else (), color=wants_color(sys.stdout))
        deliver(text, output, Inputs(job.read), context.obj, force=force, is_prose=form == "text")

    counted = work_through(list(both), job.take, context.obj, ("same", "different"), finish)
    if len(both) == 1:
        context.obj.say(job.summary())
    if counted["different"] or any(alone):
        raise typer.Exit(1)


class _Job:
    """What is compared with what, by the name of the pair."""

    def __init__(self, pairs: Mapping[str, tuple[str, str]]) -> None:
        from pexgen.catalogue import load_catalogue
        from pexgen.template_files import template_folder

        self._pairs, self._catalogue = pairs, load_catalogue(template_folder())
        self.read: list[str | Path] = [name for pair in pairs.values() for name in pair]
        self.found: list[Comparison] = []

    def take(self, name: str) -> str:
        """Compare one pair, and return what it is counted under."""
        from pexgen.diff import compare

        old, new = (_deployment(each, self._catalogue, self.read) for each in self._pairs[name])
        self.found.append(compare(old, new, self._catalogue))
        return "different" if self.found[-1].differences else "same"

    def summary(self) -> str:
        """Say how much differs in the one pair."""
        found = self.found[0]
        widen, narrow = len(found.of("widens")), len(found.of("narrows"))
        access = f"{counted(widen, 'widens', 'widen')} access, {counted(narrow, 'narrows', 'narrow')} it"
        return f"{counted(len(found.differences), 'difference')}; {access}"


def _deployment(name: str, catalogue: Catalogue, read: list[str | Path]) -> Deployment:
    """Return the deployment of one file, and add what else is read for it to ``read``."""
    from pexgen.diff import of_description, of_runbook
    from pexgen.runbook_file import read_runbook

    if name.casefold().endswith(".ps1"):
        return of_runbook(read_runbook(name), catalogue)
    from pexgen.description import load

    shown = shown_name(name)
    # An approved description is often kept without the add-in's manifest; the rest of it can be compared all the same.
    description = load(read_description(name), shown, needs_manifest=False).description
    read += read_with(name, description)
    return of_description(description, shown)
