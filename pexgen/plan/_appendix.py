"""The plan's appendix: every step with its calls, the way back by hand, accepted findings, digests."""

from __future__ import annotations

from collections.abc import Iterator

from pexgen.manifest import REVIEWED_BY_WHOM
from pexgen.outcomes import EXIT_CODES
from pexgen.output.blocks import Block, Code, Heading, Items, Paragraph, Table
from pexgen.plan.model import Plan, PlannedStep, Write
from pexgen.records import MOST_NAMED

_EVERY_CALL = (
    "Each call is sent only where Exchange differs, after a question that names it, with -Confirm:$false and "
    "-ErrorAction Stop. It is announced in the journal before, and read back after it. What is in angle brackets "
    "is read from Exchange first."
)

QUOTED = ("`", '"')
"""A finding's marks of code, which a ticket shows as they are or escaped, and what stands in their place."""


def appendix(plan: Plan) -> Iterator[Block]:
    """Yield what a reader looks up."""
    yield Heading(2, "Appendix: the steps with their calls", "steps")
    yield Paragraph(f"{plan.title}. {plan.purpose}")
    if plan.changing:
        yield Paragraph(_EVERY_CALL)
    for number, step in enumerate(plan.steps, 1):
        yield from _step(number, step)
    yield from _by_hand(plan)
    if plan.changing:
        yield Heading(2, "Appendix: exit codes of the script", "exit-codes")
        codes = sorted(EXIT_CODES)
        rows = tuple((str(each.code), each.meaning.replace(*QUOTED), each.then.replace(*QUOTED)) for each in codes)
        yield Table("exit", ("code", "meaning", "what to do"), rows)
    yield Heading(2, "Appendix: who runs it, and with what", "operator")
    yield Paragraph(f"Exchange roles: {'; '.join(plan.operator.roles)}. Organization Management holds them all.")
    yield Items(plan.operator.needs)
    yield Heading(2, "Appendix: what the runbook never does", "never")
    yield Paragraph(plan.never)
    yield from _accepted(plan)
    yield from _policy(plan)
    yield Heading(2, "Appendix: digests", "digests")
    yield Table("digests", ("", ""), _digests(plan))


def _step(number: int, step: PlannedStep) -> Iterator[Block]:
    title, told = f"{number}. {step.title} ({step.id})", f"Pexip: {step.pexip}"
    if not step.asked:
        yield Paragraph(f"{title}: not asked for, left alone. {told}.")
        return
    if not step.writes:
        yield Paragraph(f"{title}: only looks. {told}. {step.after} {step.proves}")
        return
    yield Heading(3, title, f"step-{step.id}")
    yield Paragraph(f"{told}. Afterwards: {step.after}")
    yield Paragraph(f"Risk: {step.risk}. {step.reason}")
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


def _by_hand(plan: Plan) -> Iterator[Block]:
    if not plan.undo:
        return
    yield Heading(2, "Appendix: the way back by hand, where the journal is lost", "by-hand")
    yield Paragraph(
        "Run single lines, never a whole block, in this order, and only for what the output of Apply says that it did. "
        "Check each object first. Do not remove what others use now. The values from before are in the result of the "
        "Check that the pre-checks ask for."
    )
    for undo in plan.undo:
        if not undo.by_hand:
            yield Paragraph(f"{undo.step}: {undo.text}")
            continue
        yield Paragraph(f"{undo.step}:")
        yield Code(tuple(line for write in undo.by_hand for line in _commented(write)))


def _commented(write: Write) -> Iterator[str]:
    yield f"# {write.when}"
    yield from write.lines


def _accepted(plan: Plan) -> Iterator[Block]:
    accepted = tuple(
        f"{each.code}: {each.message.replace(*QUOTED)}. Accepted: {each.reason}"
        for each in plan.findings
        if each.reason
    )
    if accepted:
        yield Heading(2, "Appendix: accepted findings", "findings")
        yield Items(accepted)


def _policy(plan: Plan) -> Iterator[Block]:
    if plan.policy is None:
        return
    yield Heading(2, "Appendix: your organization's policy", "policy")
    yield Paragraph(f"{plan.policy.file}, SHA-256 {plan.policy.digest}, was applied. It changed:")
    yield Items(plan.policy.decided or ("Nothing: this description meets it.",))


def _digests(plan: Plan) -> tuple[tuple[str, ...], ...]:
    review = plan.review
    said = f"{review.date}, {REVIEWED_BY_WHOM}. {review.notes}" if review else "none; nobody reviewed this body"
    described = (f"the description {plan.description} (SHA-256)", plan.digests.description)
    if not plan.description:
        described = (
            "the description",
            "not known: this record is created from the runbook, and lacks what only that says",
        )
    manifest = ((f"the add-in's manifest {plan.manifest} (SHA-256)", plan.digests.manifest),) if plan.manifest else ()
    return (
        (f"{plan.runbook} (SHA-256)", plan.digests.runbook),
        ("its body, which the runbook prints (SHA-256)", plan.digests.body),
        described,
        *manifest,
        ("review of the body", said),
        ("created by", f"pexgen {plan.pexgen}; what it says about Microsoft and Pexip is as of {plan.facts_as_of}"),
    )
