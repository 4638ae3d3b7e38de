"""A closing record as a document: the verdict first, what is open next, then the evidence."""

from __future__ import annotations

from collections.abc import Iterator

from pexgen.output.blocks import Block, Heading, Items, Paragraph, Table
from pexgen.report.model import ConsistencyCheck, Report, RunSummary, StepOutcome

_MOST_CHANGES = 40


def document(report: Report) -> Iterator[Block]:
    """Yield the report's blocks in the order in which they are read."""
    yield Heading(1, f"Closing record: {report.title}", "title")
    yield Heading(2, "In short", "in-short")
    yield Items((report.verdict, *report.open_ends, *(f"Only reported: {each}" for each in report.reported)))
    yield Table("facts", ("", ""), _facts(report))
    yield Heading(2, "Runs", "runs")
    yield Table("run", ("run", "when", "as whom", "ended"), tuple(map(_run, report.runs)))
    yield Heading(2, "Planned and done", "done")
    left = [each for each in report.done if each.state == "not-asked"]
    rows = tuple(_done(each) for each in report.done if each not in left)
    yield Table("done", ("step", "state", "planned", "before and after", "consent"), rows)
    if left:
        yield Paragraph(f"Not asked for: {', '.join(each.title or each.step for each in left)}.")
    yield Heading(2, "Proofs", "proofs")
    if report.proofs:
        yield from _proofs(report)
    else:
        yield Paragraph("None: no result of Verify is among these files.")
    yield from _left(report)
    yield Heading(2, "Compared", "compared")
    yield Table("compared", ("what", "agrees", "found"), tuple(map(_compared, report.compared)))
    yield Heading(2, "Files", "files")
    yield Table("files", ("", ""), report.files)


def _facts(report: Report) -> tuple[tuple[str, ...], ...]:
    changing = [run for run in report.runs if run.mode in {"Apply", "Rollback"}]
    return (
        ("Ticket", report.ticket or "not stated"),
        ("Deployment", report.name),
        ("Tenant", report.tenant or "never reached"),
        *((("Window, as planned", report.window),) if report.window else ()),
        *((("Changed", f"{changing[0].started} to {changing[-1].finished}"),) if changing else ()),
    )


def _proofs(report: Report) -> Iterator[Block]:
    """Yield the proofs: in a sentence those that only say as described, in a table what else was tried."""
    plain = [
        each for each in report.proofs if each.state == "proved" and each.expected == each.actual == "as described"
    ]
    if plain:
        yield Paragraph(f"Proved to be as described: {'; '.join(each.target for each in plain)}.")
    rows = tuple((each.target, each.state, each.expected, each.actual) for each in report.proofs if each not in plain)
    if rows:
        yield Table("proof", ("what", "state", "expected", "found"), rows)


def _run(run: RunSummary) -> tuple[str, ...]:
    kind = " ".join(each for each in (run.mode, run.phase) if each)
    ended = f"{run.exit_code}, {run.meaning}" + (f": {run.refusal}" if run.refusal else "")
    who = ", ".join(each for each in (run.operator, run.host, run.versions) if each)
    return (kind, f"{run.started} to {run.finished}", who, ended)


def _done(done: StepOutcome) -> tuple[str, ...]:
    changes = [_change(*each) for each in done.changes[:_MOST_CHANGES]]
    if len(done.changes) > _MOST_CHANGES:
        changes.append(f"and {len(done.changes) - _MOST_CHANGES} more, which the results and the JSON form name")
    name = f"{done.title} ({done.step})" if done.title else done.step
    return (name, done.state, done.planned, "; ".join(changes), "; ".join(done.consent))


def _change(name: str, before: str, after: str) -> str:
    """Say a change as a person does: an entry of a list is present afterwards, or absent."""
    is_entry = ":" in name
    words = {"True": "present", "False": "absent", "(not set)": "absent"} if is_entry else {}
    return f"{name.replace(':', ' ', 1)}: {words.get(before, before)} -> {words.get(after, after)}"


def _left(report: Report) -> Iterator[Block]:
    if report.by_hand:
        yield Heading(2, "By hand, after the change", "by-hand")
        yield Paragraph("No file shows whether these are done:")
        yield Items(report.by_hand)
    if report.not_checked:
        yield Heading(2, "What the script did not look at", "not-checked")
        yield Items(report.not_checked)


def _compared(compared: ConsistencyCheck) -> tuple[str, ...]:
    agrees = {True: "yes", False: "NO", None: "nothing to compare with"}[compared.agrees]
    return (compared.what, agrees, ", ".join(compared.found))
