"""Who gets into whose mailbox: the rows of the plan's access table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pexgen.access import Access
from pexgen.ews_states import states_of
from pexgen.plan.model import OtherEws, PlannedStep, Reach
from pexgen.records import MOST_NAMED, Texts, in_words


def reach_rows(steps: tuple[PlannedStep, ...], accesses: Mapping[str, tuple[Access, ...]]) -> tuple[Reach, ...]:
    """Return who reaches what, for the steps that are asked for; ``accesses`` are those of the steps' own tables."""
    return tuple(row for step in steps if step.asked for row in _rows(step.id, accesses[step.id]))


def _rows(step: str, accesses: tuple[Access, ...]) -> Iterator[Reach]:
    for row in (access.row for access in accesses if access.row):
        for who in row.who if len(row.who) <= MOST_NAMED else (in_words(row.who, named_in=step, noun=row.noun),):
            yield Reach(who=who, through=row.through, before=row.before, after=row.after)


def others_and_ews(steps: tuple[PlannedStep, ...], texts: Texts) -> tuple[OtherEws, ...]:
    """Return what becomes of EWS for every application that nobody named, for each state of the switch."""
    if not any(step.id == "ews-access" and step.writes for step in steps):
        return ()
    rows = {
        each.enabled: OtherEws(
            enabled=each.enabled,
            before=each.before,
            after=(each.switched if texts["EwsSwitch"] else "") or each.listed,
        )
        for each in states_of(texts["TargetEnvironment"])
    }
    return tuple(rows.values())
