"""A plan as a document: headings, paragraphs, lists, tables and lines to type, in a form that every format shares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from pexgen.lint import ews_ends
from pexgen.output.blocks import Block, Code, Figure, Heading, Items, Paragraph, Table
from pexgen.plan._actions import ADMINISTRATOR, DIGEST, NOBODY
from pexgen.plan._appendix import QUOTED, appendix
from pexgen.plan._in_short import LABELS
from pexgen.plan._picture import picture
from pexgen.plan.model import Action, Plan, StepDifferences, Task
from pexgen.records import MOST_NAMED, in_words
from pexgen.run_records import PLAN_TITLE

_EWS_ENDS = ews_ends.RULE.code
_WHO = "Where nobody is named, the Exchange administrator does it."
_HOW = (
    "One PowerShell script does the work. Check only reads. Apply asks before each step, changes what differs, and "
    "writes it into a file, the journal. Verify reads the settings and tries mailboxes; it cannot see Entra. "
    "Rollback undoes what the journal lists."
)


def document(plan: Plan) -> Iterator[Block]:
    """Yield the plan's blocks in the order in which they are read: what decides first, the calls last."""
    yield Heading(1, f"{PLAN_TITLE}{plan.change.title or plan.title}", "title")
    yield from _in_short(plan)
    yield Table("facts", ("", ""), _facts(plan))
    source = (
        ""
        if plan.checked
        else f" This record is created from the {'description' if plan.description else 'runbook'} alone;"
    )
    yield Paragraph(f"{_HOW}{source} what is in Exchange today only Check shows." if source else _HOW)
    yield from _checked(plan)
    yield from _reach(plan)
    yield from _risk(plan)
    yield Heading(2, "Pre-checks", "pre-checks")
    yield Paragraph(_WHO)
    yield from _actions(plan.pre_checks)
    yield Heading(2, "Implementation", "implementation")
    yield from _actions(
        map(partial(_approved, plan), plan.implementation), "Nothing is changed: every step only looks."
    )
    yield Heading(2, "Tests", "tests")
    yield from _actions(plan.tests)
    yield from _back_out(plan)
    yield from _not_covered(plan)
    yield from appendix(plan)


def _in_short(plan: Plan) -> Iterator[Block]:
    yield Heading(2, "In short", "in-short")
    yield Items(tuple(_short_rows(plan)))


def _short_rows(plan: Plan) -> Iterator[str]:
    yield from (each.text for each in plan.worst)
    if not plan.changing:
        yield "Nothing is changed: every step only looks and reports."
    if plan.review is None:
        yield "NOBODY REVIEWED the body of this runbook in its present form."
    # That EWS ends is said as a date.
    opened = (each for each in plan.findings if not each.reason and each.severity != "note" and each.code != _EWS_ENDS)
    yield from (f"OPEN FINDING {each.code}: {each.message.replace(*QUOTED)}." for each in opened)
    yield from plan.dates
    if plan.not_stated:
        where = " in the description" if plan.description else ", because this record is created from the runbook alone"
        yield f"Not stated{where}: {', '.join(plan.not_stated)}."


def _facts(plan: Plan) -> tuple[tuple[str, ...], ...]:
    stated = ((label, getattr(plan.change, name)) for name, label in LABELS.items())
    change = [(label, text) for label, text in stated if text]
    return (
        *change,
        ("Organization", f"{plan.target} ({plan.environment})"),
        ("Runbook", plan.runbook),
    )


def _checked(plan: Plan) -> Iterator[Block]:
    checked = plan.checked
    if checked is None:
        return
    yield Heading(2, "What differs in the tenant", "differs")
    by = f"Read by Check at {checked.read_at} as {checked.read_by}, nothing was changed"
    approval = f"; -ApprovedPlan {checked.plan_digest}" if checked.plan_digest else ""
    yield Paragraph(f"{by}{approval}.")
    rows = tuple(row for found in checked.found for row in _found(found))
    if rows:
        yield Table("differs", ("step", "what", "current", "wanted"), rows)
    yield Paragraph(f"As described already: {', '.join(checked.in_place) or 'nothing'}.")


def _found(found: StepDifferences) -> Iterator[tuple[str, ...]]:
    for name, current, wanted in found.changes[:MOST_NAMED]:
        yield (found.step, name, current, wanted)
    if len(found.changes) > MOST_NAMED:
        yield (found.step, f"and {len(found.changes) - MOST_NAMED} more of its kind", "", "")
    if not found.changes:
        yield (found.step, f"{found.state}: {found.detail}", "", "")
    elif found.detail:
        yield (found.step, found.detail, "", "")


