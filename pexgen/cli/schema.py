"""``pexgen schema``: the JSON Schema of descriptions, for editors."""

from __future__ import annotations

import typer

from pexgen.cli._options import Force, OutputFile
from pexgen.inputs import STANDARD


def schema(
    context: typer.Context,
    output: OutputFile = STANDARD,
    force: Force = False,
) -> None:
    """Print the JSON Schema of descriptions, which gives editors completion and explanations.

    Exit codes: 0 done, 2 usage.

    Examples:
        pexgen schema -o description.schema.json
    """
    from pexgen.cli._outputs import deliver
    from pexgen.description import schema_text
    from pexgen.inputs import Inputs

    deliver(schema_text(), output, Inputs(()), context.obj, force=force)
