"""The script that looks at a deployment that is there: one body a platform, reviewed like those of the runbooks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from pexgen.assembly import linked, used_facts, with_step_keys
from pexgen.calls import Calls, Commands, joined, read_calls
from pexgen.catalogue import Catalogue, Method, Risk, Step
from pexgen.errors import DefectError, UsageError
from pexgen.filling import environment_of
from pexgen.limits import settings_of
from pexgen.parameters import DeploymentParameter, RunParameter
from pexgen.runbook import Body, body_digest, script_bytes
from pexgen.runbook_marks import DISCOVERY, NOT_REVIEWED, REVIEWED
from pexgen.template_files import Part, is_for, read_part, read_yaml
from pexgen.vendor_facts import RUNBOOK_FACTS

PLATFORMS = ("exchange-online", "exchange-server")
"""Where pexgen can look."""

_CORE = (
    *("00-language", "66-screen", "71-given", "72-letters", "70-values", "25-exchange", "40-guards", "50-session"),
    *("51-commands", "52-forest", "53-organization"),
)
_SHARED_READS = {"roles": "Get-ManagementScope", "engine": "Get-Recipient"}
_SKELETON = ("discover", "body")
_PLACES = ("discovery", "shared")


def discovery_bodies(catalogue: Catalogue) -> tuple[Body, ...]:
    """Return the body for each platform."""
    return tuple(assemble_discovery(catalogue, platform) for platform in PLATFORMS)


@cache
def assemble_discovery(catalogue: Catalogue, platform: str) -> Body:
    """Put the body for a platform together; it is the same for every deployment."""
    folder = catalogue.folder
    described = read_yaml(folder / "discovery" / "discover.yaml")
    calls = read_calls(folder)
    entry = described[platform]
    steps = tuple(_step(catalogue, described, each, platform, calls) for each in entry["steps"])
    method = Method(
        id=DISCOVERY,
        platform=platform,
        title=entry["title"],
        synopsis=entry["synopsis"],
        description=entry["description"],
        never=entry["never"],
        steps=steps,
        parameters=tuple(_parameter(each) for each in described["parameters"] if each["name"] in entry["values"]),
        run_parameters=tuple(RunParameter(**each, complete=(), methods=(), parts=()) for each in described["run"]),
        core_commands=calls.of("00-find", platform),
    )
    names = {DISCOVERY, platform, method.key}
    first, *core = (
        part
        for part in catalogue.core
        if part.name.removeprefix("engine/").partition(".")[0] in _CORE and is_for(part, names)
    )
    rest = (
        *core,
        _part(catalogue, "00-find"),
        *(read_part(folder / "shared" / f"{name}.ps1", f"shared/{name}") for name in entry["shared"]),
        _part(catalogue, "find-scopes"),
        _part(catalogue, "99-main"),
    )
    parts = (first, *(step.part for step in steps), *rest)
    names_and_keys = with_step_keys(names, steps)
    texts = linked(parts, names_and_keys)
    text = _render(
        catalogue,
        "body",
        method=method,
        first=first,
        parts=[part for part in rest if part.name in texts],
        texts=texts,
        names_method=False,
        among=partial(filter, names_and_keys.__contains__),
        facts=used_facts(RUNBOOK_FACTS, texts.values()),
        states=(),
        known={},
        settings=settings_of(texts.values()),
        limits=None,
    )
    skeleton = tuple(read_part(folder / f"{name}.ps1.j2", name) for name in _SKELETON)
    return Body(method, text, body_digest(text), (*skeleton, *parts), "")


def discovery_script(catalogue: Catalogue, body: Body, given: Mapping[str, str], *, reviewed: bool) -> bytes:
    """Return the whole script: UTF-8 with byte order mark, CRLF.

    ``given`` are values by the name of their parameter; those that are not given are empty, and the script says what it
    takes instead. Raises :class:`UsageError` for a value that the platform's script has no parameter for.
    """
    known = {parameter.name: "" for parameter in body.method.parameters}
    unknown = sorted(name for name, value in given.items() if value and name not in known)
    if unknown:
        message = f"the script for {body.method.platform} has no parameter {', '.join(unknown)}"
        raise UsageError(message, f"its parameters are {', '.join(known)}")
    values = {**known, **{name: value for name, value in given.items() if name in known}}
    head = _render(
        catalogue,
        "discover",
        method=body.method,
        run=body.method.run_parameters,
        values=values,
        shown=values,
        review=REVIEWED if reviewed else NOT_REVIEWED,
    )
    return script_bytes(head, body)


def _render(catalogue: Catalogue, name: str, **given: Any) -> str:
    return environment_of(catalogue).get_template(f"{name}.ps1.j2").render(given)


def _part(catalogue: Catalogue, name: str) -> Part:
    return read_part(catalogue.folder / "discovery" / f"{name}.ps1", f"{DISCOVERY}/{name}")


def _parameter(entry: Mapping[str, str]) -> DeploymentParameter:
    return DeploymentParameter(name=entry["name"], key="", type=entry["type"], help=entry["help"])


def _step(catalogue: Catalogue, described: Mapping[str, Any], name: str, platform: str, calls: Calls) -> Step:
    """A find function in the place of a step: the guard that looks for missing cmdlets knows those of steps."""
    uses = described["uses"].get(name, ())
    for part in uses:
        if part != "engine" and not any((catalogue.folder / each / f"{part}.ps1").exists() for each in _PLACES):
            message = f"discover.yaml names the part {part} for {name}, which does not exist"
            raise DefectError(message)
    return Step(
        table="",
        id=name,
        title=described["titles"][name],
        pexip="reads only",
        requires=(),
        roles=(),
        risk=Risk("low", "It reads."),
        undo="Nothing is changed.",
        keeps="",
        values=(),
        commands=joined([_needed(part, platform, calls) for part in (name, *uses)]),
        part=_part(catalogue, name),
        shared=(),
    )


def _needed(part: str, platform: str, calls: Calls) -> Commands:
    """What a part calls; of what it shares with steps, the one read that a find function comes to."""
    commands = calls.of(part, platform)
    read = _SHARED_READS.get(part)
    return {read: commands.get(read, ())} if read else commands
