"""What a person sees of a rehearsal: what is going on now, and of each run how it ended, its steps and its writes."""

from __future__ import annotations

import contextlib
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pexgen.cli._progress import Line
from pexgen.cli._talk import width_of
from pexgen.cli._text import printable
from pexgen.outcomes import IN_SHORT, SETTLED
from pexgen.words import counted, listed

if TYPE_CHECKING:
    from pexgen.rehearsal import Engine
    from pexgen.rehearsal.rehearsal import PlayedMode, Rehearsal
    from pexgen.rehearsal.runs import Call, Result
    from pexgen.simulation.tenant_copy import TenantCopy

_WIDTH = 80
_MOST_WRITES = 20
_EVERY = 0.25  # seconds between two looks at what the engine does
# A step in one of these is as one would like it, or says why elsewhere; in any other its own words are shown.
_NEEDS_NO_WORDS = SETTLED | {"different"}


class ActivityLine:
    """One line on standard error, on a terminal alone, that says what an engine does and goes when it is done."""

    def __init__(self, engine: Engine, *, enabled: bool) -> None:
        self._engine, self._enabled, self._line = engine, enabled, Line(sys.stderr)
        self._lock, self._over = threading.Lock(), threading.Event()
        self._what, self._since = "", 0.0

    def begin(self, what: str) -> None:
        """Say from now on what is going on, until :meth:`end`."""
        with self._lock:
            self._what, self._since = what, time.monotonic()
            self._show()

    def end(self) -> None:
        """Take the line away."""
        with self._lock:
            self._what = ""
            self._line.clear()

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Let the line move within this."""
        if not self._enabled:
            yield
            return
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()
            self.end()

    def _run(self) -> None:
        while not self._over.wait(_EVERY):
            with self._lock:
                self._show()

    def _show(self) -> None:
        if self._enabled and self._what:
            calls = _lines(self._engine.log)
            count = f", {counted(calls, 'call')}" if calls else ""
            self._line.show(f"{self._what} ... {time.monotonic() - self._since:.0f} s{count}"[: _WIDTH - 1])


class Screen:
    """What is shown while a rehearsal goes on, to ``out``; nothing where the product is another one."""

    def __init__(self, out: Callable[[str], None] | None, *, verbose: bool) -> None:
        self._out, self._verbose = out, verbose
        self._names: dict[str, str] = {}

    def begin(self, file: str, start: str, notes: tuple[str, ...] = ()) -> None:
        """Say what is about to be played."""
        if self._out:
            self._say(f"Rehearsal of {file} on a simulated tenant ({start}).\nNo tenant is reached.")
            self._say("\n".join(notes))

    def tell(self, played: PlayedMode) -> None:
        """Show one mode: how it ended, its steps, what it wrote."""
        if not self._out:
            return
        from pexgen.rehearsal.calls import names_of
        from pexgen.rehearsal.rehearsal import how_it_ended

        self._names.update(names_of(played.result.tenant))
        if played.by_hand:
            self._say(_wrapped(played.by_hand, "By hand   ", " " * 10) + "\n")
        result = played.result
        calls = f"{len(result.calls) - len(result.writes)} reads, {len(result.writes)} writes"
        verdict = "as expected" if played.is_as_expected else "NOT expected"
        self._say(f"{played.mode:<9} {how_it_ended(played):<34} {calls:<22} {verdict}")
        if not played.is_as_expected:
            self._say(f"    NOT as expected: {_expected(played.expected)}")
        for step in result.objects:
            if isinstance(step, dict) and "id" in step:
                self._say(_step(step))
        self._show_writes(result)
        if self._verbose:
            for call in result.calls:
                self._say(f"      {call.n:>3} {'write' if call.is_write else 'read '} {call.cmdlet}: {call.outcome}")
        if not played.is_as_expected:
            self._show_words(result)
        self._say("")

    def _say(self, text: str) -> None:
        # What a runbook shows comes out of a file that somebody else may have written.
        if self._out:
            self._out("\n".join(printable(line) for line in text.split("\n")))

    def _show_words(self, result: Result) -> None:
        """Show all that a run said, and the error that ended it, if one did."""
        if result.screen:
            self._say("    | " + result.screen.replace("\n", "\n    | "))
        if result.uncaught:
            error = result.uncaught.replace("\n", "\n    | ")
            self._say(f"    It ended with an error: {error}")

    def _show_writes(self, result: Result) -> None:
        """Show each write on a line, as PowerShell, cut at the end of the line unless all is asked for."""
        writes = result.writes
        shown = writes if self._verbose else writes[:_MOST_WRITES]
        if shown:
            self._say("    Written:")
        for call in shown:
            self._say(self._write(call))
        if len(shown) < len(writes):
            self._say(f"    and {len(writes) - len(shown)} more; --verbose and --format json have all of them")

    def _write(self, call: Call) -> str:
        from pexgen.rehearsal.calls import command_of

        went = "" if call.outcome == "ok" else f"{call.outcome}: "
        begin = f"      {went}"
        return begin + command_of(call, self._names, 0 if self._verbose else width_of_screen() - len(begin))

    def end(self, done: Rehearsal) -> None:
        """Say whether the tenant came back, and how it all went."""
        from pexgen.rehearsal.rehearsal import after_rollback, verdict_of

        if not self._out:
            return
        if returned := after_rollback(done):
            self._say(returned)
        if done.is_fault_met is False:
            self._say(_wrapped(f"The fault {done.fault} was NOT met: {_sent(done)}"))
        self._say(verdict_of(done))


def copy_lines(copied: TenantCopy | None) -> tuple[str, ...]:
    """Return the lines that say of a copy of somebody's organization what was taken over and what was not."""
    if copied is None:
        return ()
    lines = [copied.origin]
    for title, rows in copied.lists:
        lines.append(f"{title}:")
        for row in rows:
            lines += _wrapped(row, "  - ", "    ").split("\n")
    return (*lines, "")


def width_of_screen() -> int:
    """Return how many columns a line may have: those of the terminal, and 80 where there is none."""
    return width_of(sys.stdout) or _WIDTH


def _step(step: dict[str, Any]) -> str:
    """Return a step's state, and where it is not as one would like it, why: in the step's own words."""
    line = f"    {step['id']:<21} {step.get('state', '')}"
    why = str(step.get("detail") or "")
    if not why or step.get("state") in _NEEDS_NO_WORDS:
        return line
    together = f"{line:<37} {why}"
    if "\n" not in why and len(together) <= width_of_screen():
        return together
    return f"{line}\n" + "\n".join(_wrapped(each, " " * 8, " " * 8) for each in why.split("\n") if each.strip())


def _wrapped(text: str, first: str = "", later: str = "") -> str:
    return textwrap.fill(
        text,
        width_of_screen(),
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _expected(codes: tuple[int, ...]) -> str:
    if not codes:
        return "a run that meets a fault ends without a defect"
    return "expected was exit " + listed(f"{code} ({IN_SHORT[code]})" for code in codes)


def _sent(done: Rehearsal) -> str:
    """Say what the Apply that a fault was planned for did instead of meeting it."""
    applied = next((played.result for played in done.played if played.mode == "Apply"), None)
    if applied is None:
        return "it hits the first Apply, and none was played."
    return f"the first Apply sent {len(applied.calls)} calls, {len(applied.writes)} of them writes."


def _lines(log: Path | None) -> int:
    """Return how many lines a log has by now; one that is not there has none."""
    if log is None:
        return 0
    with contextlib.suppress(OSError):
        return log.read_bytes().count(b"\n")
    return 0
