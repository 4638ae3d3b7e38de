"""The ``pexgen`` command. :func:`run` is the one place where an error becomes text and an exit code."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import TextIO

from pexgen import __version__
from pexgen.cli._streams import (
    StdoutError,
    discard_stdout,
    replace_closed_streams,
    stdout_refusal,
    use_utf8,
    wrap_stdout,
)
from pexgen.errors import FilesError, InputError, PexgenError, UsageError

DEFECT = PexgenError.exit_code
"""Exit code of an error that nobody planned for."""

INTERRUPTED = 130
"""Exit code after Ctrl-C."""

BROKEN_PIPE = 141
"""Exit code where the reader of a pipe went away, as a shell reports it."""

AFTER_SIGNAL = 128
"""What is added to the number of a signal that asked to end, and is the exit code then, as a shell reports it."""

END_SIGNALS: Mapping[str, int] = {"SIGTERM": 15, "SIGHUP": 1, "SIGBREAK": 21}
"""Those signals with their numbers, which are the same on every system that has them; the last one is Windows' own."""

_GENERAL = ("-q", "--quiet", "-v", "--verbose")
_WITH_VALUE = "--color"
# What other programs call it, and what to say here.
_MEANT = {
    "validate": "`pexgen lint FILE` checks a description, `pexgen verify RUNBOOK` a runbook",
    "check": "`pexgen lint FILE` checks a description; a runbook checks a tenant when it is run without -Mode",
    "generate": "`pexgen render FILE` makes the runbook",
    "build": "`pexgen render FILE` makes the runbook",
    "new": "`pexgen init NAME.yaml` writes a description to begin with",
    "create": "`pexgen init NAME.yaml` writes a description to begin with",
    "test": "`pexgen rehearse FILE` plays the runbook on a simulated tenant",
    "simulate": "`pexgen rehearse FILE` plays the runbook on a simulated tenant",
    "apply": "pexgen changes no tenant: run the runbook, `.\\NAME.ps1 -Mode Apply`, where you are connected",
    "rollback": "pexgen changes no tenant: run the runbook, `.\\NAME.ps1 -Mode Rollback`, where you are connected",
}
_ASKED_BY_SHELL = "_PEXGEN_COMPLETE"  # the variable by which a shell asks for words; Typer looks at it too


def main() -> None:
    """Run the command line of this process and end it."""
    # A short process makes few cycles and many objects that stay: looking for cycles less often saves a tenth of it.
    gc.set_threshold(50_000)
    _handle_end_signals()
    wrap_stdout()
    code = run(sys.argv[1:])
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    # Everything is written and closed; taking the interpreter apart would take another tenth.
    os._exit(code)


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line and return its exit code; whatever went wrong stands on standard error."""
    use_utf8()
    replace_closed_streams()
    try:
        code = _invoke(arguments)
        sys.stdout.flush()
    except PexgenError as error:
        _tell(error, sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):  # A terminal that hung up is not there to read it.
            print("pexgen: interrupted; no file was left half written", file=sys.stderr)
        return AFTER_SIGNAL + _ended_by[0] if _ended_by else INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last line of defense: a defect is told, not thrown at the user
        return _report_unforeseen(error, verbose="--verbose" in arguments or "-v" in arguments)
    return code


def _report_unforeseen(error: Exception, *, verbose: bool) -> int:
    """Report an error that no command has foreseen, and return the exit code for it."""
    if isinstance(error, BrokenPipeError):
        discard_stdout()
        return BROKEN_PIPE
    if isinstance(error, StdoutError):
        failure = stdout_refusal(error)
        discard_stdout()
        _tell(failure, sys.stderr)
        return UsageError.exit_code
    _tell_defect(error, verbose=verbose)
    return DEFECT


_ended_by: list[int] = []
"""The signal that asked this process to end, if one did."""


def _handle_end_signals() -> None:
    """Treat a signal to end like Ctrl-C: what was begun is cleaned up, and no engine is left behind."""

    def end(number: int, _frame: object) -> None:
        _ended_by.append(number)
        signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for name, number in END_SIGNALS.items():
        if hasattr(signal, name) and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, end)


def general_options_first(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with the general options first; on a command line they may stand behind the command."""
    end = list(arguments).index("--") if "--" in arguments else len(arguments)
    general: list[str] = []
    others: list[str] = []
    words = iter(arguments[:end])
    for word in words:
        is_general = word in _GENERAL or word.partition("=")[0] == _WITH_VALUE
        (general if is_general else others).append(word)
        if word == _WITH_VALUE:
            general += [value for value in (next(words, None),) if value is not None]
    return [*general, *others, *arguments[end:]]


def _invoke(arguments: Sequence[str]) -> int:
    """Parse and run; Typer's own errors become this project's."""
    if list(arguments) == ["--version"]:
        # Asked for by scripts and by every bug report; it needs nothing that takes time to import.
        print(f"pexgen {__version__}")
        return 0
    import typer

    from pexgen.cli._app import app

    if _ASKED_BY_SHELL in os.environ:
        from pexgen.cli._shell_completion import register

        register()
    command = typer.main.get_command(app)
    try:
        code = command.main(args=general_options_first(arguments), prog_name="pexgen", standalone_mode=False)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        hint = f"`{context.command_path if context else 'pexgen'} --help` says what it takes"
        message = error.format_message()
        word = next((word for word in _MEANT if f"command '{word}'" in message), "")
        if word:
            raise UsageError(f"pexgen has no command '{word}': {_MEANT[word]}") from error
        raise UsageError(message, hint) from error
    except SystemExit as error:
        # Typer ends the process by itself, with the code for findings, when the reader of a pipe has gone.
        if isinstance(error.__context__, BrokenPipeError):
            raise error.__context__ from None
        # It does so, too, when it has answered a shell that completes a word.
        code = error.code
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0


def _tell(error: PexgenError, stream: TextIO) -> None:
    # Where standard error has no room either, the exit code has to say it alone.
    with contextlib.suppress(OSError):
        _write(error, stream)


def _write(error: PexgenError, stream: TextIO) -> None:
    from pexgen.cli._talk import wants_color, width_of
    from pexgen.cli._text import fitted, printable, printable_lines, render_problems, styled

    color, width = wants_color(stream), width_of(stream)
    if isinstance(error, FilesError):
        for each in error.errors:
            _write(each, stream)
        if error.summary:
            print(fitted(printable(error.summary), width), file=stream)
    elif isinstance(error, InputError):
        stream.write(render_problems(error.problems, color=color, width=width))
    else:
        said = f"pexgen: {styled('error', 'error', color=color)}: {printable_lines(str(error))}"
        print(fitted(said, width), file=stream)
        if error.hint:
            print(fitted(f"  {styled('hint', 'hint', color=color)}: {printable(error.hint)}", width), file=stream)


def _tell_defect(error: Exception, *, verbose: bool) -> None:
    from pexgen.cli._text import printable_lines

    with contextlib.suppress(OSError):
        if verbose:
            import traceback

            traceback.print_exception(error)
        said = printable_lines(f"pexgen: a defect in pexgen: {type(error).__name__}: {error}")
        print(f"{said}\n  hint: run it again with --verbose and report what it prints", file=sys.stderr)
