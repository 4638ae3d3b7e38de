"""Phrases that problems are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pexgen.description import _schema

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
        return message, "write each entry on a line of its own, after `- `"
    if wanted == "object":
        return message, f"its keys are {one_of(known.get('properties', {}))}, each on a line of its own, indented"
    if wanted in ("boolean", "integer"):
        return message, _switch(value, key) if wanted == "boolean" else _number(known, value, key)
    return message, "write one text here"


_MEANT = {"true": "true", "yes": "true", "on": "true", "1": "true", "false": "false", "no": "false", "off": "false"}


def _switch(value: object, key: str) -> str:
    text = str(value).strip().removeprefix("$").casefold()
    meant = _MEANT.get(text, "false" if text == "0" else "")
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


def one_of(options: Iterable[object]) -> str:
    """``a, b or c``."""
    words = [f"`{option}`" if not isinstance(option, bool) else f"`{str(option).lower()}`" for option in options]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def similar(word: str, options: Iterable[object]) -> str:
    """The option that ``word`` was probably meant to be, or nothing."""
    from difflib import get_close_matches

    by_folded = {str(option).casefold().replace("-", "_"): str(option) for option in options}
    folded = word.casefold().replace("-", "_").replace(" ", "_")
    found = get_close_matches(folded, by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else ""


def condition(error: ValidationError) -> str:
    """`` with method `migrate` ``: under what condition the schema wants what ``error`` is about; else nothing."""
    path = list(error.schema_path)
    if "then" not in path:
        return ""
    place = len(path) - 1 - path[::-1].index("then")
    return f" with {_named(_schema.at([*path[:place], 'if']), '')}"


def because(error: ValidationError) -> str:
    """Why the schema wants what ``error`` is about, where it says so under the condition; else nothing."""
    path = list(error.schema_path)
    if "then" not in path:
        return ""
    reason: str = _schema.at(path[: path.index("then") + 1]).get("x-because", "")
    return reason


def _named(node: dict[str, Any], prefix: str) -> str:
    parts = []
    for key, value in sorted(node.get("properties", {}).items(), key=lambda item: str(item[0])):
        if "properties" in value:
            parts.append(_named(value, f"{prefix}{key}."))
        else:
            parts.append(f"`{prefix}{key}: {' or '.join(value.get('enum', [value.get('const')]))}`")
    return " and ".join(parts)
