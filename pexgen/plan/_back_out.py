"""How the change is taken back, from where on it cannot be, and the way back without a journal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pexgen.ews_states import EMPTY, OPEN_TO_ALL
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
            title="Only if the service account still works, and before Cleanup: switch Pexip Infinity back",
            line="",
            expect="See that it schedules.",
            owner=deployment.who("pexip_infinity"),
        )
    if deployment.has("ews-access"):
        yield Action(
            title=f"Only if {_was_open(deployment)} before, and EWS stops for others: open it for everybody first",
            line=OPEN_TO_ALL,
            expect=f"EWS works for everybody ({SWITCH_DELAY.value}). Rollback then ends with 5 (ews-access: gone).",
            owner=ADMINISTRATOR,
        )
    line = f"{deployment.script} -Mode Rollback {deployment.journal}"
    yield Action(
        title="See what would be taken back, connected as for the pre-checks",
        line=f"{line} -WhatIf",
        expect="A list: what this script changed and nobody changed later.",
        owner=ADMINISTRATOR,
    )
    yield Action(
        title="Rollback. It asks before each step",
        line=line,
        expect=(
            "Exit code 0: everything is taken back. 5: something is kept, and the output says what and why."
            f"{_kept(deployment)}"
        ),
        owner=ADMINISTRATOR,
    )


def _was_open(deployment: Deployment) -> str:
    """Return when EWS was open to everybody, so that opening it to everybody gives nobody more than before."""
    in_doubt = deployment.description.target.environment not in EMPTY.clouds
    return f"EwsEnabled was not set{', or was true and EWS open over an empty list,' if in_doubt else ''}"


def _kept(deployment: Deployment) -> str:
    created = {step.id for step in deployment.steps for write in step.writes if write.cmdlet == "New-Mailbox"}
    if not created:
        return ""
    account = " So is the service account, which can still log in." if "account-mailbox" in created else ""
    return f" A mailbox that Apply created is kept, unless -RemoveCreatedMailbox is added.{account}"


def no_return(deployment: Deployment) -> str:
    """Return from where on the change cannot be taken back."""
    if not deployment.changes:
        return "None: nothing is changed."
    final = [step for step in deployment.steps if "irreversible" in step.effects]
    if not final:
        return (
            f"None. Rollback works while the journal is there; it keeps what others use meanwhile, and lists it"
            f"{_LOG_IN if deployment.has('account-authentication') else ''}. {_READ}"
        )
    return (
        "Apply with -Phase Cleanup. Until then Rollback restores what the journal lists. After it do NOT do the steps "
        "below. If scheduling fails then, run -Mode Apply -Phase Prepare: it mends the new way. "
        f"{_READ}"
    )


_READ = "What was read meanwhile cannot be taken back."
_LOG_IN = "; but a way of logging in that Apply switched on is switched off for every client of that server"


def undo(steps: tuple[PlannedStep, ...]) -> tuple[Undo, ...]:
    """Return how each step goes back, the last one first."""
    return tuple(
        Undo(step=step.id, text=step.undo, by_hand=step.undo_writes) for step in reversed(steps) if step.writes
    )
