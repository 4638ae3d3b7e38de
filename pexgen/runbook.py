"""Assembly of a runbook: help, parameters, the review's header value, and the body.

The body is assembled first and from the catalogue alone, so that no value of a deployment can reach it. In both
templates everything that is filled in goes through one of the filters below; Jinja2 calls :func:`_only_code` on
whatever is about to be written, and text that no filter made ends there.
"""

from __future__ import annotations

import hashlib
import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING

from pexgen.catalogue import PARAMETER_TYPES, Catalogue, Method, Part, RunParameter
from pexgen.errors import DefectError
from pexgen.literals import Value, powershell_literal
from pexgen.parameters import parameter_value

if TYPE_CHECKING:
    from jinja2 import Environment

BODY_BEGINS = "# ---- pexgen body ----"
"""The line after which the reviewed body begins; the line itself belongs to no digest."""

_SIGNATURE_BEGINS = "# SIG # Begin signature block"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_PROSE_WIDTH = 118
_PROSE = re.compile(r"[\x20-\x7e]+")


@dataclass(frozen=True, slots=True)
class Body:
    """What is reviewed: the text of one method on one platform, its SHA-256, and the parts that it was made of."""

    method: Method
    text: str
    digest: str
    parts: tuple[Part, ...]


class _Code(str):
    """Text that may stand in a runbook as it is; only the filters of this module make it."""

    __slots__ = ()


def body_digest(text: str) -> str:
    """Return the SHA-256 of a body: LF line ends, without a signature block, exactly one line end at its end."""
    lines = text.replace("\r\n", "\n")
    signature = lines.find("\n" + _SIGNATURE_BEGINS)
    if signature >= 0:
        lines = lines[:signature]
    return hashlib.sha256((lines.rstrip("\n") + "\n").encode()).hexdigest()


@cache
def assemble(catalogue: Catalogue, method: Method) -> Body:
    """Put a method's body together; it is the same for every description of that method and platform."""
    *core, main = catalogue.core
    parts = (*core, *(step.part for step in method.steps), main)
    text = (
        _environment(catalogue)
        .get_template("body.ps1.j2")
        .render(method=method, run=catalogue.run_parameters, core_commands=catalogue.core_commands, parts=parts)
    )
    return Body(method, text, body_digest(text), (*catalogue.skeleton, *parts))


def runbook_bytes(description: object, body: Body, catalogue: Catalogue, *, reviewed: bool) -> bytes:
    """Return the whole runbook for a description of the body's method: UTF-8 with byte order mark, CRLF.

    ``reviewed`` becomes the header value that the runbook's own guard reads; that it is true is the caller's to know.
    """
    method = body.method
    template = _environment(catalogue).get_template("runbook.ps1.j2")
    head = template.render(
        method=method,
        run=[_with_choices(parameter, method) for parameter in catalogue.run_parameters],
        values={parameter.name: parameter_value(description, parameter) for parameter in method.parameters},
        review="reviewed" if reviewed else "not reviewed",
    )
    text = f"{head}\n{BODY_BEGINS}\n{body.text}"
    return _BYTE_ORDER_MARK + text.replace("\n", "\r\n").encode()


def _with_choices(parameter: RunParameter, method: Method) -> RunParameter:
    if parameter.complete == "steps":
        return replace(parameter, complete=tuple(step.id for step in method.steps))
    return parameter


@cache
def _environment(catalogue: Catalogue) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(catalogue.folder),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - HTML's escapes are not PowerShell's; _only_code admits nothing unescaped
        finalize=_only_code,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters = {"join": environment.filters["join"], **FILTERS}
    return environment


def _only_code(value: object) -> _Code:
    if type(value) is not _Code:
        message = f"a template writes a {type(value).__name__} that no filter of pexgen's made"
        raise DefectError(message)
    return value


def _literal(value: Value, indent: int = 0) -> _Code:
    return _Code(powershell_literal(value, indent))


def _prose(text: str, indent: int = 4) -> _Code:
    """Text of the catalogue as lines of the help; a line that began with a dot would be read as a keyword there."""
    if not _PROSE.fullmatch(text) or "#>" in text or "<#" in text:
        message = f"not fit for the help of a runbook: {text}"
        raise DefectError(message)
    margin = " " * indent
    filled = textwrap.fill(text, _PROSE_WIDTH, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False)
    if re.search(r"^\s*\.", filled, re.MULTILINE):
        message = f"a line of the help would begin with a dot: {text}"
        raise DefectError(message)
    return _Code(filled)


def _matching(pattern: re.Pattern[str], value: str) -> _Code:
    if not pattern.fullmatch(value):
        message = f"{value!r} is not fit for a runbook"
        raise DefectError(message)
    return _Code(value)


FILTERS: Mapping[str, Callable[..., _Code]] = {
    "literal": _literal,
    "prose": _prose,
    "word": partial(_matching, re.compile(r"[A-Za-z0-9][A-Za-z0-9/-]*")),
    "identifier": partial(_matching, re.compile(r"[A-Z][A-Za-z]*")),
    "binding": partial(_matching, re.compile("|".join(map(re.escape, PARAMETER_TYPES)))),
    "whole": partial(_matching, re.compile(r"[\x20-\x7e\n]*\n")),
}
"""The only ways from a template's expression into a runbook; a deployment's values take ``literal`` alone."""
