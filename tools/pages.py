"""Write the parts of the pages that are made from templates and commands: ``python tools/pages.py [--check]``.

A page holds such a part between ``<!-- made: NAME -->`` and ``<!-- end -->``; everything else in it is written by hand.
With ``--check`` nothing is written, and the exit code is 1 if a page is not current.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

from pexgen.catalogue import Catalogue, Commands, DeploymentParameter, Step, load_catalogue, template_folder
from pexgen.cli._app import COMMANDS, app

DOCS = Path(__file__).parent.parent / "docs"
_PART = re.compile(r"(<!-- made: (?P<name>[a-z-]+(?: [a-z-]+)*) -->\n).*?(<!-- end -->)", re.DOTALL)
_READS = ("Get-", "Test-")


def step_parts(catalogue: Catalogue) -> dict[str, str]:
    """Return the table of the steps, and for each step what the catalogue says about it."""
    (method,) = catalogue.methods.values()
    rows = [f"| [`{step.id}`](#{step.id}) | {step.title} | {step.pexip} | {step.risk.level} |" for step in method.steps]
    head = ["| step | what | Pexip | risk |", "|---|---|---|---|"]
    parameters = {parameter.name: parameter for parameter in method.parameters}
    parts = {"step-table": "\n".join([*head, *rows]), "core-cmdlets": _cmdlets(catalogue.core_commands)}
    return {**parts, **{f"step {step.id}": _step(step, parameters) for step in method.steps}}


def runbook_parts(catalogue: Catalogue) -> dict[str, str]:
    """Return the tables of a runbook's parameters."""
    (method,) = catalogue.methods.values()
    run = [
        f"| `-{each.name}` | {each.type} | {_default(each.default)} | {_cell(each.help)} |"
        for each in catalogue.run_parameters
    ]
    values = [f"| `-{each.name}` | {each.type} | {_key(each.key)} | {_cell(each.help)} |" for each in method.parameters]
    return {
        "run-parameters": "\n".join(["| parameter | type | default | meaning |", "|---|---|---|---|", *run]),
        "deployment-parameters": "\n".join(["| parameter | type | key | meaning |", "|---|---|---|---|", *values]),
    }


def command_parts() -> dict[str, str]:
    """Return a section for each command, from what ``--help`` is made of."""
    root: Any = typer.main.get_command(app)
    sections = [_command("pexgen", root)]
    for name in COMMANDS:
        command = root.get_command(None, name)
        sections.append(_command(f"pexgen {name}", command))
        for inner, subcommand in getattr(command, "commands", {}).items():
            sections.append(_command(f"pexgen {name} {inner}", subcommand))
    return {"commands": "\n\n".join(sections)}


def _step(step: Step, parameters: Mapping[str, DeploymentParameter]) -> str:
    requires = ", ".join(f"[`{each}`](#{each})" for each in step.requires) or "no other step"
    keys = ", ".join(_key(parameters[name].key) for name in step.values)
    return "\n".join(
        [
            "| | |",
            "|---|---|",
            f"| what | {step.title} |",
            f"| Pexip | {step.pexip} |",
            f"| needs | {requires} |",
            f"| roles | {', '.join(step.roles)} |",
            f"| risk | {step.risk.level}. {step.risk.reason} |",
            f"| undo | {step.undo} |",
            f"| from the description | {keys} |",
            "",
            _cmdlets(step.commands),
        ]
    )


def _cmdlets(commands: Commands) -> str:
    """List cmdlets with their parameters, without those that every call has; writes after reads."""
    rows = []
    for name in sorted(commands, key=lambda name: (not name.startswith(_READS), name)):
        given = " ".join(f"`-{each}`" for each in commands[name] if each not in {"ErrorAction", "Confirm"})
        rows.append(f"| `{name}` | {'reads' if name.startswith(_READS) else 'writes'} | {given} |")
    return "\n".join(["| cmdlet | | parameters |", "|---|---|---|", *rows])


def _key(key: str) -> str:
    return f"[`{key}`](description.md#{key.replace('.', '')})"


def _default(value: Any) -> str:
    if value in (None, "", ()):
        return ""
    return f"`{value}`"


def _command(path: str, command: Any) -> str:
    arguments = [each.metavar for each in command.params if each.param_type_name == "argument"]
    usage = " ".join([path, "[OPTIONS]", *(["COMMAND [ARGS]..."] if hasattr(command, "commands") else arguments)])
    parts = [f"## {path}", f"```text\n{usage}\n```", *_prose(inspect.cleandoc(command.help or ""))]
    rows = [_option(each) for each in command.params]
    if rows:
        parts.append("\n".join(["| | | |", "|---|---|---|", *rows]))
    return "\n\n".join(parts)


def _prose(text: str) -> Iterator[str]:
    """Yield the paragraphs of a help text; its examples become a block."""
    before, _, examples = text.partition("Examples:\n")
    yield from (" ".join(paragraph.split()) for paragraph in before.split("\n\n") if paragraph.strip())
    lines = [line.strip() for line in examples.splitlines() if line.strip()]
    if lines:
        yield "```text\n" + "\n".join(lines) + "\n```"


def _option(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        name = f"`{parameter.metavar}`"
    else:
        names = sorted(parameter.opts, key=len)
        value = "" if parameter.is_flag else f" {parameter.metavar or names[-1].lstrip('-').upper()}"
        name = ", ".join(f"`{each}{value}`" if each == names[-1] else f"`{each}`" for each in names)
    if parameter.required:
        note = "required"
    else:
        note = "" if parameter.is_flag or not parameter.default else f"default `{parameter.default}`"
    return f"| {_cell(name)} | {note} | {_cell(parameter.help)} |"


def _cell(text: str) -> str:
    """Return text as it has to stand in a table: a bar would end the cell, an angle bracket begin a tag."""
    return text.replace("|", "\\|").replace("<", "\\<")


def parts_of(catalogue: Catalogue) -> Mapping[str, Callable[[], Mapping[str, str]]]:
    """Return for each page what makes its parts."""
    return {
        "steps.md": lambda: step_parts(catalogue),
        "runbook.md": lambda: runbook_parts(catalogue),
        "commands.md": command_parts,
    }


def current(page: str, parts: Mapping[str, str]) -> str:
    """Return the page with its parts as they are made now; KeyError for a part that nothing makes."""
    return _PART.sub(lambda found: f"{found.group(1)}\n{parts[found.group('name')]}\n\n{found.group(3)}", page)


def main(arguments: list[str]) -> int:
    """Write the pages, or with ``--check`` compare them; return the exit code."""
    code = 0
    for name, make in parts_of(load_catalogue(template_folder())).items():
        path = DOCS / name
        page = path.read_text(encoding="utf-8")
        made = current(page, make())
        if made == page:
            continue
        if "--check" in arguments:
            print(f"docs/{name} is not current: run python tools/pages.py", file=sys.stderr)
            code = 1
        else:
            path.write_text(made, encoding="utf-8", newline="\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
