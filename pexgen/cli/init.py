"""``pexgen init``: a commented description to begin with."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from pexgen.cli._completion_values import YAML, file_of, one_of
from pexgen.cli._init_description import (
    InitRequest,
    check_name,
    is_at_terminal,
    keys,
    make_description,
    quoted,
    refuse_name_of_policy,
    write_schema,
)
from pexgen.cli._options import Force
from pexgen.cli._starters import METHODS, STARTERS, starter_file
from pexgen.cli._talk import Talk
from pexgen.errors import UsageError
from pexgen.inputs import STANDARD


def _methods() -> list[str]:
    return list(dict.fromkeys(method for method, _ in STARTERS))


def _settings(incomplete: str) -> list[str]:
    """Keys, and behind the equals sign of one its values, where the schema names them."""
    from pexgen.description import parse_path, schema_of

    key, sign, _ = incomplete.partition("=")
    if not sign:
        return [f"{each}=" for each in keys()]
    known = schema_of(parse_path(key))
    values = known.get("enum") or (["true", "false"] if known.get("type") == "boolean" else [])
    return [f"{key}={value}" for value in values]


def _versions() -> list[str]:
    from pexgen.description import schema_of

    return list(schema_of(("target", "version"))["enum"])


def init(
    context: typer.Context,
    file: Annotated[
        str,
        typer.Argument(
            metavar="[FILE]", autocompletion=file_of(*YAML), help="The description to write, such as contoso.yaml."
        ),
    ] = "",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", autocompletion=_settings, help="Give a key its value; repeatable."),
    ] = None,
    method: Annotated[
        str,
        typer.Option(
            "--method",
            metavar="METHOD",
            autocompletion=one_of(_methods),
            help="How Pexip gets at the mailboxes. Default: app-permissions, with --from what was found.",
        ),
    ] = "",
    platform: Annotated[
        str,
        typer.Option(
            "--platform",
            metavar="PLATFORM",
            autocompletion=one_of(METHODS),
            help="Where the mailboxes are. Default: exchange-online.",
        ),
    ] = "",
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            autocompletion=file_of(*YAML),
            help="The same as FILE; - is standard output.",
        ),
    ] = "",
    no_input: Annotated[bool, typer.Option("--no-input", help="Ask nothing, even on a terminal.")] = False,
    force: Force = False,
    found: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="FOUND.json",
            autocompletion=file_of(".json"),
            help="Describe what the script of discover found.",
        ),
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
        str,
        typer.Option(
            "--server-version",
            autocompletion=one_of(_versions),
            help="With --from: which version of Exchange Server is meant.",
        ),
    ] = "",
) -> None:
    """Write a commented description; its comments say what to replace, and lint finds what was not.

    On a terminal it asks for the method and for what only a person knows, and checks each answer. With --from it
    describes the deployment that the script of `pexgen discover` found, with every doubt marked. Where several
    candidates were found it takes none of them: it lists them and ends with 1, and an option says which.

    A description that becomes a file gets description.schema.json beside it, by which editors complete and check.

    Exit codes: 0 done, 1 something has to be decided first (--from), 2 usage, 3 the file cannot be used.

    Examples:
        pexgen init contoso.yaml

        pexgen init contoso.yaml --no-input --set change.ticket=CHG7

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
    talk: Talk = context.obj
    target = _target(file, output, is_description=not gitattributes)
    if gitattributes:
        if file or settings or found or method or platform or any(decided.values()):
            raise UsageError("--gitattributes goes with --output and --force alone", "leave the other options out")
        _write(target, starter_file("gitattributes"), talk, force=force)
        return
    if found:
        if platform or settings:
            raise UsageError("what --platform and --set say is in the file that --from names", "leave them out")
        data = _described(found, {**decided, "method": method})
    elif any(decided.values()):
        raise UsageError("--name and what decides between candidates belong to --from", "give --from FOUND.json")
    else:
        chosen = InitRequest(method, platform, tuple(settings or ()), target, force)
        data, target = make_description(chosen, asks=not no_input and output != STANDARD and is_at_terminal())
    _write(target, data, talk, force=force, inputs=[found] if found else None)
    if target != STANDARD:
        write_schema(Path(target).parent, talk)
        talk.say(f"Next: pexgen lint {quoted(target)}, then pexgen render {quoted(target)}")
        if _lacks_attributes(Path(target)):
            talk.say("In a git repository also: pexgen init --gitattributes -o .gitattributes")


def _target(file: str, output: str, *, is_description: bool) -> str:
    """Return where to; raises :class:`UsageError` where two places are named, or one that no description has."""
    if file and output:
        raise UsageError(f"{file} and --output {output} both say where to", "name one of them")
    target = file or output or STANDARD
    if file and file != STANDARD and is_description:
        check_name(file)
    else:
        # Whoever says -o may call it anything else.
        refuse_name_of_policy(target)
    return target


def _write(target: str, data: bytes, talk: Talk, *, force: bool, inputs: list[str] | None = None) -> None:
    if target == STANDARD:
        sys.stdout.write(data.decode("utf-8"))
        return
    from pexgen.files import Output, write_new
    from pexgen.inputs import Inputs

    written = write_new([Output(Path(target), data)], force=force, inputs=Inputs(inputs) if inputs else None)
    talk.say(f"{target}: {'written' if written else 'already current'}")


def _described(file: str, decided: Mapping[str, str]) -> bytes:
    """Return the description of what a discovery found. Raises a :class:`pexgen.errors.PexgenError` where it cannot."""
    from pexgen.cli._file_kinds import beginning, refuse_other_kind
    from pexgen.discovery import Decisions, describe, load_discovery

    refuse_other_kind(beginning(file), file, "what the script of `pexgen discover` found", "discovery")
    return describe(load_discovery(file), Decisions(**decided)).encode()


def _lacks_attributes(output: Path) -> bool:
    """Whether a file lies in a repository of git that has no ``.gitattributes`` at its top."""
    folder = output.absolute().parent
    top = next((each for each in (folder, *folder.parents) if (each / ".git").exists()), None)
    return top is not None and not (top / ".gitattributes").exists()
