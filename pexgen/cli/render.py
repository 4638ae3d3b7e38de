"""``pexgen render``: descriptions in, runbooks and manifests out."""

# No "from __future__ import annotations": Typer looks at the parameters' types, and resolving text is slow.

import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pexgen.cli._completion_values import file_of, one_of
from pexgen.cli._inputs import is_folder
from pexgen.cli._options import Files, Force
from pexgen.cli._outputs import show
from pexgen.cli._talk import Talk, tell, tell_problems, wants_color
from pexgen.errors import UsageError
from pexgen.inputs import STANDARD, shown_name
from pexgen.output import FORMS
from pexgen.words import counted

if TYPE_CHECKING:
    from pexgen.cli._render_one import FileRenderer, RenderedFiles
    from pexgen.errors import Problem
    from pexgen.files import Output
    from pexgen.inputs import Inputs


def render(
    context: typer.Context,
    files: Files,
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE|FOLDER|-",
            autocompletion=file_of(".ps1"),
            help="A file, an existing folder, or - for standard output (no manifest). Default: NAME.ps1 here.",
        ),
    ] = "",
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if a file on disk is not current.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Print what changes in the runbooks on disk.")] = False,
    force: Force = False,
    plan: Annotated[
        list[str] | None,
        typer.Option(
            "--plan",
            metavar="|".join(FORMS),
            autocompletion=one_of(FORMS),
            help="Also write the change record, and name it in the manifest; repeatable.",
        ),
    ] = None,
    allow_unreviewed: Annotated[
        bool, typer.Option("--allow-unreviewed", help="Render a body without review; the runbook says so.")
    ] = False,
) -> None:
    """Render the runbook of each description, and its manifest beside it; with --plan the change record too.

    What is wrong with one description does not keep the others; it is said at the end, with how many ended how. Of
    several descriptions --verbose says each one's warnings, and which are current.

    Exit codes: 0 done, 1 not current (--check), 2 usage, 3 a description cannot be used or the body has no review.

    Examples:
        pexgen render contoso.yaml

        pexgen render contoso.yaml --plan html --plan json

        pexgen render customers -o runbooks

        pexgen render customers -o runbooks --check --diff
    """
    from pexgen.cli._fleet import descriptions, work_through
    from pexgen.cli._render_one import FileRenderer
    from pexgen.cli._workers import OrderedWorkers
    from pexgen.inputs import Inputs

    names, forms = descriptions(files, context.obj), _forms(plan or ())
    inputs, is_fleet = Inputs(names), len(names) > 1
    needs_file = check or diff or force or bool(forms)
    destination = _destination(output, inputs, several=is_fleet, needs_file=needs_file)
    renderer = FileRenderer(allow_unreviewed=allow_unreviewed, forms=forms)
    rendered_files = OrderedWorkers(renderer.render, names).result
    options = {"check": check, "diff": diff, "force": force, "is_fleet": is_fleet}
    job = _Job(renderer, rendered_files, destination, inputs, context.obj, **options)
    words = ("current", "not current") if check else ("rendered", "current")
    counts = work_through(names, job.take, context.obj, words, job.tell_warnings)
    if counts["not current"]:
        raise typer.Exit(1)


def _forms(given: Sequence[str]) -> tuple[str, ...]:
    """Return the forms of the change record that were asked for, each once, whatever their order."""
    if not given:
        return ()
    from pexgen.output import chosen_form
    from pexgen.plan import FORMS

    chosen = {chosen_form(each, "", FORMS) for each in given}
    return tuple(form for form in FORMS if form in chosen)


