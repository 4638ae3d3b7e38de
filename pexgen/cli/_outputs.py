"""Where a product goes, as the options of the command line say it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pexgen.cli._inputs import STANDARD

if TYPE_CHECKING:
    from pexgen.cli._talk import Talk


def deliver(text: str, output: str, inputs: Sequence[str | Path], talk: Talk, *, force: bool) -> None:
    """Write a product to standard output (``-``) or into a file, UTF-8 with LF, which is none of the files read for it.

    Raises UsageError as :func:`pexgen.files.write_new` does.
    """
    if output == STANDARD:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    from pexgen.cli._text import plain
    from pexgen.files import Output, write_new
    from pexgen.inputs import Inputs

    data = plain(text).encode("utf-8", "backslashreplace")
    written = write_new([Output(Path(output), data)], force=force, inputs=Inputs(inputs))
    talk.say(f"{output}: {'written' if written else 'already current'}")
