"""A description while it is being made: what stands in it, and what ``lint`` has against that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pexgen.description import Editor, load, parse_path
from pexgen.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import KeyValue

_EXAMPLES = ("PXG120", "PXG141")


class Draft:
    """The text of a description that is made from a starter, and is to become the file ``name``."""

    def __init__(self, text: str, name: str) -> None:
        self.text, self._name = text, name
        self._editor = Editor(text)

    def value(self, key: str) -> Any:
        """Return what is there, None where nothing is."""
        return self._editor.value(parse_path(key))

    def place(self, key: str) -> int:
        """Return where a key stands, or is shown by a comment: for sorting."""
        return self._editor.place(parse_path(key))

    def put(self, key: str, value: KeyValue) -> Draft:
        """Return the draft with that value."""
        return Draft(self._editor.put(parse_path(key), value), self._name)

    def examples(self) -> list[str]:
        """Return the keys that still have the example of a starter, by the rules that look for it."""
        from pexgen.lint import RULES

        description = load(self.text.encode(), self._name, needs_manifest=False).description
        rules = (rule for rule in RULES if rule.code in _EXAMPLES)
        return [finding.key for rule in rules for finding in rule.check(description)]

    def problems(self) -> tuple[Problem, ...]:
        """Return what the schema has against the draft."""
        try:
            load(self.text.encode(), self._name, needs_manifest=False)
        except InputError as error:
            return error.problems
        return ()

    def errors_at(self, key: str) -> tuple[Problem, ...]:
        """Return the errors that ``lint`` finds at a key, and whatever else the schema has against the draft."""
        from pexgen.lint import examine

        try:
            loaded = load(self.text.encode(), self._name, needs_manifest=False)
            return tuple(self._errors(examine(loaded).problems, key))
        except InputError as error:
            # Rules of the organization's own that cannot be read are for `lint` to tell: no answer mends them.
            return tuple(each for each in error.problems if each.file == self._name)

    def _errors(self, problems: tuple[Problem, ...], key: str) -> Iterator[Problem]:
        lines = self._editor.lines(parse_path(key)) if self.value(key) is not None else range(0)
        return (each for each in problems if each.severity == "error" and each.line in lines)
