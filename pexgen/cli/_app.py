"""The command line: a table of commands, each imported when it is asked for."""

# No "from __future__ import annotations": Typer looks at the parameters' types, again and again, and resolving text is
# slow. So it is in pexgen/cli/render.py.

import importlib
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from pexgen import __version__
from pexgen.cli._talk import COLORS, Talk, choose_color

SUMMARIES = {
    "init": "Write a commented description to begin with.",
    "lint": "Say what is wrong with descriptions, and where.",
    "render": "Make runbooks and their manifests from descriptions.",
    "plan": "Write the change record of a runbook.",
    "report": "Write the closing record of a change.",
    "values": "Write what to enter in Pexip Infinity.",
    "diff": "Say what changes between two deployments.",
    "verify": "Say whether runbooks are what reviewed templates give.",
    "rehearse": "Play a runbook on a simulated tenant.",
    "discover": "Make a script that reads a deployment and changes nothing.",
    "explain": "Say what a code, a step, a state or an exit code means.",
    "schema": "Print the JSON Schema of descriptions, for editors.",
    "templates": "Show the bodies of the runbooks and their reviews.",
    "facts": "Print the dates and versions that runbooks rest on.",
    "ews-usage": "Print the `ews.keep` entries of an EWS usage report.",
    "completion": "Print what makes Tab complete in a shell.",
}
"""What ``--help`` says of each command, in one sentence that has room in a line of 80 cells."""

COMMANDS = tuple(SUMMARIES)
"""The commands in the order of ``--help``; each stands in ``pexgen/cli/NAME.py``, as a function or a Typer ``app``."""


class _Commands(TyperGroup):
    """A group that knows its commands' names and imports a command's module at its first use."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The names are enough for "did you mean"; what stands behind one is put there when it is looked up.
        self.commands = dict.fromkeys(COMMANDS)  # type: ignore[assignment]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - Typer's own types are private
        """Return the command of that name, importing its module, or None."""
        if cmd_name not in self.commands:
            return None
        if self.commands[cmd_name] is None:
            self.commands[cmd_name] = _load(cmd_name)
        return self.commands[cmd_name]


def _load(name: str) -> Any:
    module = importlib.import_module(f"pexgen.cli.{name.replace('-', '_')}")
    app = getattr(module, "app", None)
    if app is None:
        app = typer.Typer(**_APP)
        app.command(name)(getattr(module, name.replace("-", "_")))
    command = typer.main.get_command(app)
    command.name, command.short_help = name, SUMMARIES[name]
    for each in (command, *getattr(command, "commands", {}).values()):
        each.help = _with_examples(each.help or "")
    return command


def _with_examples(text: str) -> str:
    """Return a help text whose examples keep their lines: what is copied must not be broken."""
    before, found, examples = text.partition("Examples:\n")
    if not found:
        return text
    lines = [line.strip() for line in examples.splitlines() if line.strip()]
    return before + "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"pexgen {__version__}")
        raise typer.Exit


_APP: dict[str, Any] = {
    "add_completion": False,
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}

app = typer.Typer(**_APP, cls=_Commands)


@app.callback(invoke_without_command=True)
def _global(
    context: typer.Context,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but warnings and errors.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say more, and show where a defect arose.")] = False,
    color: Annotated[
        str, typer.Option("--color", metavar="|".join(COLORS), help="When to use colors; auto: on a terminal.")
    ] = "auto",
    version: Annotated[  # noqa: ARG001 - the callback does it
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Reviewed PowerShell runbooks for Pexip VMR Scheduling for Exchange, from one YAML description.

    pexgen talks to no tenant and needs no network. Products go to standard output or to files, talk goes to standard
    error.

    Exit codes: 0 done, 1 something was found, differs or is open, 2 usage, 3 the input cannot be used, 70 a defect in
    pexgen.
    """
    context.obj = Talk(quiet=quiet, verbose=verbose)
    choose_color(color)
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(2)
