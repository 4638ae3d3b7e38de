"""A closing record as a document: the verdict first, what is open next, then the evidence."""

from __future__ import annotations

from collections.abc import Iterator

from pexgen.output.blocks import Block, Heading, Items, Paragraph, Table
from pexgen.report.model import Compared, Done, Ran, Report

_MOST_CHANGES = 40


def document(report: Report) -> Iterator[Block]:
    """Yield the report's blocks in the order in which they are read."""
    yield Heading(1, f"Closing record: {report.title}", "title")
    yield Heading(2, "In short", "in-short")
    yield Items((report.verdict, *report.open_ends))
    yield Table("facts", ("", ""), _facts(report))
    yield Heading(2, "Runs", "runs")
    yield Table("run", ("run", "when", "as whom", "ended"), tuple(map(_run, report.runs)))
    yield Heading(2, "Planned and done", "done")
    yield Table("done", ("step", "state", "planned", "before and after", "consent"), tuple(map(_done, report.done)))
    yield Heading(2, "Proofs", "proofs")
    if report.proofs:
        rows = tuple((each.step, each.state, each.target, each.expected, each.actual) for each in report.proofs)
        yield Table("proof", ("step", "state", "what", "expected", "found"), rows)
    else:
        yield Paragraph("None: no result of Verify is among these files.")
    yield from _left(report)
    yield Heading(2, "Compared", "compared")
    yield Table("compared", ("what", "agrees", "found"), tuple(map(_compared, report.compared)))
    yield Heading(2, "Files", "files")
    yield Table("files", ("", ""), report.files)


def _facts(report: Report) -> tuple[tuple[str, ...], ...]:
    return (
        ("Ticket", report.ticket or "not stated"),
        ("Deployment", report.name),
        ("Tenant", report.tenant or "never reached"),
    )


def _run(run: Ran) -> tuple[str, ...]:
    kind = " ".join(each for each in (run.mode, run.phase) if each)
    ended = f"{run.exit_code}, {run.meaning}" + (f": {run.refusal}" if run.refusal else "")
    who = ", ".join(each for each in (run.operator, run.host, run.versions) if each)
    return (kind, f"{run.started} to {run.finished}", who, ended)


def _done(done: Done) -> tuple[str, ...]:
    changes = [f"{name}: {before} -> {after}" for name, before, after in done.changes[:_MOST_CHANGES]]
    if len(done.changes) > _MOST_CHANGES:
        changes.append(f"and {len(done.changes) - _MOST_CHANGES} more, which the results and the JSON form name")
    return (done.step, done.state, done.planned, "; ".join(changes), "; ".join(done.consent))


def _left(report: Report) -> Iterator[Block]:
    if report.by_hand:
        yield Heading(2, "By hand, after the change", "by-hand")
        yield Items(report.by_hand)
    if report.not_checked:
        yield Heading(2, "What no Exchange session shows", "not-checked")
        yield Items(report.not_checked)


def _compared(compared: Compared) -> tuple[str, ...]:
    agrees = {True: "yes", False: "NO", None: "nothing to compare with"}[compared.agrees]
    return (compared.what, agrees, ", ".join(compared.found))
