"""The catalogue: methods, steps and parameters, as the template folder describes them.

Everything here was written by the project and stands beside the PowerShell that it describes; nothing comes from a
user. What is wrong in it is a defect, never an input error.
"""

# No "from __future__ import annotations": named tuples look at the types of their fields, and resolving text is slow.

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from pexgen.calls import Calls, Commands, joined, read_calls
from pexgen.errors import DefectError, InputError, Problem
from pexgen.frozen import Frozen
from pexgen.parameters import DeploymentParameter, RunParameter, deployment_parameters, run_parameters
from pexgen.template_files import Part, lines_for, read_part, read_record_table, read_yaml, step_file

SKELETON = ("help", "parameters", "body")
"""The Jinja2 templates, in the order in which a runbook has what they write."""

_READS = re.compile(r"\$Value(?:\.|\[')([A-Z]\w+)")

MAIN = "engine/99-main"
"""The part of the core that comes after the steps and runs them."""


class Risk(NamedTuple):
    """What a step can do to a tenant: ``level`` is ``low``, ``medium`` or ``high``."""

    level: str
    reason: str


class Step(Frozen):
    """A step: what a person reads about it, what it needs, and its PowerShell.

    ``values`` are the parameters that its own part reads, as that says itself; what the common part reads is left out.
    ``shared`` are the parts that it has in common with other steps; ``commands`` holds what those call, too. ``table``
    is the name of the file in its folder that says all this.
    """

    id: str
    table: str
    title: str
    pexip: str
    requires: tuple[str, ...]
    roles: tuple[str, ...]
    risk: Risk
    undo: str
    keeps: str
    values: tuple[str, ...]
    commands: Commands
    part: Part
    shared: tuple[Part, ...]

    @property
    def rollback(self) -> str:
        """What Rollback does about the step, and what it keeps."""
        return f"{self.undo} {self.keeps}".rstrip()


class Method(Frozen):
    """A method on one platform, with its steps in order and the parameters that its body reads."""

    id: str
    platform: str
    title: str
    synopsis: str
    description: str
    never: str
    steps: tuple[Step, ...]
    parameters: tuple[DeploymentParameter, ...]
    run_parameters: tuple[RunParameter, ...]
    core_commands: Commands

    @property
    def key(self) -> str:
        """The body's name in the review ledger, such as ``app-permissions/exchange-online``."""
        return f"{self.id}/{self.platform}"


class Catalogue(Frozen):
    """A template folder; its methods are read when they are first asked for."""

    folder: Path
    skeleton: tuple[Part, ...]
    run_parameters: tuple[RunParameter, ...]
    core: tuple[Part, ...]
    methods: Mapping[tuple[str, str], Method]

    def method(self, method: str, platform: str, file: str) -> Method:
        """Return the method on that platform; :class:`InputError` about ``file`` where pexgen has none."""
        if (method, platform) not in self.methods:
            known = ", ".join(f"{name} on {where}" for name, where in self.methods)
            message = f"method {method} on {platform} is not available yet"
            problem = Problem(code="PXG090", message=message, file=file, hint=f"available: {known}")
            raise InputError((problem,))
        return self.methods[method, platform]


class _Tables(NamedTuple):
    """What every method is made of; its readers read a file once for all methods that have it."""

    folder: Path
    read_yaml: Callable[[Path], Any]
    read_part: Callable[[Path, str], Part]
    calls: Calls
    deployment: tuple[DeploymentParameter, ...]
    run: tuple[RunParameter, ...]


