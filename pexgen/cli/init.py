"""``pexgen init``: a commented description to begin with."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from pexgen.cli._inputs import STANDARD
from pexgen.errors import UsageError

_STARTERS = {
    ("app-permissions", "exchange-online"): "app-permissions.yaml",
    ("service-account", "exchange-server"): "service-account-server.yaml",
    ("service-account", "exchange-online"): "service-account-online.yaml",
    ("migrate", "exchange-online"): "migrate.yaml",
}
"""The file in ``pexgen/starters`` for each method and platform that pexgen renders."""


def init(
    context: typer.Context,
    method: Annotated[
        str,
        typer.Option(
            "--method",
            metavar="METHOD",
            help="How Pexip gets at the mailboxes. Default: app-permissions, with --from what was found.",
        ),
    ] = "",
    platform: Annotated[
        str, typer.Option("--platform", metavar="PLATFORM", help="Where the mailboxes are. Default: exchange-online.")
    ] = "",
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where to; - is standard output.")
    ] = STANDARD,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that differs.")] = False,
    found: Annotated[
        str, typer.Option("--from", metavar="FOUND.json", help="Describe what the script of discover found.")
    ] = "",
    name: Annotated[str, typer.Option("--name", help="With --from: the deployment's name.")] = "",
    equipment: Annotated[str, typer.Option("--equipment", help="With --from: which equipment mailbox is meant.")] = "",
    assignment: Annotated[str, typer.Option("--assignment", help="With --from: which role assignment is meant.")] = "",
    out_of_scope: Annotated[
        str, typer.Option("--out-of-scope", help="With --from: a mailbox that must not be reached.")
    ] = "",
    gitattributes: Annotated[
        bool, typer.Option("--gitattributes", help="Write a .gitattributes for descriptions and runbooks instead.")
    ] = False,
    server_version: Annotated[
        str, typer.Option("--server-version", help="With --from: which version of Exchange Server is meant.")
    ] = "",
) -> None:
    """Write a commented description; its comments say what to replace, and lint finds what was not.

    With --from it describes the deployment that the script of `pexgen discover` found, with every doubt marked. Where
    several candidates were found it takes none of them: it lists them and ends with 1, and an option says which.

    Exit codes: 0 done, 1 something has to be decided first (--from), 2 usage, 3 the file cannot be used.

    Examples:
        pexgen init > contoso.yaml

        pexgen init --method service-account --platform exchange-server -o a.yaml

        pexgen init --gitattributes -o .gitattributes

        pexgen init --from FOUND.json --equipment pexip@contoso.com -o contoso.yaml
    """
    decided = {
        "name": name,
        "equipment": equipment,
        "assignment": assignment,
        "out_of_scope": out_of_scope,
        "version": server_version,
    }
    if gitattributes:
        if found or method or platform or any(decided.values()):
            raise UsageError("--gitattributes goes with --output and --force alone", "leave the other options out")
        data = _file("gitattributes")
    elif found:
        if platform:
            raise UsageError("--platform stands in the file that --from names", "leave --platform out")
        data = _described(found, {**decided, "method": method})
    elif any(decided.values()):
        raise UsageError("--name and what decides between candidates belong to --from", "give --from FOUND.json")
    else:
        data = starter(method or "app-permissions", platform or "exchange-online")
    if output == STANDARD:
        sys.stdout.write(data.decode("utf-8"))
        return
    from pexgen.files import Output, write_new
    from pexgen.inputs import Inputs

    inputs = Inputs([found]) if found else None
    written = write_new([Output(Path(output), data)], force=force, inputs=inputs)
    context.obj.say(f"{output}: {'written' if written else 'already current'}")
    if not gitattributes and _lacks_attributes(Path(output)):
        context.obj.say("In a git repository also: pexgen init --gitattributes -o .gitattributes")


def _described(file: str, decided: Mapping[str, str]) -> bytes:
    """Return the description of what a discovery found. Raises a :class:`pexgen.errors.PexgenError` where it cannot."""
    from pexgen.cli._kinds import beginning, refuse_other_kind
    from pexgen.discovery import Choice, describe, load_discovery

    refuse_other_kind(beginning(file), file, "what the script of `pexgen discover` found", "discovery")
    return describe(load_discovery(file), Choice(**decided)).encode()


def starter(method: str, platform: str) -> bytes:
    """Return the description to begin with: UTF-8, LF. Raises :class:`UsageError` where there is none."""
    name = _STARTERS.get((method, platform))
    if name is None:
        known = ", ".join(f"--method {method} --platform {platform}" for method, platform in _STARTERS)
        raise UsageError(f"there is no method {method} on {platform}", f"there are: {known}")
    return _file(name)


def _file(name: str) -> bytes:
    return (Path(__file__).parent.parent / "starters" / name).read_bytes()


def _lacks_attributes(output: Path) -> bool:
    """Whether a file lies in a repository of git that has no ``.gitattributes`` at its top."""
    folder = output.absolute().parent
    top = next((each for each in (folder, *folder.parents) if (each / ".git").exists()), None)
    return top is not None and not (top / ".gitattributes").exists()
