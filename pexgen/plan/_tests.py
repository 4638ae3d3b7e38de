"""The tests of a plan: what shows, after the change, that it did what it should."""

from __future__ import annotations

from collections.abc import Iterator

from pexgen.plan._actions import ADMINISTRATOR, PlanContext
from pexgen.plan.model import Action
from pexgen.words import listed


def tests(context: PlanContext) -> tuple[Action, ...]:
    """Return the tests that show that the change did what it should."""
    return tuple(_tests(context))


def _tests(context: PlanContext) -> Iterator[Action]:
    phase = context.commands.phase
    after = "After phase Prepare: " if phase else ""
    if context.changes:
        yield Action(
            title=f"{after}Check again",
            line=f"{context.commands.script}{phase}",
            expect="Exit code 0: nothing differs. 5: the output says what is missing.",
            owner=ADMINISTRATOR,
        )
    yield Action(
        title=f"{after}Verify",
        line=f"{context.commands.script} -Mode Verify{phase} -ResultPath .\\{context.name}.verify.json",
        expect=f"{_proved(context)} 6: not as described; back out.",
        owner=ADMINISTRATOR,
    )
    if context.changes and not context.migrates:
        takes = _takes(context)
        yield Action(
            title=(
                "When Pexip Infinity and the add-in are set up: a test user books a meeting with the add-in in "
                f"Outlook.{f' It can take {takes} to work' if takes else ''}"
            ),
            line="",
            expect="The joining details arrive.",
            owner=context.who("pexip_infinity"),
        )
    if context.migrates:
        yield Action(
            title="After phase Cleanup: Verify",
            line=f"{context.commands.script} -Mode Verify -ResultPath .\\{context.name}.verify-cleanup.json",
            expect="Exit code 0. Else fix it; do not roll back.",
            owner=ADMINISTRATOR,
        )


def _takes(context: PlanContext) -> str:
    """How long Exchange takes to act on what is changed last; nothing where it acts at once."""
    return next((step.takes for step in reversed(context.steps) if step.takes), "")


def _proved(context: PlanContext) -> str:
    reported = [step.id for step in context.steps if step.only_reported]
    if not reported:
        return "Exit code 0: proved, as far as Exchange shows it. 5: the output says what cannot be proved yet."
    but = f"{listed(reported, 'and')}, which can only be reported (blocked)"
    return f"Exit code 5: proved, as far as Exchange shows it, but {but}."