class _Methods(Mapping[tuple[str, str], Method]):
    """The methods by their IDs and platforms, each read when it is first asked for."""

    def __init__(self, tables: _Tables) -> None:
        self._tables = tables
        self._entries: dict[tuple[str, str], Mapping[str, Any]] = {
            (method, platform): entry
            for method, platforms in read_yaml(tables.folder / "methods.yaml").items()
            for platform, entry in platforms.items()
        }
        self._found: dict[tuple[str, str], Method] = {}

    def __getitem__(self, key: tuple[str, str]) -> Method:
        if key not in self._found:
            entry = self._entries[key]
            with _as_defect(self._tables.folder / "methods.yaml"):
                steps = tuple(_step(given, key, entry["values"], self._tables) for given in entry["steps"])
                self._found[key] = _method(*key, entry, steps, self._tables)
        return self._found[key]

    def __contains__(self, key: object) -> bool:
        # Without reading it: what is wrong in a method is no reason to say that there is none.
        return key in self._entries

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def load_catalogue(folder: Path) -> Catalogue:
    """Read a template folder; raises :class:`DefectError` if its files do not fit together.

    A method is read when it is asked for, because a render needs one of them, and raises the same.
    """
    tables = _Tables(
        folder=folder,
        read_yaml=cache(read_yaml),
        read_part=cache(read_part),
        calls=read_calls(folder),
        deployment=deployment_parameters(),
        run=run_parameters(folder),
    )
    core = tuple(read_part(path, f"engine/{path.stem}") for path in sorted((folder / "engine").glob("*.ps1")))
    if not core or core[-1].name != MAIN:
        message = f"the last part of the core has to be {MAIN}"
        raise DefectError(message)
    skeleton = tuple(read_part(folder / f"{name}.ps1.j2", name) for name in SKELETON)
    return Catalogue(folder=folder, skeleton=skeleton, run_parameters=tables.run, core=core, methods=_Methods(tables))


def step_record_table(folder: Path, step: Step) -> Mapping[str, Any]:
    """Return what records say of a step on the platform of its method."""
    return read_record_table(folder / "steps" / step.id / step.table)


def _step(given: str | Mapping[str, str], key: tuple[str, str], common: Sequence[str], tables: _Tables) -> Step:
    """Read a step as a method names it: by its ID, or with a text of Pexip's that takes the place of the usual one."""
    changes = {"id": given} if isinstance(given, str) else given
    step, platform = changes["id"], key[1]
    table = step_file(tables.folder, step, platform, "yaml")
    with _as_defect(table):
        return _step_of({**tables.read_yaml(table), **changes}, table, key, common, tables)


def _step_of(
    entry: Mapping[str, Any], table: Path, key: tuple[str, str], common: Sequence[str], tables: _Tables
) -> Step:
    """Return the step that a table describes."""
    step, platform = entry["id"], key[1]
    file = step_file(tables.folder, step, platform, "ps1")
    name = file.stem.replace("step", step, 1)
    uses, shared = entry.get("uses", ()), tables.folder / "shared"
    part = tables.read_part(file, f"steps/{name}")
    return Step(
        id=step,
        table=table.name,
        title=entry["title"],
        pexip=entry["pexip"],
        requires=tuple(entry["requires"]),
        roles=tuple(entry["roles"]),
        risk=Risk(**entry["risk"]),
        undo=entry["undo"],
        keeps=entry.get("keeps", ""),
        values=tuple(name for name in dict.fromkeys(_READS.findall(lines_for(part.text, key))) if name not in common),
        commands=joined([tables.calls.of(part, platform, entry.get("online_only", {})) for part in (*uses, name)]),
        part=part,
        shared=tuple(tables.read_part(shared / f"{part}.ps1", f"shared/{part}") for part in uses),
    )


@contextmanager
def _as_defect(table: Path) -> Iterator[None]:
    """Let what is missing in a table, or is of another kind, be a :class:`DefectError` that names the file."""
    try:
        yield
    except (KeyError, TypeError, AttributeError, FileNotFoundError) as error:
        message = f"{table} is not what a table of templates has to be: {type(error).__name__}: {error}"
        raise DefectError(message) from error


def _method(method: str, platform: str, entry: Mapping[str, Any], steps: tuple[Step, ...], tables: _Tables) -> Method:
    known = {parameter.name: parameter for parameter in tables.deployment}
    read = set(entry["values"]).union(*(step.values for step in steps))
    unknown = read - known.keys()
    if unknown:
        message = f"{method} on {platform} reads values that are not parameters: {', '.join(sorted(unknown))}"
        raise DefectError(message)
    return Method(
        id=method,
        platform=platform,
        title=entry["title"],
        synopsis=entry["synopsis"],
        description=entry["description"],
        never=entry["never"],
        steps=steps,
        # What the common part reads comes first: name, ticket and target say which deployment it is.
        parameters=tuple(known[name] for name in dict.fromkeys((*entry["values"], *known)) if name in read),
        run_parameters=tuple(parameter for parameter in tables.run if parameter.is_for(method, steps)),
        core_commands=tables.calls.of("engine", platform),
    )
