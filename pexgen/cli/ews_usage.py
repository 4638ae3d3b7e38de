"""``pexgen ews-usage``: who else uses EWS, from the report that the admin center exports."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pexgen import sizes
from pexgen.cli._completion_values import YAML, file_of
from pexgen.cli._talk import tell
from pexgen.errors import UsageError
from pexgen.inputs import STANDARD
from pexgen.words import counted

if TYPE_CHECKING:
    from pexgen.description import Loaded
    from pexgen.ews_usage import ReportedApplication, UsageReport

_OLD_DAYS = 30
_MOST_ODD = 5


def ews_usage(
    context: typer.Context,
    report: Annotated[
        str,
        typer.Argument(
            metavar="REPORT", autocompletion=file_of(".csv"), help="The exported report, EWSWeeklyUsage_<date>.csv."
        ),
    ],
    description: Annotated[
        str,
        typer.Option(
            "--description",
            metavar="FILE",
            autocompletion=file_of(*YAML),
            help="Leave out what this description names already.",
        ),
    ] = "",
    into: Annotated[
        str,
        typer.Option(
            "--into",
            metavar="FILE",
            autocompletion=file_of(*YAML),
            help="Put the entries under ews.keep of this description.",
        ),
    ] = "",
) -> None:
    """Print the `ews.keep` entries for the applications that an EWS usage report names.

    The report is that of the Microsoft 365 admin center: Reports > Usage > Exchange > EWS usage, exported as CSV. It
    exists in the worldwide cloud only and is up to ten days late. Take 90 days: what runs once a quarter is not in a
    shorter one. It names applications by ID; where pexgen knows no name, "name it" is written, and Entra has it.

    With --into the entries go into the description, behind those that are there; comments and line ends stay. A person
    decides which of them have to stay: remove the others.

    Exit codes: 0 done, 2 usage, 3 the report or the description cannot be used.

    Examples:
        pexgen ews-usage EWSWeeklyUsage_11_20_2026_09_30_00.csv

        pexgen ews-usage EWSWeeklyUsage_11_20_2026_09_30_00.csv --into contoso.yaml
    """
    from pexgen import clock
    from pexgen.ews_usage import entries, read_report, with_kept
    from pexgen.inputs import read_input

    if into and description:
        raise UsageError("--into and --description exclude each other", "--into compares with the file that it changes")
    found = read_report(read_input(report, sizes.USAGE_REPORT), report)
    loaded = _loaded(into or description)
    for text in _said(found, loaded, clock.today()):
        tell(text, "warning")
    new = tuple(_new(found, loaded))
    if not into:
        sys.stdout.write("\n".join(["  keep:", *entries(new, "    ")]) + "\n" if new else "")
        sys.stdout.flush()
    elif new and loaded:
        from pexgen.files import Output, write_new

        write_new([Output(Path(into), with_kept(loaded, new))], force=True)
    where = f", put into {into}" if into and new else ""
    context.obj.say(f"{counted(len(found.applications), 'application')} in the report, {len(new)} of them new{where}")


def _loaded(name: str) -> Loaded | None:
    if not name:
        return None
    from pexgen.cli._inputs import read_description
    from pexgen.description import load

    if name == STANDARD:
        raise UsageError("standard input cannot be changed", "name the file of the description")
    loaded = load(read_description(name), name, needs_manifest=False)
    if loaded.description.application is None:
        raise UsageError(
            f"{name} has no section application", "an EWS list is written with methods app-permissions and migrate only"
        )
    return loaded


def _said(report: UsageReport, loaded: Loaded | None, today: date) -> Iterator[str]:
    """Yield what a reader has to know before relying on the report."""
    from pexgen.vendor_facts import EWS_USAGE_DAYS

    if report.made is None:
        yield f"the report does not say when it was created: check that it is not older than {_OLD_DAYS} days"
    elif (today - report.made).days > _OLD_DAYS:
        yield f"the report was created on {report.made}, {(today - report.made).days} days ago: export it again"
    elif report.made > today:
        yield f"the report was created on {report.made}, which is in the future: check the file"
    wanted = f"take {EWS_USAGE_DAYS} days, so that seasonal applications are in it"
    if report.days is None:
        yield f"which period the report covers is not in it: {wanted}"
    elif report.days != EWS_USAGE_DAYS:
        yield f"the report covers {report.days} days: {wanted}"
    for text in report.odd[:_MOST_ODD]:
        yield f"{text}; passed over"
    if len(report.odd) > _MOST_ODD:
        rest = len(report.odd) - _MOST_ODD
        yield f"{counted(rest, 'further row was', 'further rows were')} passed over, without an application ID"
    application = loaded and loaded.description.application
    if application and all(each.client_id != application.client_id.casefold() for each in report.applications):
        yield (
            f"our application {application.client_id} is not in the report: it has not used EWS in that time, or "
            "this is another organization's report"
        )


def _new(report: UsageReport, loaded: Loaded | None) -> Iterator[ReportedApplication]:
    """Yield the applications that the description does not name already."""
    known: set[str] = set()
    if loaded:
        described = loaded.description
        ews = described.ews
        named = [each.client_id for each in (*ews.keep, *ews.retire)] if ews else []
        if described.application:
            named.append(described.application.client_id)
        known = {each.casefold() for each in named}
    yield from (each for each in report.applications if each.client_id not in known)
