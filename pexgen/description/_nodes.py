"""From YAML's events to plain data and the place of every node, without building anything that the file asks for.

PyYAML's constructors are not used: a tag is never acted on, an alias never expanded, and depth and number of nodes
are counted while the events come in, so that a hostile file costs no more than its length.
"""

# No "from __future__ import annotations": named tuples look at the types of their fields, and resolving text is slow.

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from pexgen.description._characters import character_name, forbidden_in_value, why_forbidden
from pexgen.description._paths import Path, format_path
from pexgen.description._scalars import Scalar, resolve
from pexgen.description._secrets import names_a_secret
from pexgen.description._syntax import AFTER_BLOCK_INDICATOR, missing_space
from pexgen.description._text import SourceText
from pexgen.errors import Problem

MAX_DEPTH = 16
"""Levels that a file may have."""

MAX_NODES = 50_000
"""Keys and values that a file may have."""

_NO_ALIAS = "write the value out where it is needed: what a reviewer reads has to be what is meant"
_NO_TAG = "remove it; a value's type follows from its key, and text that could be a number goes into quotes"
_KEY_HINT = "put the key into quotes, or check the indentation of the lines above"
_TOO_MANY = "check that this is the file you mean; more members than fit are kept in a group of yours that is adopted"
_BRACES_HINT = "text that begins with { or [ has to be in quotes"
_KEEP_ELSEWHERE = (
    "remove it; nothing secret has a key, because descriptions are kept and shown to others. Secrets are typed into "
    "Pexip Infinity or asked for by the runbook"
)

#: libyaml takes a comment right behind the indicator, pure Python does not.
_BLOCK_HEADER = r"[|>][-+0-9]*(?:[ \r\n]|$)"

#: Begins the place of a value whose key has a problem: it is read for what must not be anywhere, and kept nowhere.
_DETACHED = "\0"


class Span(NamedTuple):
    """Offsets of a node's key (both -1 where it has none: a list's item) and of the node itself."""

    key_start: int
    key_end: int
    start: int
    end: int


class _Key(NamedTuple):
    """A key whose value comes next; one that is not ``kept`` has a problem, and its value goes nowhere."""

    text: str
    start: int
    end: int
    kept: bool = True


class _Frame:
    """A mapping or list that is being read."""

    __slots__ = ("container", "key", "path")

    def __init__(self, container: dict[str, Any] | list[Any], path: Path) -> None:
        self.container = container
        self.path = path
        self.key: _Key | None = None


class Tree:
    """Plain data of a file, where its nodes are, its problems, and the paths of nodes that have one."""

    __slots__ = ("bad", "data", "documents", "problems", "spans")

    def __init__(self, bad: Iterable[Path] = ()) -> None:
        self.data: Any = None
        self.spans: dict[Path, Span] = {}
        self.bad = set(bad)
        self.problems: list[Problem] = []
        self.documents = 0


class TooMuchError(Exception):
    """The file has more levels or nodes than a description can need; a problem says so, reading has stopped."""


