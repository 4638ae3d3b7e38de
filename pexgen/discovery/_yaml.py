"""Lines of a description: values as YAML of one line, and remarks beside them."""

from __future__ import annotations

import json
import re

from pexgen.discovery._screen import shown, spelled

_PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9._@/\\+-]| (?=[A-Za-z0-9]))*")
_MEANING = re.compile(r"(?i)y|n|yes|no|on|off|true|false|null")
_WIDTH = 118


def scalar(value: str | int) -> str:
    """Return a value as YAML; a text that could be read as anything else is quoted."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if _PLAIN.fullmatch(value) and not _MEANING.fullmatch(value):
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    # A reader sees an escape, and does not see what it stands for.
    return "".join(each if each.isprintable() else spelled(each) for each in quoted)


class Lines:
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
