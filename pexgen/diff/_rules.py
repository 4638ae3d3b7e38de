"""What a change of a key means for access, and why: the schema's ``x-diff``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Literal, NamedTuple

from pexgen.description import load_schema

Verdict = Literal["deployment", "widens", "narrows", "other"]
"""``deployment``: it is another deployment; ``widens`` and ``narrows``: who has access to what; ``other``: the rest."""

VERDICTS: tuple[Verdict, ...] = ("deployment", "widens", "narrows", "other")
"""In the order in which a reviewer reads them."""

Shape = Literal["text", "list", "switch", "rank", "limit"]


class ComparisonRule(NamedTuple):
    """How a key's values compare.

    ``more`` is the verdict, and ``why_more`` its reason, where an entry is added, a switch goes on, a rank or a limit
    rises, or a text changes in any way; ``less`` and ``why_less`` where the opposite happens. A text or a rank that is
    no longer there at all takes nothing away, and ``gone`` says what becomes of it. ``order`` are the ranks, lowest
    first. ``needs`` is a switch without which ``less`` takes nothing away; ``why_kept`` then says so. Only ``folds``
    compares without regard to case. ``step`` is the step that writes the value, where others read it before.
    ``is_unclear``: it gives nobody anything by itself, and its change may all the same. ``is_old_way``: in ``migrate``
    it describes what was there before.
    """

    label: str
    shape: Shape = "text"
    more: Verdict = "other"
    why_more: str = ""
    less: Verdict = "other"
    why_less: str = ""
    gone: str = ""
    order: tuple[str | None, ...] = ()
    needs: str = ""
    why_kept: str = ""
    folds: bool = False
    step: str = ""
    is_unclear: bool = False
    is_old_way: bool = False

    @property
    def why_gone(self) -> str:
        """What becomes of a value that is no longer there; where a change never matters, neither does that."""
        return self.gone or (self.why_more if self.more == "other" else self.why_less)


OLD_WAY = (
    "In migrate it says what the old way has. The runbook gives nothing of it to anybody, and phase Cleanup takes the "
    "account's own impersonation away."
)
"""The reason why a change of a key that describes, in ``migrate``, what was there before gives nobody anything."""

_SHAPES: Mapping[str, Shape] = {"array": "list", "boolean": "switch"}
_FIELDS = {"whyMore": "why_more", "whyLess": "why_less", "whyKept": "why_kept", "oldWay": "is_old_way"}
_FIELDS |= {"unclear": "is_unclear"}


@cache
def rules() -> Mapping[str, ComparisonRule]:
    """Return the rules by key, in the schema's order: what each key, or the section around it, has as ``x-diff``."""
    return dict(_rules(load_schema(), ""))


def _rules(section: Mapping[str, Any], above: str) -> Iterator[tuple[str, ComparisonRule]]:
    for name, value in section["properties"].items():
        key = above + name
        if "properties" in value:
            yield from _rules(value, f"{key}.")
        elif "x-diff" in value:
            yield key, _rule(name, value)
        for inner, read in value.get("x-read-from-file", {}).items():
            if "x-diff" in read:
                yield above + inner, _rule(inner, read)


def _rule(name: str, value: Mapping[str, Any]) -> ComparisonRule:
    reasons = load_schema()["x-diff-reasons"]
    given = {_FIELDS.get(field, field): each for field, each in value.get("x-diff", {}).items()}
    for field, each in given.items():
        if isinstance(each, str) and each.startswith("@"):
            given[field] = reasons[each[1:]]
    shape = _SHAPES.get(value.get("type", ""), "text")
    return ComparisonRule(
        **{"label": name.replace("_", " "), "shape": shape, **given, "order": tuple(given.get("order", ()))}
    )


def rule_of(key: str) -> ComparisonRule:
    """Return the rule of a key; one that has none changes nobody's access, and why that is so its section says."""
    if key in rules():
        return rules()[key]
    why = _of_sections(key.rpartition(".")[0]).get("whyMore", "")
    return ComparisonRule(key.rpartition(".")[2].replace("_", " "), why_more=why)


def step_of(key: str) -> str:
    """Return the step that a key's section is for, where no body of this pexgen reads the key; empty for none."""
    step: str = _of_sections(key.partition(".")[0]).get("step", "")
    return step


def _of_sections(path: str) -> Mapping[str, Any]:
    """Return what the sections on a path have; an inner one before the one around it."""
    node: Mapping[str, Any] = load_schema()
    found: dict[str, Any] = {}
    for name in filter(None, path.split(".")):
        node = node.get("properties", {}).get(name, {})
        found |= node.get("x-diff", {})
    return found
