"""``pexgen rehearse``: a runbook played against the simulated tenant, as an administrator would run it."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pexgen.cli._completion_values import YAML, file_of, one_of
from pexgen.cli._options import Force, RecordForm
from pexgen.cli._outputs import deliver
from pexgen.cli._rehearse_inputs import Staged, put_beside, read_start, stage, working_folder
from pexgen.cli._rehearse_screen import ActivityLine, Screen, copy_lines
from pexgen.cli._rehearse_shell import (
    keep_tenant,
    named_folder,
    put_files,
    refuse_without_terminal,
    say_begin,
    tell_what_is_left,
)
from pexgen.cli._talk import Talk
from pexgen.cli._text import readable_json
from pexgen.errors import UsageError
from pexgen.inputs import STANDARD, Inputs
from pexgen.output import FORMS
from pexgen.timeouts import RUN_TIMEOUT

if TYPE_CHECKING:
    from pexgen.rehearsal.rehearsal import PlayedMode, Rehearsal, Rehearser
    from pexgen.simulation.objects import Json
    from pexgen.simulation.tenant_copy import TenantCopy


def _starts() -> Sequence[str]:
    from pexgen.rehearsal.rehearsal import STARTS

    return STARTS


def _modes() -> Sequence[str]:
    from pexgen.outcomes import MODES

    return MODES


def _faults() -> Sequence[str]:
    from pexgen.rehearsal.rehearsal import FAULTS

    return [f"{kind}@" for kind in FAULTS]


def rehearse(
    context: typer.Context,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="A description, or a runbook (.ps1).", autocompletion=file_of(*YAML, ".ps1")
        ),
    ],
    start: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="START",
            autocompletion=file_of(".json", words=_starts),
            help="fresh, converged, drifted, what `pexgen discover` found, or a tenant's file.",
        ),
    ] = "fresh",
    shell: Annotated[
        bool, typer.Option("--shell", help="Open a PowerShell on the simulated tenant, to do it all by hand.")
    ] = False,
    mode: Annotated[
        list[str] | None,
        typer.Option("--mode", autocompletion=one_of(_modes), help="Play this mode only; may be given several times."),
    ] = None,
    fault: Annotated[
        str,
        typer.Option(
            "--fault",
            metavar="KIND@N",
            autocompletion=one_of(_faults),
            help="Let the first Apply meet this, for example kill-after@3.",
        ),
    ] = "",
    output_format: RecordForm = "",
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE|FOLDER",
            autocompletion=file_of(),
            help="Where to; - is standard output. With --shell its folder.",
        ),
    ] = STANDARD,
    page: Annotated[
        str,
        typer.Option(
            "--html",
            metavar="FILE",
            autocompletion=file_of(),
            help="Also write a page for the change ticket: before and after.",
        ),
    ] = "",
    force: Force = False,
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", min=1, help="How long one run may take.")
    ] = RUN_TIMEOUT,
) -> None:
    """Play a runbook against a simulated tenant: Check, Apply, Check, Verify, Rollback. No tenant is reached.

    With --shell nothing is played: a PowerShell opens that is connected to the simulated tenant, in a folder with the
    runbook, and you run it yourself, questions and all. --from FOUND.json begins with a copy of what the script of
    `pexgen discover` found, and says what it had to assume.

    Exit codes: 0 everything ended as expected, or the session was left, 1 something ended otherwise, 2 usage, 3 the
    input cannot be used or there is no PowerShell that can play it.

    Examples:
        pexgen rehearse contoso.yaml

        pexgen rehearse contoso.yaml --from drifted --fault kill-after@2

        pexgen rehearse contoso.yaml --from FOUND.json --html contoso.rehearsal.html

        pexgen rehearse contoso.yaml --shell
    """
    from pexgen.output import chosen_form
    from pexgen.rehearsal.rehearsal import check_modes, parse_fault

    talk: Talk = context.obj
    if shell:
        if mode or fault or output_format or page:
            raise UsageError("--shell plays nothing by itself", "leave out --mode, --fault, --format and --html")
        refuse_without_terminal()
        _Job(file, start, talk, timeout).walk("" if output == STANDARD else output, force=force)
        return
    modes = check_modes(mode or ())
    if fault:
        parse_fault(fault)
    form = chosen_form(output_format, output, FORMS)
    job = _Job(file, start, talk, timeout)
    for name in (output, page):
        _refuse_to_write(name, [file, *job.read], force=force)
    text: list[str] = []
    say: Callable[[str], None] | None = None
    if form == "text":
        say = typer.echo if output == STANDARD else lambda line: text.append(f"{line}\n")
    done = job.play(modes, fault, say)
    product = "".join(text) or ("" if form == "text" else _product(form, file, done, job.copied))
    if product:
        deliver(product, output, Inputs([file, *job.read]), talk, force=force)
    if page:
        deliver(_product("html", file, done, job.copied), page, Inputs([file, *job.read]), talk, force=force)
    if not done.is_as_expected:
        raise typer.Exit(1)


def _refuse_to_write(output: str, inputs: Sequence[str], *, force: bool) -> None:
    """Raise UsageError for a file that could not be written in the end, when a minute's work would be lost."""
    if output in ("", STANDARD):
        return
    path = Path(output)
    Inputs(inputs).refuse(path)
    if path.is_dir() or not path.parent.is_dir():
        raise UsageError(f"{output}: no file can be written there", "name a file in an existing folder")
    if path.exists() and not force:
        raise UsageError(f"{output} already exists", "give --force to replace it, or name another file")
    if not os.access(path.parent, os.W_OK):
        raise UsageError(f"{output}: nothing can be written in {path.parent}", "name a file in another folder")
    # To the system's administrator a file is open that is marked, and it is not replaced all the same.
    if path.exists() and not (os.access(path, os.W_OK) and path.stat().st_mode & stat.S_IWUSR):
        raise UsageError(f"{output} is read-only", "make it writable, or name another file")


