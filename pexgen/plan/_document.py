"""A plan as a document: headings, paragraphs, lists, tables and lines to type, in a form that every format shares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Union

from pexgen.manifest import REVIEWED_BY_WHOM
from pexgen.plan._reach import TRIES
from pexgen.plan._values import MOST_NAMED, in_words
from pexgen.plan.model import Action, Plan, PlannedStep, Write

_LOOKS_ONLY = (
    "pexgen made this from a description, without looking at Exchange. The runbook looks: it leaves alone what is as "
    "wanted, changes only what differs, and its Check prints which of the changes below are still to be made."
)
_WORDS = (
    "The runbook is one PowerShell script, and its modes are: Check compares and writes nothing; Apply changes what "
    "differs, after a question for each step; Verify proves the result; Rollback takes back what Apply changed, by the "
    "journal in which Apply wrote down what was there before each change."
)
_EVERY_CALL = (
    "Each call below is sent only where Exchange differs, after a question to the operator that names it, with "
    "-Confirm:$false and -ErrorAction Stop. It is announced in the journal before, and read back after it. What stands "
    "in <angle brackets> is read from Exchange first."
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; ``level`` is 1 for the title."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list of plain texts."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of plain texts under a head; a head of empty texts is none."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Lines to type, or that a runbook sends."""

    lines: tuple[str, ...]


Block = Union[Heading, Paragraph, Items, Table, Code]  # noqa: UP007 - one name for mypy and 3.10's isinstance


def document(plan: Plan) -> Iterator[Block]:
    """Yield the plan's blocks in the order in which they are read."""
    yield Heading(1, f"Change record: {plan.change.title or plan.title}")
    yield Table(("", ""), _facts(plan))
    yield Paragraph(plan.purpose)
    yield Paragraph(_WORDS)
    yield Paragraph(_LOOKS_ONLY)
    yield Heading(2, "In short")
    yield Items(_in_short(plan))
    yield Heading(2, "What will be different")
    yield Items(tuple(step.after for step in plan.changing) or ("Nothing: every step only looks.",))
    yield from _reach(plan)
    yield from _risk(plan)
    yield from _operator(plan)
    yield from _steps(plan)
    yield Heading(2, "Test plan")
    yield from _actions(plan.test_plan)
    yield from _back_out(plan)
    yield from _not_done(plan)
    yield from _findings(plan)
    yield Heading(2, "Digests")
    yield Table(("", ""), _digests(plan))


def _facts(plan: Plan) -> tuple[tuple[str, ...], ...]:
    rows = (
        ("Ticket", plan.change.ticket),
        ("Requester", plan.change.requester),
        ("Window", plan.change.window),
        ("Organisation", f"{plan.target} ({plan.environment})"),
        ("Runbook", plan.runbook),
        ("Method", plan.title),
    )
    return tuple(row for row in rows if row[1])


def _in_short(plan: Plan) -> tuple[str, ...]:
    names = ", ".join(step.id for step in plan.changing) or "none"
    rows = [f"What will change: {len(plan.changing)} of {len(plan.steps)} steps can change something: {names}."]
    if plan.looking:
        rows.append(f"Steps that only look: {', '.join(step.id for step in plan.looking)}.")
    if plan.not_asked:
        rows.append(f"Not asked for by the description, and left alone: {', '.join(s.id for s in plan.not_asked)}.")
    rows += [f"What can go wrong: {_effects(plan)}", f"How it is undone: {_undone(plan)}"]
    if plan.review is None:
        rows.append("NOBODY REVIEWED the body of this runbook in its present form.")
    return tuple(rows)


def _effects(plan: Plan) -> str:
    """By effect the steps that have it; the effect that a reviewer looks for first stands in front."""
    found = {"high risk": [step.id for step in plan.changing if step.risk == "high"]}
    for effect in ("irreversible", "tenant-wide", "widens access", "takes access away"):
        found[effect] = [step.id for step in plan.changing if effect in step.effects]
    said = "; ".join(f"{effect}: {', '.join(steps)}" for effect, steps in found.items() if steps)
    return f"{said}." if said else "no step is of high risk, widens access or concerns the whole organisation."


def _undone(plan: Plan) -> str:
    if not plan.changing:
        return "there is nothing to undo."
    final = ", ".join(step.id for step in plan.changing if "irreversible" in step.effects)
    told = f" It CANNOT take back: {final}." if final else ""
    return f"with Rollback and the journal (back-out plan); each step says what goes back and what stays.{told}"


def _reach(plan: Plan) -> Iterator[Block]:
    yield Heading(2, "Who can reach whose mailbox")
    if plan.reach:
        rows = tuple((row.who, row.through, row.before, row.after) for row in plan.reach)
        yield Table(("who", "through what", "before", "after"), rows)
    else:
        yield Paragraph("Nobody reaches another mailbox than before.")
    if plan.out_of_reach:
        tried = next((step.id for step in plan.steps if step.id in TRIES), "")
        yield Paragraph(
            f"Must stay out of reach, and is tried by Verify: {in_words(plan.out_of_reach, named_in=tried)}."
        )


