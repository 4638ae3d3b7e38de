"""``pexgen report``: the closing record of a change."""

from __future__ import annotations

from typing import Annotated

import typer

from pexgen.cli._completion_values import file_of
from pexgen.cli._inputs import expand
from pexgen.cli._options import Force, OutputFile, RecordForm
from pexgen.cli._outputs import deliver
from pexgen.inputs import STANDARD


def report(
    context: typer.Context,
    files: Annotated[
        list[str],
        typer.Argument(metavar="RESULT...", autocompletion=file_of(".json"), help="Results of the runs, in any order."),
    ],
    journals: Annotated[
        list[str] | None,
        typer.Option("--journal", metavar="FILE", autocompletion=file_of(".jsonl"), help="A journal; repeatable."),
    ] = None,
    plan: Annotated[
        str, typer.Option("--plan", metavar="FILE", autocompletion=file_of(".json"), help="The change record, as JSON.")
    ] = "",
    output_format: RecordForm = "",
    output: OutputFile = STANDARD,
    force: Force = False,
) -> None:
    """Write the closing record: planned beside done, before and after, proofs, consent, open ends, digests compared.

    The verdict stands first. A change is closed when its last Apply or Rollback ended as wanted, a Verify after an
    Apply proved every step, and tenant, runbook and approval are the same in all files.

    Exit codes: 0 closed, 1 something is open, 2 usage, 3 a file cannot be used.

    Examples:
        pexgen report CHG1.*.json --journal CHG1.jsonl --plan contoso.plan.json
    """
    from pexgen.inputs import Inputs
    from pexgen.output import chosen_form
    from pexgen.report import FORMS, make_report, report_text
    from pexgen.run_records import read_journal, read_plan, read_result

    form = chosen_form(output_format, output, FORMS)
    names, journal_names = expand(files), expand(journals or [])
    results = [read_result(each) for each in names]
    read = [read_journal(each) for each in journal_names]
    made = make_report(results, read, read_plan(plan) if plan else None)
    inputs = Inputs([*names, *journal_names, *([plan] if plan else [])])
    deliver(report_text(made, form), output, inputs, context.obj, force=force, is_prose=form == "text")
    if not made.is_closed:
        raise typer.Exit(1)