def _product(form: str, file: str, done: Rehearsal, copied: TenantCopy | None) -> str:
    """Return a rehearsal in one of the forms that are made when it is over."""
    if form == "json":
        from pexgen.rehearsal.json_form import as_record

        return readable_json(as_record(file, done, copied)) + "\n"
    from pexgen.output import render_blocks
    from pexgen.rehearsal.page import page_of

    return render_blocks(form, page_of(file, done, copied))


class _Job:
    """A runbook and what it starts from, as the command line names them; ``read`` are the files that it reads."""

    def __init__(self, file: str, start: str, talk: Talk, timeout: float) -> None:
        from pexgen.rehearsal.rehearsal import STARTS

        self._file, self._start, self._talk, self._timeout = file, start, talk, timeout
        self.read = [] if start in STARTS else [start]
        self._own = read_start(start) if self.read else None
        self.copied: TenantCopy | None = None

    def play(self, modes: Sequence[str], fault: str, say: Callable[[str], None] | None) -> Rehearsal:
        """Play the modes and return what came of them; ``say`` takes what a person reads, where somebody does."""
        with working_folder() as folder, self._rehearser(folder) as (rehearser, _, activity):
            own = self._tenant(rehearser)
            screen = Screen(say, verbose=self._talk.verbose)
            screen.begin(self._file, self._start, copy_lines(self.copied))

            def tell(played: PlayedMode) -> None:
                activity.end()
                screen.tell(played)

            done = rehearser.play(self._start, own, modes, fault, tell)
            activity.end()
            screen.end(done)
        return done

    def walk(self, output: str, *, force: bool) -> None:
        """Open a session in which a person does it by hand, in the folder ``output`` where one is named."""
        from pexgen.rehearsal.shell import open_session

        with working_folder() as place:
            (staging := place / "change").mkdir()
            (own := place / "session").mkdir()
            with self._rehearser(staging) as (rehearser, staged, _):
                tenant = self._tenant(rehearser) or rehearser.tenant(self._start)
            put_beside(staged, rehearser.script.values, staging)
            folder = named_folder(output) if output else staging
            if output:
                put_files(staging, folder, force=force)
            say_begin(
                staged, rehearser.script, tenant, (self._start, *copy_lines(self.copied)), folder, is_kept=bool(output)
            )
            left = open_session(rehearser.executable, tenant, folder, own)
            tell_what_is_left(tenant, left, is_kept=bool(output))
            if output:
                keep_tenant(left, folder / f"{staged.runbook.stem}.tenant.json", self._file, force=force)

    def _tenant(self, rehearser: Rehearser) -> Json | None:
        """Return the tenant that a file names, or the copy of what a discovery found; None where there is no file."""
        if self._own is None or isinstance(self._own, dict):
            return self._own
        from pexgen.simulation.tenant_copy import copy_of

        self.copied = copy_of(self._own, rehearser.script.values)
        return self.copied.tenant

    @contextlib.contextmanager
    def _rehearser(self, folder: Path) -> Iterator[tuple[Rehearser, Staged, ActivityLine]]:
        from pexgen.rehearsal import Engine, find_engine
        from pexgen.rehearsal.rehearsal import Rehearser

        # A wrong file is wrong on a machine without PowerShell too.
        staged = stage(self._file, folder, self._talk)
        with Engine(find_engine(), self._timeout) as engine:
            activity = ActivityLine(engine, enabled=self._talk.progress())
            with activity.running():
                activity.begin("PowerShell starts")
                rehearser = Rehearser(engine, staged.runbook, folder, activity.begin)
                activity.end()
                yield rehearser, staged, activity
