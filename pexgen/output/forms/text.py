"""For a console, a mail or a ticket without markup: lines of at most 100 columns, but for what is typed."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator

from pexgen.output.blocks import Block, Code, Figure, Heading, Items, Paragraph, Shown, Table
from pexgen.output.characters import on_one_line, without_orders

ENDINGS = ("txt",)
BEGINS = "{title}"
USE = "a console, a mail, a ticket without markup"

_WIDTH = 100
_AT_BEGINNING = re.compile(r"^(\s*)(?=::)")
_RULES = {1: "=", 2: "-"}


def render(blocks: Iterable[Block]) -> str:
    """Return a record as plain text."""
    return "\n".join(_no_command(line) for block in blocks for line in _lines(block)).rstrip("\n") + "\n"


def _no_command(line: str) -> str:
    """Return a line that a build service does not take for an order, wherever a value happens to begin or break."""
    return without_orders(_AT_BEGINNING.sub(r"\1| ", line))


def _lines(block: Block) -> Iterator[str]:
    if not isinstance(block, Figure):
        yield from _block(block)
        yield ""


def _block(block: Shown) -> Iterator[str]:
    if isinstance(block, Heading):
        yield from _heading(block)
    elif isinstance(block, Paragraph):
        yield from _wrapped(block.text)
    elif isinstance(block, Items):
        for item in block.items:
            yield from _wrapped(item, "- ", "  ")
    elif isinstance(block, Code):
        yield from (f"    {on_one_line(line)}" for line in block.lines)
    else:
        yield from _table(block)


def _heading(heading: Heading) -> Iterator[str]:
    lines = list(_wrapped(heading.text))
    yield from lines
    rule = _RULES.get(heading.level)
    if rule:
        yield rule * max(map(len, lines))


def _table(table: Table) -> Iterator[str]:
    """Yield one line a row where there are two columns without a head, else one list a row."""
    if not any(table.head):
        width = max(len(row[0]) for row in table.rows) + 2
        for name, value in table.rows:
            yield from _wrapped(value, name.ljust(width), " " * width)
        return
    for row in table.rows:
        yield from _wrapped(row[0], "- ", "  ")
        for name, cell in zip(table.head[1:], row[1:], strict=True):
            if cell:
                yield from _wrapped(cell, f"  {name}: ", "    ")


def _wrapped(text: str, first: str = "", later: str = "") -> list[str]:
    return textwrap.wrap(
        on_one_line(text),
        _WIDTH,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )
