"""``pexgen verify``: is this file what reviewed templates give?"""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pexgen import sizes
from pexgen.cli._completion_values import YAML, file_of, one_of
from pexgen.cli._inputs import is_folder, read_description
from pexgen.cli._options import Force, OutputFile
from pexgen.cli._outputs import deliver
from pexgen.cli._talk import Talk, wants_color
from pexgen.cli._verify_formats import as_report
from pexgen.errors import InputError, Problem, UsageError
from pexgen.inputs import STANDARD, shown_name
from pexgen.output import file_endings
from pexgen.words import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.runbook_file import RunbookFile
    from pexgen.verification import Discrepancy, Reference, Verification

_FORMATS = ("text", "json")
_NAME = re.compile(rb"^name:[ \t]*['\"]?([\w.-]+)", re.MULTILINE)
_OWN_NAME = re.compile(r"^    \[string\] \$Name = '([^'\n]*)',?$", re.MULTILINE)
_TAKEN = ("runbook", "discover")


def verify(
    context: typer.Context,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="RUNBOOK...",
            autocompletion=file_of(".ps1"),
            help="Files that pexgen wrote, and folders of them; - is stdin.",
        ),
    ],
    description: Annotated[
        str,
        typer.Option(
            "--description",
            metavar="FILE|FOLDER",
            autocompletion=file_of(*YAML),
            help="What the values have to be; without it, the manifest beside the runbook says so.",
        ),
    ] = "",
    plan: Annotated[
        str,
        typer.Option(
            "--plan",
            metavar="FILE",
            autocompletion=file_of(*file_endings()),
            help="The change record, in any form: it has to be about this file.",
        ),
    ] = "",
    check: Annotated[
        str,
        typer.Option(
            "--check",
            metavar="RESULT",
            autocompletion=file_of(".json"),
            help="The result of the Check that the record was made with.",
        ),
    ] = "",
    output_format: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="|".join(_FORMATS),
            autocompletion=one_of(_FORMATS),
            help="How the findings are written; else by -o.",
        ),
    ] = "",
    output: OutputFile = STANDARD,
    force: Force = False,
) -> None:
    """Compare runbooks, byte for byte, with what this pexgen's reviewed templates give for their values.

    The values are compared with the description, else with NAME.manifest.json beside the runbook. With neither, the
    runbook cannot be called OK. A script of `pexgen discover` has neither, and is OK where it has no values. A
    signature block at the end of the file is left out. A change record that is named has to be about this runbook, its
    manifest and its description; a manifest of `pexgen render --plan` has to name it. In a folder of descriptions each
    runbook's is found by the deployment's name.

    Exit codes: 0 every byte is as it should be, 1 something is otherwise, 2 usage, 3 a file cannot be used.

    Examples:
        pexgen verify contoso.ps1 --description contoso.yaml

        pexgen verify contoso.ps1 --plan contoso.plan.json

        pexgen verify runbooks --description customers
    """
    from pexgen.cli._fleet import runbooks, work_through
    from pexgen.inputs import Inputs
    from pexgen.output import chosen_form

    form = chosen_form(output_format, output, _FORMATS)
    names = runbooks(files, context.obj)
    if plan and len(names) > 1:
        raise UsageError("a change record is about one runbook", "name that runbook alone")
    inputs = Inputs([*names, *(each for each in (description, plan, check) if each)])
    job = _Job(_Descriptions(description, context.obj), plan, check)

    def finish() -> None:
        text = as_report(job.found, form, is_one=len(names) == 1, color=wants_color(sys.stdout))
        deliver(text, output, inputs, context.obj, force=force, is_prose=form == "text")

    counted = work_through(names, job.take, context.obj, ("OK", "NOT OK"), finish)
    if counted["NOT OK"]:
        raise typer.Exit(1)


class _Job:
    """What one command line asks to be done with each runbook."""

    def __init__(self, descriptions: _Descriptions, plan: str, check: str) -> None:
        from pexgen.catalogue import load_catalogue
        from pexgen.reviews import load_ledger
        from pexgen.template_files import template_folder

        self._catalogue = load_catalogue(template_folder())
        self._ledger = load_ledger(self._catalogue)
        self._descriptions, self._plan, self._check = descriptions, plan, check
        self.found: list[Verification] = []

    def take(self, name: str) -> str:
        """Verify one runbook, and return what it is counted under."""
        from pexgen.verification import verify as verify_runbook

        written, beside = _read(name)
        described = self._descriptions.of(written)
        source = self._descriptions.source(described)
        if described:
            reference: Reference | None = _described(source, shown_name(described))
        else:
            reference = _manifest_beside(beside) if beside else None
        found = verify_runbook(written, self._catalogue, self._ledger, reference)
        if self._plan:
            about = _about_record(self._plan, written, source, shown_name(described), self._check)
            found = replace(found, findings=(*found.findings, *about))
        self.found.append(found)
        return "OK" if found.is_ok else "NOT OK"


