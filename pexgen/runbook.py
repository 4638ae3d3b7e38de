"""Assembly of a runbook: help, parameters, the review's header value, and the body.

Body and help are assembled from the catalogue alone, so that no value of a deployment can reach them. In all
templates everything that is filled in goes through one of the filters below; Jinja2 calls :func:`_only_code` on
whatever is about to be written, and text that no filter made ends there.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING

from pexgen.assembly import is_for, linked, outline, used_facts, with_step_keys
from pexgen.catalogue import COMPILED, COMPILED_INDEX, PARAMETER_TYPES, Catalogue, Method, Part, RunParameter
from pexgen.description import FORBIDDEN_CLASS
from pexgen.errors import DefectError
from pexgen.ews_states import EMPTY, STATES
from pexgen.known_applications import KNOWN
from pexgen.limits import method_limits, settings_of
from pexgen.line_ends import BYTE_ORDER_MARK
from pexgen.literals import Value, powershell_literal, readings, rendered_literal
from pexgen.parameters import parameter_values
from pexgen.ready_bodies import read_ready
from pexgen.runbook_marks import BODY_BEGINS
from pexgen.vendor_facts import RUNBOOK_FACTS

if TYPE_CHECKING:
    from pathlib import Path

    from jinja2 import BaseLoader, Environment

_SIGNATURE_BEGINS = "# SIG # Begin signature block"
_REGION = re.compile(r"^#region (\S+)\n(.*?)^#endregion$", re.MULTILINE | re.DOTALL)
_PROSE_WIDTH = 118
_KEY_WIDTH = 36
_PROSE = re.compile(r"[\x20-\x7e]+")


@dataclass(frozen=True, slots=True)
class Body:
    """What is reviewed: the text of one method on one platform, its SHA-256, and the parts that it was made of.

    ``help`` is the method's comment-based help, which stands before the parameters and is no part of the body.
    """

    method: Method
    text: str
    digest: str
    parts: tuple[Part, ...]
    help: str

    @property
    def regions(self) -> dict[str, str]:
        """The SHA-256 of each region of the text by its name: what a part or a table has become in this body."""
        return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in _REGION.findall(self.text)}


class _Code(str):
    """Text that may stand in a runbook as it is; only the filters of this module make it."""

    __slots__ = ()


def body_digest(text: str) -> str:
    """Return the SHA-256 of a body: LF line ends, without a signature block, exactly one line end at its end."""
    lines = text.replace("\r\n", "\n")
    signature = lines.find("\n" + _SIGNATURE_BEGINS)
    if signature >= 0:
        lines = lines[:signature]
    # What a damaged file has instead of UTF-8 was read as escapes and gets its bytes back.
    return hashlib.sha256((lines.rstrip("\n") + "\n").encode("utf-8", "surrogateescape")).hexdigest()


@cache
def assemble(catalogue: Catalogue, method: Method) -> Body:
    """Put a method's body and help together; they are the same for every description of that method and platform."""
    names = {method.id, method.platform, method.key}
    first, *core = (part for part in catalogue.core if is_for(part, names))
    shared = dict.fromkeys(part for step in method.steps for part in step.shared)
    parts = (first, *(step.part for step in method.steps), *shared, *core)
    sources = (*catalogue.skeleton, *parts)
    text, help_text = read_ready(catalogue.folder, method, sources) or _put_together(catalogue, method, parts)
    return Body(method, text, body_digest(text), sources, help_text)


