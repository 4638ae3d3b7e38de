"""``pexgen completion``: what a shell needs to complete pexgen's commands, options and their values."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pexgen.cli._completion_values import one_of
from pexgen.errors import UsageError

_FOLDER = Path(__file__).parent / "_shells"
_SCRIPTS = {"bash": "pexgen.bash", "zsh": "pexgen.zsh", "fish": "pexgen.fish", "powershell": "pexgen.ps1"}
_ALSO = {"pwsh": "powershell"}


def completion(
    shell: Annotated[
        str,
        typer.Argument(
            metavar="|".join(_SCRIPTS), help="The shell that it is for.", autocompletion=one_of(list(_SCRIPTS))
        ),
    ],
) -> None:
    """Print what a shell needs to complete commands, options, their values, and files. It changes nothing.

    The script's first lines say where it goes: into the shell's own profile, as one line.

    Exit codes: 0 done, 2 usage.

    Examples:
        pexgen completion powershell | Out-String | Invoke-Expression

        eval "$(pexgen completion bash)"
    """
    name = _SCRIPTS.get(_ALSO.get(shell.lower(), shell.lower()))
    if name is None:
        raise UsageError(f"completion for {shell} is not available", f"shells are {', '.join(_SCRIPTS)}")
    sys.stdout.write((_FOLDER / name).read_text(encoding="ascii"))
