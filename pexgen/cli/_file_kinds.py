"""Which of pexgen's own files a file is, so that a command that cannot use it says which one it is and who takes it."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from pathlib import Path

from pexgen import sizes
from pexgen.description import schema_of
from pexgen.errors import InputError, Problem
from pexgen.inputs import is_utf16
from pexgen.output import form_of
from pexgen.runbook_marks import ANY_MARK, DISCOVERY_REGION

_HEAD = 64 * 1024
_SCRIPT = re.compile(ANY_MARK.encode(), re.MULTILINE)
_DISCOVERY = rf"(?m)^{DISCOVERY_REGION}".encode()
_FORMAT = rb'"(?:format|predicateType)"\s*:\s*"(?:pexgen\.|urn:pexgen:)([a-z]+)[/:]'
_METHOD = re.compile(rb"^method:[ \t]*['\"]?([a-z][a-z-]*)", re.MULTILINE)
# What it is called, and what takes it.
_KINDS = {
    "runbook": ("a runbook", "`pexgen rehearse`, `plan`, `diff` and `verify` take this file"),
    "discover": (
        "a script of `pexgen discover`",
        "an administrator runs it where the deployment is, and `pexgen verify` takes this file",
    ),
    "description": ("a description", "`pexgen lint`, `render`, `plan`, `values`, `diff` and `rehearse` take this file"),
    "discovery": (
        "what the script of `pexgen discover` found",
        "`pexgen init --from` and `rehearse --from` take this file",
    ),
    "tenant": ("a simulated tenant", "`pexgen rehearse --from` takes this file"),
    "manifest": ("a runbook's manifest", "`pexgen verify` finds this file beside its runbook"),
    "journal": (
        "the journal of a run",
        "the runbook takes this file, with -JournalPath, and `pexgen report` with --journal",
    ),
    "result": (
        "the result of a run",
        "`pexgen report` takes this file, and `pexgen plan` that of a Check, with --check",
    ),
    "report": ("a closing record", "it is for people and their tools"),
    "plan": ("a change record", "`pexgen verify` and `report` take this file, with --plan"),
    "xml": ("XML", "a description names the manifest of an add-in under add_in.manifest"),
}


def refuse_other_kind(data: bytes, file: str, wanted: str, *taken: str, said: str = "") -> None:
    """Raise InputError where ``data`` is a file of pexgen's, but of none of the kinds ``taken``.

    ``wanted`` says in the user's words what is taken, and ``said`` in a command's own that this is none. Data that is
    none of pexgen's files passes: whoever reads it says what is wrong with it.
    """
    kind = kind_of(data)
    if kind and kind not in taken:
        name, use = _KINDS[kind]
        message = f"{said}: this is {name}" if said else f"this is {name}, and not {wanted}"
        problem = Problem("PXG001", message, file, hint=f"name {wanted}; {use}")
        raise InputError((problem,))


def kind_of(data: bytes) -> str:
    """Return which of pexgen's files ``data`` is: a key of the table above, empty for any other."""
    # PowerShell's tools store text as UTF-16; the marks are ASCII.
    data = data.replace(b"\0", b"") if is_utf16(data) else data.removeprefix(BOM_UTF8)
    begin = data[:_HEAD].lstrip()
    if begin.startswith((b"<?xml", b"<OfficeApp")):
        return "xml"
    if begin.startswith((b"{", b"[")):
        found = re.search(_FORMAT, data[:_HEAD]) or re.search(_FORMAT, data[-_HEAD:])
        return found[1].decode() if found and found[1].decode() in _KINDS else ""
    if _SCRIPT.search(data):
        return "discover" if re.search(_DISCOVERY, data) else "runbook"
    method = _METHOD.search(data)
    if method and method[1].decode() in schema_of(("method",))["enum"]:
        return "description"
    from pexgen.run_records import PLAN_TITLE

    return "plan" if form_of(begin.decode("utf-8", "replace"), PLAN_TITLE) else ""


def beginning(path: str) -> bytes:
    """Return as much of a file as tells its kind, nothing where it cannot be read: whoever reads it next says why."""
    try:
        with Path(path).open("rb") as file:
            return file.read(sizes.RUNBOOK)
    except (OSError, ValueError):
        return b""