def _put_together(catalogue: Catalogue, method: Method, parts: tuple[Part, ...]) -> tuple[str, str]:
    """Return the body and the help that the skeleton makes of the parts."""
    names = with_step_keys({method.id, method.platform, method.key}, method.steps)
    texts = linked(parts, names)
    given = {
        "method": method,
        "first": parts[0],
        "parts": [part for part in parts[1 + len(method.steps) :] if part.name in texts],
        "texts": texts,
        "names_method": any("$Method" in text for text in texts.values()),
        "among": partial(filter, names.__contains__),
        "facts": used_facts(RUNBOOK_FACTS, texts.values()),
        "vendor": RUNBOOK_FACTS,
        "limits": method_limits(method),
        "settings": settings_of(texts.values()),
        "hidden": FORBIDDEN_CLASS,
        "required_in": EMPTY.clouds,
        "states": STATES if method.platform == "exchange-online" else (),
        "known": KNOWN if any(step.id == "ews-access" for step in method.steps) else {},
    }
    templates = _environment(catalogue)
    text = templates.get_template("body.ps1.j2").render(given)
    return outline(text, method.steps, BODY_BEGINS) + text, templates.get_template("help.ps1.j2").render(given)


def runbook_bytes(description: object, body: Body, catalogue: Catalogue, *, reviewed: bool) -> bytes:
    """Return the whole runbook for a description of the body's method: UTF-8 with byte order mark, CRLF.

    ``reviewed`` becomes the header value that the runbook's own guard reads; that it is true is the caller's to know.
    """
    return runbook_of_values(parameter_values(description, body.method), body, catalogue, reviewed=reviewed)


def runbook_of_values(values: Mapping[str, Value], body: Body, catalogue: Catalogue, *, reviewed: bool) -> bytes:
    """Return the runbook that has these values, one for each parameter of the body's method by its name."""
    method = body.method
    template = _environment(catalogue).get_template("parameters.ps1.j2")
    parameters = template.render(
        method=method,
        run=[_with_choices(parameter, method) for parameter in method.run_parameters],
        values=values,
        shown=values,
        review="reviewed" if reviewed else "not reviewed",
    )
    return script_bytes(f"{body.help}{parameters}", body)


def script_bytes(head: str, body: Body) -> bytes:
    """Return the file of a script whose text before its body is ``head``: UTF-8 with byte order mark, CRLF."""
    text = f"{head}\n{BODY_BEGINS}\n{body.text}"
    return BYTE_ORDER_MARK + text.replace("\n", "\r\n").encode()


def _with_choices(parameter: RunParameter, method: Method) -> RunParameter:
    if parameter.complete == "steps":
        return replace(parameter, complete=tuple(step.id for step in method.steps))
    return parameter


def template_environment(loader: BaseLoader) -> Environment:
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
def _environment(catalogue: Catalogue) -> Environment:
    from jinja2 import FileSystemLoader, ModuleLoader

    compiled = catalogue.folder / COMPILED
    loader = ModuleLoader(compiled) if _is_current(compiled, catalogue) else FileSystemLoader(catalogue.folder)
    return template_environment(loader)


def _is_current(compiled: Path, catalogue: Catalogue) -> bool:
    """Whether the compiled templates were made from these sources and for the Jinja2 that is here."""
    import jinja2

    try:
        index = json.loads((compiled / COMPILED_INDEX).read_bytes())
    except FileNotFoundError:
        return False
    sources = {f"{part.name}.ps1.j2": part.sha256 for part in catalogue.skeleton}
    return bool(index == {"jinja2": jinja2.__version__, "sources": sources})


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


def _comment(text: str, indent: int = 0) -> _Code:
    """Text of the project's own as lines of a comment."""
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


def _matching(pattern: re.Pattern[str], value: str) -> _Code:
    if not pattern.fullmatch(value):
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
    "word": partial(_matching, re.compile(r"[A-Za-z0-9][A-Za-z0-9./-]*")),
    "identifier": partial(_matching, re.compile(r"[A-Z][A-Za-z0-9]*")),
    "binding": partial(_matching, re.compile("|".join(map(re.escape, PARAMETER_TYPES)))),
    "whole": partial(_matching, re.compile(r"[\x20-\x7e\n]*\n")),
}
"""The only ways from a template's expression into a runbook; of a deployment's values ``literal`` alone makes code."""
