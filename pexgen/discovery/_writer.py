"""Writes a description line by line: keys with their values, and remarks beside them."""

from __future__ import annotations

from pexgen.description import scalar
from pexgen.discovery._screen import shown

_WIDTH = 118


class DescriptionWriter:
    """A description as it grows. Sections are two blanks deep, lists four."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    @property
    def text(self) -> str:
        """The description so far: LF."""
        return "\n".join(self._lines).strip("\n") + "\n"

    def section(self, name: str) -> None:
        """Begin a section after an empty line."""
        self._lines += ["", f"{name}:"]

    def key(self, name: str, value: str | int, depth: int = 1) -> None:
        """Write a key; ``depth`` is that of its section."""
        self._lines.append(f"{'  ' * depth}{name}: {scalar(value)}")

    def items(self, name: str, values: tuple[str, ...]) -> None:
        """Write a list of texts, one on a line."""
        self._lines.append(f"  {name}:" + ("" if values else " []"))
        self._lines += [f"    - {scalar(value)}" for value in values]

    def raw(self, line: str) -> None:
        """Write a line as it is."""
        self._lines.append(line)

    def doubt(self, text: str, depth: int = 1) -> None:
        """Mark what the discovery cannot know."""
        self.remark(f"doubt: {text}", depth)

    def remark(self, text: str, depth: int = 0) -> None:
        """Write a comment, in as many lines as it needs."""
        margin = "  " * depth + "# "
        line = margin
        for word in shown(text).split():
            if len(line) + len(word) > _WIDTH and line != margin:
                self._lines.append(line.rstrip())
                line = margin
            line += word + " "
        self._lines.append(line.rstrip())
