"""Dataclasses that every start makes: frozen ones, whose methods are written here once.

``@dataclass(frozen=True)`` writes the same methods anew for each class and has Python compile them. For the sections of
a description and the catalogue that was an eighth of a whole render.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_said: object) -> Callable[[type], type]:
        """Do nothing; what it says is for type checkers, and the typing module has it from Python 3.11 on."""
        return lambda kind: kind


@dataclass_transform(frozen_default=True, kw_only_default=True, eq_default=False, field_specifiers=(field,))
class Frozen:
    """Makes a dataclass of each subclass. Its fields are given by name and do not change; it equals itself alone."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    _defaults: ClassVar[dict[str, Any]]
    _required: ClassVar[frozenset[str]]

    def __init_subclass__(cls) -> None:
        dataclass(init=False, repr=False, eq=False)(cls)
        # Every field, so that an object has all of them in their order.
        cls._defaults = {each.name: each.default for each in fields(cls)}
        cls._required = frozenset(name for name, default in cls._defaults.items() if default is MISSING)

    def __init__(self, **given: Any) -> None:
        if not self._required <= given.keys() <= self._defaults.keys():
            wrong = ", ".join(sorted((self._required - given.keys()) | (given.keys() - self._defaults.keys())))
            raise TypeError(f"{type(self).__name__}: missing or not a field: {wrong}")
        self.__dict__.update(self._defaults, **given)

    def __setattr__(self, name: str, _value: object) -> NoReturn:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __repr__(self) -> str:
        shown = ", ".join(f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
        return f"{type(self).__name__}({shown})"


class FrozenValue(Frozen):
    """The same, and equal to each of its class that has the same values."""

    def __eq__(self, other: object) -> bool:
        return self.__dict__ == other.__dict__ if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self.__dict__.values()))