def _reach(plan: Plan) -> Iterator[Block]:
    yield Heading(2, "Who reaches whose mailbox", "reach")
    if plan.reach:
        rows = tuple((row.who, row.through, row.before, row.after) for row in plan.reach)
        yield Table("who", ("who", "through what", "before", "after"), rows)
    else:
        yield Paragraph("Nobody reaches another mailbox than before.")
    if plan.other_ews:
        yield Paragraph("Every other application, by what Check finds:")
        states = tuple((f"EwsEnabled is {each.enabled}", each.before, each.after) for each in plan.other_ews)
        yield Table("ews", ("state of EWS", "before", "after"), states)
    trying = tuple(step for step in plan.steps if step.tries_out_of_reach)
    named_in = next((step.id for step in trying), "")
    if plan.out_of_reach:
        yield Paragraph(f"Verify tries only these as out of reach: {in_words(plan.out_of_reach, named_in=named_in)}.")
    elif any("every mailbox" in step.effects for step in trying):
        yield Paragraph("NOTHING stays out of reach: the account opens every mailbox. No test can show a limit.")
    elif any(step.writes for step in trying):
        yield Paragraph("NO mailbox is named that has to stay out of reach (proof.out_of_scope): no limit is proved.")
    if plan.reach:
        # Behind the tables, because it has a page of its own on paper.
        yield Figure(lambda: picture(plan))


def _risk(plan: Plan) -> Iterator[Block]:
    yield Heading(2, "What can go wrong", "risk")
    if not plan.changing:
        yield Paragraph("Nothing is changed.")
        return
    order = ("high", "medium", "low")
    steps = sorted(plan.changing, key=lambda step: order.index(step.risk))
    telling = [step for step in steps if step.risk == "high" or _FAR & set(step.effects)]
    rows = tuple((step.title, step.risk, ", ".join(step.effects), step.reason) for step in telling)
    if rows:
        yield Table("step", ("step", "risk", "effect", "why"), rows)
    low = [step for step in steps if step not in telling]
    if low:
        others = "; ".join(step.short for step in low)
        yield Paragraph(f"Also created or changed (risks in the appendix): {others}.")


_FAR = {"every mailbox", "irreversible", "server-wide"}
"""Effects that a board wants explained, however small the risk is."""


def _approved(plan: Plan, action: Action) -> Action:
    """Return the action with the digest of the approved Check in its line, where the record knows it."""
    digest = plan.checked.plan_digest if plan.checked else ""
    return replace(action, line=action.line.replace(DIGEST, digest)) if digest and action.takes_approval else action


def _actions(actions: Iterable[Action], nothing: str = "") -> Iterator[Block]:
    listed = tuple(actions)
    if not listed and nothing:
        yield Paragraph(nothing)
    for number, action in enumerate(listed, 1):
        owner = f" ({action.owner})" if action.owner not in {"", ADMINISTRATOR} else ""
        yield Paragraph(f"{number}. {action.title}{owner}." + (f" {action.expect}" if not action.line else ""))
        if action.line:
            yield Code(tuple(action.line.split("\n")))
            if action.expect:
                yield Paragraph(f"Expected: {action.expect}")


def _back_out(plan: Plan) -> Iterator[Block]:
    yield Heading(2, "Back-out", "back-out")
    if not plan.back_out:
        yield Paragraph("Nothing is changed, so nothing has to be undone.")
        return
    yield Paragraph(f"Point of no return: {plan.no_return}")
    yield from _actions(plan.back_out)
    yield Paragraph("Keep the journal with the ticket: without it only the commands in the appendix are left.")


def _not_covered(plan: Plan) -> Iterator[Block]:
    yield Heading(2, "What is not covered, who does it and when", "not-covered")
    rows = tuple(_task(each) for each in plan.tasks if each.due == "after")
    if rows:
        yield Paragraph("After the change, by hand:")
        yield Table("task", ("who and when", "what"), rows)
    unseen = tuple(dict.fromkeys(text for step in plan.steps for text in step.not_checked))
    if unseen:
        yield Paragraph("The script does not look at:")
        yield Items(unseen)


def _task(task: Task) -> tuple[str, ...]:
    return (task.who or NOBODY, task.text)
