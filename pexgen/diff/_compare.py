"""Two deployments, key by key: what differs, in whose step, and what that means for access."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pexgen.diff._access import AccessChange, access_change
from pexgen.diff._rules import (
    OLD_WAY,
    VERDICTS,
    ComparisonRule,
    Verdict,
    rule_of,
    step_of,
)
from pexgen.parameters import details_read

if TYPE_CHECKING:
    from pexgen.catalogue import Catalogue
    from pexgen.diff._deployment import Deployment, Plain

_SCOPES = {"organization": "whole organization", "equipment-only": "the equipment mailbox only"}
_NOTHING = "(nothing)"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs: its key, the steps that read it (the one it belongs to first), and words for it.

    ``steps`` is empty where no step reads the key. ``old`` and ``new`` are what was taken away and what came; for a
    list only the entries that differ.
    """

    key: str
    steps: tuple[str, ...]
    verdict: Verdict
    text: str
    why: str
    old: Plain
    new: Plain


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs, in the order of :data:`VERDICTS`, the steps and the keys, and what it does to access.

    ``not_compared`` are keys that only one of the files can say something about.
    """

    old: Deployment
    new: Deployment
    differences: tuple[Difference, ...]
    access: AccessChange
    not_compared: tuple[str, ...]

    def of(self, verdict: Verdict) -> tuple[Difference, ...]:
        """Return the differences of one verdict."""
        return tuple(each for each in self.differences if each.verdict == verdict)

    @property
    def unclear(self) -> tuple[str, ...]:
        """Keys that widen access, or may, so that nobody can be said to gain none though nobody is named."""
        open_ones = [key for key in self.not_compared if rule_of(key).more == "widens"]
        changed = [each.key for each in self.differences if rule_of(each.key).is_unclear and each.new is not None]
        return tuple(dict.fromkeys([*(each.key for each in self.of("widens")), *open_ones, *changed]))


def compare(old: Deployment, new: Deployment, catalogue: Catalogue) -> Comparison:
    """Return what changes from ``old`` to ``new``."""
    readers = _readers(old, new, catalogue)
    keys = [key for key in dict.fromkeys([*new.values, *old.values]) if key != "version"]
    said = [key for key in keys if old.knows(key) and new.knows(key) and not _is_said_by_scope(key, old, new)]
    found = [
        Difference(key, readers.get(_parameter_key(key)) or _fallback(key), *parts)
        for key in said
        for parts in _differences(key, rule_of(key), old, new)
    ]
    order = {step: number for number, step in enumerate(dict.fromkeys(s for steps in readers.values() for s in steps))}
    found.sort(key=lambda each: (VERDICTS.index(each.verdict), order.get(each.steps[0], 99) if each.steps else -1))
    unsaid = [key for key in keys if not (old.knows(key) and new.knows(key))]
    unread = old.unread | new.unread
    # The digest of the manifest's bytes stands for what no runbook holds of it.
    details = {each.key for each in details_read()}
    unsaid = [key for key in unsaid if key not in details]
    left_out = tuple(key for key in unsaid if key in unread or old.value(key) != new.value(key))
    return Comparison(old, new, tuple(found), access_change(old, new, catalogue), left_out)


_Parts = tuple[Verdict, str, str, "Plain", "Plain"]


def _differences(key: str, rule: ComparisonRule, old: Deployment, new: Deployment) -> Iterator[_Parts]:
    before, after = old.value(key), new.value(key)
    if rule.shape == "list":
        yield from _list(rule, before or (), after or (), takes_away=bool(not rule.needs or new.get(rule.needs)))
    elif not _is_same(before, after, rule):
        text = f"{rule.label}: {_shown(key, before, old)} → {_shown(key, after, new)}"
        if new.method == "migrate" and rule.is_old_way:
            yield "other", text, OLD_WAY, before, after
        elif rule.shape in {"text", "rank"} and after is None and rule.more != "deployment":
            yield "other", text, rule.why_gone, before, after
        elif _is_more(rule, before, after):
            yield rule.more, text, rule.why_more, before, after
        else:
            yield rule.less, text, rule.why_less, before, after


def _list(rule: ComparisonRule, before: Any, after: Any, *, takes_away: bool) -> Iterator[_Parts]:
    """Compare two lists as sets; entries that are tables are the same where their first value is."""
    ours, theirs = ({_identity(item, rule): item for item in items} for items in (before, after))
    added = tuple(item for identity, item in theirs.items() if identity not in ours)
    removed = tuple(item for identity, item in ours.items() if identity not in theirs)
    if added:
        yield rule.more, f"{rule.label}: {_listed('+', added)}", rule.why_more, None, added
    if removed:
        verdict, why = (rule.less, rule.why_less) if takes_away else ("other", rule.why_kept)
        yield verdict, f"{rule.label}: {_listed('-', removed)}", why, removed, None
    for identity, item in ours.items():
        other = theirs.get(identity, item)
        if isinstance(item, Mapping) and list(item.values())[1:] != list(other.values())[1:]:
            text = f"{rule.label}: {_entry(item)} → {_entry(other)}"
            yield "other", text, "The same entry with another detail.", (item,), (other,)


def _identity(item: Any, rule: ComparisonRule) -> str:
    return str(_folded(next(iter(item.values())) if isinstance(item, Mapping) else item, rule))


def _folded(value: Any, rule: ComparisonRule) -> Any:
    return value.casefold() if rule.folds and isinstance(value, str) else value


def _is_same(before: Plain, after: Plain, rule: ComparisonRule) -> bool:
    if isinstance(before, bool) != isinstance(after, bool) and rule.shape != "switch":
        return False  # In Python False is 0; a calendar's settings are either.
    return bool(_folded(before, rule) == _folded(after, rule))


def _is_more(rule: ComparisonRule, before: Any, after: Any) -> bool:
    if rule.shape == "switch":
        return bool(after)
    if rule.shape == "limit":
        return after is None or (before is not None and after > before)
    if rule.shape == "rank" and {before, after} <= set(rule.order):
        return rule.order.index(after) > rule.order.index(before)
    return True


def _is_said_by_scope(key: str, old: Deployment, new: Deployment) -> bool:
    """How far impersonation reaches is one thing in two keys: where the scope changes, it names the group too."""
    scope = "impersonation.scope"
    return key == "impersonation.group" and old.knows(scope) and new.knows(scope) and old.get(scope) != new.get(scope)


def _shown(key: str, value: Any, deployment: Deployment) -> str:
    rule = rule_of(key)
    if key == "impersonation.scope" and value is not None:
        return _SCOPES.get(value) or f"group {deployment.get('impersonation.group')}"
    if rule.shape == "switch" or isinstance(value, bool):
        return "on" if value else "off"
    if value is None:
        return "no limit" if rule.shape == "limit" else _NOTHING
    return str(value)


def _listed(sign: str, items: tuple[Any, ...]) -> str:
    return ", ".join(f"{sign} {_entry(item)}" for item in items)


def _entry(item: Any) -> str:
    """Return an entry in words: a table as its first value with what else it says."""
    if not isinstance(item, Mapping):
        return str(item)
    if "ClientId" in item:
        return f"application {item['ClientId']}" + (f" ({item['Name']})" if item.get("Name") else "")
    first, *others = item.items()
    details = [f"{name.lower()} {_words(value)}" for name, value in others if value not in (None, "")]
    return f"{first[1]} ({', '.join(details)})" if details else str(first[1])


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _readers(old: Deployment, new: Deployment, catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """Return for each key the steps that read it, as the new deployment's method has them, else the old one's."""
    wanted = [(each.method, each.platform) for each in (new, old)]
    methods = [
        catalogue.methods[key] for key in dict.fromkeys([*wanted, *catalogue.methods]) if key in catalogue.methods
    ]
    found: dict[str, tuple[str, ...]] = {}
    for method in methods:
        for parameter in method.parameters:
            own = rule_of(parameter.key).step
            readers = (step.id for step in method.steps if parameter.name in step.values)
            steps = tuple(sorted(readers, key=lambda step: step != own))
            if steps:
                found.setdefault(parameter.key, steps)
    return found


def _parameter_key(key: str) -> str:
    """Return the key that a parameter has; that of the calendar takes all its settings."""
    return "equipment.calendar" if key.startswith("equipment.calendar.") else key


def _fallback(key: str) -> tuple[str, ...]:
    step = step_of(key)
    return (step,) if step else ()
