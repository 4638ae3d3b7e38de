"""Phrases that problems are made of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pexgen.description import _schema
from pexgen.words import listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jsonschema_rs import ValidationError

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a section with keys of its own",
}


def type_name(value: object) -> str:
    """The schema's word for the type of ``value``."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, list):
        return "array"
    return "object" if isinstance(value, dict) else "string"


def wrong_type(known: dict[str, Any], value: object, key: str) -> tuple[str, str]:
    """Message and hint for a ``value`` of ``key`` that is not of the type that ``known``, its schema, wants."""
    wanted, found = str(known.get("type")), type_name(value)
    message = f"must be {_TYPES[wanted]}, and is {_TYPES[found]}"
    shown = str(value).lower() if isinstance(value, bool) else value
    if wanted == "string" and found in ("integer", "boolean"):
        return message, f'put it into quotes: "{shown}"'
    if wanted == "array":
        return message, _list(value, key)
    if wanted == "object":
        keys = one_of(known.get("properties", {}), "and")
        if key.isdigit() and isinstance(value, str):
            return message, f"write `- {next(iter(known['properties']))}: {value}`; the keys of an entry are {keys}"
        return message, f"its keys are {keys}, each on a line of its own, indented"
    if wanted in ("boolean", "integer"):
        return message, _switch(value, key) if wanted == "boolean" else _number(known, value, key)
    return message, _one_text(value, key)


def _list(value: object, key: str) -> str:
    entries = [each.strip() for each in re.split("[,;]", value) if each.strip()] if isinstance(value, str) else []
    if key and entries and len(entries) <= _FEW and not any(set(each) & _SIGNS for each in entries):
        return f"write `{key}: [{', '.join(entries)}]`, or each entry on a line of its own, after `- `"
    return "write each entry on a line of its own, after `- `"


def _one_text(value: object, key: str) -> str:
    """What to write where one text in brackets, or in a list of its own, stands for the text."""
    inside = list(value) if isinstance(value, (dict, list)) else []
    if len(inside) == 1 and isinstance(inside[0], str) and (isinstance(value, list) or value == {inside[0]: None}):
        return f'write `{key}: "{inside[0]}"`, without brackets, braces and `- `'
    return "write one text here"


_FEW = 3
"""As many entries are written out in a hint; a reader of more of them knows how it goes on."""

_SIGNS = set("[]{}#&*!|>'\"%`:")
"""What an entry without quotes must not have."""

_MEANT = {
    **dict.fromkeys(("true", "yes", "on", "1"), "true"),
    **dict.fromkeys(("false", "no", "off", "0"), "false"),
}


def _switch(value: object, key: str) -> str:
    text = str(value).strip().removeprefix("$").casefold()
    meant = _MEANT.get(text)
    if meant:
        return f"write `{key}: {meant}`, without quotes and without $"
    return f"write `{key}: true` or `{key}: false`, without quotes"


def _number(known: dict[str, Any], value: object, key: str) -> str:
    text = str(value).strip()
    if isinstance(value, str) and text.lstrip("-").isascii() and text.lstrip("-").isdigit():
        return f"write `{key}: {int(text)}`, without quotes"
    example = next(iter([*known.get("examples", ()), known.get("default"), known.get("minimum")]), None)
    example = 50 if example is None else example
    return f"write a number in digits, such as `{key}: {example}`, without quotes"


def one_of(options: Iterable[object], word: str = "or") -> str:
    """``a, b or c``, or with another ``word`` before the last one."""
    words = [f"`{option}`" if not isinstance(option, bool) else f"`{str(option).lower()}`" for option in options]
    return listed(words, word)


def similar(word: str, options: Iterable[object]) -> str:
    """The option that ``word`` was probably meant to be, or nothing."""
    from difflib import get_close_matches

    by_folded = {str(option).casefold().replace("-", "_"): str(option) for option in options}
    folded = word.casefold().replace("-", "_").replace(" ", "_")
    found = get_close_matches(folded, by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else ""


def condition(error: ValidationError, data: Any) -> str:
    """`` with `method: migrate` ``: under what condition the schema wants what ``error`` is about; else nothing.

    ``data`` is the description, whose own value is named where the condition holds for several.
    """
    path = list(error.schema_path)
    if "then" not in path:
        return ""
    place = len(path) - 1 - path[::-1].index("then")
    return f" with {_named(_schema.schema_at([*path[:place], 'if']), '', data)}"


def because(error: ValidationError) -> str:
    """Why the schema wants what ``error`` is about, where it says so under the condition; else nothing."""
    path = list(error.schema_path)
    if "then" not in path:
        return ""
    reason: str = _schema.schema_at(path[: path.index("then") + 1]).get("x-because", "")
    return reason


def _named(node: dict[str, Any], prefix: str, data: Any) -> str:
    parts = []
    for key, value in sorted(node.get("properties", {}).items(), key=lambda item: str(item[0])):
        said = data.get(key) if isinstance(data, dict) else None
        if "properties" in value:
            parts.append(_named(value, f"{prefix}{key}.", said))
        else:
            options = value.get("enum", [value.get("const")])
            parts.append(f"`{prefix}{key}: {said if said in options else listed(options)}`")
    return listed(parts, "and")
