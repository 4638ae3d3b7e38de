"""The picture of a plan: for each row of its access table who, through what, and what is reached, joined by arrows."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from html import escape

from pexgen.plan._characters import on_one_line
from pexgen.plan.model import Plan, Reach

_WIDTH, _BOX, _GAP, _LINE, _PAD = 960, 280, 60, 17, 10
_COLUMNS = 38
"""So many letters fit into a line of a box."""
_MOST_LINES = 7


def picture(plan: Plan) -> str:
    """Return the picture as SVG, to stand in HTML; its text is what a reader who does not see it needs."""
    rows = list(_rows(plan.reach))
    label = "; ".join(f"{each.who}, through {each.through}: {each.after}" for each in plan.reach)
    height = rows[-1][1] if rows else 0
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(on_one_line(label))}">\n'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#555"/></marker></defs>\n' + "\n".join(row for row, _ in rows) + "\n</svg>"
    )


def _rows(reach: tuple[Reach, ...]) -> Iterator[tuple[str, int]]:
    """Yield each row's elements, and where the next row begins."""
    top = 1
    for each in reach:
        texts = [_lines(text) for text in (each.who, each.through, each.after)]
        height = max(map(len, texts)) * _LINE + 2 * _PAD
        boxes = "\n".join(_box(place, top, height, lines) for place, lines in enumerate(texts))
        middle = top + height // 2
        arrows = "".join(_arrow(place, middle) for place in range(2))
        top += height + 16
        yield f"{boxes}\n{arrows}", top


def _lines(text: str) -> list[str]:
    return textwrap.wrap(on_one_line(text), _COLUMNS, max_lines=_MOST_LINES, placeholder=" ...")


def _box(place: int, top: int, height: int, lines: list[str]) -> str:
    left = 1 + place * (_BOX + _GAP - 1)
    spans = "".join(
        f'<text x="{left + _PAD}" y="{top + _PAD + 13 + number * _LINE}">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )
    fill = ("#e8f0fe", "#f4f4f4", "#fdf1e3")[place]
    return f'<rect x="{left}" y="{top}" width="{_BOX}" height="{height}" rx="6" fill="{fill}" stroke="#888"/>{spans}'


def _arrow(place: int, middle: int) -> str:
    left = 1 + place * (_BOX + _GAP - 1) + _BOX
    return (
        f'<line x1="{left}" y1="{middle}" x2="{left + _GAP - 2}" y2="{middle}" stroke="#555" stroke-width="2" '
        'marker-end="url(#tip)"/>'
    )
