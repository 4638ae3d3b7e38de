"""For a ticket or a repository: Markdown as GitHub and GitLab read it, without any HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pexgen.plan._characters import on_one_line
from pexgen.plan._document import Block, Code, Heading, Items, Paragraph, Table, document
from pexgen.plan.model import Plan

_MARKS = re.compile(r"([\\`*\[\]|~#])")
# Between letters an underscore is one; elsewhere it would begin or end emphasis.
_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
# At the beginning of a line these make a list or a rule; a number with a full stop is meant as a list.
_BEGINS_A_LIST = re.compile(r"^([-+=])")


def render(plan: Plan) -> str:
    """Return the plan as Markdown."""
    return "\n".join(line for block in document(plan) for line in (*_block(block), "")).rstrip("\n") + "\n"


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Heading):
        yield f"{'#' * block.level} {_escaped(block.text)}"
    elif isinstance(block, Paragraph):
        yield _BEGINS_A_LIST.sub(r"\\\1", _escaped(block.text))
    elif isinstance(block, Items):
        yield from (f"- {_escaped(item)}" for item in block.items)
    elif isinstance(block, Code):
        yield from _fenced(block)
    else:
        yield from _table(block)


def _fenced(code: Code) -> Iterator[str]:
    """Yield the lines in a fence that is longer than any run of backticks in them."""
    lines = [on_one_line(line) for line in code.lines]
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield from (f"{fence}powershell", *lines, fence)


def _table(table: Table) -> Iterator[str]:
    yield _row(table.head)
    yield "|" + "---|" * len(table.head)
    yield from (_row(row) for row in table.rows)


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(_escaped(cell) for cell in cells)} |"


def _escaped(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    marked = _UNDERSCORE.sub(r"\\_", _MARKS.sub(r"\\\1", on_one_line(text)))
    return marked.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
