"""The ``pexgen`` command. :func:`run` is the one place where an error becomes text and an exit code."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys
import traceback
from collections.abc import Sequence
from typing import TextIO

from pexgen import __version__
from pexgen.errors import FilesError, InputError, PexgenError, UsageError

DEFECT = 70
"""Exit code of an error that nobody planned for."""

INTERRUPTED = 130
"""Exit code after Ctrl-C."""

_BROKEN_PIPE = 141  # what a shell reports for a program whose reader went away


def main() -> None:
    """Run the command line of this process and end it."""
    # A short process makes few cycles and many objects that stay: looking for cycles less often saves a tenth of it.
    gc.set_threshold(50_000)
    code = run(sys.argv[1:])
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    # Everything is written and closed; taking the interpreter apart would take another tenth.
    os._exit(code)


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line and return its exit code; whatever went wrong stands on standard error."""
    if list(arguments) == ["--version"]:
        # Asked for by scripts and by every bug report; it needs nothing that takes time to import.
        print(f"pexgen {__version__}")
        return 0
    _speak_utf8()
    try:
        code = _invoke(arguments)
        sys.stdout.flush()
    except PexgenError as error:
        _tell(error, sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("pexgen: interrupted; no file was left half written", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return _BROKEN_PIPE
    except Exception as error:  # noqa: BLE001 - the last line of defence: a defect is told, not thrown at the user
        _tell_defect(error, verbose="--verbose" in arguments or "-v" in arguments)
        return DEFECT
    return code


def _invoke(arguments: Sequence[str]) -> int:
    """Parse and run; Typer's own errors become this project's."""
    import typer

    from pexgen.cli._app import app

    command = typer.main.get_command(app)
    try:
        code = command.main(args=list(arguments), prog_name="pexgen", standalone_mode=False)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        hint = f"{context.command_path} --help" if context else "pexgen --help"
        raise UsageError(error.format_message(), hint) from error
    except SystemExit as error:
        # Typer ends the process by itself, with the code for findings, when the reader of a pipe has gone.
        if isinstance(error.__context__, BrokenPipeError):
            raise error.__context__ from None
        raise
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0


def _tell(error: PexgenError, stream: TextIO) -> None:
    from pexgen.cli._talk import wants_colour
    from pexgen.cli._text import printable, printable_lines, render_problems, styled

    colour = wants_colour(stream)
    if isinstance(error, FilesError):
        for each in error.errors:
            _tell(each, stream)
    elif isinstance(error, InputError):
        stream.write(render_problems(error.problems, colour=colour))
    else:
        print(f"pexgen: {styled('error', 'error', colour=colour)}: {printable_lines(str(error))}", file=stream)
        if error.hint:
            print(f"  {styled('hint', 'hint', colour=colour)}: {printable(error.hint)}", file=stream)


def _tell_defect(error: Exception, *, verbose: bool) -> None:
    if verbose:
        traceback.print_exception(error)
    print(f"pexgen: a defect of pexgen's: {type(error).__name__}: {error}", file=sys.stderr)
    print("  hint: run it again with --verbose and report what it prints", file=sys.stderr)


def _speak_utf8() -> None:
    """Products are UTF-8 whatever the locale or the console's code page says; talk never fails on a character."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _forget_stdout() -> None:
    """Let the interpreter's last flush go nowhere, as the reader has gone."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
