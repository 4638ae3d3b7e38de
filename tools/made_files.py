"""Files that a tool of the project makes: written, or with ``--check`` held against what it would write."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def write_or_check(made: Iterable[tuple[Path, str]], tool: str, arguments: Sequence[str]) -> int:
    """Write the files that are not current, UTF-8 with LF, and return the exit code of the tool called ``tool``.

    With ``--check`` among its arguments nothing is written; then each is named, and the code is 1 if there is one.
    """
    code = 0
    for path, text in made:
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if "--check" in arguments:
            print(f"{path.relative_to(ROOT).as_posix()} is not current: run python tools/{tool}", file=sys.stderr)
            code = 1
        else:
            path.write_text(text, encoding="utf-8", newline="\n")
    return code
