"""The files of the template folder: where it is, and how one of them is read.

A table holds up to three YAML documents. A render reads the first alone, because parsing the others would take longer
than all the rest: after a line ``---`` stands what records say of the step or the methods, and ``methods.yaml`` has the
questions of ``init`` in a third. A wheel has the first ones as JSON too, which is read in a fraction of the time.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from pexgen.errors import DefectError

_RECORD_DOCUMENT = 2
"""Which document of a ``step.yaml`` is for records, the first being 1."""

COMPILED = "compiled"
"""Folder of what was made of the templates when a wheel was built; a checkout has none."""

COMPILED_INDEX = "index.json"
"""In that folder: what the templates as Python were compiled from."""

_NEXT_DOCUMENT = b"\n---\n"
_ONLY = "  # only: "
_MADE = "# made: "
_MADE_LINE = r"(?m)^ *# (?:made|end): [a-z-]+\n"


class Part(NamedTuple):
    """One PowerShell file that a body takes in as it is; ``text`` has LF line ends and ends with one."""

    name: str
    text: str
    sha256: str

    def __repr__(self) -> str:
        """Return it without its text, for which the digest stands."""
        return f"Part(name={self.name!r}, sha256={self.sha256!r})"


@cache
def template_folder() -> Path:
    """Return the folder of the templates: in an installed package inside it, in a checkout beside it."""
    package = Path(__file__).resolve().parent
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


def read_yaml(path: Path) -> Any:
    """Read one of the project's own YAML files; of several documents the first.

    Raises :class:`DefectError` for one that cannot be read as YAML.
    """
    document = documents(path)[0]
    with suppress(FileNotFoundError):
        return json.loads(ready_table(template_folder() / COMPILED, document).read_bytes())
    return _parsed(path, document)


def write_ready_tables(folder: Path, target: Path) -> None:
    """Write the first document of each table of ``folder`` into ``target``, which a wheel has as ``compiled``.

    Raises :class:`DefectError` for one that cannot be read as YAML, or says something that JSON cannot.
    """
    for path in sorted(folder.rglob("*.yaml")):
        document = documents(path)[0]
        ready_table(target, document).write_text(_as_json(path, _parsed(path, document)), encoding="ascii")


def _as_json(path: Path, said: Any) -> str:
    """Return what a table says as JSON, from which the same is read; a date without quotes has no form there."""
    try:
        text = json.dumps(said)
    except TypeError as error:
        message = f"{path} says something that JSON cannot: {error}"
        raise DefectError(message) from error
    if json.loads(text) != said:
        message = f"{path} says something that JSON cannot"
        raise DefectError(message)
    return text


def ready_table(compiled: Path, document: bytes) -> Path:
    """Return the file in which a wheel has what a document says; called by its digest, it is never an older one's."""
    return compiled / f"{hashlib.sha256(document).hexdigest()}.json"


def step_file(folder: Path, step: str, platform: str, suffix: str) -> Path:
    """Return the file of a step: that of the platform's own, as ``step.exchange-server.ps1``, where there is one."""
    own = folder / "steps" / step / f"step.{platform}.{suffix}"
    return own if own.is_file() else own.with_name(f"step.{suffix}")


def read_record_table(path: Path) -> Mapping[str, Any]:
    """Read the second document of a table: what records say of its step, or of the methods.

    Raises :class:`DefectError` where there is none, or it cannot be read as YAML.
    """
    found = documents(path)
    if len(found) < _RECORD_DOCUMENT:
        message = f"{path.name} of {path.parent.name} has no second document, for records"
        raise DefectError(message)
    return parsed_once(path, found[_RECORD_DOCUMENT - 1])


def read_part(path: Path, name: str) -> Part:
    """Read a PowerShell part; raises :class:`DefectError` for anything but ASCII with a line end at its end."""
    data = _read(path)
    if not data.isascii() or not data.endswith(b"\n") or data.endswith(b"\n\n"):
        message = f"{name}.ps1 has to be ASCII and end with one line end"
        raise DefectError(message)
    return Part(name, data.decode("ascii"), hashlib.sha256(data).hexdigest())


def is_for(part: Part, names: Collection[str]) -> bool:
    """Whether a part is for a body: one with a platform or method in its name is for that platform or method alone."""
    _, dot, only = part.name.rpartition("/")[2].partition(".")
    return not dot or only in names


def lines_for(text: str, names: Collection[str]) -> str:
    """Return the lines of a part that are for a body of these ``names``: of its method, its platform, its steps' keys.

    One that ends with ``# only: NAME`` stands only in the bodies of that name, and without that mark. The lines
    between which a tool writes, ``# made: NAME`` and ``# end: NAME``, stand in none.
    """
    text = re.sub(_MADE_LINE, "", text) if _MADE in text else text
    return "\n".join(code for line in text.split("\n") for code in _line(line, names)) if _ONLY in text else text


def _line(line: str, names: Collection[str]) -> Iterator[str]:
    code, mark, only = line.partition(_ONLY)
    if not mark or any(name in names for name in only.split(", ")):
        yield code


def _read(path: Path) -> bytes:
    return path.read_bytes().replace(b"\r\n", b"\n")


def documents(path: Path) -> list[bytes]:
    """Return the documents' text. Only a line that is ``---`` alone parts two, so that a long one costs no parsing."""
    return _read(path).split(_NEXT_DOCUMENT)


@lru_cache(maxsize=64)
def parsed_once(path: Path, document: bytes) -> Mapping[str, Any]:
    """Return what a document of records says, the same object at each call: not to be changed.

    A command over a folder asks for the same documents for each of its files. Raises :class:`DefectError` with the
    path for one that cannot be read as YAML.
    """
    found: Mapping[str, Any] = _parsed(path, document)
    return found


def _parsed(path: Path, document: bytes) -> Any:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(document, Loader=loader)  # noqa: S506 - both are the safe loader
    except (yaml.YAMLError, ValueError, LookupError, RecursionError) as error:
        # What is not of the syntax is found as values are made, and PyYAML lets it out as it is: a date in month 13.
        message = f"{path} cannot be read as YAML: {error}"
        raise DefectError(message) from error
