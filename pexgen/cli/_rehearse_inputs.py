"""What a rehearsal begins with: a folder, the runbook in it, and the tenant that a file holds."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Any

from pexgen import sizes
from pexgen.cli._streams import StdoutError
from pexgen.errors import InputError, Problem, UsageError
from pexgen.inputs import read_input, shown_name
from pexgen.manifest import manifest_beside
from pexgen.runbook_marks import NOT_REVIEWED, REVIEW

if TYPE_CHECKING:
    from pexgen.cli._talk import Talk
    from pexgen.discovery import Discovered

_MOST_PROBLEMS = 20
_NO_RUNBOOK = ("the runbook was not found", "name a .ps1 file that `pexgen render` wrote, or a description")
_TENANTS = (
    "fresh, converged, drifted, what the script of `pexgen discover` found, or a tenant as docs/rehearsal.md has it"
)
# On some systems no user has a quota.
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_UNREVIEWED = f"\n{REVIEW}'{NOT_REVIEWED}'".encode()


@dataclass(frozen=True, slots=True)
class Staged:
    """The runbook that is played: of a description it lies in the rehearsal's folder, with its manifests."""

    runbook: Path
    is_reviewed: bool


@contextlib.contextmanager
def working_folder() -> Iterator[Path]:
    """Give a folder for the files of a rehearsal; raises UsageError where the system has no place for them."""
    try:
        made = tempfile.TemporaryDirectory(prefix="pexgen-", ignore_cleanup_errors=True)
    except OSError as error:
        raise _no_place(error) from error
    with made as place:
        try:
            yield Path(place)
        except OSError as error:
            # Only a disk that is full says of itself that this is the place that is meant.
            if error.errno not in _FULL or isinstance(error, StdoutError):
                raise
            raise _no_place(error) from error


def _no_place(error: OSError) -> UsageError:
    reason, hint = error.strerror or str(error), "make room there, or set TMPDIR to another folder"
    return UsageError(f"{error.filename or 'the folder for temporary files'}: {reason}", hint)


def read_start(name: str) -> dict[str, Any] | Discovered:
    """Return what a file holds to start from, a tenant or what a discovery found; raises InputError where neither."""
    from pexgen.cli._file_kinds import beginning, kind_of

    if kind_of(beginning(name)) == "discovery":
        from pexgen.discovery import load_discovery

        return load_discovery(name)
    return _read_tenant(name)


def _read_tenant(name: str) -> dict[str, Any]:
    from pexgen.cli._file_kinds import refuse_other_kind
    from pexgen.simulation import shape_problems

    try:
        absent = "the file was not found, and no start has that name", _TENANTS
        data = read_input(name, sizes.TENANT, code="PXG091", absent=absent)
        if len(data) > sizes.TENANT:
            raise _no_tenant(name, f"it has more than {sizes.spoken(sizes.TENANT)}")
        refuse_other_kind(data, name, "a simulated tenant or what a discovery found", "tenant")
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _no_tenant(name, f"no tenant can be read from it: {error}") from error
    problems = shape_problems(found)
    if problems:
        hint = "docs/rehearsal.md describes a tenant"
        told = problems[:_MOST_PROBLEMS]
        if len(problems) > len(told):
            told.append(f"{len(problems) - len(told)} more of its entries are not as they have to be")
        raise InputError(tuple(Problem("PXG091", problem, shown_name(name), hint=hint) for problem in told))
    tenant: dict[str, Any] = found
    return tenant


def _no_tenant(name: str, message: str) -> InputError:
    return InputError((Problem("PXG091", message, shown_name(name), hint=_TENANTS),))


def stage(file: str, folder: Path, talk: Talk) -> Staged:
    """Return the runbook to play; that of a description is rendered into the folder, reviewed or not.

    Raises InputError where the file cannot be read, or is another one of pexgen's.
    """
    from pexgen.cli._file_kinds import refuse_other_kind

    if file.casefold().endswith(".ps1"):
        data = read_input(file, sizes.RUNBOOK, code="PXG092", absent=_NO_RUNBOOK)
        refuse_other_kind(data, file, "a runbook or a description", "runbook")
        return Staged(Path(file), _UNREVIEWED not in data)
    from pexgen.cli._inputs import read_description
    from pexgen.cli._talk import tell_problems
    from pexgen.render import Renderer

    rendered = Renderer(allow_unreviewed=True).render(read_description(file), shown_name(file))
    tell_problems(rendered.warnings)
    if rendered.review is None:
        talk.say("This runbook's body has no review yet; a rehearsal may play it, render would refuse it.")
    path = folder / f"{rendered.description.name}.ps1"
    path.write_bytes(rendered.runbook)
    manifest_beside(path).write_bytes(rendered.manifest)
    if rendered.description.add_in:
        manifest = rendered.description.add_in.manifest
        (folder / manifest).parent.mkdir(parents=True, exist_ok=True)
        (folder / manifest).write_bytes((Path(file).parent / manifest).read_bytes())
    return Staged(path, rendered.review is not None)


def put_beside(staged: Staged, values: Mapping[str, Any], folder: Path) -> None:
    """Put a runbook that lies elsewhere into the folder, with what it needs beside it: manifest and add-in.

    Raises InputError where a file cannot be read, or the add-in's is not below the runbook's folder.
    """
    runbook = staged.runbook
    if runbook.parent == folder:
        return
    add_in = values.get("AddInManifest") or ""
    if not _is_below(add_in):
        said = f"its AddInManifest '{add_in}' is not a file in the runbook's folder or below it"
        hint = "put it into the runbook's folder, give that name in the description, and render it again"
        raise InputError((Problem("PXG094", said, str(runbook), hint=hint),))
    for name in (runbook.name, manifest_beside(runbook).name, add_in):
        # Path.is_file raises for a name that no file can have.
        if name and os.path.isfile(runbook.parent / name):  # noqa: PTH113
            data = read_input(str(runbook.parent / name), sizes.TENANT, code="PXG094")
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)


def _is_below(name: str) -> bool:
    """Whether a name out of a runbook stays below the folder it is seen from, on whatever system it was written."""
    # It knows both separators, drives and shares.
    path = PureWindowsPath(name)
    return not path.anchor and ".." not in path.parts and name.isprintable()
