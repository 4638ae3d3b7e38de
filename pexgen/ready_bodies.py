"""Bodies that were put together when the wheel was built, so that a render need not do it again.

A stored body is used only if its sources are unchanged: then it is what :func:`pexgen.runbook.assemble` would make of
them. Whether it is reviewed says its own digest, as of every body.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from pexgen import __version__
from pexgen.catalogue import Method
from pexgen.template_files import COMPILED, Part

_NEXT = "\0"
"""Stands between what a body was made from, its help and itself; no text has it."""


def read_ready(templates: Path, method: Method, parts: Iterable[Part]) -> tuple[str, str] | None:
    """Return the body and the help of a method that ``templates`` has ready; None if it has none of these parts."""
    try:
        made_from, help_text, text = _file(templates / COMPILED, method).read_bytes().decode("ascii").split(_NEXT)
    except FileNotFoundError:
        return None
    return (text, help_text) if made_from == _made_from(method, parts) else None


def write_ready(folder: Path, method: Method, parts: Iterable[Part], texts: tuple[str, str]) -> None:
    """Write the body and the help of a method into ``folder``, which :func:`read_ready` finds as ``compiled``."""
    text, help_text = texts
    ready = _NEXT.join([_made_from(method, parts), help_text, text])
    _file(folder, method).write_text(ready, encoding="ascii", newline="\n")


def _file(folder: Path, method: Method) -> Path:
    return folder / f"{method.id}.{method.platform}.txt"


def _made_from(method: Method, parts: Iterable[Part]) -> str:
    """Return the SHA-256 of all that a body is made of: the method's tables, the parts, and this version's facts."""
    sources = [f"{part.name} {part.sha256}" for part in parts]
    return hashlib.sha256("\n".join([__version__, repr(method), *sources]).encode()).hexdigest()
