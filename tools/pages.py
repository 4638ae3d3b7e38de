"""Write the parts of the pages that are made from templates and commands: ``python tools/pages.py [--check]``.

A page holds such a part between ``<!-- made: NAME -->`` and ``<!-- end -->``; everything else in it is written by hand,
but for dates, versions and delays of Microsoft's and Pexip's, the clouds, the exit codes of a command and limits.
Each stands between ``<!-- FACT -->``, its name in ``pexgen/vendor_facts.py``, here or in a tool beside this, and
``<!-- / -->``; behind ``<!-- FACT month -->`` without its day.
The sections of ``docs/steps.md`` come from ``step.md`` in each step's folder. In it ``<!-- table -->``, or
``<!-- table PLATFORM -->``, is where the step's table goes; its links lead from where it lies.
With ``--check`` nothing is written, and the exit code is 1 if a page is not current.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import exit_codes
import typer
from cloud_places import PAGES as CLOUDS
from made_files import ROOT, write_or_check
from method_pages import begun, choice_parts, method_parts, page_of, title

from pexgen import outcomes, sizes
from pexgen.calls import Commands
from pexgen.catalogue import Catalogue, Method, Step, load_catalogue
from pexgen.cli._app import COMMANDS, app
from pexgen.connector import fields, limits
from pexgen.description import load_schema
from pexgen.ews_states import STATES
from pexgen.lint.ews_ends import EWS_ENDS_SOON_DAYS
from pexgen.output import PROSE, file_endings
from pexgen.parameters import RunParameter
from pexgen.run_records import PLAN
from pexgen.template_files import template_folder
from pexgen.vendor_fact_kinds import EVERY_CLOUD
from pexgen.vendor_facts import DATED, DELAYS, EWS_OTHER_CLOUDS, EWS_SECOND_PHASE, EWS_USAGE_DAYS, LIST_HOURS, VERSIONS

DOCS = ROOT / "docs"
_UP_TO_DOCS, _OTHER_STEP = "](../../../docs/", re.compile(r"\]\(\.\./([a-z-]+)/step\.md\)")
_TABLE = re.compile(r"<!-- table(?: (?P<platform>[a-z-]+))? -->")
_CODE_OR_HEADING = re.compile(r"^```.*?^```$|^(?P<heading>#+ )", re.MULTILINE | re.DOTALL)
_PART = re.compile(r"(<!-- made: (?P<name>[a-z-]+(?: [a-z-]+)*) -->\n).*?(<!-- end -->)", re.DOTALL)
_FACT = re.compile(r"(<!-- (?P<fact>[A-Z]\w+)(?P<month> month)? -->)[^<]*(<!-- / -->)")
_READS = ("Get-", "Test-")
_NUMBERS = {
    "EwsUsageDays": f"{EWS_USAGE_DAYS}",
    "EwsEndsSoonDays": f"{EWS_ENDS_SOON_DAYS}",
    "AddInManifestSize": sizes.spoken(sizes.ADD_IN_MANIFEST),
    "RunbookSize": sizes.spoken(sizes.RUNBOOK),
    "RunbookManifestSize": sizes.spoken(sizes.RUNBOOK_MANIFEST),
}
_PLATFORMS = {"exchange-online": "Exchange Online", "exchange-server": "Exchange Server"}


def step_parts(catalogue: Catalogue) -> dict[str, str]:
    """Return the table of each method's steps, and for each part of a step what the catalogue says about it."""
    methods = catalogue.methods.values()
    parts = {"core-cmdlets": _cmdlets({method.platform: method.core_commands for method in methods})}
    uses: dict[str, list[tuple[Method, Step]]] = {}
    for method in methods:
        for step in method.steps:
            uses.setdefault(step.part.name.removeprefix("steps/").replace(".", " "), []).append((method, step))
    tables = {name: _step(found) for name, found in uses.items()}
    order = in_order([step.id for step in method.steps] for method in methods)
    sections = [_section(catalogue.folder, step, tables) for step in order]
    of_methods = [_method(method, page_of(method, catalogue)) for method in methods]
    return {**parts, "methods": "\n\n".join(of_methods), "sections": "\n\n".join(sections)}


