"""The catalogue: methods, steps and parameters, as the template folder describes them.

Everything here was written by the project and stands beside the PowerShell that it describes; nothing comes from a
user. What is wrong in it is a defect, never an input error.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pexgen.errors import DefectError, InputError, Problem

Commands = Mapping[str, tuple[str, ...]]
"""Cmdlets of Exchange that a part calls, each with the parameters that it passes."""

PARAMETER_TYPES = ("string", "string[]", "bool", "int", "hashtable", "hashtable[]", "switch")
"""The types that a runbook's parameter may have; what they bind, they bind without an error outside the guards."""


SKELETON = ("help", "parameters", "body")
"""The Jinja2 templates, in the order in which a runbook has what they write."""


COMPILED, COMPILED_INDEX = "compiled", "index.json"
"""Folder of the templates as Python, which a wheel has and a checkout has not, and what it was compiled from."""

MAIN = "core/99-main"
"""The part of the core that comes after the steps and runs them."""


@dataclass(frozen=True, slots=True)
class Part:
    """One PowerShell file that a body takes in as it is; ``text`` has LF line ends and ends with one."""

    name: str
    text: str
    sha256: str


@dataclass(frozen=True, slots=True)
class RunParameter:
    """A parameter that says something about one run; ``complete`` are the values offered by completion."""

    name: str
    type: str
    help: str
    default: str | int | tuple[str, ...] | None
    complete: str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeploymentParameter:
    """A parameter that holds the description's value under ``key``, a path such as ``scheduling_group.members``."""

    name: str
    key: str
    type: str
    help: str


@dataclass(frozen=True, slots=True)
class Risk:
    """What a step can do to a tenant: ``level`` is ``low``, ``medium`` or ``high``."""

    level: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A step: what a person reads about it, what it needs, and its PowerShell."""

    id: str
    title: str
    pexip: str
    requires: tuple[str, ...]
    roles: tuple[str, ...]
    risk: Risk
    undo: str
    values: tuple[str, ...]
    commands: Commands
    part: Part


@dataclass(frozen=True, slots=True, eq=False)
class Method:
    """A method on one platform, with its steps in order and the parameters that its body reads."""

    id: str
    platform: str
    title: str
    synopsis: str
    description: str
    never: str
    steps: tuple[Step, ...]
    parameters: tuple[DeploymentParameter, ...]

    @property
    def key(self) -> str:
        """The body's name in the review ledger, such as ``app-permissions/exchange-online``."""
        return f"{self.id}/{self.platform}"


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """A template folder, read whole."""

    folder: Path
    skeleton: tuple[Part, ...]
    run_parameters: tuple[RunParameter, ...]
    core: tuple[Part, ...]
    core_commands: Commands
    methods: Mapping[tuple[str, str], Method]

    def method(self, method: str, platform: str, file: str) -> Method:
        """Return the method on that platform; :class:`InputError` about ``file`` where pexgen has none."""
        try:
            return self.methods[method, platform]
        except KeyError:
            known = ", ".join(f"{name} on {where}" for name, where in self.methods)
            message = f"method {method} on {platform} is not available yet"
            problem = Problem(code="PXG090", message=message, file=file, hint=f"available: {known}")
            raise InputError((problem,)) from None


def template_folder() -> Path:
    """Return the folder of the templates: in an installed package inside it, in a checkout beside it."""
    package = Path(__file__).resolve().parent
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


def load_catalogue(folder: Path) -> Catalogue:
    """Read a template folder; raises :class:`DefectError` if its files do not fit together."""
    commands = read_commands(folder)
    parameters = read_yaml(folder / "parameters.yaml")
    deployment = tuple(DeploymentParameter(**entry) for entry in parameters["deployment"])
    methods: dict[tuple[str, str], Method] = {}
    for method, platforms in read_yaml(folder / "methods.yaml").items():
        for platform, entry in platforms.items():
            steps = tuple(_step(folder, step, commands.get(step, {})) for step in entry["steps"])
            methods[method, platform] = _method(method, platform, entry, steps, deployment)
    core = tuple(read_part(path, f"core/{path.stem}") for path in sorted((folder / "core").glob("*.ps1")))
    if not core or core[-1].name != MAIN:
        message = f"the last part of the core has to be {MAIN}"
        raise DefectError(message)
    run = tuple(_run_parameter(entry) for entry in parameters["run"])
    skeleton = tuple(read_part(folder / f"{name}.ps1.j2", name) for name in SKELETON)
    return Catalogue(folder, skeleton, run, core, commands.get("core", {}), methods)


def read_yaml(path: Path) -> Any:
    """Read one of the project's own YAML files."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_bytes(), Loader=loader)  # noqa: S506 - both are the safe loader


def read_part(path: Path, name: str) -> Part:
    """Read a PowerShell part; raises :class:`DefectError` for anything but ASCII with a line end at its end."""
    data = path.read_bytes().replace(b"\r\n", b"\n")
    if not data.isascii() or not data.endswith(b"\n") or data.endswith(b"\n\n"):
        message = f"{name}.ps1 has to be ASCII and end with one line end"
        raise DefectError(message)
    return Part(name, data.decode("ascii"), hashlib.sha256(data).hexdigest())


def read_commands(folder: Path) -> dict[str, Commands]:
    """Read ``cmdlets.json``: for ``core`` and each step the cmdlets that it calls and the parameters it passes."""
    data: dict[str, dict[str, list[str]]] = json.loads((folder / "cmdlets.json").read_bytes())
    return {part: {name: tuple(given) for name, given in found.items()} for part, found in data.items()}


def _run_parameter(entry: Mapping[str, Any]) -> RunParameter:
    default, complete = entry.get("default"), entry.get("complete", ())
    return RunParameter(
        name=entry["name"],
        type=entry["type"],
        help=entry["help"],
        default=tuple(default) if isinstance(default, list) else default,
        complete=tuple(complete) if isinstance(complete, list) else complete,
    )


def _step(folder: Path, step: str, commands: Commands) -> Step:
    entry = read_yaml(folder / "steps" / f"{step}.yaml")
    return Step(
        id=step,
        title=entry["title"],
        pexip=entry["pexip"],
        requires=tuple(entry["requires"]),
        roles=tuple(entry["roles"]),
        risk=Risk(**entry["risk"]),
        undo=entry["undo"],
        values=tuple(entry["values"]),
        commands=commands,
        part=read_part(folder / "steps" / f"{step}.ps1", f"steps/{step}"),
    )


def _method(
    method: str,
    platform: str,
    entry: Mapping[str, Any],
    steps: tuple[Step, ...],
    deployment: tuple[DeploymentParameter, ...],
) -> Method:
    read = set(entry["values"]).union(*(step.values for step in steps))
    unknown = read - {parameter.name for parameter in deployment}
    if unknown:
        message = f"{method} on {platform} reads values that are no parameters: {', '.join(sorted(unknown))}"
        raise DefectError(message)
    return Method(
        id=method,
        platform=platform,
        title=entry["title"],
        synopsis=entry["synopsis"],
        description=entry["description"],
        never=entry["never"],
        steps=steps,
        parameters=tuple(parameter for parameter in deployment if parameter.name in read),
    )
