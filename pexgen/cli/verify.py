"""``pexgen verify``: is this file what reviewed templates give?"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pexgen.cli._inputs import STANDARD
from pexgen.errors import InputError, Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.verification import Finding, Reference
    from pexgen.written import Written

MAX_MANIFEST = 1024 * 1024
"""The largest file beside a runbook that is taken for its manifest; pexgen writes a few KiB."""
_FORMATS = ("text", "json")
_TAKEN, _SAID = ("runbook", "discover"), "it is not a runbook of pexgen's"


def verify(
    runbook: Annotated[
        str, typer.Argument(metavar="RUNBOOK", help="A .ps1 file that pexgen wrote; - is standard input.")
    ],
    description: Annotated[
        str,
        typer.Option(
            "--description",
            metavar="FILE",
            help="What the values have to be; without it, the manifest beside the runbook says so.",
        ),
    ] = "",
    plan: Annotated[
        str,
        typer.Option("--plan", metavar="FILE", help="The change record, in any form: it has to be about this file."),
    ] = "",
    check: Annotated[
        str, typer.Option("--check", metavar="RESULT", help="The result of the Check that the record was made with.")
    ] = "",
    output: Annotated[
        str, typer.Option("--format", metavar="|".join(_FORMATS), help="How the findings are written.")
    ] = "text",
) -> None:
    """Compare a runbook, byte for byte, with what this pexgen's reviewed templates give for its values.

    The values are compared with the description, else with NAME.manifest.json beside the runbook. With neither, the
    runbook cannot be called OK. A script of `pexgen discover` has neither, and is OK where it has no values. A
    signature block at the end of the file is left out. A change record that is named has to be about this runbook, its
    manifest and its description; a manifest of `pexgen render --plan` has to name it.

    Exit codes: 0 every byte is as it should be, 1 something is not, 2 usage, 3 a file cannot be used.

    Examples:
        pexgen verify contoso-scheduling.ps1 --description contoso.yaml --plan contoso-scheduling.plan.json
    """
    from pexgen.output import chosen_form

    output = chosen_form(output, "", _FORMATS)
    if runbook == description == STANDARD:
        raise UsageError("standard input is one file", "name the other one")
    from pexgen.catalogue import load_catalogue, template_folder
    from pexgen.cli._kinds import beginning, refuse_other_kind
    from pexgen.cli._verification import RENDERERS
    from pexgen.reviews import load_ledger
    from pexgen.verification import verify as verify_runbook
    from pexgen.written import read_runbook
    from pexgen.written import written as written_runbook

    catalogue = load_catalogue(template_folder())
    if runbook == STANDARD:
        data, beside = _standard_input(), None
        refuse_other_kind(data, "<stdin>", "a runbook", *_TAKEN, said=_SAID)
        written = written_runbook(data, "<stdin>")
    else:
        refuse_other_kind(beginning(runbook), runbook, "a runbook", *_TAKEN, said=_SAID)
        written, beside = read_runbook(runbook), Path(runbook)
    reference = _described(description) if description else _manifest_beside(beside) if beside else None
    found = verify_runbook(written, catalogue, load_ledger(catalogue), reference)
    if plan:
        found = replace(found, findings=(*found.findings, *_about_record(plan, written, description, check)))
    sys.stdout.write(RENDERERS[output](found))
    if not found.is_ok:
        raise typer.Exit(1)


def _about_record(plan: str, written: Written, description: str, check: str) -> Iterator[Finding]:
    """Yield why the change record is not about this runbook, its manifest and its description."""
    from pexgen.description import read_description
    from pexgen.plan import make_plan, plan_text
    from pexgen.record_check import about_record
    from pexgen.render import Renderer
    from pexgen.run_records import read_record, read_result

    beside, record = _manifest_beside(Path(written.file)), read_record(plan)
    expected = without = ""
    if description:
        source, renderer = read_description(description), Renderer(allow_unreviewed=True)
        without = expected = plan_text(make_plan(source, description, renderer), record.form)
        if check:
            expected = plan_text(make_plan(source, description, renderer, read_result(check)), record.form)
    yield from about_record(record, written, beside.manifest if beside else None, expected, without if check else "")


def _standard_input() -> bytes:
    from pexgen.written import MAX_BYTES

    try:
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    except OSError as error:
        message = f"the runbook cannot be read: {error.strerror or type(error).__name__}"
        raise InputError((Problem("PXG094", message, "<stdin>", hint="give the runbook's file"),)) from error


def _described(name: str) -> Reference:
    from pexgen.cli._inputs import read_description
    from pexgen.description import load
    from pexgen.verification import Reference

    shown = "<stdin>" if name == STANDARD else name
    return Reference(shown, load(read_description(name), shown).description)


def _manifest_beside(runbook: Path) -> Reference | None:
    """Return the manifest beside a runbook, None where there is none or it is none."""
    from pexgen.manifest import read_manifest
    from pexgen.verification import Reference

    path = runbook.with_name(f"{runbook.stem}.manifest.json")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_MANIFEST + 1)
    except OSError:
        return None
    if len(data) > MAX_MANIFEST:
        message = f"it has more than {MAX_MANIFEST // 1024**2} MiB, and no manifest of a runbook has"
        raise InputError((Problem("PXG094", message, str(path), hint="take it away, or give --description"),))
    statement = read_manifest(data)
    return Reference(str(path), manifest=statement) if statement else None
