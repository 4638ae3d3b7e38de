"""A runbook file that may have been edited since: what it says about itself."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import dataclass

from pexgen import sizes
from pexgen.catalogue import Method
from pexgen.errors import InputError, Problem
from pexgen.inputs import is_utf16, read_input
from pexgen.literal_reader import NotALiteralError, read_rendered
from pexgen.literals import Value
from pexgen.parameter_types import require_type
from pexgen.parameters import DeploymentParameter
from pexgen.runbook_marks import ANY_MARK, BODY_BEGINS, DISCOVERY, DISCOVERY_REGION

NO_RUNBOOK = "it is not a runbook of pexgen's"
"""What is said of a file that has none of a runbook's marks."""

_CODE = "PXG094"
# A signer puts the block behind the last line, or behind one line end of its own; any other byte there is no signer's.
_SIGNATURE = re.compile(
    rb"(?<=\n)(?:\r\n)?# SIG # Begin signature block\r?\n(?:# [A-Za-z0-9+/=]*\r?\n)+"
    rb"# SIG # End signature block(?:\r?\n)?\Z"
)
_MARK = re.compile(ANY_MARK, re.MULTILINE)
_SAYS = re.compile(r"^\$(Method|Platform|PexgenReview) = '([a-z -]+)'$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RunbookFile:
    """A runbook's file. ``data`` are its bytes without the signature block at its end, if it has one.

    ``text`` is the same with LF line ends and without byte order mark; a byte that is no UTF-8 stands there as a
    surrogate escape. ``body`` is the text after the line that begins it, empty where that line is missing.
    ``method``, ``platform`` and ``review`` are what the runbook says of itself, empty where it does not.
    """

    file: str
    data: bytes
    text: str
    body: str
    method: str
    platform: str
    review: str
    is_signed: bool

    @property
    def is_utf16(self) -> bool:
        """Whether a program has stored the file in another encoding."""
        return is_utf16(self.data)

    def values(self, method: Method) -> tuple[dict[str, Value], dict[str, str]]:
        """Return the values of the method's parameters, and for each that cannot be read the reason."""
        block = self.text.partition(f"\n{BODY_BEGINS}\n")[0].partition("\nparam(\n")[2]
        values: dict[str, Value] = {}
        unreadable: dict[str, str] = {}
        for parameter in method.parameters:
            try:
                values[parameter.name] = _default(block, parameter)
            except NotALiteralError as error:
                unreadable[parameter.name] = str(error)
        return values, unreadable


def read_runbook(path: str) -> RunbookFile:
    """Read the file ``path`` as a runbook; raises :class:`InputError` where it cannot be read or is none."""
    return parse_runbook(read_bytes(path), path)


def read_bytes(name: str) -> bytes:
    """Return the bytes of what is said to be a runbook, ``-`` being standard input; raises :class:`InputError`."""
    return read_input(name, sizes.RUNBOOK, code=_CODE)


def parse_runbook(data: bytes, file: str) -> RunbookFile:
    """Return what ``data`` says as a runbook; ``file`` is what messages call it.

    Raises :class:`InputError` for what has none of a runbook's marks, or is too large for one.
    """
    if len(data) > sizes.RUNBOOK:
        raise _problem(file, f"it has more than {sizes.spoken(sizes.RUNBOOK)}, and no runbook has", "name the runbook")
    signature = _SIGNATURE.search(data)
    if signature:
        data = data[: signature.start()]
    text = _text(data)
    if not _MARK.search(text):
        raise _problem(file, NO_RUNBOOK, "name a .ps1 file that `pexgen render` wrote")
    head, _, body = text.partition(f"\n{BODY_BEGINS}\n")
    said: Mapping[str, str] = {**dict(_SAYS.findall(body)), **dict(_SAYS.findall(head))}
    return RunbookFile(
        file=file,
        data=data,
        text=text,
        body=body,
        method=said.get("Method", DISCOVERY if f"\n{DISCOVERY_REGION}" in body else ""),
        platform=said.get("Platform", ""),
        review=said.get("PexgenReview", ""),
        is_signed=signature is not None,
    )


def _text(data: bytes) -> str:
    if is_utf16(data):
        text = data.decode("utf-16", "replace")
    else:
        text = data.removeprefix(BOM_UTF8).decode("utf-8", "surrogateescape")
    return text.replace("\r\n", "\n")


def _default(block: str, parameter: DeploymentParameter) -> Value:
    found = re.search(rf"^    {re.escape(f'[{parameter.type}] ${parameter.name} = ')}", block, re.MULTILINE)
    if not found:
        raise NotALiteralError("param() has no such parameter")
    value, end = read_rendered(block, found.end(), indent=4)
    require_type(value, parameter)
    if not block.startswith((",\n", "\n"), end):
        raise NotALiteralError("something follows it")
    return value


def _problem(file: str, message: str, hint: str) -> InputError:
    return InputError((Problem(_CODE, message, file, hint=hint),))
