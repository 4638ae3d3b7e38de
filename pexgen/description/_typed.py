"""From a key and texts, as a command line or a person gives them, to the value that belongs in a description."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pexgen.description import _schema
from pexgen.description._paths import format_path, parse_path
from pexgen.description._scalars import resolve
from pexgen.description._words import one_of, similar
from pexgen.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pexgen.description._edit import KeyValue
    from pexgen.description._paths import Path


def key_named(name: str) -> Path:
    """Return the path of a key that takes a value: ``target.organization``.

    Raises :class:`UsageError` where the schema has no such key, or one that takes none in this way.
    """
    path = parse_path(name)
    for length in range(len(path)):
        known = _schema.schema_of(path[:length]).get("properties", {})
        if path[length] not in known:
            raise UsageError(f"a description has no key `{name}`", _meant(path[:length], str(path[length]), known))
    if not path or format_path(path) != name:
        raise UsageError(f"a description has no key `{name}`", "write a key as target.organization is written")
    found = _schema.schema_of(path)
    if found.get("type") == "object":
        examples = ", ".join(f"{name}.{key}" for key in found.get("properties", {}))
        raise UsageError(f"`{name}` is a section and has no value of its own", f"its keys are {examples}")
    if found.get("type") == "array" and _items(path).get("type") == "object":
        raise UsageError(f"`{name}` is a list of entries with keys of their own", "write them into the file")
    return path


def typed(path: Path, texts: Sequence[str]) -> KeyValue:
    """Return the value that texts stand for; a list takes several, also in one text with commas between them.

    A text that is not of the key's type is returned as it is: whoever checks the description says what is wrong.
    """
    kind = _schema.schema_of(path).get("type")
    if kind == "array":
        return [entry.strip() for text in texts for entry in text.split(",") if entry.strip()]
    if kind == "string":
        return texts[-1]
    meaning = resolve(texts[-1]).value
    return texts[-1] if meaning is None else meaning


def _items(path: Path) -> dict[str, Any]:
    return _schema.resolved(_schema.schema_of(path).get("items", {}))


def _meant(section: Path, name: str, known: dict[str, Any]) -> str:
    everywhere = _schema.sections()
    if name in everywhere:
        return f"did you mean `{everywhere[name]}`?"
    if guess := similar(name, known):
        return f"did you mean `{format_path((*section, guess))}`?"
    if guess := similar(name, everywhere):
        return f"did you mean `{everywhere[guess]}`?"
    return f"keys there are {one_of(known)}" if known else "write the key of a section, such as target.organization"
