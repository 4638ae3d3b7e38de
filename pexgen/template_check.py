"""Whether the tables of the template folder are what their schema says; nothing of this is read for a render."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pexgen.records import mistaken_texts, names_of_values
from pexgen.template_files import documents

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator, ValidationError

_SCHEMA = Path(__file__).parent / "schema" / "templates.schema.json"
_WITH_TEXTS = ("record", "shared", "methodRecords")
"""The definitions of documents whose texts are Jinja2."""

_TAG = "tag:yaml.org,2002:"
_KINDS = {"map", "seq", "str", "int", "bool", "null", "float"}
"""What YAML has and JSON too."""

_TABLES = {
    "steps/*/step*.yaml": ("step", "record"),
    "records.yaml": ("shared",),
    "methods.yaml": ("methods", "methodRecords", "methodQuestion"),
    "parameters.yaml": ("parameters",),
}
"""By pattern of the files: the definitions of the schema that their documents have to keep, one each."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in a table, and where: ``line`` and ``column`` count from 1."""

    file: Path
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        """Return it as compilers write it: ``file:line:column: message``."""
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


def mistakes(folder: Path) -> Iterator[Mistake]:
    """Yield everything that is wrong in the tables of a template folder, by file and line.

    The texts in them are looked at once the tables are what their schema says, because one table's ask for another's.
    """
    tables = [(path, names) for pattern, names in _TABLES.items() for path in sorted(folder.glob(pattern))]
    found = [each for path, names in tables for each in _of_table(path, names)]
    yield from found
    if not found:
        known = names_of_values(folder)
        yield from (each for path, names in tables for each in _of_texts(path, names, known))


def _of_table(path: Path, definitions: tuple[str, ...]) -> Iterator[Mistake]:
    import yaml

    given = documents(path)
    if len(given) > len(definitions):
        above = sum(each.count(b"\n") + 2 for each in given[: len(definitions)])
        yield Mistake(path, above, 1, f"there are {len(given)} documents; at most {len(definitions)} are possible")
    elif len(given) < len(definitions):
        yield Mistake(path, 1, 1, f"the document for `{definitions[-1]}` is missing, which begins after a line `---`")
    for definition, above, document in _documents(path, definitions):
        try:
            yield from _of_document(path, definition, above, document)
        except yaml.YAMLError as error:
            line, column, message = _unread(document, error)
            yield Mistake(path, above + line + 1, column + 1, message)
            return
        except (ValueError, RecursionError) as error:
            yield Mistake(path, above + 1, 1, f"the document for `{definition}` cannot be read: {error}")
            return


def _of_document(path: Path, definition: str, above: int, document: bytes) -> Iterator[Mistake]:
    """Yield what is wrong in one document.

    Raises :class:`yaml.YAMLError`, ValueError or RecursionError for one that cannot be read.
    """
    import yaml

    node = yaml.compose(document, Loader=yaml.SafeLoader)
    if node is None:
        yield Mistake(path, above + 1, 1, f"the document for `{definition}` is empty")
        return
    odd = [_at(path, above, each, said) for each, said in _odd(node, set())]
    if odd:
        yield from odd
        return
    errors = _validator(definition).iter_errors(yaml.safe_load(document))
    wrong = [each for error in errors for each in _mistake(path, above, node, error)]
    yield from sorted(wrong, key=lambda each: (each.line, each.column))


def _unread(document: bytes, error: Any) -> tuple[int, int, str]:
    """Return where a document cannot be read, line and column from 0, and why."""
    place = getattr(error, "problem_mark", None)
    if place:
        return place.line, place.column, str(error.problem)
    # A reader that meets a byte or character that is none counts from the beginning, and not in lines.
    position = getattr(error, "position", 0)
    is_of_bytes = getattr(error, "encoding", "") != "unicode"
    before = document[:position].decode("utf-8", "replace") if is_of_bytes else document.decode("utf-8")[:position]
    message = "this is not UTF-8" if is_of_bytes else f"there is a character that YAML has not: {error.reason}"
    return before.count("\n"), len(before) - before.rfind("\n") - 1, message


def _odd(node: Any, seen: set[int]) -> Iterator[tuple[Any, str]]:
    """Yield the nodes that JSON has not, so that no schema can speak of them, each with what is said of it."""
    if id(node) in seen:
        yield node, "there is an alias to this; write it out where it is needed"
        return
    seen.add(id(node))
    if node.tag.removeprefix(_TAG) not in _KINDS:
        yield node, f"this is read as {node.tag.removeprefix(_TAG)}; put a text into quotes"
    elif node.id == "mapping":
        for key, value in node.value:
            if key.tag != f"{_TAG}str":
                yield key, "a key has to be text; put it into quotes"
            yield from _odd(value, seen)
    elif node.id == "sequence":
        for each in node.value:
            yield from _odd(each, seen)


def _of_texts(path: Path, definitions: tuple[str, ...], known: frozenset[str]) -> Iterator[Mistake]:
    import yaml

    for definition, above, document in _documents(path, definitions):
        if definition in _WITH_TEXTS:
            node = yaml.compose(document, Loader=yaml.SafeLoader)
            yield from (_at(path, above, text, said) for text, said in mistaken_texts(node, known))


def _documents(path: Path, definitions: tuple[str, ...]) -> Iterator[tuple[str, int, bytes]]:
    """Yield each document with the definition that it has to keep and how many lines of the file are above it."""
    above = 0
    for definition, document in zip(definitions, documents(path), strict=False):
        yield definition, above, document
        above += document.count(b"\n") + 2


@cache
def _validator(definition: str) -> Draft202012Validator:
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator({"$ref": f"#/$defs/{definition}", **_definitions()})


@cache
def _definitions() -> dict[str, Any]:
    return {"$defs": json.loads(_SCHEMA.read_bytes())["$defs"]}


def _mistake(path: Path, above: int, root: Any, error: ValidationError) -> Iterator[Mistake]:
    """Yield what one finding of the validator says; a key that is not known stands where it was written."""
    node = root
    for part in error.instance_path:
        node = node.value[part] if isinstance(part, int) else _keys(node)[part][1]
    kind: Any = error.kind
    if kind.name == "additionalProperties":
        known = _known(error)
        for name in kind.unexpected:
            close = get_close_matches(name, known, 1)
            hint = f"did you mean `{close[0]}`?" if close else f"its keys are {', '.join(known)}"
            yield _at(path, above, _keys(node)[name][0], f"the key `{name}` does not exist; {hint}")
        return
    message = f"the key `{kind.property}` is missing" if kind.name == "required" else error.message
    yield _at(path, above, node, message)


def _at(path: Path, above: int, node: Any, message: str) -> Mistake:
    """Return what is said of a YAML node of the document that begins under ``above`` lines."""
    place = node.start_mark
    return Mistake(path, above + place.line + 1, place.column + 1, message)


def _keys(node: Any) -> dict[str, tuple[Any, Any]]:
    return {key.value: (key, value) for key, value in node.value}


def _known(error: ValidationError) -> list[str]:
    """Return the keys that the section may have for which the validator found another one."""
    section: Any = _definitions()
    for part in error.schema_path[:-1]:
        # What follows a reference is a path from the schema's root.
        section = _definitions() if part == "$ref" else section[part]
    return list(section.get("properties", {}))
