"""Whether the tables of the template folder are what their schema says; nothing of this is read for a render."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pexgen.template_files import documents

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator, ValidationError

_SCHEMA = Path(__file__).parent / "schema" / "templates.schema.json"
_TABLES = {
    "steps/*/step*.yaml": ("step", "record"),
    "methods.yaml": ("methods",),
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
    """Yield everything that is wrong in the tables of a template folder, by file and line."""
    for pattern, definitions in _TABLES.items():
        for path in sorted(folder.glob(pattern)):
            yield from _of_file(path, definitions)


def _of_file(path: Path, definitions: tuple[str, ...]) -> Iterator[Mistake]:
    import yaml

    above = 0
    given = documents(path)
    for number, document in enumerate(given):
        if number >= len(definitions):
            yield Mistake(path, above, 1, f"there are {len(given)} documents; at most {len(definitions)} are possible")
            return
        try:
            node = yaml.compose(document, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            place = error.problem_mark
            line, column = (place.line, place.column) if place else (0, 0)
            yield Mistake(path, above + line + 1, column + 1, str(error.problem))
            return
        data = yaml.safe_load(document)
        found = [_mistake(path, above, node, error) for error in _validator(definitions[number]).iter_errors(data)]
        yield from sorted((each for some in found for each in some), key=lambda each: (each.line, each.column))
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
            place = _keys(node)[name][0].start_mark
            close = get_close_matches(name, known, 1)
            hint = f"did you mean `{close[0]}`?" if close else f"its keys are {', '.join(known)}"
            yield Mistake(path, above + place.line + 1, place.column + 1, f"there is no key `{name}`; {hint}")
        return
    place = node.start_mark
    message = f"the key `{kind.property}` is missing" if kind.name == "required" else error.message
    yield Mistake(path, above + place.line + 1, place.column + 1, message)


def _keys(node: Any) -> dict[str, tuple[Any, Any]]:
    return {key.value: (key, value) for key, value in node.value}


def _known(error: ValidationError) -> list[str]:
    """Return the keys that the section may have for which the validator found another one."""
    section: Any = _definitions()
    for part in error.schema_path[:-1]:
        # What follows a reference is a path from the schema's root.
        section = _definitions() if part == "$ref" else section[part]
    return list(section.get("properties", {}))
