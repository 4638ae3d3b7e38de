"""Reads the file that a discovery wrote, object by object; somebody may have changed it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pexgen import sizes
from pexgen.errors import InputError, Problem
from pexgen.inputs import read_input, shown_name

FORMAT = "pexgen.discovery/1"

_CODE = "PXG096"


@dataclass(frozen=True, slots=True)
class Discovered:
    """One object of the file; a property that is missing, or of another kind, is an :class:`InputError`."""

    file: str
    place: str
    values: Mapping[str, Any]

    def text(self, key: str) -> str:
        """Return a text as it is, with whatever a screen would not show; null counts as empty."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, str):
            raise self._wrong(key, "a text")
        return value or ""

    def has(self, key: str) -> bool:
        """Whether there is such a key at all: what was not looked for has none, and what could not be read is null."""
        return key in self.values

    def plain(self, key: str) -> str | int | None:
        """Return a text, a number, a truth value, or None where Exchange gave none."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, (str, int)):
            raise self._wrong(key, "a plain value")
        return self.text(key) if isinstance(value, str) else value

    def flag(self, key: str) -> bool:
        """Return a truth value."""
        value = self.values.get(key)
        if not isinstance(value, bool):
            raise self._wrong(key, "true or false")
        return value

    def one(self, key: str) -> Discovered:
        """Return an object."""
        value = self.values.get(key)
        if not isinstance(value, dict):
            raise self._wrong(key, "an object")
        return Discovered(self.file, f"{self.place}{key}.", value)

    def option(self, key: str) -> str:
        """Return an option that the script was run with; empty where it had none, or the file does not say it."""
        return self.one("asked").text(key) if self.has("asked") else ""

    def texts(self, key: str) -> tuple[str, ...] | None:
        """Return a list of texts, or None where it could not be read."""
        rows = self._rows(key)
        if rows is None:
            return None
        return tuple(Discovered(self.file, f"{self.place}{key}.", {"": row}).text("") for row in rows)

    def rows(self, key: str) -> tuple[Discovered, ...] | None:
        """Return a list of objects, or None where it could not be read or was not looked for."""
        rows = self._rows(key)
        return None if rows is None else tuple(self._records(key, rows))

    def _rows(self, key: str) -> Sequence[Any] | None:
        value = self.values.get(key)
        if value is not None and not isinstance(value, list):
            raise self._wrong(key, "a list")
        return value

    def _records(self, key: str, rows: Sequence[Any]) -> Iterator[Discovered]:
        for number, row in enumerate(rows):
            if not isinstance(row, dict):
                raise self._wrong(key, "a list of objects")
            yield Discovered(self.file, f"{self.place}{key}[{number}].", row)

    def _wrong(self, key: str, wanted: str) -> InputError:
        return _problem(self.file, f"'{self.place}{key}' has to be {wanted}")


def read_discovery(data: bytes, file: str) -> Discovered:
    """Return what a discovery wrote; raises :class:`InputError` about ``file`` for anything else."""
    if len(data) > sizes.TENANT:
        raise _problem(file, f"it has more than {sizes.spoken(sizes.TENANT)}")
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise _problem(file, "it is not JSON in UTF-8") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise _problem(file, f'it does not begin with {{"format": "{FORMAT}"')
    return Discovered(file, "", found)


def load_discovery(path: str) -> Discovered:
    """Read the file ``path`` as what a discovery wrote; raises :class:`InputError` where it is not."""
    return read_discovery(read_input(path, sizes.TENANT, code=_CODE), shown_name(path))


def _problem(file: str, message: str) -> InputError:
    hint = "name the JSON file that the script of `pexgen discover` wrote, unchanged"
    return InputError((Problem(_CODE, message, file, hint=hint),))