class _Descriptions:
    """What ``--description`` names: nothing, a file, or a folder that has one for each deployment."""

    def __init__(self, given: str, talk: Talk) -> None:
        self._given = given
        self._by_name: dict[str, list[str]] | None = None
        self._read: dict[str, bytes] = {}
        if given and is_folder(given):
            from pexgen.cli._fleet import descriptions

            self._by_name = {}
            for file in descriptions([given], talk):
                found = _NAME.search(self.source(file))
                if found:
                    self._by_name.setdefault(found[1].decode("utf-8", "replace").casefold(), []).append(file)

    def source(self, file: str) -> bytes:
        """Return the bytes of a description, read once, as standard input can be; nothing where there is no name.

        Raises :class:`InputError` where it cannot be read or is another file of pexgen's.
        """
        if file and file not in self._read:
            self._read[file] = read_description(file)
        return self._read.get(file, b"")

    def of(self, written: RunbookFile) -> str:
        """Return the description of a runbook, nothing where none is named.

        Raises :class:`InputError` where a folder has none, or more than one.
        """
        if self._by_name is None:
            return self._given
        found = _OWN_NAME.search(written.text)
        name = found[1] if found else ""
        if name.casefold() not in self._by_name:
            said = f"no description in {self._given} has the name {name or 'of this runbook, which has none'}"
            raise InputError((Problem("PXG094", said, written.file, hint="name its description's file"),))
        first, *others = self._by_name[name.casefold()]
        if others:
            said = f"{listed([first, *others], 'and')} have its name, {name}, and one of them can be its description"
            raise InputError((Problem("PXG094", said, written.file, hint="name the file that is meant"),))
        return first


def _read(name: str) -> tuple[RunbookFile, Path | None]:
    """Return a runbook and where it is, None for standard input; raises InputError for what is none."""
    from pexgen.cli._file_kinds import beginning, refuse_other_kind
    from pexgen.runbook_file import NO_RUNBOOK, parse_runbook, read_bytes, read_runbook

    if name == STANDARD:
        data = read_bytes(STANDARD)
        refuse_other_kind(data, shown_name(name), "a runbook", *_TAKEN, said=NO_RUNBOOK)
        return parse_runbook(data, shown_name(name)), None
    refuse_other_kind(beginning(name), name, "a runbook", *_TAKEN, said=NO_RUNBOOK)
    return read_runbook(name), Path(name)


def _about_record(plan: str, read: RunbookFile, source: bytes, description: str, check: str) -> Iterator[Discrepancy]:
    """Yield why the change record is not about this runbook, its manifest and its description, which may be empty."""
    from pexgen.plan import make_plan, plan_text
    from pexgen.record_check import about_record
    from pexgen.render import Renderer
    from pexgen.run_records import read_change_record, read_result

    beside, record = _manifest_beside(Path(read.file)), read_change_record(plan)
    expected = without = ""
    if description:
        renderer = Renderer(allow_unreviewed=True)
        without = expected = plan_text(make_plan(source, description, renderer), record.form)
        if check:
            expected = plan_text(make_plan(source, description, renderer, read_result(check)), record.form)
    yield from about_record(record, read, beside.manifest if beside else None, expected, without if check else "")


def _described(source: bytes, name: str) -> Reference:
    from pexgen.description import load
    from pexgen.verification import Reference

    return Reference(name, load(source, name).description)


def _manifest_beside(runbook: Path) -> Reference | None:
    """Return the manifest beside a runbook, None where there is none or it is none."""
    from pexgen.manifest import manifest_beside, read_manifest
    from pexgen.verification import Reference

    path = manifest_beside(runbook)
    try:
        with path.open("rb") as file:
            data = file.read(sizes.RUNBOOK_MANIFEST + 1)
    except OSError:
        return None
    if len(data) > sizes.RUNBOOK_MANIFEST:
        message = f"it has more than {sizes.spoken(sizes.RUNBOOK_MANIFEST)}, and no manifest of a runbook has"
        raise InputError((Problem("PXG094", message, str(path), hint="take it away, or give --description"),))
    statement = read_manifest(data)
    return Reference(str(path), manifest=statement) if statement else None
