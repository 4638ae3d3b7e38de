"""Options that several commands have, each with one name and one meaning."""

from __future__ import annotations

from typing import Annotated

import typer

from pexgen.cli._completion_values import YAML, file_of, one_of
from pexgen.output import FORMS

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...",
        autocompletion=file_of(*YAML),
        help="Descriptions, and folders of them; patterns are expanded, - is stdin.",
    ),
]
"""Descriptions as :func:`pexgen.cli._fleet.descriptions` takes them."""

OutputFile = Annotated[
    str,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        show_default=False,
        autocompletion=file_of(),
        help="Write to this file instead of standard output.",
    ),
]
"""Where a product goes; ``-``, the default, is standard output."""

OutputPlace = Annotated[
    str,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE|FOLDER",
        show_default=False,
        autocompletion=file_of(),
        help="Write there instead of to standard output; several descriptions need a folder.",
    ),
]
"""Where the products of one or several descriptions go."""

Force = Annotated[bool, typer.Option("--force", help="Replace a file that differs.")]
"""Whether a file that is there and differs is replaced."""

RecordForm = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="|".join(FORMS),
        autocompletion=one_of(FORMS),
        help="Output format; default: by the ending of -o.",
    ),
]
"""The form of a record; empty where the name of the output says it."""
