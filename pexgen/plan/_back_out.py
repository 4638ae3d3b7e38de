"""How the change is taken back, from where on it cannot be, and the way back without a journal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pexgen.ews_states import OPEN_TO_ALL
from pexgen.plan._actions import ADMINISTRATOR, Deployment
from pexgen.plan.model import Action, Undo
from pexgen.vendor_facts import SWITCH_DELAY

if TYPE_CHECKING:
    from pexgen.plan.model import PlannedStep


def back_out(deployment: Deployment) -> tuple[Action, ...]:
    """Return how the change is taken back; nothing where nothing is changed."""
    return tuple(_back_out(deployment)) if deployment.changes else ()


def _back_out(deployment: Deployment) -> Iterator[Action]:
    if deployment.migrates:
        yield Action(
            title="First switch the integration in Pexip Infinity back to the service account",
            line="",
            expect="See that it schedules.",
            owner=deployment.who("pexip_infinity"),
        )
    if deployment.has("ews-access"):
        yield Action(
            title="If EWS stops working for others, and EwsEnabled was not false before: first open it for everybody",
            line=OPEN_TO_ALL,
            expect=f"EWS works for everybody ({SWITCH_DELAY.value}).",
            owner=ADMINISTRATOR,
        )
    line = f"{deployment.script} -Mode Rollback {deployment.journal}"
    creates = any(write.cmdlet == "New-Mailbox" for step in deployment.steps for write in step.writes)
    kept = " A mailbox that Apply created is kept, unless -RemoveCreatedMailbox is added." if creates else ""
    yield Action(
        title="See what would be taken back, connected as for the pre-checks",
        line=f"{line} -WhatIf",
        expect="A list: what this script changed, and nobody has changed since.",
        owner=ADMINISTRATOR,
    )
    yield Action(
        title="Rollback. It asks before each step",
        line=line,
        expect=f"Exit code 0: everything is taken back. 5: something is kept, and the output says what and why.{kept}",
        owner=ADMINISTRATOR,
    )


def no_return(deployment: Deployment) -> str:
    """Return from where on the change cannot be taken back."""
    if not deployment.changes:
        return "None: nothing is changed."
    final = [step for step in deployment.steps if "irreversible" in step.effects]
    if not final:
        return (
            "None. Rollback works as long as the journal is there. It keeps what somebody else has started to use "
            "meanwhile, and lists it."
        )
    return (
        "Apply with -Phase Cleanup. Until then everything can be taken back. After it do not take "
        "back phase Prepare: nobody could schedule."
    )


def undo(steps: tuple[PlannedStep, ...]) -> tuple[Undo, ...]:
    """Return how each step goes back, the last one first."""
    return tuple(
        Undo(step=step.id, text=step.undo, by_hand=step.undo_writes) for step in reversed(steps) if step.writes
    )
