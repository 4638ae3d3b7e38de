"""How templates are filled in: every value goes into a runbook through one of the filters below.

Jinja2 calls :func:`_only_code` on whatever is about to be written, and text that no filter made ends there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from pexgen.catalogue import Catalogue
from pexgen.errors import DefectError
from pexgen.literals import Value, powershell_literal, readings, rendered_literal
from pexgen.parameters import PARAMETER_TYPES
from pexgen.template_files import COMPILED, COMPILED_INDEX

if TYPE_CHECKING:
    from pathlib import Path

    from jinja2 import BaseLoader, Environment

_PROSE_WIDTH = 118
_KEY_WIDTH = 36
_PROSE = re.compile(r"[\x20-\x7e]+")


class _Code(str):
    """Text that may stand in a runbook as it is; only the filters of this module make it."""

    __slots__ = ()


def _environment(loader: BaseLoader) -> Environment:
    """Return the one way in which templates are read: strict about names, and writing :class:`_Code` alone."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        loader=loader,
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - HTML's escapes are not PowerShell's; see finalize
        finalize=_only_code,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters = {"join": environment.filters["join"], **FILTERS}
    return environment


@cache
def environment_of(catalogue: Catalogue) -> Environment:
    """Return the environment with the templates of a folder, compiled ones where it has them.

    The head of what ``pexgen discover`` writes is compiled nowhere: few ask for it.
    """
    from jinja2 import ChoiceLoader, FileSystemLoader, ModuleLoader

    compiled, sources = catalogue.folder / COMPILED, FileSystemLoader(catalogue.folder)
    is_current = _is_current(compiled, catalogue)
    return _environment(ChoiceLoader([ModuleLoader(compiled), sources]) if is_current else sources)


def write_compiled(catalogue: Catalogue, target: Path) -> None:
    """Write a folder's templates as Python into ``target``, which :func:`environment_of` finds as ``compiled``."""
    from jinja2 import FileSystemLoader

    made_from = _made_from(catalogue)
    environment = _environment(FileSystemLoader(catalogue.folder))
    wanted = made_from["sources"].__contains__
    environment.compile_templates(target, filter_func=wanted, zip=None, ignore_errors=False)
    (target / COMPILED_INDEX).write_text(json.dumps(made_from), encoding="utf-8")


def _is_current(compiled: Path, catalogue: Catalogue) -> bool:
    """Whether the compiled templates were made from these sources and for the Jinja2 that is here."""
    try:
        index = json.loads((compiled / COMPILED_INDEX).read_bytes())
    except FileNotFoundError:
        return False
    return bool(index == _made_from(catalogue))


def _made_from(catalogue: Catalogue) -> dict[str, Any]:
    import jinja2

    sources = {f"{part.name}.ps1.j2": part.sha256 for part in catalogue.skeleton}
    return {"jinja2": jinja2.__version__, "sources": sources}


def _only_code(value: object) -> _Code:
    if type(value) is not _Code:
        message = f"a template writes a {type(value).__name__} that no filter of pexgen's made"
        raise DefectError(message)
    return value


def _literal(value: Value, indent: int = 0) -> _Code:
    return _Code(rendered_literal(value, indent))


def _reading(value: Value, indent: int = 0) -> _Code:
    """Comments that show a value's letters beyond ASCII, each line with its end; nothing where there are none.

    No byte of UTF-8 beyond ASCII is a line end in any code page, but in some the last one swallows what comes behind
    it: that is the quote, and never the line's end.
    """
    return _Code("".join(f'{" " * indent}# Reads "{text}".\n' for text in readings(value)))


def _letter(code_point: int) -> _Code:
    """A letter beyond ASCII as it is, by which a runbook sees whether it is read as it was written."""
    return _Code(f"'{chr(code_point)}'")


def _constant(value: Value, indent: int = 0) -> _Code:
    """A value of pexgen's own, in which nothing is an escape: patterns have such signs of their own."""
    text = powershell_literal(value, indent)
    if not text.isascii():
        message = f"a constant of a runbook is not ASCII: {text}"
        raise DefectError(message)
    return _Code(text)


def _packed(items: tuple[str, ...], indent: int = 0) -> _Code:
    """A list of texts in as many lines as the usual width asks for, and not in one line a text."""
    texts = [rendered_literal(item) for item in items]
    whole = f"@({', '.join(texts)})"
    if indent + len(whole) <= _PROSE_WIDTH - _KEY_WIDTH:
        return _Code(whole)
    margin = " " * (indent + 4)
    lines = [texts[0]]
    for text in texts[1:]:
        if len(margin) + len(lines[-1]) + len(text) + 2 > _PROSE_WIDTH:
            lines.append(text)
        else:
            lines[-1] += f", {text}"
    return _Code("\n".join(["@(", *(margin + line for line in lines), " " * indent + ")"]))


def _long_literal(text: str, indent: int = 0) -> _Code:
    """A text of the catalogue as literals of the usual width that PowerShell puts together."""
    margin = " " * (indent + 4)
    lines = [line.strip() for line in _filled(text, margin + "    ")]
    parts = [rendered_literal(line + " ") for line in lines[:-1]] + [rendered_literal(lines[-1])]
    return _Code("(\n" + " +\n".join(margin + part for part in parts) + ")" if len(parts) > 1 else parts[0])


def _prose(text: str, indent: int = 4) -> _Code:
    """Text of the catalogue as lines of the help; a line that began with a dot would be read as a keyword there."""
    if not _PROSE.fullmatch(text) or "#>" in text or "<#" in text:
        message = f"not fit for the help of a runbook: {text}"
        raise DefectError(message)
    lines = _filled(text, " " * indent)
    if any(line.lstrip().startswith(".") for line in lines):
        message = f"a line of the help would begin with a dot: {text}"
        raise DefectError(message)
    return _Code("\n".join(lines))


@cache
def _comment(text: str, indent: int = 0) -> _Code:
    """Text of the project's own as lines of a comment; the parameters' help is the same in every runbook."""
    if not _PROSE.fullmatch(text):
        message = f"not fit for a comment of a runbook: {text}"
        raise DefectError(message)
    return _Code("\n".join(_filled(text, " " * indent + "# ")))


def _filled(text: str, margin: str) -> list[str]:
    """Return the words of a text in lines of the usual width, each after the margin."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines[-1] else margin + word
        if len(longer) > _PROSE_WIDTH and lines[-1]:
            lines.append(margin + word)
        else:
            lines[-1] = longer
    return lines


@cache
def _name(pattern: str, value: str) -> _Code:
    """A name of the catalogue's own. Those of a method are the same in each of its runbooks, and are looked at once."""
    return _matching(pattern, value)


def _matching(pattern: str, value: str) -> _Code:
    """A text of the project's own, which is of that form."""
    if not re.fullmatch(pattern, value):
        message = f"{value!r} is not fit for a runbook"
        raise DefectError(message)
    return _Code(value)


FILTERS: Mapping[str, Callable[..., _Code]] = {
    "literal": _literal,
    "constant": _constant,
    "reading": _reading,
    "letter": _letter,
    "packed": _packed,
    "long_literal": _long_literal,
    "prose": _prose,
    "comment": _comment,
    "word": partial(_name, r"[A-Za-z0-9][A-Za-z0-9./-]*"),
    "identifier": partial(_name, r"[A-Z][A-Za-z0-9]*"),
    "binding": partial(_name, "|".join(map(re.escape, PARAMETER_TYPES))),
    "whole": partial(_matching, r"[\x20-\x7e\n]*\n"),
}
"""The only ways from a template's expression into a runbook; of a deployment's values ``literal`` alone makes code."""
