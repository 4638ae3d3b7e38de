"""``pexgen init``: a commented description to begin with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pexgen.cli._inputs import STANDARD
from pexgen.errors import UsageError

_STARTERS = {("app-permissions", "exchange-online"): "app-permissions.yaml"}
"""The file in ``pexgen/starters`` for each method and platform that pexgen renders."""


def init(
    context: typer.Context,
    method: Annotated[str, typer.Option("--method", metavar="METHOD", help="How Pexip gets at the mailboxes.")] = (
        "app-permissions"
    ),
    platform: Annotated[str, typer.Option("--platform", metavar="PLATFORM", help="Where the mailboxes are.")] = (
        "exchange-online"
    ),
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where to; - is standard output.")
    ] = STANDARD,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that differs.")] = False,
) -> None:
    """Write a commented description that is valid as it is; its comments say what to replace.

    Exit codes: 0 done, 2 usage.

    Examples:
        pexgen init > contoso.yaml

        pexgen init --method app-permissions --platform exchange-online -o contoso.yaml
    """
    data = starter(method, platform)
    if output == STANDARD:
        sys.stdout.write(data.decode("utf-8"))
        return
    from pexgen.files import Output, write_new

    written = write_new([Output(Path(output), data)], force=force)
    context.obj.say(f"{output}: {'written' if written else 'already current'}")


def starter(method: str, platform: str) -> bytes:
    """Return the description to begin with: UTF-8, LF. Raises :class:`UsageError` where there is none."""
    name = _STARTERS.get((method, platform))
    if name is None:
        known = ", ".join(f"--method {method} --platform {platform}" for method, platform in _STARTERS)
        raise UsageError(f"method {method} on {platform} is not available yet", f"available: {known}")
    return (Path(__file__).parent.parent / "starters" / name).read_bytes()
