"""A step of the plan: what the step's folder says of it for records, filled with a deployment's values.

Of a call's parameters one that is a value becomes its PowerShell literal, and one that is empty is left out, as the
body does; ``<...>`` is what only a run can know; no value at all is a switch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pexgen.catalogue import Step
from pexgen.literals import powershell_literal
from pexgen.plan.model import EFFECTS, PlannedStep, Worst, Write
from pexgen.records import RecordTable, Texts, Unknown

_EACH = "each"


def plan_step(step: Step, table: RecordTable, texts: Texts) -> PlannedStep:
    """Return the step as planned for one deployment; raises :class:`DefectError` for an unknown value in its texts."""
    asked = texts.asks_for(table)
    possible = [entry for entry in table["writes"] if asked and texts.holds(entry)]
    writes = tuple(_write(entry, texts) for entry in possible if not entry.get("undo"))
    undo = tuple(_write(entry, texts) for entry in possible if entry.get("undo"))
    return PlannedStep(
        id=step.id,
        title=step.title,
        short=texts.sentence(table["short"]) if "short" in table and asked else step.title,
        pexip=step.pexip,
        asked=asked,
        risk=step.risk.level,
        # What goes wrong by these values, where the step's own words are about every deployment.
        reason=texts.sentence(table["why"], named_in=step.id) if "why" in table and writes else step.risk.reason,
        effects=tuple(each for each in EFFECTS if any(each in write.effects for write in writes)),
        roles=step.roles,
        requires=step.requires,
        worst=tuple(_worst(step.id, table, texts)) if writes else (),
        after=texts.sentence(table["after"], named_in=step.id) if asked else "",
        writes=writes,
        proves=texts.sentence(table["proves"]) if asked else "",
        takes=texts.sentence(table.get("takes", "")) if writes else "",
        tries_out_of_reach=table.get("tries_out_of_reach", False),
        only_reported=texts.only_reports(table),
        undo=step.rollback,
        undo_writes=undo if writes else (),
        no_return=texts.sentence(table.get("no_return", "")) if writes else "",
        stays=texts.sentence(table.get("stays", "")) if writes else "",
        not_checked=tuple(texts.sentence(each) for each in table.get("not_checked", ())) if asked else (),
    )


def _worst(step: str, table: RecordTable, texts: Texts) -> Iterator[Worst]:
    for entry in table.get("worst", ()):
        if texts.holds(entry):
            yield Worst(rank=entry["rank"], step=step, text=texts.sentence(entry["text"], named_in=step))


def _effects(entry: Mapping[str, Any], texts: Texts) -> tuple[str, ...]:
    """Return the effects that this deployment's values give; one that depends on a value is ``{is: ..., if: ...}``."""
    given = [{"is": each} if isinstance(each, str) else each for each in entry.get("effects", ())]
    found = {each["is"] for each in given if texts.holds(each)}
    return tuple(effect for effect in EFFECTS if effect in found)


def _write(entry: Mapping[str, Any], texts: Texts) -> Write:
    items = texts.expression(entry[_EACH]) if _EACH in entry else (None,)
    effects = _effects(entry, texts)
    return Write(
        cmdlet=entry["cmdlet"],
        when=texts.sentence(entry["when"]),
        effect=effects[0] if effects else "",
        effects=effects,
        lines=tuple(" ".join((entry["cmdlet"], *_arguments(entry["parameters"], texts, item))) for item in items),
        entries=tuple(_entry(item) for item in items) if _EACH in entry else (),
    )


def _entry(item: Any) -> str:
    return str(next(iter(item.values())) if isinstance(item, Mapping) else item)


def _arguments(parameters: Mapping[str, Any], texts: Texts, item: Any) -> Iterator[str]:
    for name, given in parameters.items():
        value = texts.value(given, each=item)
        if name == "*":
            yield from (f"-{each} {_literal(setting)}" for each, setting in value.items())
        elif value is None:
            yield f"-{name}"
        elif not _is_empty(value):
            yield f"-{name} {_literal(value)}"


def _is_empty(value: Any) -> bool:
    return isinstance(value, (str, list, tuple, Mapping)) and not value


def _literal(value: Any) -> str:
    return str(value) if isinstance(value, Unknown) else powershell_literal(value)
