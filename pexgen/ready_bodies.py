"""Bodies that were put together when the wheel was built, so that a render need not do it again.

A stored body is used only if its sources are unchanged: then it is what :func:`pexgen.runbook.assemble` would make of
them. Whether it is reviewed says its own digest, as of every body.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from pexgen import __version__
from pexgen.catalogue import COMPILED, Method, Part


def read_ready(templates: Path, method: Method, parts: Iterable[Part]) -> tuple[str, str] | None:
    """Return the body and the help of a method that ``templates`` has ready; None if it has none of these parts."""
    try:
        ready = json.loads(_file(templates / COMPILED, method).read_bytes())
    except FileNotFoundError:
        return None
    return (ready["text"], ready["help"]) if ready["made_from"] == _made_from(method, parts) else None


def write_ready(folder: Path, method: Method, parts: Iterable[Part], texts: tuple[str, str]) -> None:
    """Write the body and the help of a method into ``folder``, which :func:`read_ready` finds as ``compiled``."""
    ready = {"made_from": _made_from(method, parts), "text": texts[0], "help": texts[1]}
    _file(folder, method).write_text(json.dumps(ready), encoding="ascii")


def _file(folder: Path, method: Method) -> Path:
    return folder / f"{method.id}.{method.platform}.json"


def _made_from(method: Method, parts: Iterable[Part]) -> str:
    """Return the SHA-256 of all that a body is made of: the method's tables, the parts, and this version's facts."""
    sources = [f"{part.name} {part.sha256}" for part in parts]
    return hashlib.sha256("\n".join([__version__, repr(method), *sources]).encode()).hexdigest()
