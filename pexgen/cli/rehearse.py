"""``pexgen rehearse``: a runbook played against the simulated tenant, as an administrator would run it."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pexgen.cli._streams import StdoutError
from pexgen.cli._talk import Talk
from pexgen.cli._text import printable, readable_json
from pexgen.errors import InputError, Problem, UsageError

if TYPE_CHECKING:
    from pexgen.rehearsal.rehearsal import Played, Rehearsal

FORMAT = "pexgen.rehearsal/1"
MAX_TENANT = 64 * 1024 * 1024
"""The largest file that is taken for a simulated tenant."""
MEANINGS = {
    0: "done",
    1: "a defect",
    2: "something differs",
    3: "stopped after a write",
    4: "refused, nothing written",
    5: "not complete",
    6: "disproved",
}


def rehearse(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A description, or a runbook (.ps1).")],
    start: Annotated[
        str, typer.Option("--from", metavar="START", help="fresh, converged, drifted, or the file of a tenant.")
    ] = "fresh",
    mode: Annotated[
        list[str] | None, typer.Option("--mode", help="Play this mode only; may be given several times.")
    ] = None,
    fault: Annotated[
        str, typer.Option("--fault", metavar="KIND@N", help="Let the first Apply meet this, for example kill-after@3.")
    ] = "",
    output: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", min=1, help="How long one run may take.")
    ] = 120,
) -> None:
    """Play a runbook against a simulated tenant: Check, Apply, Check, Verify, Rollback. No tenant is reached.

    Exit codes: 0 everything ended as expected, 1 something did not, 2 usage, 3 the input cannot be used or there is no
    PowerShell that can play it.

    Examples:
        pexgen rehearse contoso.yaml

        pexgen rehearse contoso.yaml --from drifted --fault kill-after@2
    """
    from pexgen.rehearsal import Engine, find_engine
    from pexgen.rehearsal.rehearsal import STARTS, Rehearser, check_modes, parse_fault

    talk: Talk = context.obj
    from pexgen.output import chosen_form

    output = chosen_form(output, "", ("text", "json"))
    modes = check_modes(mode or ())
    if fault:
        parse_fault(fault)
    own = None if start in STARTS else _read_tenant(start)
    with _working_folder() as folder:
        # A wrong file is wrong on a machine without PowerShell too.
        runbook = _runbook(file, folder, talk)
        with Engine(find_engine(), timeout) as engine:
            rehearser = Rehearser(engine, runbook, folder)
            shown = _Screen(enabled=output == "text", verbose=talk.verbose)
            shown.begin(file, start)
            done = rehearser.play(start, own, modes, fault, shown.tell)
            shown.end(done)
    if output == "json":
        typer.echo(readable_json(_as_json(file, done)))
    if not done.is_as_expected:
        raise typer.Exit(1)


@contextlib.contextmanager
def _working_folder() -> Iterator[Path]:
    """Give a folder for the files of a rehearsal; raises UsageError where the system has no place for them."""
    try:
        with tempfile.TemporaryDirectory(prefix="pexgen-", ignore_cleanup_errors=True) as place:
            yield Path(place)
    except OSError as error:
        if isinstance(error, (StdoutError, BrokenPipeError)):
            raise
        reason, hint = error.strerror or str(error), "make room there, or set TMPDIR to another folder"
        raise UsageError(f"{error.filename or 'the folder for temporary files'}: {reason}", hint) from error


def _read_tenant(name: str) -> dict[str, Any]:
    """Return the tenant of a file; raises InputError where it is none."""
    from pexgen.cli._kinds import refuse_other_kind
    from pexgen.rehearsal import shape_problems

    try:
        with Path(name).open("rb") as file:
            data = file.read(MAX_TENANT + 1)
        if len(data) > MAX_TENANT:
            raise _no_tenant(name, f"it has more than {MAX_TENANT // 1024**2} MiB")
        refuse_other_kind(data, name, "a simulated tenant", "tenant")
        found = json.loads(data.decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise _no_tenant(name, f"no tenant can be read from it: {error}") from error
    problems = shape_problems(found)
    if problems:
        hint = "docs/rehearsal.md describes a tenant"
        raise InputError(tuple(Problem("PXG091", problem, name, hint=hint) for problem in problems))
    tenant: dict[str, Any] = found
    return tenant


def _no_tenant(name: str, message: str) -> InputError:
    hint = "fresh, converged, drifted, or a JSON file as docs/rehearsal.md describes it"
    return InputError((Problem("PXG091", message, name, hint=hint),))


def _runbook(file: str, folder: Path, talk: Talk) -> Path:
    """Return the runbook to play; that of a description is rendered into the folder, reviewed or not."""
    from pexgen.cli._kinds import beginning, refuse_other_kind

    if file.casefold().endswith(".ps1"):
        if not Path(file).is_file():
            raise InputError((Problem("PXG092", "there is no such runbook", file),))
        refuse_other_kind(beginning(file), file, "a runbook or a description", "runbook")
        return Path(file)
    from pexgen.cli._inputs import read_description
    from pexgen.cli._talk import wants_colour
    from pexgen.cli._text import render_problems
    from pexgen.render import Renderer

    rendered = Renderer(allow_unreviewed=True).render(read_description(file), file)
    sys.stderr.write(render_problems(rendered.warnings, colour=wants_colour(sys.stderr)))
    if rendered.review is None:
        talk.say("This runbook's body has no review yet; a rehearsal may play it, render would refuse it.")
    path = folder / f"{rendered.description.name}.ps1"
    path.write_bytes(rendered.runbook)
    if rendered.description.add_in:
        manifest = rendered.description.add_in.manifest
        (folder / manifest).parent.mkdir(parents=True, exist_ok=True)
        (folder / manifest).write_bytes((Path(file).parent / manifest).read_bytes())
    return path


class _Screen:
    """What is shown while a rehearsal goes on; nothing where the product is JSON."""

    def __init__(self, *, enabled: bool, verbose: bool) -> None:
        self._enabled, self._verbose = enabled, verbose

    def _say(self, text: str) -> None:
        # What a runbook shows comes out of a file that somebody else may have written.
        typer.echo("\n".join(printable(line) for line in text.split("\n")))

    def begin(self, file: str, start: str) -> None:
        """Say what is about to be played."""
        if self._enabled:
            self._say(f"Rehearsal of {file} on a simulated tenant ({start}). No tenant is reached.\n")

    def tell(self, played: Played) -> None:
        """Show one mode: how it ended, its calls, its steps."""
        if not self._enabled:
            return
        if played.by_hand:
            self._say(f"By hand   {played.by_hand}\n")
        result = played.result
        writes = len(result.writes)
        verdict = "as expected" if played.is_as_expected else f"NOT as expected ({_codes(played.expected)})"
        calls = f"{len(result.calls) - writes} reads, {writes} writes"
        self._say(f"{played.mode:<9} {_ending(played):<34} {calls:<22} {verdict}")
        for step in result.objects:
            if isinstance(step, dict) and "id" in step:
                self._say(f"    {step['id']:<21} {step.get('state', '')}")
        if self._verbose:
            for call in result.calls:
                self._say(f"      {call.n:>3} {'write' if call.is_write else 'read '} {call.cmdlet}: {call.outcome}")
        if not played.is_as_expected:
            self._say("    | " + "\n    | ".join((result.screen or result.uncaught or "").split("\n")))
            if result.uncaught:
                error = result.uncaught.replace("\n", "\n    | ")
                self._say(f"    It ended with an error: {error}")
        self._say("")

    def end(self, done: Rehearsal) -> None:
        """Say whether the tenant came back, and how it all went."""
        if not self._enabled:
            return
        if done.is_as_before is not None:
            self._say(f"The tenant after Rollback: {'as before' if done.is_as_before else 'NOT as before'}.")
        if done.is_fault_met is False:
            self._say(f"The fault {done.fault} was NOT met: {_sent(done)}")
        self._say("Everything went as expected." if done.is_as_expected else "Not everything went as expected.")


def _sent(done: Rehearsal) -> str:
    """Say what the Apply that a fault was planned for did instead of meeting it."""
    applied = next((played.result for played in done.played if played.mode == "Apply"), None)
    if applied is None:
        return "it hits the first Apply, and none was played."
    return f"the first Apply sent {len(applied.calls)} calls, {len(applied.writes)} of them writes."


def _ending(played: Played) -> str:
    if played.result.killed:
        frozen = any(call.fault.startswith("freeze-") for call in played.result.calls)
        return "stopped for good, as planned" if frozen else "killed, as planned"
    code = played.result.exit_code
    return "ended without an exit code" if code is None else f"exit {code} ({MEANINGS.get(code, 'unknown')})"


def _codes(expected: tuple[int, ...]) -> str:
    return "expected exit " + " or ".join(str(code) for code in expected) if expected else "expected no defect"


def _as_json(file: str, done: Rehearsal) -> dict[str, Any]:
    """Return a rehearsal as docs/rehearsal.md describes it."""
    return {
        "format": FORMAT,
        "file": file,
        "from": done.start,
        "fault": done.fault or None,
        "asExpected": done.is_as_expected,
        "tenantAsBefore": done.is_as_before,
        "faultMet": done.is_fault_met,
        "runs": [
            {
                "mode": played.mode,
                "byHand": played.by_hand or None,
                "exitCode": played.result.exit_code,
                "expected": list(played.expected),
                "asExpected": played.is_as_expected,
                "killed": played.result.killed,
                "reads": len(played.result.calls) - len(played.result.writes),
                "writes": len(played.result.writes),
                "secondsToWait": sum(played.result.waits),
                "steps": [step for step in played.result.objects if isinstance(step, dict)],
                "calls": [
                    {
                        "n": call.n,
                        "cmdlet": call.cmdlet,
                        "parameters": call.parameters,
                        "write": call.is_write,
                        "outcome": call.outcome,
                    }
                    for call in played.result.calls
                ],
            }
            for played in done.played
        ],
    }
