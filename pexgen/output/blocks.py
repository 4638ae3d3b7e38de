"""What a record is made of, whatever its form: headings, paragraphs, lists, tables and lines to type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Union


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; ``level`` is 1 for the title. ``anchor`` names the section for programs and links."""

    level: int
    text: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list of plain texts."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of plain texts under a head; a head of empty texts is none. ``kind`` says what the rows are about."""

    kind: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Lines to type, or that a runbook sends."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture as SVG, which HTML alone shows: whatever it says stands in a table too."""

    svg: Callable[[], str]


Shown = Union[Heading, Paragraph, Items, Table, Code]  # noqa: UP007 - one name for mypy and 3.10's isinstance
"""What every form shows."""

Block = Union[Heading, Paragraph, Items, Table, Code, Figure]  # noqa: UP007 - one name for mypy and 3.10's isinstance
