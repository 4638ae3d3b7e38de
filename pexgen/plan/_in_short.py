"""What a reader has to know first, beside the worst that happens: dates, and what the description does not state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.vendor_facts import CHECKED, EWS_ENDS

if TYPE_CHECKING:
    from pexgen.description import Description
    from pexgen.plan.model import ChangeRequest, Task

LABELS = {
    "ticket": "Ticket",
    "requester": "Requester",
    "window": "Window",
    "justification": "Justification",
    "affected_services": "Affected services",
    "outage": "Outage",
    "duration": "Duration",
    "communication": "Communication",
    "member_owner": "Who decides on members later",
}
"""What the record calls the fields of a change, in the order in which they stand there."""

_TASK_LABELS = {
    "usage_report": "who reads the EWS usage report",
    "entra": "who does the part in Entra",
    "group": "who fills the group",
    "pexip_infinity": "who does the part in Pexip Infinity",
    "add_in": "who makes the add-in available",
    "old_account": "who retires the old account",
}


def dates_that_matter(description: Description) -> tuple[str, ...]:
    """Return the dates from which what the change rests on works otherwise."""
    if description.target.platform != "exchange-online":
        return ()
    return (f"{EWS_ENDS.value}: {EWS_ENDS.text}. What this change sets up ends with it.",)


FACTS_AS_OF = f"{CHECKED}"
"""When what is said of Microsoft and Pexip was last checked; no age of it, so that every day gives the same record."""


def not_stated(description: Description, change: ChangeRequest, tasks: tuple[Task, ...]) -> tuple[str, ...]:
    """Return what the description does not say of the change, and for which manual tasks it names nobody."""
    impersonation = description.impersonation
    has_group = description.scheduling_group is not None or bool(impersonation and impersonation.group)
    # Without a group nobody decides on members.
    asked = {name: label for name, label in LABELS.items() if has_group or name != "member_owner"}
    fields = [label.lower() for name, label in asked.items() if not getattr(change, name)]
    nobody = dict.fromkeys(_TASK_LABELS[task.id] for task in tasks if not task.who)
    return (*fields, *nobody)