def _risk(plan: Plan) -> Iterator[Block]:
    yield Heading(2, "What can go wrong")
    rows = tuple((step.id, step.risk, ", ".join(step.effects), step.reason) for step in plan.changing)
    if rows:
        yield Table(("step", "risk", "effect", "why"), rows)
    else:
        yield Paragraph("No step changes anything.")


def _operator(plan: Plan) -> Iterator[Block]:
    yield Heading(2, "Who runs it, and with what")
    yield Paragraph(
        f"Roles in Exchange: {'; '.join(plan.operator.roles)}. The role group Organization Management holds them all."
    )
    yield Items(plan.operator.needs)
    if plan.operator.connect:
        yield Paragraph("The runbook opens no connection. In that window, and as the person who has the roles:")
        yield Code((plan.operator.connect,))


def _steps(plan: Plan) -> Iterator[Block]:
    yield Heading(2, "The steps")
    if plan.changing:
        yield Paragraph(_EVERY_CALL)
    for number, step in enumerate(plan.steps, 1):
        yield from _step(number, step)


def _step(number: int, step: PlannedStep) -> Iterator[Block]:
    title = f"{number}. {step.title} ({step.id}; Pexip: {step.pexip})"
    if not step.asked:
        yield Paragraph(f"{title}: not asked for, left alone.")
        return
    if not step.writes:
        yield Paragraph(f"{title}: only looks. {step.after} {step.proves}")
        return
    yield Heading(3, title)
    yield from _writes(step.writes)
    yield Paragraph(f"Proof: {step.proves}")
    yield Paragraph(f"Undo: {step.undo}")
    yield from _writes(step.undo_writes, "Rollback, ")


def _writes(writes: tuple[Write, ...], begins: str = "") -> Iterator[Block]:
    for write in writes:
        text = f"{begins}{write.when}"
        effects = f" ({', '.join(write.effects)})" if write.effects else ""
        yield Paragraph(f"{text[0].upper()}{text[1:]}{effects}:")
        # Of many the first three are written out, followed by whom the others are about.
        few = len(write.lines) <= MOST_NAMED
        yield Code(write.lines if few else write.lines[:3])
        if not few:
            others = write.entries[3:]
            yield Paragraph(f"And the same for {len(others)} more: {', '.join(others)}.")


def _actions(actions: tuple[Action, ...]) -> Iterator[Block]:
    for number, action in enumerate(actions, 1):
        yield Paragraph(f"{number}. {action.title}." + (f" {action.expect}" if not action.line else ""))
        if action.line:
            yield Code(tuple(action.line.split("\n")))
            yield Paragraph(f"Expected: {action.expect}")


def _back_out(plan: Plan) -> Iterator[Block]:
    yield Heading(2, "Back-out plan")
    if not plan.back_out:
        yield Paragraph("Nothing is changed, so there is nothing to take back.")
        return
    yield Paragraph(
        "Without the journal there is no Rollback: keep it. What somebody else changed since is kept and reported. "
        "What goes back and what stays stands at each step, under Undo."
    )
    yield from _actions(plan.back_out)


def _not_done(plan: Plan) -> Iterator[Block]:
    yield Heading(2, "What is not done, and not checked")
    yield Paragraph(plan.never)
    yield Paragraph("By hand, before or after:")
    yield Items(plan.by_hand)
    unseen = tuple(dict.fromkeys(text for step in plan.steps for text in step.not_checked))
    if unseen:
        yield Paragraph("An Exchange session cannot see these; a person has to look:")
        yield Items(unseen)


def _findings(plan: Plan) -> Iterator[Block]:
    yield Heading(2, "Findings about the description")
    if not plan.findings:
        yield Paragraph("None.")
        return
    rows = tuple(
        (each.code, each.message, f"accepted: {each.reason}" if each.reason else "OPEN, a warning")
        for each in plan.findings
    )
    yield Table(("code", "finding", "what about it"), rows)


def _digests(plan: Plan) -> tuple[tuple[str, ...], ...]:
    review = plan.review
    said = f"{review.date}, {REVIEWED_BY_WHOM}. {review.notes}" if review else "none; nobody reviewed this body"
    manifest = ((f"the add-in's manifest {plan.manifest} (SHA-256)", plan.digests.manifest),) if plan.manifest else ()
    return (
        (f"{plan.runbook} (SHA-256)", plan.digests.runbook),
        ("its body, which the runbook prints (SHA-256)", plan.digests.body),
        ("the description (SHA-256)", plan.digests.description),
        *manifest,
        ("review of the body", said),
        ("made by", f"pexgen {plan.pexgen}"),
    )
