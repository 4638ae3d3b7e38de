"""For a ticket or a repository: Markdown as GitHub, Azure DevOps and Jira read it, without any HTML.

No line is longer than 120 characters but those of code: forms of tickets cut or refuse longer ones. So rows of a table
are lists.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator

from pexgen.output.blocks import Block, Code, Figure, Heading, Items, Paragraph, Shown, Table
from pexgen.output.characters import on_one_line

ENDINGS = ("md",)
BEGINS = "# {title}"
USE = "a ticket or a repository; no HTML in it"

_WIDTH = 120
# A backslash before a letter is one; before a mark it would hide it, and at the end of a line it would break the line.
_MARKS = re.compile(r"([`*\[\]|~#]|\\(?=[^A-Za-z0-9]|$))")
# Between letters an underscore is one; elsewhere it would begin or end emphasis.
_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
# At the beginning of a line these make a list or a rule; a number with a full stop is meant as a list in the first one.
_BEGINS_A_LIST = re.compile(r"^(\s*)([-+](?=\s|$)|[-=](?=[-=\s]*$)|\d+(?=[.)]\s))")


def render(blocks: Iterable[Block]) -> str:
    """Return a record as Markdown."""
    return "\n".join(line for block in blocks for line in _lines(block)).rstrip("\n") + "\n"


def _lines(block: Block) -> Iterator[str]:
    if not isinstance(block, Figure):
        yield from _block(block)
        yield ""


def _block(block: Shown) -> Iterator[str]:
    if isinstance(block, Heading):
        yield f"{'#' * block.level} {_escaped(block.text)}"
    elif isinstance(block, Paragraph):
        yield from _wrapped(block.text)
    elif isinstance(block, Items):
        for item in block.items:
            yield from _wrapped(item, "- ")
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
    """Yield a list item a row: the first cell, and below it the others with what they are."""
    for first, *others in table.rows:
        if not any(table.head):
            yield from _wrapped(f"{first}: {others[0]}", "- ", bold=len(first))
            continue
        yield from _wrapped(first, "- ", bold=len(first))
        for name, cell in zip(table.head[1:], others, strict=True):
            if cell:
                yield from _wrapped(f"{name}: {cell}", "  - ")


def _wrapped(text: str, begins: str = "", *, bold: int = 0) -> Iterator[str]:
    """Yield text in lines, of which none begins a list but the first one where it is meant to.

    Of its letters the first ``bold`` are shown in bold.
    """
    shown = _escaped(text) if not bold else f"**{_escaped(text[:bold])}**{_escaped(text[bold:])}"
    lines = textwrap.wrap(
        shown,
        _WIDTH,
        initial_indent=begins,
        subsequent_indent=" " * len(begins),
        break_long_words=False,
        break_on_hyphens=False,
    )
    for number, line in enumerate(lines):
        is_meant = number == 0 and (begins or line[0].isdigit())
        yield line if is_meant else _BEGINS_A_LIST.sub(_unlisted, line)


def _unlisted(found: re.Match[str]) -> str:
    indent, mark = found.groups()
    return f"{indent}{mark}\\" if mark[0].isdigit() else f"{indent}\\{mark}"


def _escaped(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    marked = _UNDERSCORE.sub(r"\\_", _MARKS.sub(r"\\\1", on_one_line(text)))
    return marked.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
