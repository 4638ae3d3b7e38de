"""Names of input files as they come from a command line."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pexgen.errors import UsageError
from pexgen.inputs import STANDARD, shown_name

if TYPE_CHECKING:
    from pexgen.description import Description


def read_description(name: str) -> bytes:
    """Return the bytes of a description; raises InputError where it cannot be read or is another file of pexgen's."""
    from pexgen.cli._file_kinds import refuse_other_kind
    from pexgen.description import read_description as read

    data = read(name)
    refuse_other_kind(data, shown_name(name), "a description", "description")
    return data


def read_with(name: str, description: Description) -> list[str | Path]:
    """Return the files that are read for the description ``name``: itself, and an add-in's manifest if it has one."""
    return [name, *read_beside(name, description.add_in.manifest if description.add_in else "")]


def read_beside(name: str, manifest: str) -> list[str | Path]:
    """Return the files that are read beside the description ``name``: a manifest, and the organization's own rules."""
    from pexgen.policy import FILE

    folder = Path(name).parent
    return [folder / FILE, *([folder / manifest] if manifest else [])]


def is_folder(name: str) -> bool:
    """Whether a name is that of a folder; a name that no file can have is not."""
    return os.path.isdir(name)  # noqa: PTH112 - Path.is_dir raises for such a name


def expand(names: Sequence[str]) -> list[str]:
    """Return the names with patterns expanded, as Windows' shells do not; each file once, in the order given.

    A name that exists is never taken for a pattern. Raises :class:`UsageError` for a pattern that no file matches.
    """
    found: dict[str, None] = {}
    for name in names:
        if name == STANDARD or not glob.has_magic(name) or Path(name).exists():
            found[name] = None
            continue
        matches = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 - a pattern may be absolute
        if not matches:
            raise UsageError(f"no file matches {name}", "look at the pattern and the current folder")
        found.update(dict.fromkeys(matches))
    return list(found)
