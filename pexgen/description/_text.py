"""A description's text: where an offset is, what its lines are, and problems made from both."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from pexgen.description._secrets import mask
from pexgen.errors import Problem

if TYPE_CHECKING:
    from pexgen.errors import Severity

#: Where a line ends, as editors count them.
LINE_END = re.compile(r"\r\n|\r|\n")

#: A longer line is not shown beside a problem: nobody finds a caret in it.
_LONGEST_EXCERPT = 4000


class SourceText:
    """The decoded text of one file, without byte order mark; offsets count characters from 0."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        #: Problems come line by line; what is shown of a long line is not made anew for each.
        self._last_line = (0, "")

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in LINE_END.finditer(self.text))]

    def locate(self, offset: int) -> tuple[int, int]:
        """Line and column of ``offset``, both from 1, lines as editors count them."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """The offset of the character at ``line`` and ``column``, which are in the text."""
        return self._starts[line - 1] + column - 1

    def line(self, number: int) -> str:
        """Line ``number`` (from 1) without its line end and with secrets masked; empty where there is none."""
        if not 1 <= number <= len(self._starts):
            return ""
        if number != self._last_line[0]:
            self._last_line = number, mask(LINE_END.split(self._slice(number))[0])
        return self._last_line[1]

    def _slice(self, number: int) -> str:
        end = self._starts[number] if number < len(self._starts) else len(self.text)
        return self.text[self._starts[number - 1] : end]

    def position(self, start: int, end: int) -> tuple[int, int, int]:
        """Line, column and caret length of the characters from ``start`` to ``end``, cut at the end of the line."""
        line, column = self.locate(start)
        rest = len(self.line(line)) - column + 1
        return line, column, max(1, min(end - start, rest))

    def problem(  # noqa: PLR0913 - the parts of a problem, each named where it is called
        self, code: str, start: int, end: int, message: str, hint: str = "", *, severity: Severity = "error"
    ) -> Problem:
        """A problem with the characters from ``start`` to ``end``."""
        line, column, length = self.position(start, end)
        excerpt = self.line(line)
        return Problem(
            code=code,
            message=message,
            file=self.name,
            line=line,
            column=column,
            length=length,
            source_line=excerpt if len(excerpt) <= _LONGEST_EXCERPT else "",
            hint=hint,
            severity=severity,
        )
