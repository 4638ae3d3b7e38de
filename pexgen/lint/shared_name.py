"""PXG146: two of the descriptions that are looked at together have one name, and so one runbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Loaded

# One description says nothing of others; what they have in common is found by Names.
RULE = Rule(
    "PXG146",
    "One name for two descriptions",
    "error",
    "A deployment's name is that of its runbook, manifest, plan and journal. Of two descriptions with one name, or "
    "with names that differ in case alone, which are one file on Windows and macOS, only one can be rendered into a "
    "folder, and a journal could be taken for the other's. It is looked for among the descriptions that one command is "
    "given; the first of them keeps the name. Give the other one another name, or accept the finding where the two "
    "never meet.",
    lambda _description: (),
)


class Names:
    """The names of the descriptions that one command looks at, in its order."""

    def __init__(self) -> None:
        self._first: dict[str, tuple[str, str]] = {}

    def findings(self, loaded: Loaded) -> Iterator[Finding]:
        """Yield what is wrong with the name of one more description."""
        name = loaded.description.name
        other, file = self._first.setdefault(name.casefold(), (name, loaded.name))
        if file == loaded.name:
            return
        said = f'"{name}" is the name of {file} too' if other == name else f'"{name}" is one file name with "{other}"'
        if other != name:
            said += f", the name of {file}, on Windows and macOS"
        yield Finding("name", said, "give each deployment a name of its own: its runbook is called by it")
