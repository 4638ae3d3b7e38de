"""The picture of a plan: its parts as boxes, each kind at its place, and its links as arrows with words.

The places are such that no two arrows cross and no arrow runs through a box: identities stand at the top left, what
they hold below them, mailboxes at the end of that, and what decides from the side beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from pexgen.output.characters import on_one_line
from pexgen.plan._wrapping import wrapped
from pexgen.plan.model import Link, Part, Plan

_BOX, _GAP, _ROW_GAP, _LINE, _PAD = 282, 80, 54, 16, 9
_WIDTH = 3 * _BOX + 2 * _GAP + 2
_TITLE, _TEXT, _WORDS = 300, 345, 108
"""So wide is a line of a title, of a text, and of the words at an arrow between columns, in tenths of a digit."""

_PLACES = {
    "application": (0, 0),
    "account": (0, 0),
    "ews-list": (1, 0),
    "kept": (2, 0),
    "assignment": (0, 1),
    "others": (1, 1),
    "retired": (2, 1),
    "scope": (0, 2),
    "out-of-reach": (1, 2),
    "group": (0, 3),
    "managers": (1, 3),
    "members": (0, 4),
    "everybody": (0, 4),
    "strangers": (1, 4),
    "equipment": (2, 4),
    "delegates": (2, 5),
    "old-account": (0, 6),
    "old-assignments": (1, 6),
    "add-in": (0, 7),
    "outlook": (1, 7),
    "permission": (2, 7),
}
"""Column and row of each part; rows that a plan does not use are left out. Any other part stands below all of these."""

_IDENTITIES = {"application", "account", "kept", "retired", "managers", "delegates", "old-account", "add-in"}
_MAILBOXES = {"members", "everybody", "strangers", "equipment", "outlook"}
_REFUSED = {"out-of-reach", "others"}


_Words = tuple[int, int, str, str]
"""Place, alignment and text of one line at an arrow."""


@dataclass(frozen=True, slots=True)
class _Box:
    column: int
    row: int
    #: Where its row begins; a box that is lower than the row stands in its middle.
    band: int
    top: int
    height: int
    title: list[str]
    lines: list[str]

    @property
    def left(self) -> int:
        return 1 + self.column * (_BOX + _GAP)

    @property
    def right(self) -> int:
        return self.left + _BOX

    @property
    def center(self) -> int:
        return self.left + _BOX // 2

    @property
    def middle(self) -> int:
        return self.top + self.height // 2

    @property
    def bottom(self) -> int:
        return self.top + self.height


def picture(plan: Plan) -> str:
    """Return the picture as SVG, to stand in HTML; its label is what a reader who does not see it needs."""
    boxes = _placed(plan.parts)
    titles = {part.id: part.title for part in plan.parts}
    label = "; ".join(f"{titles[each.source]} {each.words} {titles[each.target]}" for each in plan.links)
    height = max((box.bottom for box in boxes.values()), default=0) + 2
    arrows = [_arrow(link, boxes, number, plan.links) for number, link in enumerate(plan.links)]
    shapes = [_shape(name, box) for name, box in boxes.items()]
    tips = "".join(
        f'<marker id="{name}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        f'<path class="{name}" d="M0 0 8 4 0 8z"/></marker>'
        for name in ("tip", "stop")
    )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(on_one_line(label))}">\n'
        f"<defs>{tips}</defs>\n" + "\n".join((*arrows, *shapes)) + "\n</svg>"
    )


def _placed(parts: tuple[Part, ...]) -> Mapping[str, _Box]:
    """Return a box for each part, rows below each other and boxes of a row on one middle line."""
    texts = {each.id: (_lines((each.title,), _TITLE), _lines(each.lines, _TEXT)) for each in parts}
    heights = {name: (len(title) + len(lines)) * _LINE + 2 * _PAD for name, (title, lines) in texts.items()}
    lowest = max(row for _, row in _PLACES.values())
    others = [name for name in texts if name not in _PLACES]
    places = {**_PLACES, **{name: (0, lowest + number) for number, name in enumerate(others, 1)}}
    boxes: dict[str, _Box] = {}
    top = 1
    for number, row in enumerate(sorted({places[name][1] for name in texts})):
        names = [name for name in texts if places[name][1] == row]
        tallest = max(heights[name] for name in names)
        for name in names:
            own = top + (tallest - heights[name]) // 2
            boxes[name] = _Box(places[name][0], number, top, own, heights[name], *texts[name])
        top += tallest + _ROW_GAP
    return boxes


def _lines(texts: tuple[str, ...], limit: int) -> list[str]:
    return [line for text in texts for line in wrapped(on_one_line(text), limit)]


def _shape(name: str, box: _Box) -> str:
    kind = "refused" if name in _REFUSED else "mailbox" if name in _MAILBOXES else "object"
    if name in _IDENTITIES:
        kind = "identity"
    texts = [(line, ' font-weight="bold"') for line in box.title] + [(line, "") for line in box.lines]
    spans = "".join(
        f'<text x="{box.left + _PAD}" y="{box.top + _PAD + 12 + number * _LINE}"{weight}>{escape(line)}</text>'
        for number, (line, weight) in enumerate(texts)
    )
    size = f'width="{_BOX}" height="{box.height}"'
    return f'<rect class="{kind}" x="{box.left}" y="{box.top}" {size} rx="6"/>{spans}'


def _arrow(link: Link, boxes: Mapping[str, _Box], number: int, links: tuple[Link, ...]) -> str:
    source, target = boxes[link.source], boxes[link.target]
    # Arrows from one part to several of the next row leave it together; the words stand at the first of them.
    said = any(each.source == link.source and each.words == link.words for each in links[:number])
    words = "" if said else link.words
    tip, dashes = ("stop", ' stroke-dasharray="5 4"') if link.denies else ("tip", "")
    path, texts = _route(source, target, words)
    spans = "".join(
        f'<text class="{tip}" x="{x}" y="{y}" font-size="11"{anchor}>{escape(text)}</text>'
        for x, y, anchor, text in texts
    )
    line = f'<path class="line {tip}" d="{path}"{dashes} marker-end="url(#{tip})"/>'
    return line + spans


def _route(source: _Box, target: _Box, words: str) -> tuple[str, Iterator[_Words]]:
    """Return an arrow's path, and its words with place and alignment."""
    if source.row == target.row:
        start, end = (source.right, target.left) if source.column < target.column else (source.left, target.right)
        return f"M{start} {source.middle}H{end}", _above(start, end, source.middle, words)
    if source.row > target.row and source.column != target.column:
        turn, entry = target.right + 14, target.bottom - 14
        path = f"M{source.left} {source.middle}H{turn}V{entry}H{target.right}"
        return path, _above(turn, source.left, source.middle, words)
    if source.row > target.row:
        return f"M{source.center} {source.top}V{target.bottom}", _beside(source.center, source.top - 10, words)
    if source.column == target.column:
        return f"M{source.center} {source.bottom}V{target.top}", _beside(source.center, source.bottom + 18, words)
    turn = target.band - _ROW_GAP // 2
    path = f"M{source.center} {source.bottom}V{turn}H{target.center}V{target.top}"
    return path, _above(target.left, target.center, turn, words)


def _beside(line: int, foot: int, words: str) -> Iterator[_Words]:
    if words:
        yield line + 8, foot, "", words


def _above(start: int, end: int, line: int, words: str) -> Iterator[_Words]:
    """Yield words in lines that the horizontal arrow is long enough for, the last one just above it."""
    texts = wrapped(words, max(_WORDS, abs(end - start) * _WORDS // _GAP))
    for number, text in enumerate(texts):
        foot = line - 6 - 13 * (len(texts) - 1 - number)
        yield (start + end) // 2, foot, ' text-anchor="middle"', text