class NodeReader:
    """Reads one stream of events into :attr:`tree`.

    ``damaged`` are offsets, sorted, that have a problem already; ``one`` is what is said of a second document.
    """

    def __init__(self, source: SourceText, damaged: Sequence[int], one: str) -> None:
        self.tree = Tree()
        self._source, self._one = source, one
        self._damaged = damaged
        self._frames: list[_Frame] = []
        self._nodes = 0

    def read(self, events: Iterable[Any]) -> None:
        """Take in ``events`` up to a second document.

        Raises TooMuchError, and whatever the parser behind ``events`` raises.
        """
        from yaml import events as kinds

        for event in events:
            kind = type(event)
            if kind is kinds.ScalarEvent:
                self._scalar(event)
            elif kind is kinds.MappingStartEvent:
                self._open(event, {})
            elif kind is kinds.SequenceStartEvent:
                self._open(event, [])
            elif kind is kinds.MappingEndEvent or kind is kinds.SequenceEndEvent:
                self._close(event.end_mark.index)
            elif kind is kinds.AliasEvent:
                self._alias(event)
            elif kind is kinds.DocumentStartEvent and self._is_second(event.start_mark.index):
                return

    def _is_second(self, offset: int) -> bool:
        self.tree.documents += 1
        if self.tree.documents == 1:
            return False
        self._problem("PXG008", offset, offset + 3, "a second document begins here", self._one)
        return True

    def _problem(self, code: str, start: int, end: int, message: str, hint: str) -> None:
        self.tree.problems.append(self._source.problem(code, start, end, message, hint))

    def _count(self, offset: int) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._problem(
                "PXG009", offset, offset + 1, f"the file has more than {MAX_NODES:,} keys and values", _TOO_MANY
            )
            raise TooMuchError
        if len(self._frames) > MAX_DEPTH:
            message = f"the file is nested deeper than {MAX_DEPTH} levels"
            self._problem("PXG009", offset, offset + 1, message, _BRACES_HINT)
            raise TooMuchError

    def _expects_key(self) -> _Frame | None:
        """The mapping in which a key comes next, if it is one that does."""
        if self._frames and isinstance(self._frames[-1].container, dict) and self._frames[-1].key is None:
            return self._frames[-1]
        return None

    def _place(self, value: object, start: int, end: int) -> Path:
        """Put ``value`` where it belongs, note where it stands, and give its path."""
        if not self._frames:
            self.tree.data = value
            self.tree.spans[()] = Span(-1, -1, start, end)
            return ()
        frame = self._frames[-1]
        if isinstance(frame.container, list):
            path: Path = (*frame.path, len(frame.container))
            frame.container.append(value)
            self.tree.spans[path] = Span(-1, -1, start, end)
            return path
        key = frame.key or _Key("", start, end, kept=False)
        frame.key = None
        if key.kept:
            path = (*frame.path, key.text)
            frame.container[key.text] = value
        else:
            path = (*frame.path, f"{_DETACHED}{key.start}")
        self.tree.spans[path] = Span(key.start, key.end, start, end)
        return path

    def _is_decorated(self, event: Any) -> bool:
        """Whether ``event`` has an anchor or a tag; both are problems."""
        start, end = event.start_mark.index, event.end_mark.index
        if event.anchor is not None:
            end_of_anchor = start + len(event.anchor) + 1
            self._problem("PXG012", start, end_of_anchor, f"there is an anchor, &{event.anchor}", _NO_ALIAS)
        if event.tag is not None:
            self._problem("PXG011", start, end, "there is a tag (a word that begins with !)", _NO_TAG)
        return event.anchor is not None or event.tag is not None

    def _scalar(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        self._count(start)
        decorated = self._is_decorated(event)
        meaning = Scalar(event.value) if event.style else resolve(event.value)
        if event.style in ("|", ">") and not re.compile(_BLOCK_HEADER).match(self._source.text, start):
            self._problem("PXG005", start, start + 1, *AFTER_BLOCK_INDICATOR)
            decorated = True
        if frame := self._expects_key():
            frame.key = self._key(frame, event.value, meaning, Span(-1, -1, start, end))
            return
        if not event.style and self._lacks_a_space(event):
            decorated = True
        hidden = forbidden_in_value(meaning.value) if isinstance(meaning.value, str) else None
        # An unpaired surrogate would be more than the validator can take in.
        path = self._place(None if hidden else meaning.value, start, end)
        if hidden and not decorated:
            self._forbidden(hidden.group(), start, end)
        if hidden or decorated or self._is_damaged(start, end) or self._has_problem(path, meaning):
            self.tree.bad.add(path)

    def _lacks_a_space(self, event: Any) -> bool:
        """Whether text without quotes swallowed a key or an entry behind whose colon or hyphen no space is."""
        start, end = event.start_mark.index, event.end_mark.index
        is_one_line = event.start_mark.line == event.end_mark.line
        if is_one_line and self._frames and not event.value.startswith("-"):
            return False
        problem = missing_space(self._source, start, max(start, end - 1))
        self.tree.problems += [problem] if problem else []
        return problem is not None

    def _is_damaged(self, start: int, end: int) -> bool:
        return bool(self._damaged) and bisect_left(self._damaged, start) < bisect_left(self._damaged, end)

    def _has_problem(self, path: Path, meaning: Scalar) -> bool:
        """Whether the scalar at ``path`` cannot be used; it is a problem then."""
        if not meaning.code or _is_detached(path):
            return False
        span = self.tree.spans[path]
        start, end = span.start, span.end
        if start == end and span.key_start >= 0:
            start, end = span.key_start, span.key_end
        subject = f"`{format_path(path)}`" if path else "the file"
        self._problem(meaning.code, start, end, f"{subject} {meaning.message}", meaning.hint)
        return True

    def _forbidden(self, character: str, start: int, end: int) -> None:
        message = f"this text holds the character {character_name(character)}"
        self._problem("PXG004", start, end, message, why_forbidden(character))

    def _key(self, frame: _Frame, text: str, meaning: Scalar, span: Span) -> _Key:
        start, end = span.start, max(span.end, span.start + 1)
        if self._is_damaged(start, end):
            return _Key(text, start, end, kept=False)
        if text == "<<":
            self._problem("PXG012", start, end, "there is a merge key, <<", _NO_ALIAS)
        elif not isinstance(meaning.value, str):
            self._problem("PXG013", start, end, f"a key has to be text; {text or 'an empty one'} is not", _KEY_HINT)
        elif found := forbidden_in_value(text):
            self._forbidden(found.group(), start, end)
        elif text in frame.container:
            first: Path = (*frame.path, text)
            line = self._source.locate(self.tree.spans[first].key_start)[0]
            self._problem("PXG010", start, end, f"`{text}` is given twice; it is in line {line} already", "keep one")
        elif names_a_secret(text):
            self._problem("PXG016", start, end, f"`{text}` would hold a secret", _KEEP_ELSEWHERE)
        else:
            return _Key(text, start, end)
        return _Key(text, start, end, kept=False)

    def _open(self, event: Any, container: dict[str, Any] | list[Any]) -> None:
        start = event.start_mark.index
        self._count(start)
        decorated = self._is_decorated(event)
        if frame := self._expects_key():
            self._problem("PXG013", start, start + 1, "a key has to be text; this is a list or mapping", _BRACES_HINT)
            frame.key = _Key("", start, start + 1, kept=False)
            self._frames.append(_Frame(container, (*frame.path, f"{_DETACHED}{start}")))
            self.tree.spans[self._frames[-1].path] = Span(-1, -1, start, start + 1)
            return
        path = self._place(container, start, start + 1)
        if decorated:
            self.tree.bad.add(path)
        self._frames.append(_Frame(container, path))

    def _close(self, end: int) -> None:
        path = self._frames.pop().path
        self.tree.spans[path] = self.tree.spans[path]._replace(end=end)

    def _alias(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        self._count(start)
        self._problem("PXG012", start, end, f"there is an alias, *{event.anchor}", _NO_ALIAS)
        if frame := self._expects_key():
            frame.key = _Key("", start, end, kept=False)
        else:
            self.tree.bad.add(self._place(None, start, end))


def _is_detached(path: Path) -> bool:
    return any(isinstance(part, str) and part.startswith(_DETACHED) for part in path)
