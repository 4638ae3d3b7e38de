"""Where a product goes, as the options of the command line say it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pexgen.cli._talk import progress_hidden, width_of
from pexgen.inputs import STANDARD

if TYPE_CHECKING:
    from pexgen.cli._talk import Talk
    from pexgen.inputs import Inputs


def deliver(text: str, output: str, inputs: Inputs, talk: Talk, *, force: bool, is_prose: bool = False) -> str:
    """Write a product to standard output (``-``) or into a file, UTF-8 with LF, which is none of the files read for it.

    ``is_prose`` is text for a person, whose lines a terminal may break between words. Returns "current" for a file that
    was so already, else "written". Raises UsageError as :func:`pexgen.files.write_new` does.
    """
    if output == STANDARD:
        show(text, is_prose=is_prose)
        return "written"
    from pexgen.cli._text import plain
    from pexgen.files import Output, write_new

    data = plain(text).encode("utf-8", "backslashreplace")
    written = write_new([Output(Path(output), data)], force=force, inputs=inputs)
    talk.say(f"{output}: {'written' if written else 'already current'}")
    return "written" if written else "current"


def show(text: str, *, is_prose: bool) -> None:
    """Write a product to standard output."""
    if is_prose:
        from pexgen.cli._text import fitted

        text = fitted(text, width_of(sys.stdout))
    with progress_hidden():
        sys.stdout.write(text)
        sys.stdout.flush()