def _method(method: Method, page: str) -> str:
    head = f"### {title(method)}\n\n[What is done by hand, and what Pexip says]({page})."
    return f"{head}\n\n{_step_table(method)}"


def in_order(lists: Iterable[list[str]]) -> list[str]:
    """Return every name once, so that the order of each list holds; ValueError where two of them contradict."""
    ahead = list(lists)
    found: list[str] = []
    while ahead := [each for each in ahead if each]:
        later = {name for each in ahead for name in each[1:]}
        first = next((each[0] for each in ahead if each[0] not in later), None)
        if first is None:
            message = f"the methods have no common order of these: {ahead}"
            raise ValueError(message)
        found.append(first)
        ahead = [each[1:] if each[0] == first else each for each in ahead]
    return found


def _section(folder: Path, step: str, tables: Mapping[str, str]) -> str:
    """Return what ``step.md`` says, one level down, with the step's tables; KeyError for a table that there is not."""
    text = (folder / "steps" / step / "step.md").read_text(encoding="utf-8").strip()
    text = _CODE_OR_HEADING.sub(lambda found: f"#{found[0]}" if found["heading"] else found[0], text)
    text = _OTHER_STEP.sub(r"](#\1)", text).replace(_UP_TO_DOCS, "](")
    return _TABLE.sub(lambda found: tables[f"{step} {found['platform'] or ''}".strip()], text)


def runbook_parts(catalogue: Catalogue) -> dict[str, str]:
    """Return the tables of the runbooks' parameters, states and exit codes."""
    methods = catalogue.methods.values()
    run = [
        f"| `-{each.name}` | {each.type} | {_default(each.default)} | {_only(each, methods)}{_cell(each.help)} |"
        for each in catalogue.run_parameters
    ]
    known = {each.name: each for method in methods for each in method.parameters}
    values = [
        f"| `-{each.name}` | {each.type} | {_key(each.key)} | {_cell(each.help)} |"
        for each in (known[name] for name in in_order([each.name for each in method.parameters] for method in methods))
    ]
    return {
        "run-parameters": "\n".join(["| parameter | type | default | meaning |", "|---|---|---|---|", *run]),
        "deployment-parameters": "\n".join(["| parameter | type | key | meaning |", "|---|---|---|---|", *values]),
        **_outcome_parts(),
    }


def _outcome_parts() -> dict[str, str]:
    """Return the tables of a step's states and of the exit codes."""
    states = [f"| `{each.name}` | {each.modes} | {each.meaning} |" for each in outcomes.STATES]
    codes = [f"| {each.code} | {each.meaning} | {each.then} |" for each in outcomes.EXIT_CODES]
    return {
        "states": "\n".join(["| state | in | meaning |", "|---|---|---|", *states]),
        "exit-codes": "\n".join(["| code | meaning | what now |", "|---|---|---|", *codes]),
    }


def form_parts() -> dict[str, str]:
    """Return what each form of a change record is for, and which endings of a file stand for one."""
    uses = {form: str(import_module(f"pexgen.output.forms.{form}").USE) for form in PROSE}
    rows = [f"| `{form}` | {_cell(use)} |" for form, use in {**uses, "json": f"programs: `{PLAN}`"}.items()]
    ends = ", ".join(f"`{ending}`" for ending in file_endings())
    chosen = f"Without `--format` the ending of `-o` decides ({ends})."
    return {"forms": "\n".join(["| `--format` | for |", "|---|---|", *rows, "", chosen])}


def value_parts() -> dict[str, str]:
    """Return the table of the fields of Pexip Infinity's Exchange connector."""
    rows = []
    for field in fields().values():
        label = f'"{field.label}" ({field.label_source})' if field.label else ""
        default = "" if field.default is None else f"`{json.dumps(field.default)}`"
        note = f"**{field.access}** {field.meaning}" if field.access else field.meaning
        cells = (f"`{field.name}`", field.type, default, limits(field), label, note.strip())
        rows.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    head = ["| field | type | Infinity's default | takes | on Pexip's page | |", "|---|---|---|---|---|---|"]
    return {"fields": "\n".join([*head, *rows])}


