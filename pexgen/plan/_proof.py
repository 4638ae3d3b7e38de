"""How it is seen that the change did what it should."""

from __future__ import annotations

from collections.abc import Iterator

from pexgen.plan._actions import ADMINISTRATOR, Deployment
from pexgen.plan.model import Action


def tests(deployment: Deployment) -> tuple[Action, ...]:
    """Return how it is seen that the change did what it should."""
    return tuple(_tests(deployment))


def _tests(deployment: Deployment) -> Iterator[Action]:
    phase = deployment.lines.phase
    after = "After phase Prepare: " if phase else ""
    if deployment.changes:
        yield Action(
            title=f"{after}Check again",
            line=f"{deployment.lines.script}{phase}",
            expect="Exit code 0: nothing differs. 5: the output says what is missing.",
            owner=ADMINISTRATOR,
        )
    yield Action(
        title=f"{after}Verify",
        line=f"{deployment.lines.script} -Mode Verify{phase} -ResultPath .\\{deployment.name}.verify.json",
        expect=f"{_proved(deployment)} 6: not as described; back out.",
        owner=ADMINISTRATOR,
    )
    if deployment.changes and not deployment.migrates:
        takes = _takes(deployment)
        yield Action(
            title=(
                "When Pexip Infinity and the add-in are set up: a test user books a meeting with the add-in in "
                f"Outlook.{f' It can take {takes} to work' if takes else ''}"
            ),
            line="",
            expect="The joining details arrive.",
            owner=deployment.who("pexip_infinity"),
        )
    if deployment.migrates:
        yield Action(
            title="After phase Cleanup: Verify",
            line=f"{deployment.lines.script} -Mode Verify -ResultPath .\\{deployment.name}.verify-cleanup.json",
            expect="Exit code 0. Else fix it; do not roll back.",
            owner=ADMINISTRATOR,
        )


def _takes(deployment: Deployment) -> str:
    """How long Exchange takes to act on what is changed last; nothing where it acts at once."""
    return next((step.takes for step in reversed(deployment.steps) if step.takes), "")


def _proved(deployment: Deployment) -> str:
    reported = [step.id for step in deployment.steps if step.only_reported]
    if not reported:
        return "Exit code 0: proved, as far as Exchange shows it. 5: the output says what cannot be proved yet."
    but = f"{' and '.join(reported)}, which can only be reported (blocked)"
    return f"Exit code 5: proved, as far as Exchange shows it, but {but}."
