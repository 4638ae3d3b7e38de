"""``pexgen plan``: the change record of a runbook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pexgen.cli._completion_values import YAML, file_of
from pexgen.cli._inputs import read_beside, read_description
from pexgen.cli._options import Force, OutputPlace, RecordForm
from pexgen.cli._outputs import deliver
from pexgen.errors import UsageError
from pexgen.inputs import STANDARD, shown_name

if TYPE_CHECKING:
    from pexgen.plan import Plan
    from pexgen.render import Renderer
    from pexgen.run_records import RunResult


def plan(
    context: typer.Context,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            autocompletion=file_of(*YAML, ".ps1"),
            help="Descriptions, folders of them, or runbooks (.ps1); - is stdin.",
        ),
    ],
    check: Annotated[
        str,
        typer.Option(
            "--check",
            metavar="RESULT",
            autocompletion=file_of(".json"),
            help="The result of a Check of that tenant: what differs there.",
        ),
    ] = "",
    output_format: RecordForm = "",
    output: OutputPlace = STANDARD,
    force: Force = False,
    allow_unreviewed: Annotated[
        bool, typer.Option("--allow-unreviewed", help="Plan a body without review; the plan says so.")
    ] = False,
) -> None:
    """Write the change record: what will change, what can go wrong, how it is undone, with every cmdlet and value.

    Several descriptions need a folder to write to; each record is then NAME.plan.md, or as the format has it. The
    record of a runbook lacks what is in the description alone: requester, window and the like.

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
    from pexgen.plan import FORMS, plan_text, record_name
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
        made = _plan(name, renderer, result)
        inputs.add(read_beside(name, made.manifest))
        path = str(folder / record_name(made, form)) if folder else output
        return deliver(plan_text(made, form), path, inputs, context.obj, force=force, is_prose=form == "text")

    work_through(names, write, context.obj, ("written", "current"))


def _plan(name: str, renderer: Renderer, result: RunResult | None) -> Plan:
    """Return the plan of one file, which is a runbook or a description."""
    from pexgen.plan import make_plan, plan_of_runbook
    from pexgen.runbook_file import read_runbook

    if name.casefold().endswith(".ps1"):
        return plan_of_runbook(read_runbook(name), renderer, result)
    return make_plan(read_description(name), shown_name(name), renderer, result)
