"""From a file's bytes to its nodes: everything that can be wrong before the schema is looked at."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from pexgen import sizes
from pexgen.description._characters import FORBIDDEN_IN_FILE, character_name, forbidden_in_file, why_forbidden
from pexgen.description._nodes import NodeReader, TooMuchError, Tree
from pexgen.description._secrets import find_secrets
from pexgen.description._syntax import TAB_IN_INDENTATION, syntax_problem
from pexgen.description._text import SourceText
from pexgen.errors import InputError, Problem
from pexgen.inputs import is_utf16

if TYPE_CHECKING:
    from collections.abc import Iterator

#: More than this are not listed: a file with so many was never a description.
MOST_PROBLEMS = 1000

_LINE = r"[^\r\n]+"
_COMMENT = r"(?:^|(?<=[ \t]))#"


class Kind(NamedTuple):
    """What a file is meant to be, in words: its ``noun``, how one begins, and what there is one file for."""

    noun: str
    begin: str
    one: str


DESCRIPTION = Kind(
    "description", "`pexgen init` writes a description to begin with", "one file describes one deployment"
)


def decode(data: bytes, name: str, kind: Kind = DESCRIPTION) -> SourceText:
    """The text of ``data``, which has to be UTF-8; a byte order mark is dropped. Raises InputError."""
    if len(data) > sizes.DESCRIPTION:
        message = f"the file is larger than {sizes.spoken(sizes.DESCRIPTION)}, which no {kind.noun} is"
        raise InputError((Problem("PXG002", message, name, hint="check that this is the file you mean"),))
    if is_utf16(data) or data[:4].count(0) >= 2:  # noqa: PLR2004 - of four bytes
        hint = "save it as UTF-8; in Windows PowerShell: Set-Content -Encoding UTF8"
        raise InputError((Problem("PXG003", "the file is UTF-16 or UTF-32, not UTF-8", name, hint=hint),))
    try:
        return SourceText(data.removeprefix(BOM_UTF8).decode("utf-8"), name)
    except UnicodeDecodeError as error:
        readable = SourceText(data.removeprefix(BOM_UTF8)[: error.start].decode("utf-8") + "\ufffd", name)
        at = len(readable.text) - 1
        message = f"the file is not UTF-8: byte {error.object[error.start]:#04x}"
        raise InputError((readable.problem("PXG003", at, at + 1, message, "save the file as UTF-8"),)) from error


def parse(source: SourceText, kind: Kind = DESCRIPTION) -> Tree:
    """The nodes of ``source`` with every problem that can be told without the schema."""
    problems: list[Problem] = []
    damaged: list[int] = []
    for match in islice(forbidden_in_file(source.text), MOST_PROBLEMS):
        damaged.append(match.start())
        message = f"the file holds the character {character_name(match.group())}"
        problems.append(source.problem("PXG004", *match.span(), message, why_forbidden(match.group())))
    for start, end, secret in islice(find_secrets(source.text), MOST_PROBLEMS):
        damaged.append(start)
        hint = "remove it, and renew the secret if the file has been kept or sent anywhere"
        problems.append(source.problem("PXG016", start, end, f"this looks like {secret}", hint))
    tabs = [_tab_problem(source, offset) for offset in islice(_tabs(source.text), MOST_PROBLEMS)]
    damaged += [source.offset(problem.line, problem.column) for problem in tabs]
    is_readable = all(problem.code != "PXG005" for problem in tabs)
    tree = _read(source, damaged, kind) if is_readable else Tree(bad={()})
    tree.problems[:0] = problems + tabs
    return tree


def _tabs(text: str) -> Iterator[int]:
    """Offsets of the first tab of each line that is not in a comment: YAML's parsers do not agree where one may be."""
    if "\t" not in text:
        return
    for line in re.finditer(_LINE, text):
        tab = line.group().find("\t")
        comment = re.search(_COMMENT, line.group())
        if tab >= 0 and (comment is None or tab < comment.start()):
            yield line.start() + tab


def _tab_problem(source: SourceText, offset: int) -> Problem:
    """A tab in the indentation leaves open what belongs to what; any other stands for a space."""
    line, column = source.locate(offset)
    if source.line(line)[: column - 1].strip(" "):
        return source.problem(
            "PXG004", offset, offset + 1, "there is a tab", "use spaces; in a value no tab is possible"
        )
    return source.problem("PXG005", offset, offset + 1, *TAB_IN_INDENTATION)


def _read(source: SourceText, damaged: list[int], kind: Kind) -> Tree:
    """The nodes; what no YAML parser takes is hidden from it, so that the rest of the file is read all the same."""
    readable = source.text
    if damaged:
        readable = re.sub(FORBIDDEN_IN_FILE, "\ufffd", readable).replace("\t", " ")
    reader = NodeReader(source, sorted(damaged), kind.one)
    try:
        reader.read(_events(readable))
    except TooMuchError:
        return reader.tree
    except Exception as error:
        if not _is_parser_error(error):
            raise
        problem = syntax_problem(source, error)
        reader.tree.problems += [] if problem in reader.tree.problems else [problem]
        return reader.tree
    _check_root(source, reader.tree, kind)
    return reader.tree


def _events(text: str) -> Iterator[Any]:
    import yaml

    loader: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    events: Iterator[Any] = yaml.parse(text, Loader=loader)
    return events


def _is_parser_error(error: Exception) -> bool:
    """Whether PyYAML stumbled over the text: its own errors, and chr() of an escape beyond Unicode."""
    import yaml

    return isinstance(error, (yaml.YAMLError, ValueError, OverflowError))


def _check_root(source: SourceText, tree: Tree, kind: Kind) -> None:
    span = tree.spans.get(())
    if span is None or (tree.data is None and span.start == span.end):
        tree.bad.add(())
        tree.problems[:] = [problem for problem in tree.problems if problem.code != "PXG015"]
        tree.problems.append(
            Problem("PXG006", "the file is empty or holds comments only", source.name, hint=kind.begin)
        )
    elif not isinstance(tree.data, dict) and () not in tree.bad:
        tree.bad.add(())
        what = "a list" if isinstance(tree.data, list) else "a single value"
        message = f"the file is {what}; a {kind.noun} is made of keys with values"
        tree.problems.append(source.problem("PXG007", span.start, span.start + 1, message, kind.begin))
