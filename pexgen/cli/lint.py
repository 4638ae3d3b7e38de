"""``pexgen lint``: schema and rules over descriptions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from pexgen.cli._completion_values import one_of
from pexgen.cli._inputs import read_with
from pexgen.cli._lint_formats import FORMATS, FileReport, find_format
from pexgen.cli._options import Files, Force, OutputFile
from pexgen.cli._outputs import deliver
from pexgen.cli._talk import tell
from pexgen.errors import InputError
from pexgen.inputs import STANDARD, shown_name
from pexgen.words import counted

if TYPE_CHECKING:
    from pexgen.cli._lint_formats import LintReport
    from pexgen.cli._talk import Talk
    from pexgen.inputs import Inputs
    from pexgen.lint import Names

_UNREADABLE = "PXG001"


def lint(
    context: typer.Context,
    files: Files,
    output_format: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="|".join(FORMATS),
            autocompletion=one_of(FORMATS),
            help="How findings are written; else by -o.",
        ),
    ] = "",
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count like errors.")] = False,
    output: OutputFile = STANDARD,
    force: Force = False,
) -> None:
    """Check descriptions against the schema and the rules, and report everything that is found.

    A finding of a rule (PXG101 and up) is accepted with an entry under `accept` in the description.

    Exit codes: 0 nothing found but warnings and notes, 1 findings, 2 usage, 3 a file cannot be read.

    Examples:
        pexgen lint contoso.yaml

        pexgen lint customers --strict --format sarif -o pexgen.sarif
    """
    from pexgen.cli._fleet import descriptions
    from pexgen.inputs import Inputs
    from pexgen.output import chosen_form

    form = chosen_form(output_format, output, FORMATS)
    names = descriptions(files, context.obj)
    inputs = Inputs(names)
    report = _examined(names, inputs, context.obj)
    deliver(find_format(form)(report), output, inputs, context.obj, force=force)
    context.obj.say(_summary(report))
    if codes := sorted({problem.code for file in report for problem in file.problems}):
        context.obj.say(f"More on a code: `pexgen explain {codes[0]}`")
    _say_age(context.obj)
    code = _exit_code(report, strict=strict)
    if code:
        raise typer.Exit(code)


def _say_age(talk: Talk) -> None:
    """Say how old pexgen's facts are: what was announced since cannot be found."""
    from pexgen import clock
    from pexgen.vendor_facts import age_of

    text, is_old = age_of(clock.today())
    if is_old:
        tell(text, "warning")
    else:
        talk.say(text)


def _examined(names: Sequence[str], inputs: Inputs, talk: Talk) -> LintReport:
    """Report on each file, and on what they have in common; what else is read for one is added to ``inputs``."""
    from pexgen.cli._fleet import stepping
    from pexgen.lint import Names

    seen = Names()
    return tuple(_examine(name, inputs, seen) for name in stepping(names, talk))


def _examine(name: str, inputs: Inputs, seen: Names) -> FileReport:
    from pexgen.cli._inputs import read_description
    from pexgen.description import load
    from pexgen.lint import examine

    shown = shown_name(name)
    try:
        loaded = load(read_description(name), shown)
        inputs.add(read_with(name, loaded.description))
        examination = examine(loaded, seen)
    except InputError as error:
        return FileReport(shown, error.problems)
    return FileReport(shown, examination.problems, examination.accepted)


def _exit_code(report: LintReport, *, strict: bool) -> int:
    problems = [problem for file in report for problem in file.problems]
    if any(problem.code == _UNREADABLE for problem in problems):
        return InputError.exit_code
    failing = ("error", "warning") if strict else ("error",)
    return int(any(problem.severity in failing for problem in problems))


def _summary(report: LintReport) -> str:
    errors = sum(file.count("error") for file in report)
    warnings = sum(file.count("warning") for file in report)
    accepted = sum(len(file.accepted) for file in report)
    notes = sum(file.count("note") for file in report)
    parts = [counted(errors, "error"), counted(warnings, "warning")]
    if notes:
        parts.append(counted(notes, "note"))
    if accepted:
        parts.append(f"{accepted} accepted")
    return f"{', '.join(parts)} in {counted(len(report), 'file')}"
