"""How the change is taken back, from where on it cannot be, and the way back without a journal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pexgen.plan._actions import ADMINISTRATOR, PlanContext
from pexgen.plan.model import Action, Undo

if TYPE_CHECKING:
    from pexgen.plan.model import PlannedStep


def back_out(context: PlanContext) -> tuple[Action, ...]:
    """Return how the change is taken back; nothing where nothing is changed."""
    return tuple(_back_out(context)) if context.changes else ()


def _back_out(context: PlanContext) -> Iterator[Action]:
    yield from context.manual_actions("back-out")
    line = f"{context.commands.script} -Mode Rollback {context.commands.journal}"
    yield Action(
        title="See what Rollback would undo, connected again",
        line=f"{line} -WhatIf",
        expect="A list: what this script changed and nobody changed later.",
        owner=ADMINISTRATOR,
    )
    yield Action(
        title="Rollback. It asks before each step",
        line=line,
        expect=f"Exit code 0: everything is undone. 5: the rest is undone, and {_kept(context)}.",
        owner=ADMINISTRATOR,
    )


def _kept(context: PlanContext) -> str:
    """Return what a Rollback that ends with 5 has left: not only a surprise where something stays anyway."""
    stays = any(step.stays for step in context.steps)
    what = "what stays (see the point of no return) or others use" if stays else "something"
    return f"{what} is kept; the output says what and why"


def no_return(context: PlanContext) -> str:
    """Return from where on the change cannot be taken back, and what does not come back before that."""
    if not context.changes:
        return "None: nothing is changed."
    final = [step.no_return for step in context.steps if step.writes and step.no_return]
    stays = [step.stays for step in context.steps if step.stays]
    begins = " ".join(final) or (
        "For settings none while the journal exists. Rollback keeps and lists what it finds used by others."
    )
    return " ".join((begins, *stays, "What was read, changed, deleted or sent stays so."))


def undo(steps: tuple[PlannedStep, ...]) -> tuple[Undo, ...]:
    """Return how each step goes back, the last one first."""
    return tuple(
        Undo(step=step.id, text=step.undo, by_hand=step.undo_writes) for step in reversed(steps) if step.writes
    )
