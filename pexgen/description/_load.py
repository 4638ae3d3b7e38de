"""From bytes to a description, or to every problem that is in them."""

from __future__ import annotations

from dataclasses import field, replace
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from pexgen import sizes
from pexgen.description._parse import MOST_PROBLEMS, decode, parse
from pexgen.description._paths import parse_path
from pexgen.description._reader import read
from pexgen.description._schema import is_valid
from pexgen.description.model import Accepted, Description
from pexgen.errors import InputError, Problem
from pexgen.frozen import Frozen
from pexgen.inputs import read_input

if TYPE_CHECKING:
    from pexgen.description._nodes import Tree
    from pexgen.description._text import SourceText
    from pexgen.errors import Severity


class Loaded(Frozen):
    """A description that the schema has found right, and where its values stand."""

    description: Description
    #: The file's bytes as they came, for digests.
    source: bytes
    #: What problems call the file.
    name: str
    _text: SourceText = field(repr=False)
    _tree: Tree = field(repr=False)

    @property
    def accepted(self) -> tuple[Accepted, ...]:
        """The codes of findings that the description accepts, with their reasons."""
        return self.description.accept

    def has(self, key_path: str) -> bool:
        """Whether the file itself says something at ``key_path``; a default does not count."""
        return parse_path(key_path) in self._tree.spans

    @property
    def text(self) -> str:
        """The file's characters, without byte order mark."""
        return self._text.text

    def problem(  # noqa: PLR0913 - the parts of a problem, each named where it is called
        self,
        code: str,
        key_path: str,
        message: str,
        hint: str = "",
        *,
        severity: Severity = "error",
        character: str = "",
    ) -> Problem:
        """A problem with the value at ``key_path``, or the first ``character`` in it, whose column is said then.

        A section or list is where its key is; a path that is not in the file is where its nearest parent is.
        """
        start, end = self._offsets(key_path)
        at = self._text.text.find(character, start, end) if character else -1
        if at >= 0:
            start, end = at, at + 1
            message += f" (column {self._text.locate(at)[1]})"
        return self._text.problem(code, start, end, message, hint, severity=severity)

    def _offsets(self, key_path: str) -> tuple[int, int]:
        path = parse_path(key_path)
        while path not in self._tree.spans:
            path = path[:-1]
        node = self._tree.data
        for part in path:
            node = node[part]
        span = self._tree.spans[path]
        if not isinstance(node, (dict, list)):
            return span.start, span.end
        if span.key_start < 0:
            return span.start, span.start + 1
        return span.key_start, span.key_end


def load(source: bytes, name: str, *, needs_manifest: bool = True) -> Loaded:
    """The description in ``source``; ``name`` is what problems call the file.

    An add-in's manifest, if it names one, is read from the folder of ``name``; where that is no path, from the current
    one. Without ``needs_manifest`` one that is not there is no problem, and what it says is left empty. Raises
    InputError with all problems, in the file's order.
    """
    text = decode(source, name)
    tree = parse(text)
    problems = list(tree.problems)
    if isinstance(tree.data, dict) and not any(problem.code in ("PXG005", "PXG009") for problem in problems):
        problems += _schema_problems(text, tree)
    if problems:
        raise InputError(_in_order(problems, name))
    description = _normalized(read(tree.data, Description))
    loaded = Loaded(description=description, source=source, name=name, _text=text, _tree=tree)
    return _with_manifest(loaded, is_needed=needs_manifest) if loaded.description.add_in else loaded


def _normalized(description: Description) -> Description:
    """The same with the initial domain in lower case: Exchange does not tell it by that, and pages show either."""
    target = description.target
    if target.organization is None or target.organization.islower():
        return description
    return replace(description, target=replace(target, organization=target.organization.lower()))


def _with_manifest(loaded: Loaded, *, is_needed: bool) -> Loaded:
    """The same with what the add-in's manifest says."""
    from pexgen.description._manifest import ManifestAbsentError, ManifestError, with_manifest

    description, folder = loaded.description, FilePath(loaded.name).parent
    try:
        add_in = description.add_in and with_manifest(description.add_in, folder)
    except ManifestError as error:
        if isinstance(error, ManifestAbsentError) and not is_needed:
            return loaded
        raise InputError((loaded.problem("PXG029", "add_in.manifest", str(error), error.hint),)) from None
    return replace(loaded, description=replace(description, add_in=add_in))


def _schema_problems(text: SourceText, tree: Tree) -> list[Problem]:
    """What the schema has against the file; finding the words is left until there is something to say."""
    if is_valid(tree.data):
        return []
    from pexgen.description._validate import SchemaCheck

    return SchemaCheck(text, tree).run()


def _in_order(problems: list[Problem], name: str) -> tuple[Problem, ...]:
    ordered = sorted(problems, key=lambda problem: (problem.line, problem.column, problem.code))
    if len(ordered) > MOST_PROBLEMS:
        ordered[MOST_PROBLEMS:] = [
            Problem(
                "PXG009",
                f"there are more problems than these {MOST_PROBLEMS:,}",
                name,
                hint="correct the first ones and check again; often one of them is the cause of the others",
            )
        ]
    return tuple(ordered)


def read_description(path: str) -> bytes:
    """The bytes of the file ``path``, ``-`` being standard input; never much more than a description may have.

    Raises InputError where the file cannot be read.
    """
    return read_input(path, sizes.DESCRIPTION)