def command_parts() -> dict[str, str]:
    """Return a section for each command, from what ``--help`` is made of."""
    root: Any = typer.main.get_command(app)
    sections = [_command("pexgen", root)]
    for name in COMMANDS:
        command = root.get_command(None, name)
        sections.append(_command(f"pexgen {name}", command))
        for inner, subcommand in getattr(command, "commands", {}).items():
            sections.append(_command(f"pexgen {name} {inner}", subcommand))
    return {"commands": "\n\n".join(sections), "exit-codes": exit_codes.table()}


def ews_parts() -> dict[str, str]:
    """Return when Microsoft does what about EWS, and who gains or loses it in which state of switch and list."""
    dates = [
        f"| {fact.spoken} | {'all' if fact.clouds == EVERY_CLOUD else ', '.join(fact.clouds)} | {_cell(fact.text)} |"
        for fact in DATED
        if fact.name.startswith("Ews")
    ]
    head = ["| date | clouds | what Microsoft does |", "|---|---|---|"]
    told = "\n".join([*head, *dates, "", f"{EWS_SECOND_PHASE}. {EWS_OTHER_CLOUDS}."])
    states = [
        f"| {_cell(each.found)} | {_cell(_filled(each.list_))} | {_cell(_filled(each.switch)) or 'is on already'} | "
        f"{_cell(each.rescue)} |"
        for each in STATES
    ]
    head = ["| found | the list is written | EWS is switched on | if others lose EWS |", "|---|---|---|---|"]
    return {"ews-dates": told, "ews-states": "\n".join([*head, *states])}


def _filled(text: str) -> str:
    return text.replace("{listed}", "*the applications on the list*").replace("{added}", "*the added applications*")


def _step_table(method: Method) -> str:
    rows = [f"| [`{step.id}`](#{step.id}) | {step.title} | {step.pexip} | {step.risk.level} |" for step in method.steps]
    return "\n".join(["| step | what | Pexip | risk |", "|---|---|---|---|", *rows])


def _step(uses: Sequence[tuple[Method, Step]]) -> str:
    method, step = uses[0]
    requires = ", ".join(f"[`{each}`](#{each})" for each in step.requires) or "no other step"
    keys = ", ".join(dict.fromkeys(_key(each.key) for each in method.parameters if each.name in step.values))
    return "\n".join(
        [
            "| | |",
            "|---|---|",
            f"| what | {step.title} |",
            f"| methods | {_listed(each.id for each, _ in uses)} |",
            f"| Pexip | {_pexip(uses)} |",
            f"| needs | {requires} |",
            f"| roles | {', '.join(step.roles)} |",
            f"| risk | {step.risk.level}. {step.risk.reason} |",
            f"| undo | {step.rollback} |",
            f"| from the description | {keys} |",
            "",
            _cmdlets({each.platform: used.commands for each, used in uses}),
        ]
    )


def _pexip(uses: Sequence[tuple[Method, Step]]) -> str:
    """Name Pexip's step, with the methods whose page counts it so where the pages differ."""
    texts: dict[str, list[str]] = {}
    for method, step in uses:
        texts.setdefault(step.pexip, []).append(method.id)
    if len(texts) == 1:
        return next(iter(texts))
    return "; ".join(f"{text} ({_listed(methods)})" for text, methods in texts.items())


def _cmdlets(found: Mapping[str, Commands]) -> str:
    """List the cmdlets by platform with their parameters, without those that every call has; writes after reads."""
    rows = []
    names = {name for commands in found.values() for name in commands}
    for name in sorted(names, key=lambda name: (not name.startswith(_READS), name)):
        having = {platform: commands[name] for platform, commands in found.items() if name in commands}
        given = dict.fromkeys(one for each in having.values() for one in each if one not in {"ErrorAction", "Confirm"})
        cells = [f"`-{one}`{_mark([where for where in having if one in having[where]], having)}" for one in given]
        kind = "reads" if name.startswith(_READS) else "writes"
        rows.append(f"| `{name}`{_mark(having, found)} | {kind} | {' '.join(cells)} |")
    return "\n".join(["| cmdlet | | parameters |", "|---|---|---|", *rows])


def _mark(some: Collection[str], of: Collection[str]) -> str:
    """Say on which platforms something is, where it is not on all of them."""
    return "" if len(some) == len(of) else f" ({', '.join(_PLATFORMS[each] for each in some)})"


