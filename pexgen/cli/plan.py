"""``pexgen plan``: the change record of a runbook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from pexgen.cli._choices import file_of, one_of
from pexgen.cli._inputs import STANDARD, read_beside, read_description
from pexgen.cli._options import Files, Force, OutputPlace
from pexgen.cli._outputs import deliver
from pexgen.errors import UsageError

_SUFFIXES = {"text": "txt", "markdown": "md", "html": "html", "json": "json"}


def _forms() -> Sequence[str]:
    from pexgen.plan import FORMS

    return FORMS


def plan(
    context: typer.Context,
    files: Files,
    check: Annotated[
        str,
        typer.Option(
            "--check",
            metavar="RESULT",
            autocompletion=file_of(".json"),
            help="The result of a Check of that tenant: what differs there.",
        ),
    ] = "",
    output_format: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="text|markdown|html|json",
            autocompletion=one_of(_forms),
            help="How it is written; else by -o.",
        ),
    ] = "",
    output: OutputPlace = STANDARD,
    force: Force = False,
    allow_unreviewed: Annotated[
        bool, typer.Option("--allow-unreviewed", help="Plan a body without review; the plan says so.")
    ] = False,
) -> None:
    """Write the change record: what will change, what can go wrong, how it is undone, with every cmdlet and value.

    Several descriptions need a folder to write to; each record is then NAME.plan.md, or as the format has it.

    Exit codes: 0 done, 2 usage, 3 a description or the result cannot be used, or the body has no review.

    Examples:
        pexgen plan contoso.yaml

        pexgen plan contoso.yaml -o contoso.plan.html

        pexgen plan contoso.yaml --check contoso.check.json -o contoso.plan.md

        pexgen plan customers --format html -o plans
    """
    from pexgen.cli._fleet import descriptions, folder_of, work_through
    from pexgen.inputs import Inputs
    from pexgen.output import chosen_form
    from pexgen.plan import FORMS, make_plan, plan_text
    from pexgen.render import Renderer
    from pexgen.run_records import read_result

    names = descriptions(files, context.obj)
    folder = folder_of(output, names)
    if len(names) > 1 and check:
        raise UsageError("each description needs a Check of its own", "give --check with one description")
    form = chosen_form(output_format, "" if folder else output, FORMS, "markdown" if folder else "text")
    result = read_result(check) if check else None
    renderer = Renderer(allow_unreviewed=allow_unreviewed)
    inputs = Inputs([*names, *([check] if check else [])])

    def write(name: str) -> str:
        made = make_plan(read_description(name), "<stdin>" if name == STANDARD else name, renderer, result)
        inputs.add(read_beside(name, made.manifest))
        path = str(folder / f"{made.name}.plan.{_SUFFIXES[form]}") if folder else output
        return deliver(plan_text(made, form), path, inputs, context.obj, force=force, is_prose=form == "text")

    work_through(names, write, context.obj, ("written", "current"))
