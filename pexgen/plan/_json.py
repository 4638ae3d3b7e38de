"""For programs: ``pexgen.plan/2``.

Within version 2 keys are added, and none is removed, renamed or given another meaning.
"""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from typing import Any

from pexgen.plan.model import Plan

FORMAT = "pexgen.plan/2"


def render(plan: Plan) -> str:
    """Return the plan as one JSON object: the model's names in camel case, UTF-8, two spaces a level."""
    return json.dumps({"format": FORMAT, **_plain(plan)}, indent=2, ensure_ascii=False) + "\n"


def _plain(node: Any) -> Any:
    if is_dataclass(node):
        return {_camel_case(field.name): _plain(getattr(node, field.name)) for field in fields(node)}
    if isinstance(node, tuple):
        return [_plain(item) for item in node]
    return node


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
