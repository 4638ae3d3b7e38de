"""The validator's findings as problems in plain words, with a place in the file and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pexgen.description import _schema
from pexgen.description._advice import advice
from pexgen.description._lookalikes import character_in_words, odd_at
from pexgen.description._paths import format_path
from pexgen.description._words import because, condition, one_of, similar, type_name, wrong_type

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

    from pexgen.description._nodes import Tree
    from pexgen.description._paths import Path
    from pexgen.description._text import SourceText
    from pexgen.errors import Problem

_PLATFORM = ("target", "platform")

#: Of several findings at one node the first of these says it best: a text of the wrong type has no length.
_ORDER = ("falseSchema", "type", "enum", "const", "minLength", "maxLength", "pattern")


class SchemaCheck:
    """Compares one file's nodes with the schema."""

    def __init__(self, source: SourceText, tree: Tree) -> None:
        self._source = source
        self._tree = tree
        self.problems: list[Problem] = []
        #: Keys that are there, but misspelt: they are not reported as missing too.
        self._meant: set[Path] = set()

    def run(self) -> list[Problem]:
        """Every problem that the schema sees in nodes that have none already."""
        errors = [(tuple(error.instance_path), error) for error in _schema.violations(self._tree.data)]
        if any(path == _PLATFORM and error.kind.name in ("enum", "const") for path, error in errors):
            # What another platform would need, or has no use for, is beside the point.
            errors = [(path, error) for path, error in errors if "`target.platform" not in self._condition(error)]
        silent = self._tree.bad | {path for path, error in errors if error.kind.name == "falseSchema"}
        errors = [(path, error) for path, error in errors if not self._is_inside(path, error, silent)]
        best: dict[Path, tuple[int, ValidationError]] = {}
        for path, error in errors:
            name = error.kind.name
            if name == "additionalProperties":
                self._unknown(path, error)
            elif name != "required":
                rank = _ORDER.index(name) if name in _ORDER else len(_ORDER)
                if path not in best or rank < best[path][0]:
                    best[path] = (rank, error)
        for path, error in errors:
            if error.kind.name == "required":
                self._missing(path, error)
        for path, (_, error) in best.items():
            self._value(path, error)
        return self.problems

    def _is_inside(self, path: Path, error: ValidationError, silent: set[Path]) -> bool:
        """Whether the node of ``error`` is, or is in, one of ``silent``: it has been dealt with."""
        if error.kind.name == "falseSchema" and path not in self._tree.bad:
            return any(path[:length] in silent for length in range(len(path)))
        return any(path[:length] in silent for length in range(len(path) + 1))

    def _add(  # noqa: PLR0913 - the parts of a problem, each named where it is called
        self, code: str, path: Path, message: str, hint: str, *, key: bool = False, odd: str = ""
    ) -> None:
        """A problem at the node of ``path``; with ``key``, or where the node is a section, at its key.

        Where ``odd``, the node's text, has a character that is not what it looks like, it is named, with its column.
        """
        span = self._tree.spans[path]
        start, end = span.start, span.end
        if (place := odd_at(odd)) >= 0:
            at = self._source.text.find(odd[place], start, end)
            start, end = (at, at + 1) if at >= 0 else (start, end)
            message += f"; it has {character_in_words(odd[place])}"
            message += f" (column {self._source.locate(start)[1]})" if at >= 0 else ""
        if span.key_start >= 0 and (key or isinstance(self._get(path), (dict, list))):
            start, end = span.key_start, span.key_end
        elif not path:
            end = start + 1
        self.problems.append(self._source.problem(code, start, end, message, hint))

    def _condition(self, error: ValidationError) -> str:
        return condition(error, self._tree.data)

    def _get(self, path: Path) -> Any:
        node = self._tree.data
        for part in path:
            node = node[part]
        return node

    def _missing(self, path: Path, error: ValidationError) -> None:
        name: str = error.kind.property  # type: ignore[attr-defined]
        if (*path, name) in self._meant:
            return
        where = f" in `{format_path(path)}`" if path else ""
        known = _schema.schema_of((*path, name))
        examples = known.get("examples") or [None]
        example = f"; for example `{name}: {examples[0]}`" if isinstance(examples[0], (str, int)) else ""
        purpose = str(known.get("description", "")).split(". ")[0].rstrip(".")
        message = f"`{name}` is missing{where}{self._condition(error)}"
        self._add("PXG021", path, message, because(error) or f"{purpose}{example}", key=True)

    def _unknown(self, path: Path, error: ValidationError) -> None:
        present: dict[str, Any] = self._get(path)
        known = _schema.schema_of(path).get("properties", {})
        for name in error.kind.unexpected:  # type: ignore[attr-defined]
            where = f"`{format_path(path)}`" if path else "a description"
            elsewhere = _schema.sections().get(name)
            if guess := similar(name, [key for key in known if key not in present]):
                hint = f"did you mean `{guess}`?"
                self._meant.add((*path, guess))
            elif guess := similar(name, known):
                hint = f"did you mean `{guess}`, which is given already?"
            elif elsewhere and elsewhere != name:
                hint = f"there is `{elsewhere}`; check the indentation"
            elif elsewhere:
                hint = f"`{elsewhere}` is at the outermost level; check the indentation"
            else:
                hint = f"keys here are {one_of(known)}"
            if (place := odd_at(name)) >= 0:
                hint = (
                    f"character {place + 1} of the key is {character_in_words(name[place])}; type the key anew. {hint}"
                )
            self._add("PXG020", (*path, name), f"{where} has no key `{name}`", hint, key=True)

    def _value(self, path: Path, error: ValidationError) -> None:
        """A problem of the value at ``path`` itself."""
        name, value = error.kind.name, self._get(path)
        key = f"`{format_path(path)}`" if path else "the file"
        known = _schema.schema_of(path)
        if name == "falseSchema":
            self._add("PXG028", path, f"{key} is not used{self._condition(error)}", "remove it", key=True)
        elif name == "type":
            message, hint = wrong_type(known, value, str(path[-1]) if path else "")
            self._add("PXG022", path, f"{key} {message}", hint)
        elif name in ("enum", "const"):
            self._choice(path, key, error)
        elif name in ("minLength", "maxLength"):
            self._length(path, key, known, str(value))
        elif name == "pattern":
            wanted = known.get("patternErrorMessage", "has another form")
            self._add("PXG024", path, f"{key} {wanted}", advice(known, str(value)), odd=str(value))
        elif name in ("minimum", "maximum"):
            message = f"{key} must be between {known['minimum']} and {known['maximum']}, and is {value}"
            nearest = max(known["minimum"], min(known["maximum"], value))
            self._add("PXG026", path, message, f"write a number in that range; the nearest is {nearest}")
        else:
            self._count(path, key, known, value)

    def _choice(self, path: Path, key: str, error: ValidationError) -> None:
        kind: Any = error.kind
        options = kind.options if kind.name == "enum" else [kind.expected_value]
        value = self._get(path)
        if not isinstance(value, type(options[0])) or isinstance(value, bool) is not isinstance(options[0], bool):
            message, hint = wrong_type({"type": type_name(options[0]), "examples": options}, value, str(path[-1]))
            self._add("PXG022", path, f"{key} {message}", hint)
            return
        guess = similar(str(value), options)
        hint = f"did you mean `{guess}`?" if guess else f"write {one_of(options)}"
        message = f"{key} must be {one_of(options)}{self._condition(error)}"
        if path == ("version",):
            hint = "write `version: 1`; another version of the format needs another pexgen"
        elif path == _PLATFORM and kind.name == "const":
            hint = f"write `platform: {options[0]}`, or for Exchange Server `method: service-account`"
        elif path[0] == "accept":
            message = f"{key} must be the code of a finding that can be accepted, PXG101 or above"
            hint = "write the code as `pexgen lint` shows it; `pexgen explain PXG104` says what one means"
        self._add("PXG023", path, message, because(error) or hint, odd=str(value))

    def _length(self, path: Path, key: str, known: dict[str, Any], value: str) -> None:
        if not value:
            self._add("PXG025", path, f"{key} is empty text", "fill it in, or remove the key")
            return
        most = known.get("maxLength")
        least = known.get("minLength", 1)
        if len(value) < least:
            hint = known.get("x-hint") or f"write at least {least} characters"
            self._add("PXG025", path, f"{key} is shorter than {least} characters", hint)
            return
        message = f"{key} has {len(value)} characters; at most {most} are possible"
        self._add("PXG025", path, message, f"shorten it by {len(value) - most}" if most else "shorten it")

    def _count(self, path: Path, key: str, known: dict[str, Any], value: dict[str, Any] | list[Any]) -> None:
        if not value:
            self._add("PXG027", path, f"{key} is empty", "put something into it, or remove the key")
        else:
            message = f"{key} has {len(value)} entries; at most {known['maxItems']} are possible"
            hint = f"take {len(value) - known['maxItems']} out"
            if path == ("scheduling_group", "members"):
                hint += ", or keep the members in a group of yours and adopt it: `adopt: true`"
            self._add("PXG027", path, message, hint)
