"""``pexgen plan``: the change record of a runbook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pexgen.cli._inputs import STANDARD, expand, read_beside, read_description
from pexgen.cli._outputs import deliver
from pexgen.errors import UsageError

if TYPE_CHECKING:
    from pexgen.plan import Plan
    from pexgen.render import Renderer
    from pexgen.run_records import RunResult


def plan(
    context: typer.Context,
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Descriptions, or runbooks (.ps1); - is standard input.")
    ],
    check: Annotated[
        str, typer.Option("--check", metavar="RESULT", help="The result of a Check of that tenant: what differs there.")
    ] = "",
    output_format: Annotated[
        str, typer.Option("--format", metavar="text|markdown|html|json", help="How it is written; else by -o.")
    ] = "",
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE|FOLDER", help="Where to; - is standard output.")
    ] = STANDARD,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that differs.")] = False,
    allow_unreviewed: Annotated[
        bool, typer.Option("--allow-unreviewed", help="Plan a body without review; the plan says so.")
    ] = False,
) -> None:
    """Write the change record: what will change, what can go wrong, how it is undone, with every cmdlet and value.

    Several descriptions need a folder to write to; each record is then NAME.plan.md, or as the format has it. The
    record of a runbook lacks what stands in the description alone: requester, window and the like.

    Exit codes: 0 done, 2 usage, 3 a description or the result cannot be used, or the body has no review.

    Examples:
        pexgen plan contoso.yaml

        pexgen plan contoso.yaml -o contoso-scheduling.plan.html

        pexgen plan contoso.yaml --check contoso-scheduling.check.json -o contoso-scheduling.plan.md
    """
    from pexgen.output import chosen_form
    from pexgen.plan import FORMS, plan_text, record_name
    from pexgen.render import Renderer
    from pexgen.run_records import read_result

    names = expand(files)
    folder = Path(output) if output != STANDARD and (Path(output).is_dir() or output.endswith(("/", "\\"))) else None
    if len(names) > 1 and (folder is None or check):
        raise UsageError(
            "several descriptions need a folder to write to, and each a Check of its own",
            "name a folder that is there with -o, and give --check with one description",
        )
    form = chosen_form(output_format, "" if folder else output, FORMS, "markdown" if folder else "text")
    result = read_result(check) if check else None
    renderer = Renderer(allow_unreviewed=allow_unreviewed)
    for name in names:
        made = _plan(name, renderer, result)
        text = plan_text(made, form)
        path = str(folder / record_name(made, form)) if folder else output
        read = [*names, *([check] if check else []), *read_beside(name, made.manifest)]
        deliver(text, path, read, context.obj, force=force)


def _plan(name: str, renderer: Renderer, result: RunResult | None) -> Plan:
    """Return the plan of one file, which is a runbook or a description."""
    from pexgen.plan import make_plan, plan_of_runbook
    from pexgen.written import read_runbook

    if name.casefold().endswith(".ps1"):
        return plan_of_runbook(read_runbook(name), renderer, result)
    return make_plan(read_description(name), "<stdin>" if name == STANDARD else name, renderer, result)