class _Job:
    """What one command line asks to be done with each description."""

    def __init__(
        self,
        renderer: "FileRenderer",
        rendered_files: Callable[[str], "RenderedFiles"],
        destination: Callable[[str], Path | None],
        inputs: "Inputs",
        talk: Talk,
        *,
        check: bool,
        diff: bool,
        force: bool,
        is_fleet: bool,
    ) -> None:
        self._renderer, self._rendered_files = renderer, rendered_files
        self._destination, self._inputs, self._talk = destination, inputs, talk
        self._check, self._diff, self._force, self._is_fleet = check, diff, force, is_fleet
        self._taken: dict[str, str] = {}
        self._warned: Counter[tuple[str, str]] = Counter()

    def take(self, name: str) -> str:
        """Render one description, do with it what was asked for, and return what it is counted under."""
        rendered = self._rendered_files(name)
        self._warn(rendered.warnings)
        self._inputs.add(rendered.read)
        path = self._destination(rendered.name)
        if path is None:
            sys.stdout.buffer.write(self._renderer.runbook(rendered))
            return "rendered"
        # Where case says nothing two names are one file, and what is rendered here is taken elsewhere.
        other = self._taken.setdefault(os.path.realpath(path).casefold(), name)
        if other != name:
            both = f"{shown_name(other)} and {shown_name(name)}"
            raise UsageError(f"{both} would both become {path}", "give each deployment its own name")
        return self._settle(_outputs(path, rendered, self._renderer.runbook(rendered)), rendered)

    def _warn(self, warnings: "Sequence[Problem]") -> None:
        """Say the warnings of one description; those of many are one line for each kind, when all are done."""
        if not self._is_fleet or self._talk.verbose:
            tell_problems(warnings)
        else:
            self._warned.update({(problem.severity, problem.code) for problem in warnings})

    def tell_warnings(self) -> None:
        """Say how many descriptions have which warning."""
        from pexgen.lint import RULES

        titles = {rule.code: rule.title for rule in RULES}
        for (severity, code), number in sorted(self._warned.items(), key=lambda found: found[0][1]):
            place = counted(number, "description")
            tell(f"{code} in {place}: {titles.get(code, '')} (`pexgen lint` says where)", severity)

    def _settle(self, outputs: "Sequence[Output]", rendered: "RenderedFiles") -> str:
        from pexgen.files import write_new

        runbook = outputs[0]
        if self._diff and not runbook.is_current():
            changes = list(_diff(runbook, color=wants_color(sys.stdout)))
            show("".join(changes) or _unseen(runbook), is_prose=False)
        if self._check:
            outdated = [output for output in outputs if not output.is_current()]
            for output in outdated:
                self._talk.say(f"{output.path}: not current{_only_on_the_way(output)}")
            if not outdated:
                self._talk.detail(f"{runbook.path}: current")
            return "not current" if outdated else "current"
        written = write_new(outputs, force=self._force, inputs=self._inputs)
        state = "written" if written else "already current"
        review = "reviewed" if rendered.is_reviewed else "NOT REVIEWED"
        say = self._talk.say if written or not self._is_fleet else self._talk.detail
        say(f"{runbook.path}: {state}; body {self._renderer.body(rendered).digest[:12]}, {review}")
        return "rendered" if written else "current"


def _destination(output: str, inputs: "Inputs", *, several: bool, needs_file: bool) -> Callable[[str], Path | None]:
    """From a deployment's name to its runbook's path; None stands for standard output."""
    if output == STANDARD:
        if several or needs_file:
            raise UsageError(
                "standard output takes one runbook, without --check, --diff, --force or --plan", "name a folder"
            )
        return lambda _name: None
    if not output:
        return lambda name: Path(f"{name}.ps1")
    path = Path(output)
    if is_folder(output) or output.endswith(("/", "\\")):
        return lambda name: path / f"{name}.ps1"
    if several:
        raise UsageError(f"{output} is not a folder, and there are several descriptions", "create the folder first")
    inputs.refuse(path)
    if path.suffix.casefold() != ".ps1":
        hint = f"create the folder first, or name the runbook: {output}.ps1"
        raise UsageError(f"{output} is not an existing folder, and a runbook's name ends with .ps1", hint)
    return lambda _name: path


def _outputs(path: Path, rendered: "RenderedFiles", runbook: bytes) -> "Sequence[Output]":
    from pexgen.files import Output
    from pexgen.manifest import manifest_beside, with_records

    manifest = with_records(rendered.manifest, rendered.records) if rendered.records else rendered.manifest
    beside = {manifest_beside(path).name: manifest}
    beside |= {f"{path.stem}{name.removeprefix(rendered.name)}": data for name, data in rendered.records.items()}
    written = (Output(path.with_name(name), data, ends_matter=False) for name, data in beside.items())
    return Output(path, runbook), *written


def _only_on_the_way(output: "Output") -> str:
    """What git or an editor did to the file, where its content is as it should be."""
    from pexgen.line_ends import changed_on_the_way

    said = changed_on_the_way(output.path.read_bytes(), output.data) if output.path.is_file() else ""
    return f" in its line ends alone: {said}; --force writes it anew" if said else ""


def _unseen(output: "Output") -> str:
    """What is said of a file that differs in nothing that a diff shows."""
    from pexgen.cli._text import printable
    from pexgen.line_ends import changed_on_the_way

    said = changed_on_the_way(output.path.read_bytes(), output.data)
    return f"{printable(str(output.path))}: no line differs, but {said or 'its byte order mark'}\n"


def _diff(output: "Output", *, color: bool) -> Iterator[str]:
    """The change as a unified diff; the runbook's line ends and byte order mark are not part of what is read.

    What a screen would not show is replaced: the file on disk may be anybody's.
    """
    import difflib

    from pexgen.cli._text import printable

    old = output.path.read_bytes() if output.path.is_file() else b""
    before, after = (
        [f"{printable(line)}\n" for line in data.decode("utf-8-sig", "replace").replace("\r\n", "\n").split("\n")]
        for data in (old, output.data)
    )
    name = printable(str(output.path))
    changes = difflib.unified_diff(before, after, f"{name} (on disk)", f"{name} (rendered)")
    # A line that is the same begins with a blank, and :: behind blanks is a command to GitHub's runner.
    lines = (re.sub(r"^(\s+):(?=:)", "\\1\ufffd", line) for line in changes)
    return (_colored(line) for line in lines) if color else lines


def _colored(line: str) -> str:
    """Return a line of a unified diff in its color."""
    from pexgen.cli._text import styled

    style = {"+": "added", "-": "removed", "@": "place"}.get(line[:1])
    return styled(line.rstrip("\n"), style, color=True) + "\n" if style else line
