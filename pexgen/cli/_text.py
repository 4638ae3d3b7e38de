"""Text for a screen or a file: fit to be shown, as wide as a terminal, in its colors; and problems as such text."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator

from pexgen.errors import Problem
from pexgen.output.characters import is_seen, without_orders

_WINDOW = 120
_GUTTER = "  | "
_LEAST = 20
_STYLES = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "note": "\x1b[1;36m",
    "hint": "\x1b[36m",
    "good": "\x1b[1;32m",
    "added": "\x1b[32m",
    "removed": "\x1b[31m",
    "place": "\x1b[36m",
}
_COLOR = re.compile(r"\x1b\[[0-9;]*m")
_PLAIN = "\x1b[0m"


def render_problems(problems: Iterable[Problem], *, color: bool = False, width: int = 0) -> str:
    """Return the problems as a person reads them, one block each, with a line end after the last one.

    ``color`` adds the escape sequences of a terminal, and ``width`` is how many cells its lines have; without them the
    text is fit for files and pipes.
    """
    return "".join(_block(problem, color=color, width=width) for problem in problems)


def fitted(text: str, width: int) -> str:
    """Return text whose lines end between words where they would be longer than ``width`` cells; 0 leaves it as it is.

    What goes on in another line is set in by two cells more. A word that has no room alone keeps its length.
    """
    if width < _LEAST:
        return text
    return "\n".join(part for line in text.split("\n") for part in _broken(line, width))


def _broken(line: str, width: int) -> Iterator[str]:
    """Yield the parts of one line."""
    if _width(line) <= width or line.startswith(_GUTTER):
        yield line
        return
    bare = _COLOR.sub("", line)
    margin = " " * (len(bare) - len(bare.lstrip(" ")) + 2)
    now = ""
    for word in re.findall(r" *[^ ]+", line):
        if now.strip() and _width(now + word) > width:
            yield now
            now = margin + word.lstrip(" ")
        else:
            now += word
    yield now


def _width(text: str) -> int:
    return sum(_cells(character) for character in _COLOR.sub("", text))


def printable(text: str) -> str:
    """Return text that moves no cursor, turns no direction and orders nothing.

    What is not printable becomes U+FFFD, and :func:`without_orders` has its say; a caller deals with ``::`` at the
    beginning of a line.
    """
    seen = "".join(character if character == "\t" or is_seen(character) else "\ufffd" for character in text)
    return without_orders(seen)


def printable_lines(text: str) -> str:
    """Return a message of several lines as :func:`printable` does; each but the first is set in."""
    return "\n  ".join(printable(line) for line in text.split("\n"))


def readable_json(record: object) -> str:
    """Return a record as JSON with its letters whole, and with an escape for what a screen would not show."""
    text = json.dumps(record, indent=2, ensure_ascii=False)
    # What is not printable stands inside a text, where each of its UTF-16 units has an escape.
    return "".join(each if each == "\n" or is_seen(each) else json.dumps(each)[1:-1] for each in text)


def plain(text: str) -> str:
    """Return text without the colors of a terminal, which a file does not get."""
    return _COLOR.sub("", text)


def styled(text: str, style: str, *, color: bool) -> str:
    """Return ``text`` in the colors of ``style``, a key of the table above, or as it is."""
    return f"{_STYLES[style]}{text}{_PLAIN}" if color else text


def _block(problem: Problem, *, color: bool, width: int) -> str:
    place = printable(problem.file)
    if problem.line:
        place += f":{problem.line}:{problem.column}"
    severity = styled(problem.severity, problem.severity, color=color)
    lines = [f"{place}: {severity} {problem.code}: {printable(problem.message)}"]
    if problem.line and problem.source_line.strip():
        lines += _excerpt(problem, min(width - len(_GUTTER), _WINDOW) if width >= _LEAST else _WINDOW)
    if problem.hint:
        lines.append(f"  {styled('hint', 'hint', color=color)}: {printable(problem.hint)}")
    return fitted("\n".join(lines), width) + "\n"


def _excerpt(problem: Problem, window: int) -> list[str]:
    """The source line, cut to a window around the column, and the caret below it."""
    column = max(problem.column - 1, 0)
    begin, end = _window(problem.source_line, column, problem.length, window)
    line = printable(problem.source_line[begin:end])
    before = line[: column - begin]
    # A tab stays a tab, so that the caret stands below its column whatever a tab is worth here.
    margin = "".join("\t" if character == "\t" else " " * _cells(character) for character in before)
    meant = line[column - begin : column - begin + problem.length]
    width = sum(_cells(character) for character in meant)
    # Without the gutter a line of the file that begins with :: would be a command to GitHub's runner.
    return [f"{_GUTTER}{line.rstrip()}", f"{_GUTTER}{margin}{'^' * max(width, 1)}"]


def _window(line: str, column: int, length: int, window: int) -> tuple[int, int]:
    """Return which part of a long line is shown: around ``column``, from word to word where there are any."""
    if len(line) <= window:
        return 0, len(line)
    begin = max(0, column - window // 2)
    end = begin + window
    word = line.find(" ", begin, column) if begin else -1
    begin = word + 1 if word >= 0 else begin
    blank = line.rfind(" ", column + length, end) if end < len(line) else -1
    return begin, blank if blank >= 0 else end


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
