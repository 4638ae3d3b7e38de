"""Values of a runbook's parameters, held against what a description can give: which keys, and of which types."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args

from pexgen.description.model import Description
from pexgen.literal_reader import NotALiteralError
from pexgen.parameters import VALUE_TYPES, DeploymentParameter, pascal_case
from pexgen.words import listed

if TYPE_CHECKING:
    from pexgen.literals import Value

_WORDS_OF = {VALUE_TYPES[name].kind: VALUE_TYPES[name].words for name in ("string", "bool", "int")}


def require_type(value: Value, parameter: DeploymentParameter) -> None:
    """Raise :class:`NotALiteralError` for a value that no description gives this parameter.

    Types are exact: in Python True is 1, and in a runbook it is not.
    """
    wanted = VALUE_TYPES[parameter.type]
    if type(value) is not wanted.kind:
        raise NotALiteralError(f"it is not {wanted.words}")
    items: tuple[Any, ...] = value if isinstance(value, tuple) else (value,)
    if parameter.type == "string[]" and any(type(item) is not str for item in items):
        raise NotALiteralError("an entry of it is not text")
    if parameter.type.startswith("hashtable"):
        section = _section(parameter.key)
        for table in items:
            _require_table(table, section)


def _require_table(table: Any, section: type[Any]) -> None:
    if type(table) is not dict:
        raise NotALiteralError("an entry of it is not a table")
    known = {pascal_case(field.name): _kinds(field.type) for field in fields(section)}
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise NotALiteralError(f"it has {', '.join(unknown)}, and there is only {', '.join(known)}")
    missing = [name for name, kinds in known.items() if NoneType not in kinds and name not in table]
    if missing:
        raise NotALiteralError(f"it has no {', '.join(missing)}")
    for name, item in table.items():
        # What is absent is left out of a table; so $null stands in none.
        if item is None or type(item) not in known[name]:
            words = listed(_WORDS_OF[kind] for kind in known[name] if kind is not NoneType)
            raise NotALiteralError(f"its {name} is not {words}")


def _section(key: str) -> type[Any]:
    """Return the section of a description that a table under this key is made of."""
    kind: Any = Description
    for name in key.split("."):
        annotation = next(field.type for field in fields(kind) if field.name == name)
        kind = next(each for each in _kinds(annotation) if is_dataclass(each))
    found: type[Any] = kind
    return found


def _kinds(annotation: Any) -> tuple[type[Any], ...]:
    return get_args(annotation) or (annotation,)
