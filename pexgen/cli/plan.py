"""``pexgen plan``: the change record of a runbook."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pexgen.cli._inputs import STANDARD
from pexgen.errors import UsageError


def plan(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A description; - is standard input.")],
    output_format: Annotated[
        str, typer.Option("--format", metavar="text|markdown|html|json", help="How the plan is written.")
    ] = "text",
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where to; - is standard output.")
    ] = STANDARD,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that differs.")] = False,
    allow_unreviewed: Annotated[
        bool, typer.Option("--allow-unreviewed", help="Plan a body without review; the plan says so.")
    ] = False,
) -> None:
    """Write the change record: what will change, what can go wrong, how it is undone, with every cmdlet and value.

    Exit codes: 0 done, 2 usage, 3 the description cannot be used or the body has no review.

    Examples:
        pexgen plan contoso.yaml

        pexgen plan contoso.yaml --format markdown -o contoso-scheduling.plan.md
    """
    from pexgen.description import read_description
    from pexgen.files import Output, write_new
    from pexgen.plan import FORMATS, find_format, make_plan
    from pexgen.render import Renderer

    if output_format not in FORMATS:
        raise UsageError(f"there is no format {output_format}", f"formats are {', '.join(FORMATS)}")
    shown = "<stdin>" if file == STANDARD else file
    made = make_plan(read_description(file), shown, Renderer(allow_unreviewed=allow_unreviewed))
    text = find_format(output_format)(made)
    if output == STANDARD:
        sys.stdout.write(text)
        return
    written = write_new([Output(Path(output), text.encode())], force=force)
    context.obj.say(f"{output}: {'written' if written else 'already current'}")
