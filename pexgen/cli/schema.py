"""``pexgen schema``: the JSON Schema of descriptions, for editors."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pexgen.cli._choices import file_of
from pexgen.cli._inputs import STANDARD


def schema(
    context: typer.Context,
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Where to; - is standard output.", autocompletion=file_of(".json")
        ),
    ] = STANDARD,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that differs.")] = False,
) -> None:
    """Print the JSON Schema of descriptions, which gives editors completion and explanations.

    Exit codes: 0 done, 2 usage.

    Examples:
        pexgen schema -o description.schema.json
    """
    from pexgen.description import schema_text

    text = schema_text()
    if output == STANDARD:
        sys.stdout.write(text)
        return
    from pexgen.files import Output, write_new

    written = write_new([Output(Path(output), text.encode("utf-8"))], force=force)
    context.obj.say(f"{output}: {'written' if written else 'already current'}")
