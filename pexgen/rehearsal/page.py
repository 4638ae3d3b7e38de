"""A rehearsal as one page for a change record: before and after, the runs, what was written."""

from __future__ import annotations

from collections.abc import Iterator

from pexgen.output.blocks import Block, Code, Heading, Items, Paragraph, Table
from pexgen.rehearsal.calls import command_of, names_of
from pexgen.rehearsal.changes import changed_objects
from pexgen.rehearsal.rehearsal import PlayedMode, Rehearsal, after_rollback, how_it_ended, verdict_of
from pexgen.simulation.objects import Json
from pexgen.simulation.tenant_copy import TenantCopy


def page_of(file: str, done: Rehearsal, copied: TenantCopy | None = None) -> list[Block]:
    """Return the blocks of a rehearsal of the file, on a copy of what a discovery found if it was on one."""
    return [
        Heading(1, f"Rehearsal of {file}", "rehearsal"),
        Heading(2, "In short", "in-short"),
        Items(tuple(_in_short(done, copied))),
        *_before_and_after(done),
        *_runs(done),
        *_written(done),
        *(_copy(copied) if copied else ()),
    ]


def _in_short(done: Rehearsal, copied: TenantCopy | None) -> Iterator[str]:
    yield verdict_of(done)
    yield "The tenant is simulated. No tenant was reached, and nothing of this happened anywhere."
    if copied:
        yield copied.origin
        yield "The last section says what was taken over, and what was assumed."
    else:
        yield f"It began with: {done.start}."
    if returned := after_rollback(done):
        yield returned
    if done.fault:
        yield f"The first Apply was to meet the fault {done.fault}, and {'met it' if done.is_fault_met else 'did NOT'}."
    waited = sum(sum(played.result.waits) for played in done.played)
    yield f"Waiting took no time here; the runs would have waited {waited:.0f} seconds in all."


def _before_and_after(done: Rehearsal) -> Iterator[Block]:
    yield Heading(2, "Before and after", "before-and-after")
    moments = list(_moments(done))
    names = tuple(name for name, _ in moments)
    changed = changed_objects([tenant for _, tenant in moments])
    if not changed:
        yield Paragraph("No object of the tenant is another one than before.")
    for number, each in enumerate(changed, 1):
        yield Heading(3, each.title, f"changed-{number}")
        yield Table("changed", ("property", *names), tuple((key, *values) for key, values in each.rows))


def _moments(done: Rehearsal) -> Iterator[tuple[str, Json]]:
    """Yield when the tenant is looked at, and how it is then: at most four times, so that the columns stay readable."""
    yield "before", done.before
    modes = [played.mode for played in done.played]
    end = modes.index("Rollback") if "Rollback" in modes else len(modes)
    applied = [played for played in done.played[:end] if played.mode == "Apply"]
    if applied:
        yield "after Apply", applied[-1].result.tenant
    rolled_back = [played for played in done.played if played.mode == "Rollback"]
    if rolled_back:
        yield "after Rollback", rolled_back[-1].result.tenant
        if done.played[-1] is not rolled_back[-1]:
            yield "at the end", done.played[-1].result.tenant


def _runs(done: Rehearsal) -> Iterator[Block]:
    yield Heading(2, "The runs", "runs")
    rows = tuple(
        (
            f"{number}. {played.mode}",
            how_it_ended(played),
            f"{len(played.result.calls) - len(played.result.writes)} reads, {len(played.result.writes)} writes",
            "as expected" if played.is_as_expected else "NOT as expected",
        )
        for number, played in enumerate(done.played, 1)
    )
    yield Table("runs", ("run", "how it ended", "calls", "verdict"), rows)
    for number, played in enumerate(done.played, 1):
        yield Heading(3, f"{number}. {played.mode}: the steps", f"steps-{number}")
        if played.by_hand:
            yield Paragraph(f"Before it, by hand: {played.by_hand}")
        yield from _steps(played)


def _steps(played: PlayedMode) -> Iterator[Block]:
    steps = [step for step in played.result.objects if isinstance(step, dict) and "id" in step]
    if steps:
        rows = tuple((step["id"], step.get("state") or "", str(step.get("detail") or "")) for step in steps)
        yield Table("steps", ("step", "state", "in its own words"), rows)
    if played.result.uncaught:
        yield Paragraph(f"It ended with an error: {played.result.uncaught}")
    if not steps or not played.is_as_expected:
        yield Code(tuple(played.result.screen.split("\n")))


def _written(done: Rehearsal) -> Iterator[Block]:
    yield Heading(2, "What was written", "written")
    names = names_of(done.before)
    for number, played in enumerate(done.played, 1):
        names.update(names_of(played.result.tenant))
        lines = [
            f"{'' if call.outcome == 'ok' else f'# {call.outcome}: '}{command_of(call, names)}"
            for call in played.result.writes
        ]
        if lines:
            yield Heading(3, f"{number}. {played.mode}", f"written-{number}")
            yield Code(tuple(lines))
    if not any(played.result.writes for played in done.played):
        yield Paragraph("Nothing.")


def _copy(copied: TenantCopy) -> Iterator[Block]:
    yield Heading(2, "What this tenant is based on", "copy")
    for number, (title, rows) in enumerate(copied.lists, 1):
        yield Heading(3, title, f"copy-{number}")
        yield Items(rows)
