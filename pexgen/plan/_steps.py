"""A step of the plan: what the step's folder says of it for records, filled with a deployment's values.

In those texts ``{Name}`` is a value. A parameter that is one value and nothing else becomes its PowerShell literal, one
that is empty is left out, as the body does; ``<...>`` is what only a run can know; no value at all is a switch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pexgen.access import PLACEHOLDER, applies
from pexgen.catalogue import Step
from pexgen.literals import powershell_literal
from pexgen.plan._values import Unknown, Values
from pexgen.plan._words import in_words
from pexgen.plan.model import EFFECTS, PlannedStep, Worst, Write

_EACH = "each"

Text = Mapping[str, Any]
"""What records say of one step."""


def plan_step(step: Step, text: Text, values: Values) -> PlannedStep:
    """Return the step as it is for one deployment; raises KeyError for a value that is none of the method's."""
    asked = "asked" not in text or bool(values[text["asked"]])
    possible = [entry for entry in text["writes"] if asked and _is_possible(entry, values)]
    writes = tuple(_write(entry, values) for entry in possible if not entry.get("undo"))
    undo = tuple(_write(entry, values) for entry in possible if entry.get("undo"))
    return PlannedStep(
        id=step.id,
        title=step.title,
        short=_sentence(text["short"], values) if "short" in text and asked else step.title,
        pexip=step.pexip,
        asked=asked,
        risk=step.risk.level,
        # What goes wrong by these values, where the step's own words are about every deployment.
        reason=_sentence(text["why"], values, elsewhere=step.id) if "why" in text and writes else step.risk.reason,
        effects=tuple(each for each in EFFECTS if any(each in write.effects for write in writes)),
        roles=step.roles,
        requires=step.requires,
        worst=tuple(_worst(step.id, text, values)) if writes else (),
        after=_sentence(text["after"], values, elsewhere=step.id) if asked else "",
        writes=writes,
        proves=_sentence(text["proves"], values) if asked else "",
        only_reported=asked and "only_reported" in text and _is_possible(text["only_reported"], values),
        undo=step.undo,
        undo_writes=undo if writes else (),
        not_checked=tuple(_sentence(each, values) for each in text.get("not_checked", ())) if asked else (),
    )


def _is_possible(entry: Text, values: Values) -> bool:
    return applies(entry, values.__getitem__)


def _worst(step: str, text: Text, values: Values) -> Iterator[Worst]:
    for entry in text.get("worst", ()):
        if _is_possible(entry, values):
            yield Worst(rank=entry["rank"], step=step, text=_sentence(entry["text"], values, elsewhere=step))


def _effects(entry: Text, values: Values) -> tuple[str, ...]:
    """Return the effects that this deployment's values give; one that depends on a value is ``{is: ..., if: ...}``."""
    given = [{"is": each} if isinstance(each, str) else each for each in entry.get("effects", ())]
    found = {each["is"] for each in given if _is_possible(each, values)}
    return tuple(effect for effect in EFFECTS if effect in found)


def _write(entry: Text, values: Values) -> Write:
    items = values[entry[_EACH]] if _EACH in entry else (None,)
    effects = _effects(entry, values)
    return Write(
        cmdlet=entry["cmdlet"],
        when=_sentence(entry["when"], values),
        effect=effects[0] if effects else "",
        effects=effects,
        lines=tuple(" ".join((entry["cmdlet"], *_arguments(entry["parameters"], values, item))) for item in items),
        entries=tuple(_entry(item) for item in items) if _EACH in entry else (),
    )


def _entry(item: Any) -> str:
    return str(next(iter(item.values())) if isinstance(item, Mapping) else item)


def _arguments(parameters: Text, values: Values, item: Any) -> Iterator[str]:
    for name, given in parameters.items():
        value = _lookup(given, values, item) if isinstance(given, str) else given
        if name == "*":
            yield from (f"-{each} {_literal(setting)}" for each, setting in value.items())
        elif value is None:
            yield f"-{name}"
        elif value not in ("", ()):
            yield f"-{name} {_literal(value)}"


def _literal(value: Any) -> str:
    return str(value) if isinstance(value, Unknown) else powershell_literal(value)


def _lookup(given: str, values: Values, item: Any) -> Any:
    """Return the value that ``{Name}``, ``{each}`` or ``{each.Key}`` stands for, ``<...>``, or the text itself."""
    found = PLACEHOLDER.fullmatch(given)
    if found is None:
        return Unknown(_sentence(given, values)) if given.startswith("<") else given
    name, key = found.groups()
    if name != _EACH:
        return values[name]
    return item[key] if key else item


def _sentence(text: str, values: Values, *, elsewhere: str = "") -> str:
    """Return text with its values; ``elsewhere`` is the step that names the entries of a long list instead."""
    return PLACEHOLDER.sub(lambda found: in_words(values[found[1]], named_in=elsewhere), text)
