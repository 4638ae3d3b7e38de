"""Changes a description's text as a person would: other keys and their comments stay as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pexgen.description._parse import parse
from pexgen.description._scalars import scalar
from pexgen.description._text import LINE_END, SourceText

if TYPE_CHECKING:
    from pexgen.description._nodes import Span
    from pexgen.description._paths import Path

KeyValue = str | int | list[str]
"""What a key may get: a text, a number, true or false, or a list of texts."""

Block = Callable[[str], Iterable[str]]
"""Lines in block style, from the blanks before the first of them."""

_STEP = "  "
_KEY = r" *[a-z_]+:(?: |$)"
_FLOW_PLAIN = r"[A-Za-z0-9 ._@/-]+"


def in_flow(value: str | int) -> str:
    """Return a scalar that also stands between brackets, where a comma would end it."""
    plain = scalar(value)
    return plain if re.fullmatch(_FLOW_PLAIN, plain) or plain.startswith('"') else f'"{plain}"'


class Editor:
    """One description's text; ``end`` is its line end. Each change gives the new text, and leaves the editor as it is.

    The text is one that YAML's syntax allows. Raises :class:`ValueError` where it is written in a way into which
    nothing can be put: with everything in braces.
    """

    def __init__(self, text: str, end: str = "\n") -> None:
        self._text, self._end = text, end
        tree = parse(SourceText(text, ""))
        self._spans: dict[Path, Span] = tree.spans
        self._data: Any = tree.data

    def value(self, path: Path) -> Any:
        """Return what is there at a path, and None where nothing is."""
        node = self._data
        for part in path:
            if path not in self._spans:
                return None
            node = node[part]
        return node

    def lines(self, path: Path) -> range:
        """Return the numbers, from 1, of the lines that a key and what belongs to it take."""
        span = self._spans[path]
        first = self._text.count("\n", 0, span.start if span.key_start < 0 else span.key_start)
        return range(first + 1, self._text.count("\n", 0, max(self._last(path), span.start)) + 2)

    def place(self, path: Path) -> int:
        """Return the number of the line in which a key stands, or is shown by a comment; 0 where neither is."""
        return self.lines(path)[0] if path in self._spans else max(self._shown(path), default=-1) + 1

    def put(self, path: Path, value: KeyValue) -> str:
        """Give the key at a path a value: in its place, where a comment shows it, or at the end of its section."""
        if path in self._spans:
            return self._replaced(path, value)
        shown = self._shown(path)
        if shown:
            return self._taken_in(path, shown, value)
        return self._added(path, _flow(value), lambda margin: _block(margin, path[-1], value))

    def append(self, path: Path, flow: str, block: Block) -> str:
        """Add entries behind those of a list, which is made where it is not there: ``flow`` between brackets."""
        if path not in self._spans:
            return self._added(path, f"[{flow}]", lambda margin: (f"{margin}{path[-1]}:", *block(margin + _STEP)))
        start = self._spans[path].start
        if self._text[start] == "[":
            return self._into_flow(path, flow)
        return self._after_line(self._last(path), block(self._dash_margin(start)))

    def _added(self, path: Path, flow: str, block: Block) -> str:
        """Put a key that is not there at the end of its section, which is made where it is not there either."""
        parent = path[:-1]
        if parent not in self._spans:
            key = parent[-1]
            return self._added(
                parent, f"{{{path[-1]}: {flow}}}", lambda margin: (f"{margin}{key}:", *block(margin + _STEP))
            )
        start = self._spans[parent].start
        is_braced = self._text[start] == "{"
        if not parent:
            if is_braced:
                message = "everything is in braces"
                raise ValueError(message)
            return self._after_line(len(self._text.rstrip()), ("", *block("")))
        if is_braced:
            return self._into_flow(parent, f"{path[-1]}: {flow}")
        return self._after_line(self._last(parent), block(self._margin(start)))

    def _into_flow(self, path: Path, added: str) -> str:
        """Add something at the end of the list or mapping in brackets."""
        start, close = self._spans[path].start, self._spans[path].end - 1
        before = self._text[start + 1 : close].rstrip()
        comma = "" if not self.value(path) or before.endswith(",") else ", "
        blank = " " if before.endswith(",") else ""
        place = start + 1 + len(before)
        return f"{self._text[:place]}{comma}{blank}{added}{self._text[place:]}"

    def _replaced(self, path: Path, value: KeyValue) -> str:
        span = self._spans[path]
        if isinstance(value, list) and self._text[span.start] == "-":
            margin = self._dash_margin(span.start)
            place = self._text.rindex("\n", 0, span.start) + 1
            items = self._end.join(f"{margin}- {scalar(each)}" for each in value)
            return f"{self._text[:place]}{items}{self._text[self._last(path) :]}"
        is_in_flow = any(self._text[self._spans[path[:length]].start] in "[{" for length in range(1, len(path)))
        written = _flow(value) if is_in_flow or isinstance(value, list) else scalar(value)
        return f"{self._text[: span.start]}{written}{self._text[span.end :]}"

    def _shown(self, path: Path) -> dict[int, str]:
        """Return the lines of comments that show a key, with what they are without their sign; numbers from 0.

        Those that show its section come before it, where the section is only shown, too.
        """
        lines = self._text.splitlines()
        there = next(length for length in range(len(path), -1, -1) if path[:length] in self._spans)
        place = self._text.count("\n", 0, self._spans[path[:there]].key_start) if there else 0
        margin = self._margin(self._spans[path[:there]].start) if there else ""
        found: dict[int, str] = {}
        for key in path[there:]:
            at = next((n for n, rest in _commented(lines, place, margin) if rest.startswith(f"{margin}{key}:")), None)
            if at is None:
                return {}
            found[at] = f"{margin}{key}:"
            place, margin = at + 1, margin + _STEP
        return found

    def _taken_in(self, path: Path, shown: dict[int, str], value: KeyValue) -> str:
        lines = self._text.splitlines()
        for number, line in shown.items():
            lines[number] = line
        margin = shown[max(shown)].partition(str(path[-1]))[0]
        lines[max(shown)] = self._end.join(_block(margin, path[-1], value))
        return self._end.join(lines) + self._end

    def _last(self, path: Path) -> int:
        """Return the offset behind the last value at or below a path; what follows on its line is a comment."""
        spans = [span for at, span in self._spans.items() if at[: len(path)] == path]
        inner = spans[1:] or spans
        return max((span.end for span in inner if self._text[span.start : span.end].strip()), default=spans[0].end)

    def _after_line(self, offset: int, lines: Iterable[str]) -> str:
        """Put lines behind the line in which the characters before ``offset`` end."""
        # A block's end is where the next thing begins; what it holds ends before the blanks and comments in between.
        place = len(_without_trailer(self._text[:offset]))
        found = LINE_END.search(self._text, place)
        added = "".join(f"{line}{self._end}" for line in lines)
        if found is None:
            return f"{self._text}{self._end}{added}"
        return f"{self._text[: found.end()]}{added}{self._text[found.end() :]}"

    def _margin(self, offset: int) -> str:
        """Return the blanks before the first key of a section, which begins at ``offset``."""
        return " " * (offset - (self._text.rfind("\n", 0, offset) + 1))

    def _dash_margin(self, offset: int) -> str:
        """Return the blanks before the first dash of a list, which begins at ``offset``."""
        return self._margin(self._text.index("-", offset))


def _flow(value: KeyValue) -> str:
    return f"[{', '.join(in_flow(each) for each in value)}]" if isinstance(value, list) else in_flow(value)


def _block(margin: str, key: str | int, value: KeyValue) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{margin}{key}: {scalar(value)}"
        return
    yield f"{margin}{key}:"
    yield from (f"{margin}{_STEP}- {scalar(each)}" for each in value)


def _commented(lines: list[str], begin: int, margin: str) -> Iterator[tuple[int, str]]:
    """Yield the comments of a section without their sign, up to the next section, be that shown by a comment, too."""
    for number, line in enumerate(lines[begin:], begin):
        text = line.lstrip()
        rest = line.replace("# ", "", 1) if text.startswith("#") else line
        is_key = not text.startswith("#") or re.match(_KEY, rest)
        if text and is_key and number > begin and len(rest) - len(rest.lstrip()) < len(margin):
            return
        if text.startswith("# "):
            yield number, rest


def _without_trailer(text: str) -> str:
    """Return text without the blank lines and the lines of comments at its end."""
    lines = text.splitlines(keepends=True)
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return "".join(lines).rstrip()
