"""``pexgen rehearse --shell``: what is said before and after a session that a person walks through by hand."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pexgen.cli._rehearse_inputs import Staged
from pexgen.cli._text import printable
from pexgen.errors import UsageError

if TYPE_CHECKING:
    from pexgen.rehearsal.script import Script
    from pexgen.simulation.objects import Json


def refuse_without_terminal() -> None:
    """Raise UsageError where nobody can type: a session is for a person."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("--shell needs a terminal, and standard input or output is not one")


def say_begin(
    staged: Staged, script: Script, tenant: Json, start: Sequence[str], folder: Path, *, is_kept: bool
) -> None:
    """Say what the session is, what it begins with, what to try and how to leave it.

    The first line of ``start`` names the tenant that it begins with, the others say more about it.
    """
    from pexgen.rehearsal.shell import commands_to_try

    first, *more = start
    lines = [
        "A rehearsal in PowerShell, on a simulated tenant.",
        "No tenant is reached or changed.",
        "",
        f"Runbook   {staged.runbook.name}",
        f"Tenant    {_name_of(tenant)}, simulated; the session is connected to it",
        f"Begin     {first}",
        f"Folder    {folder}",
        f"          {'kept' if is_kept else 'removed when you leave; -o FOLDER names one that is kept'}",
        "Waiting   takes no time here: Start-Sleep returns at once",
        "",
        *more,
        "Try, in this order; each question is answered as on a real tenant:",
        *(f"    {line}" for line in commands_to_try(script, reviewed=staged.is_reviewed)),
        "",
        "Without -RemoveCreatedMailbox, Rollback keeps a mailbox that Apply created.",
        "Leave with: exit",
        "",
    ]
    typer.echo("\n".join(printable(line) for line in lines))
    sys.stdout.flush()


def tell_what_is_left(before: Json, after: Json, *, is_kept: bool) -> None:
    """Say how the simulated tenant was left, and what becomes of the folder."""
    from pexgen.simulation import without_bookkeeping

    same = without_bookkeeping(before) == without_bookkeeping(after)
    typer.echo(f"\nThe rehearsal is over. The simulated tenant: {'as before' if same else 'NOT as before'}.")
    if not is_kept:
        typer.echo("Its folder is removed.")


def named_folder(output: str) -> Path:
    """Return the folder that somebody named for a session, made where it is not there; raises UsageError where not."""
    folder = Path(output)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{output}: the folder cannot be created: {error.strerror}", "name another folder") from error
    return folder.resolve()


def put_files(staging: Path, folder: Path, *, force: bool) -> None:
    """Put the runbook and what lies beside it into the folder, as ``render`` does; raises UsageError as that does."""
    from pexgen.files import Output, write_new

    found = sorted(path for path in staging.rglob("*") if path.is_file())
    outputs = [Output(folder / path.relative_to(staging), path.read_bytes()) for path in found]
    for parent in dict.fromkeys(output.path.parent for output in outputs):
        named_folder(str(parent))
    write_new(outputs, force=force)


def keep_tenant(tenant: Json, path: Path, file: str, *, force: bool) -> None:
    """Keep the simulated tenant as it was left, and say how to go on; an earlier one of that name is replaced."""
    from pexgen.cli._file_kinds import beginning, kind_of
    from pexgen.files import Output, write_new

    data = (json.dumps(tenant, indent=1) + "\n").encode()
    write_new([Output(path, data)], force=force or kind_of(beginning(str(path))) == "tenant")
    typer.echo(printable(f"Kept in {path.parent}. To go on from here:"))
    words = ("pexgen", "rehearse", file, "--shell", "-o", str(path.parent), "--from", str(path))
    typer.echo(printable("    " + " ".join(f'"{word}"' if " " in word else word for word in words)))


def _name_of(tenant: Json) -> str:
    """Return the name of an organization: its initial domain, or on Exchange Server the default one."""
    default = [row["DomainName"] for row in tenant["domains"] if row.get("Default")]
    return str(default[0] if tenant.get("platform") and default else tenant["initialDomain"])
