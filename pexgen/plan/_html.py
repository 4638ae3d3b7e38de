"""For a browser or a mail: one HTML file that loads nothing and runs nothing, with a picture of who reaches what."""

from __future__ import annotations

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
table { border-collapse: collapse; width: 100% }
th, td { border: 1px solid #bbb; padding: .3rem .6rem; text-align: left; vertical-align: top; overflow-wrap: anywhere }
pre { background: #f2f2f2; padding: .6rem; white-space: pre-wrap; overflow-wrap: anywhere }
svg { width: 100%; height: auto; font: 13px system-ui, sans-serif }
@media print { body { max-width: none; margin: 0 } h2 { break-after: avoid } }"""


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
        yield f"<h{block.level}>{_text(block.text)}</h{block.level}>"
        if block.text == "Who can reach whose mailbox" and plan.reach:
            yield picture(plan)
    elif isinstance(block, Paragraph):
        yield f"<p>{_text(block.text)}</p>"
    elif isinstance(block, Items):
        yield "<ul>"
        yield from (f"<li>{_text(item)}</li>" for item in block.items)
        yield "</ul>"
    elif isinstance(block, Code):
        yield "<pre>" + "\n".join(_text(line) for line in block.lines) + "</pre>"
    else:
        yield from _table(block)


def _table(table: Table) -> Iterator[str]:
    yield "<table>"
    if any(table.head):
        yield "<tr>" + "".join(f'<th scope="col">{_text(cell)}</th>' for cell in table.head) + "</tr>"
    for row in table.rows:
        first = "" if any(table.head) else f'<th scope="row">{_text(row[0])}</th>'
        cells = row if any(table.head) else row[1:]
        yield "<tr>" + first + "".join(f"<td>{_text(cell)}</td>" for cell in cells) + "</tr>"
    yield "</table>"


def _text(text: str) -> str:
    return escape(on_one_line(text))
