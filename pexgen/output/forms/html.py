"""For a browser or a mail: one HTML file that loads nothing and runs nothing, with a picture of objects and links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape

from pexgen.output.blocks import Block, Code, Figure, Heading, Items, Paragraph, Table
from pexgen.output.characters import on_one_line
from pexgen.output.style import STYLE

ENDINGS = ("html", "htm")
BEGINS = "<!DOCTYPE html>"
USE = "a browser or print: one file that loads nothing and runs nothing, with a picture of the objects and their links"

_SECTION = 2
_WHOLE = re.compile(r"\S*[-@]\S*")
"""What a browser would break in its middle: an address, an ID, a name with hyphens."""


def render(blocks: Iterable[Block]) -> str:
    """Return a record as one HTML file; its first block is the title."""
    first, *rest = blocks
    title = first.text if isinstance(first, Heading) else ""
    head = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{_text(title)}</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>\n"
    )
    lines = (*_block(first), *_contents(rest), *(line for block in rest for line in _block(block)))
    return head + "\n".join(lines) + "\n</body>\n</html>\n"


def _contents(blocks: list[Block]) -> Iterator[str]:
    """Yield a list of the sections, each a link to it."""
    yield "<nav><ul>"
    for block in blocks:
        if isinstance(block, Heading) and block.level == _SECTION:
            yield f'<li><a href="#{block.anchor}">{_text(block.text)}</a></li>'
    yield "</ul></nav>"


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Heading):
        yield f'<h{block.level} id="{block.anchor}">{_prose(block.text)}</h{block.level}>'
    elif isinstance(block, Figure):
        yield f'<div class="picture">{block.svg()}</div>'
    elif isinstance(block, Paragraph):
        yield f"<p>{_prose(block.text)}</p>"
    elif isinstance(block, Items):
        yield "<ul>"
        yield from (f"<li>{_prose(item)}</li>" for item in block.items)
        yield "</ul>"
    elif isinstance(block, Code):
        yield "<pre>" + "\n".join(_text(line) for line in block.lines) + "</pre>"
    else:
        yield from _table(block)


def _table(table: Table) -> Iterator[str]:
    yield f'<table class="{table.kind}">'
    has_head = any(table.head)
    if has_head:
        yield "<tr>" + "".join(f'<th scope="col">{_text(cell)}</th>' for cell in table.head) + "</tr>"
    for row in table.rows:
        if has_head:
            cells = "".join(_cell(name, cell) for name, cell in zip(table.head, row, strict=True))
        else:
            cells = f'<th scope="row">{_prose(row[0])}</th>' + "".join(f"<td>{_prose(cell)}</td>" for cell in row[1:])
        yield f"<tr>{cells}</tr>"
    yield "</table>"


def _cell(name: str, cell: str) -> str:
    """Return a cell that knows its column, for narrow panes. Risk is a word and a color."""
    risk = f' class="{cell}"' if name == "risk" else ""
    return f'<td data-head="{_text(name)}"{risk}>{_prose(cell)}</td>'


def _prose(text: str) -> str:
    """Return text in which no word with a hyphen or an @ is broken unless it is longer than its line; then at these."""
    line, parts, end = on_one_line(text), [], 0
    for found in _WHOLE.finditer(line):
        word = escape(found.group()).replace("@", "<wbr>@")
        parts += [escape(line[end : found.start()]), f'<span class="whole">{word}</span>']
        end = found.end()
    return "".join((*parts, escape(line[end:])))


def _text(text: str) -> str:
    return escape(on_one_line(text))
