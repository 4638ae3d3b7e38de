"""Assembly of a runbook: help, parameters, the review's header value, and the body.

Body and help are assembled from the catalogue alone, so that no value of a deployment can reach them. How a value gets
into the parameters is said in :mod:`pexgen.filling`.
"""

# No "from __future__ import annotations": named tuples look at the types of their fields, and resolving text is slow.

import hashlib
import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from pexgen.catalogue import Catalogue, Method
from pexgen.filling import environment_of
from pexgen.literals import Value
from pexgen.parameters import RunParameter, parameter_values
from pexgen.ready_bodies import read_ready
from pexgen.runbook_marks import BODY_BEGINS, NOT_REVIEWED, REVIEWED
from pexgen.template_files import Part, is_for

_SIGNATURE_BEGINS = "# SIG # Begin signature block"
_REGION = r"(?ms)^#region (\S+)\n(.*?)^#endregion$"


class Body(NamedTuple):
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
        return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in re.findall(_REGION, self.text)}


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
    ready = read_ready(catalogue.folder, method, sources)
    if ready is None:
        from pexgen.assembly import put_together

        ready = put_together(catalogue, method, parts)
    text, help_text = ready
    return Body(method, text, body_digest(text), sources, help_text)


def runbook_bytes(description: object, body: Body, catalogue: Catalogue, *, reviewed: bool) -> bytes:
    """Return the whole runbook for a description of the body's method: UTF-8 with byte order mark, CRLF.

    ``reviewed`` becomes the header value that the runbook's own guard reads; that it is true is the caller's to know.
    """
    return runbook_of_values(parameter_values(description, body.method), body, catalogue, reviewed=reviewed)


def runbook_of_values(values: Mapping[str, Value], body: Body, catalogue: Catalogue, *, reviewed: bool) -> bytes:
    """Return the runbook that has these values, one for each parameter of the body's method by its name."""
    method = body.method
    template = environment_of(catalogue).get_template("parameters.ps1.j2")
    parameters = template.render(
        method=method,
        run=[_with_choices(parameter, method) for parameter in method.run_parameters],
        values=values,
        # The same, by another name in comments: so a test can hold which filter each of the two goes through.
        shown=values,
        review=REVIEWED if reviewed else NOT_REVIEWED,
    )
    return script_bytes(f"{body.help}{parameters}", body)


def script_bytes(head: str, body: Body) -> bytes:
    """Return the file of a script whose text before its body is ``head``: UTF-8 with byte order mark, CRLF."""
    return BOM_UTF8 + _with_crlf(f"{head}\n{BODY_BEGINS}\n") + body_bytes(body)


def body_bytes(body: Body) -> bytes:
    """Return a body as the end of a file has it."""
    return _bytes_of(body.text)


@lru_cache(maxsize=16)
def _bytes_of(body: str) -> bytes:
    """Return a body's bytes. A command over a folder writes the same few bodies for all its files."""
    return _with_crlf(body)


def _with_crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def _with_choices(parameter: RunParameter, method: Method) -> RunParameter:
    if parameter.complete == "steps":
        return parameter._replace(complete=tuple(step.id for step in method.steps))
    return parameter