def _only(parameter: RunParameter, methods: Collection[Method]) -> str:
    """Say which methods have a parameter, where not all of them do."""
    having = [each for each in methods if parameter in each.run_parameters]
    if len(having) == len(methods):
        return ""
    return f"*Only {', '.join(f'`{each.id}` on {_PLATFORMS[each.platform]}' for each in having)}.* "


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in dict.fromkeys(names))


def _key(key: str) -> str:
    """A link to a key; what no key says is read from the add-in's manifest."""
    section, _, name = key.partition(".")
    if name and name not in load_schema()["properties"][section].get("properties", {name: None}):
        return f"{_key('add_in.manifest')}, from the file"
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
    before, _, examples = text.partition("\b\nExamples:\n")
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
        note = "" if getattr(parameter, "is_flag", False) or not parameter.default else f"default `{parameter.default}`"
    return f"| {_cell(name)} | {note} | {_cell(parameter.help)} |"


def _cell(text: str) -> str:
    """Return text as it has to stand in a table: a bar would end the cell, an angle bracket begin a tag."""
    return text.replace("|", "\\|").replace("<", "\\<")


def parts_of(catalogue: Catalogue) -> Mapping[str, Callable[[], Mapping[str, str]]]:
    """Return for each page what makes its parts."""
    own = {page_of(method, catalogue): partial(method_parts, method) for method in catalogue.methods.values()}
    return {
        "steps.md": lambda: step_parts(catalogue),
        "runbook.md": lambda: runbook_parts(catalogue),
        "commands.md": command_parts,
        "values.md": value_parts,
        "plan.md": form_parts,
        "methods/which.md": lambda: choice_parts(catalogue),
        **own,
        "methods/app-permissions.md": lambda: {**own["methods/app-permissions.md"](), **ews_parts()},
    }


def current(page: str, parts: Mapping[str, str], name: str) -> str:
    """Return the page with its parts and facts as they are made now.

    Raises ValueError with the page's ``name`` for a part that has no place on it, or a place that nothing fills.
    """
    places = {found["name"] for found in _PART.finditer(page)}
    if missing := sorted(parts.keys() - places):
        raise ValueError(
            f"{name} has no place for what is made: write <!-- made: {missing[0]} --> where it belongs, and "
            "<!-- end --> on a line below"
        )
    if unknown := sorted(places - parts.keys()):
        raise ValueError(
            f"{name}: nothing makes <!-- made: {unknown[0]} -->; made are {_listed(sorted(parts)) or 'none'}"
        )
    page = _PART.sub(lambda found: f"{found.group(1)}\n{parts[found.group('name')]}\n\n{found.group(3)}", page)
    return _FACT.sub(lambda found: f"{found.group(1)}{_spoken(found)}{found.group(4)}", page)


def _spoken(found: re.Match[str]) -> str:
    versions = {version.name: version.value for version in VERSIONS}
    delays = {delay.name: delay.value for delay in (*DELAYS, LIST_HOURS)}
    days = {fact.name: fact.spoken for fact in DATED}
    known: dict[str, str] = {**CLOUDS, **exit_codes.PAGES, **versions, **delays, **_NUMBERS, **days}
    spoken = known[found["fact"]]
    return spoken.partition(" ")[2] if found["month"] else spoken


def pages(catalogue: Catalogue) -> Iterator[tuple[Path, str]]:
    """Yield every page as it is made now; the page of a method that has none is begun."""
    makers = parts_of(catalogue)
    first = {DOCS / page_of(method, catalogue): begun(method) for method in catalogue.methods.values()}
    for path in (ROOT / "README.md", *sorted({*DOCS.rglob("*.md"), *DOCS.rglob("*.svg"), *first})):
        make = makers.get(path.relative_to(DOCS).as_posix()) if path.is_relative_to(DOCS) else None
        page = path.read_text(encoding="utf-8") if path.is_file() else first[path]
        yield path, current(page, make() if make else {}, path.relative_to(ROOT).as_posix())


def main(arguments: list[str]) -> int:
    """Write the pages, or with ``--check`` compare them; return the exit code."""
    return write_or_check(pages(load_catalogue(template_folder())), "pages.py", arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
