"""For a browser or a mail: one HTML file that loads nothing and runs nothing, with a picture of objects and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from pexgen.plan._characters import on_one_line
from pexgen.plan._document import Block, Code, Heading, Items, Paragraph, Table, document
from pexgen.plan._picture import picture
from pexgen.plan.model import Plan

_STYLE = """\
body { font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem }
h1, h2, h3 { line-height: 1.25; margin: 2rem 0 .5rem }
table { border-collapse: collapse; width: 100%; table-layout: fixed; font-size: .85rem }
th, td { border: 1px solid #bbb; padding: .3rem .6rem; text-align: left; vertical-align: top; overflow-wrap: anywhere }
th[scope=row] { width: 24% }
.who th:nth-child(1) { width: 27% } .who th:nth-child(2) { width: 26% } .who th:nth-child(3) { width: 19% }
.step th:nth-child(1) { width: 20% } .step th:nth-child(2) { width: 9% } .step th:nth-child(3) { width: 17% }
.code th:nth-child(1) { width: 12% } .code th:nth-child(2) { width: 58% }
.whole { display: inline-block; max-width: 100%; overflow-wrap: anywhere }
pre { background: #f2f2f2; padding: .6rem; white-space: pre-wrap; overflow-wrap: anywhere }
svg { width: 100%; height: auto; margin: 1rem 0; font: 12px/1 system-ui, sans-serif; break-inside: avoid }
@media print { table { font-size: .7rem } body { max-width: none; margin: 0 } h2 { break-after: avoid } }"""


_WHOLE = re.compile(r"\S*[-@]\S*")
"""What a browser would break in its middle: an address, an ID, a name with hyphens."""


def render(plan: Plan) -> str:
    """Return the plan as one HTML file."""
    blocks = list(document(plan))
    title = blocks[0].text if isinstance(blocks[0], Heading) else plan.name
    head = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{_text(title)}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>\n"
    )
    return head + "\n".join(line for block in blocks for line in _block(block, plan)) + "\n</body>\n</html>\n"


def _block(block: Block, plan: Plan) -> Iterator[str]:
    if isinstance(block, Heading):
        yield f"<h{block.level}>{_prose(block.text)}</h{block.level}>"
        if block.text == "Who can reach whose mailbox" and plan.reach:
            yield picture(plan)
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
    yield f'<table class="{table.head[0]}">' if any(table.head) else "<table>"
    if any(table.head):
        yield "<tr>" + "".join(f'<th scope="col">{_text(cell)}</th>' for cell in table.head) + "</tr>"
    for row in table.rows:
        first = "" if any(table.head) else f'<th scope="row">{_prose(row[0])}</th>'
        cells = row if any(table.head) else row[1:]
        yield "<tr>" + first + "".join(f"<td>{_prose(cell)}</td>" for cell in cells) + "</tr>"
    yield "</table>"


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
