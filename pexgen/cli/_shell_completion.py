"""What a shell's script asks for while somebody types: the words that may come next, each with what it is.

The scripts in ``_shells`` hand over the line up to the cursor; Typer finds out which command and option it is about,
and the option, or argument, says its values by an ``autocompletion`` of :mod:`pexgen.cli._completion_values`.
"""

from __future__ import annotations

import os
from typing import Any

from typer._click.shell_completion import CompletionItem, ShellComplete, add_completion_class, split_arg_string

_LINE = "_PEXGEN_LINE"
_CURSOR = "\x01"


class _Words(ShellComplete):
    """Answers line by line, the same for every shell: the word, a tab, what it is."""

    name = "pexgen"
    source_template = ""

    def source_vars(self) -> dict[str, Any]:
        """Nothing: `pexgen completion` prints the scripts."""
        return {}

    def get_completion_args(self) -> tuple[list[str], str]:
        """The complete words behind the program's name, and the one at the cursor."""
        from pexgen.cli import general_options_first

        # With a sign at the cursor a word that is empty, or whose quotes are open, is a word like any other.
        words = split_arg_string(os.environ.get(_LINE, "") + _CURSOR)
        return general_options_first(words[1:-1]), words[-1].replace(_CURSOR, "")

    def format_completion(self, item: CompletionItem) -> str:
        """One line; what it is ends with its first sentence."""
        meaning = " ".join((item.help or "").split()).partition(". ")[0].rstrip(".")
        return f"{item.value}\t{meaning}"


def register() -> None:
    """Let Typer answer the scripts that ``pexgen completion`` prints."""
    add_completion_class(_Words, _Words.name)
