"""What a runbook does not do, and a person has to: before it, after it, or between the phases of a migration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pexgen.plan.model import Task

if TYPE_CHECKING:
    from pexgen.description import Description
    from pexgen.plan.model import PlannedStep

_TEXTS = {
    "usage_report": (
        "before",
        (
            "In the Microsoft 365 admin center: read the EWS usage report (pexgen ews-usage helps). STOP where this "
            "record misses an application that must keep working: change the description first."
        ),
    ),
    "entra": (
        "before",
        (
            "In Microsoft Entra: see that the app registration has its client secret, and NO consent to "
            "full_access_as_app (Enterprise applications, Permissions)."
        ),
    ),
    "pexip_infinity": (
        "after",
        "In Pexip Infinity: set up the Secure Scheduler for Exchange integration. pexgen values prints what to enter.",
    ),
    "switch": (
        "between",
        (
            "In Pexip Infinity: switch the integration from the service account to the application. pexgen values "
            "prints what to enter."
        ),
    ),
    "add_in": (
        "after",
        (
            "In the Microsoft 365 admin center (Settings, Integrated apps, Upload custom apps), as Pexip prefers it: "
            "upload the add-in's manifest from Pexip Infinity and choose who gets it."
        ),
    ),
    "add_in_server": (
        "after",
        (
            "In the Exchange admin center, among the organization's add-ins: upload the add-in's manifest from Pexip "
            "Infinity and choose who gets it."
        ),
    ),
    "old_account": (
        "after",
        (
            "The old service account: take back its license, block its sign-in, and remove its app registration "
            "unless still used."
        ),
    ),
}
_KEYS = {"switch": "pexip_infinity", "add_in_server": "add_in"}
"""Under which key of ``change.tasks`` stands who does a task of another name."""


def manual_tasks(description: Description, steps: tuple[PlannedStep, ...]) -> tuple[Task, ...]:
    """Return the manual tasks in the order in which they are due."""
    found = [_task(description, name) for name in _names(description, steps)]
    group = _group(description)
    return tuple(sorted([*group, *found], key=lambda task: ("before", "between", "after").index(task.due)))


def _names(description: Description, steps: tuple[PlannedStep, ...]) -> Iterator[str]:
    on_premises, migrates = description.target.platform == "exchange-server", description.method == "migrate"
    if any(step.id == "ews-access" and step.writes for step in steps):
        yield "usage_report"
    if description.application is not None:
        yield "entra"
    if migrates:
        yield from ("switch", "old_account")
        return
    yield "pexip_infinity"
    if description.add_in is None:
        yield "add_in_server" if on_premises else "add_in"


def _task(description: Description, name: str) -> Task:
    due, text = _TEXTS[name]
    key = _KEYS.get(name, name)
    return Task(id=key, text=text, due=due, who=_who(description, key))


def _who(description: Description, key: str) -> str:
    tasks = description.change and description.change.tasks
    return (tasks and getattr(tasks, key)) or ""


def _group(description: Description) -> Iterator[Task]:
    """Yield the task of the group that only limits impersonation: the runbook looks at it and does not create it."""
    impersonation = description.impersonation
    if description.target.platform != "exchange-server" or impersonation is None or impersonation.group is None:
        return
    who = _who(description, "group")
    yield Task(
        id="group",
        text=(
            f"In Exchange: see that the group {impersonation.group} (distribution or mail-enabled security) is there, "
            "with those who schedule as its direct members. The runbook does not fill it, and stops if it is not there."
        ),
        due="before",
        who=who,
    )
    if not description.equipment.adopt:
        yield Task(
            id="group",
            text=(
                f"In Exchange: put {description.equipment.address}, which the first Apply creates, into the group "
                f"{impersonation.group}; then run Apply again."
            ),
            due="between",
            who=who,
        )
