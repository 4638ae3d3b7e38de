"""``pexgen render``: descriptions in, runbooks and manifests out."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pexgen.cli._inputs import STANDARD, expand, read_with
from pexgen.cli._talk import Talk, wants_colour
from pexgen.errors import FilesError, PexgenError, UsageError

if TYPE_CHECKING:
    from pexgen.files import Output
    from pexgen.inputs import Inputs
    from pexgen.render import Rendered, Renderer


def render(
    context: typer.Context,
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Descriptions; patterns are expanded, - is standard input.")
    ],
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE|DIR|-",
            help="A file, a folder that is there, or - for standard output (no manifest). Default: NAME.ps1 here.",
        ),
    ] = "",
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if a file on disk is not current.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Print what changes in the runbooks on disk.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace files that differ.")] = False,
    plan: Annotated[
        list[str] | None,
        typer.Option(
            "--plan",
            metavar="text|markdown|html|json",
            help="Also write the change record, and name it in the manifest; repeatable.",
        ),
    ] = None,
    allow_unreviewed: Annotated[
        bool, typer.Option("--allow-unreviewed", help="Render a body without review; the runbook says so.")
    ] = False,
) -> None:
    """Render the runbook of each description, and its manifest beside it; with --plan the change record too.

    Exit codes: 0 done, 1 not current (--check), 2 usage, 3 a description cannot be used or the body has no review.

    For one customer: pexgen render contoso.yaml

    For a change board: pexgen render contoso.yaml --plan html --plan json

    For all of them, before a commit: pexgen render customers/*.yaml -o runbooks --check --diff
    """
    from pexgen.inputs import Inputs
    from pexgen.render import Renderer

    names, forms = expand(files), _forms(plan or ())
    inputs = Inputs(names)
    destination = _destination(
        output, inputs, several=len(names) > 1, writes_files=check or diff or force or bool(forms)
    )
    renderer = Renderer(allow_unreviewed=allow_unreviewed)
    job = _Job(renderer, destination, inputs, context.obj, forms, check=check, diff=diff, force=force)
    failures: list[PexgenError] = []
    with _progress(names, context.obj) as steps:
        for name in steps:
            try:
                job.take(name)
            except PexgenError as error:
                failures.append(error)
    if failures:
        raise failures[0] if len(failures) == 1 else FilesError(tuple(failures))
    if job.outdated:
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
        renderer: Renderer,
        destination: Callable[[str], Path | None],
        inputs: Inputs,
        talk: Talk,
        forms: Sequence[str],
        *,
        check: bool,
        diff: bool,
        force: bool,
    ) -> None:
        self._renderer, self._destination, self._inputs, self._talk = renderer, destination, inputs, talk
        self._forms, self._check, self._diff, self._force = forms, check, diff, force
        self._taken: dict[Path, str] = {}
        self.outdated = 0

    def take(self, name: str) -> None:
        """Render one description and do with it what was asked for."""
        from pexgen.cli._inputs import read_description
        from pexgen.cli._text import render_problems

        source = read_description(name)
        rendered = self._renderer.render(source, name)
        sys.stderr.write(render_problems(rendered.warnings, colour=wants_colour(sys.stderr)))
        self._inputs.add(read_with(name, rendered.description))
        path = self._destination(rendered.description.name)
        if path is None:
            sys.stdout.buffer.write(rendered.runbook)
            return
        other = self._taken.setdefault(path, name)
        if other != name:
            raise UsageError(f"{other} and {name} would both become {path}", "give each deployment its own name")
        self._settle(_outputs(path, rendered, self._records(rendered, source, name)), rendered)

    def _records(self, rendered: Rendered, source: bytes, name: str) -> Mapping[str, bytes]:
        if not self._forms:
            return {}
        from pexgen.plan import plan_of, record_files

        shown = "<stdin>" if name == STANDARD else name
        return record_files(plan_of(rendered, source, shown, self._renderer.catalogue.folder), self._forms)

    def _settle(self, outputs: Sequence[Output], rendered: Rendered) -> None:
        from pexgen.files import write_new

        runbook = outputs[0]
        if self._diff and not runbook.is_current():
            sys.stdout.writelines(_diff(runbook))
        if self._check:
            outdated = [output for output in outputs if not output.is_current()]
            self.outdated += len(outdated)
            for output in outdated:
                self._talk.say(f"{output.path}: not current{_only_on_the_way(output)}")
            if not outdated:
                self._talk.detail(f"{runbook.path}: current")
            return
        written = write_new(outputs, force=self._force, inputs=self._inputs)
        state = "written" if written else "already current"
        review = "reviewed" if rendered.review else "NOT REVIEWED"
        self._talk.say(f"{runbook.path}: {state}; body {rendered.body.digest[:12]}, {review}")


def _destination(output: str, inputs: Inputs, *, several: bool, writes_files: bool) -> Callable[[str], Path | None]:
    """From a deployment's name to its runbook's path; None stands for standard output."""
    if output == STANDARD:
        if several or writes_files:
            raise UsageError(
                "standard output takes one runbook, without --check, --diff, --force or --plan", "name a folder"
            )
        return lambda _name: None
    if not output:
        return lambda name: Path(f"{name}.ps1")
    path = Path(output)
    if path.is_dir() or output.endswith(("/", "\\")):
        return lambda name: path / f"{name}.ps1"
    if several:
        raise UsageError(f"{output} is not a folder, and there are several descriptions", "create the folder first")
    inputs.refuse(path)
    if path.suffix.casefold() != ".ps1":
        hint = f"create the folder first, or name the runbook: {output}.ps1"
        raise UsageError(f"{output} is not a folder that is there, and a runbook's name ends with .ps1", hint)
    return lambda _name: path


def _outputs(path: Path, rendered: Rendered, records: Mapping[str, bytes]) -> Sequence[Output]:
    from pexgen.files import Output
    from pexgen.manifest import with_records

    manifest = with_records(rendered.manifest, records) if records else rendered.manifest
    beside = {f"{path.stem}.manifest.json": manifest}
    beside |= {f"{path.stem}{name.removeprefix(rendered.description.name)}": data for name, data in records.items()}
    written = (Output(path.with_name(name), data, ends_matter=False) for name, data in beside.items())
    return Output(path, rendered.runbook), *written


def _only_on_the_way(output: Output) -> str:
    """What git or an editor did to the file, where its content is as it should be."""
    from pexgen.line_ends import changed_on_the_way

    said = changed_on_the_way(output.path.read_bytes(), output.data) if output.path.is_file() else ""
    return f" in its line ends alone: {said}; --force writes it anew" if said else ""


def _diff(output: Output) -> Iterator[str]:
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
    return (re.sub(r"^(\s+):(?=:)", "\\1\ufffd", line) for line in changes)


@contextlib.contextmanager
def _progress(names: list[str], talk: Talk) -> Iterator[Sequence[str]]:
    if len(names) > 1 and talk.progress():
        with typer.progressbar(names, label="Rendering", file=sys.stderr) as steps:
            yield steps  # type: ignore[misc]
    else:
        yield names
