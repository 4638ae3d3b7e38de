"""Names of input files as they come from a command line."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from pathlib import Path

from pexgen.errors import UsageError

STANDARD = "-"
"""Standard input as a description, standard output as a destination."""


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
