"""``pexgen lint``: schema and rules over descriptions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pexgen.cli._choices import YAML, file_of, one_of
from pexgen.cli._formats import FORMATS, FileReport, find_format
from pexgen.cli._inputs import STANDARD, expand, read_with
from pexgen.cli._outputs import deliver
from pexgen.errors import InputError

if TYPE_CHECKING:
    from pexgen.cli._formats import Report
    from pexgen.cli._talk import Talk

_UNREADABLE = "PXG001"


def lint(
    context: typer.Context,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            autocompletion=file_of(*YAML),
            help="Descriptions; patterns are expanded, - is standard input.",
        ),
    ],
    output_format: Annotated[
        str,
        typer.Option(
            "--format", metavar="|".join(FORMATS), autocompletion=one_of(FORMATS), help="How findings are written."
        ),
    ] = "text",
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count like errors.")] = False,
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Where to; - is standard output.", autocompletion=file_of()
        ),
    ] = STANDARD,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that differs.")] = False,
) -> None:
    """Check descriptions against the schema and the rules, and report everything that is found.

    A finding of a rule (PXG101 and up) is accepted with an entry under `accept` in the description.

    Exit codes: 0 nothing found but warnings and notes, 1 findings, 2 usage, 3 a file cannot be read.

    Examples:
        pexgen lint contoso.yaml

        pexgen lint customers/*.yaml --strict --format sarif -o pexgen.sarif
    """
    from pexgen.output import chosen_form

    output_format = chosen_form(output_format, "", FORMATS)
    names = expand(files)
    read: list[str | Path] = [*names]
    report = tuple(_examine(name, read) for name in names)
    deliver(find_format(output_format)(report), output, read, context.obj, force=force)
    context.obj.say(_summary(report))
    _say_age(context.obj)
    code = _exit_code(report, strict=strict)
    if code:
        raise typer.Exit(code)


def _say_age(talk: Talk) -> None:
    """Say how old pexgen's facts are: what was announced since cannot be found."""
    from pexgen.rules import _clock
    from pexgen.vendor_facts import age_of

    text, is_old = age_of(_clock.today())
    if is_old:
        sys.stderr.write(f"warning: {text}\n")
    else:
        talk.say(text)


def _examine(name: str, read: list[str | Path]) -> FileReport:
    """Report on one file, and add what else is read for it to ``read``."""
    from pexgen.cli._inputs import read_description
    from pexgen.description import load
    from pexgen.rules import examine

    shown = "<stdin>" if name == STANDARD else name
    try:
        loaded = load(read_description(name), shown)
        read += read_with(name, loaded.description)
        examination = examine(loaded)
    except InputError as error:
        return FileReport(shown, error.problems)
    return FileReport(shown, examination.problems, examination.accepted)


def _exit_code(report: Report, *, strict: bool) -> int:
    problems = [problem for file in report for problem in file.problems]
    if any(problem.code == _UNREADABLE for problem in problems):
        return InputError.exit_code
    failing = ("error", "warning") if strict else ("error",)
    return int(any(problem.severity in failing for problem in problems))


def _summary(report: Report) -> str:
    errors = sum(file.count("error") for file in report)
    warnings = sum(file.count("warning") for file in report)
    accepted = sum(len(file.accepted) for file in report)
    notes = sum(file.count("note") for file in report)
    parts = [_counted(errors, "error"), _counted(warnings, "warning")]
    if notes:
        parts.append(_counted(notes, "note"))
    if accepted:
        parts.append(f"{accepted} accepted")
    return f"{', '.join(parts)} in {_counted(len(report), 'file')}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
