"""Records as JSON: the model's names in camel case, UTF-8, two spaces a level."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from typing import Any


def as_json(name: str, record: Any) -> str:
    """Return a record, a tree of dataclasses, as one JSON object whose first key is its format."""
    return json.dumps({"format": name, **_plain(record)}, indent=2, ensure_ascii=False) + "\n"


def _plain(node: Any) -> Any:
    if is_dataclass(node):
        return {_camel_case(field.name): _plain(getattr(node, field.name)) for field in fields(node)}
    if isinstance(node, tuple):
        return [_plain(item) for item in node]
    return node


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
