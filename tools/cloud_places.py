"""Where a cloud of ``pexgen/clouds.py`` stands in files that are read without Python: the schema, and the templates.

``tools/from_schema.py`` writes them. In a template such a place lies between the lines ``# made: NAME`` and
``# end: NAME``, which no body has. ``PAGES`` is what the pages' marks stand for, which ``tools/pages.py`` fills.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from made_files import ROOT

from pexgen.clouds import CLOUDS, DEFAULT, DOMAINS, by_domain
from pexgen.literals import powershell_literal
from pexgen.words import counted, listed

_TEMPLATES = ROOT / "templates"
_MARK = re.compile(r"^ *(# (?:made|end): .*)$", re.MULTILINE)
_WIDTH = 120
_Maker = Callable[[str], list[str]]
_NAMES = {cloud: each.exchange for cloud, each in CLOUDS.items() if each.exchange}

PAGES: Mapping[str, str] = {
    "CloudNames": ", ".join(f"`{name}`" for name in _NAMES.values()),
    "CloudsTold": listed(f"`{clouds[0]}`" for end, clouds in by_domain().items() if end != CLOUDS[DEFAULT].domain),
}
"""What pages say of the clouds: the names for ``-ExchangeEnvironmentName``, and what an initial domain alone tells."""


def with_clouds(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema with every cloud under ``target.environment``, and their domains under its organization.

    Raises ValueError where a text of the schema has no place for them any more.
    """
    target = schema["properties"]["target"]
    organization, environment = (target["properties"][key] for key in ("organization", "environment"))
    default, *others = dict.fromkeys(each.domain for each in CLOUDS.values())
    ends = f"ends in {default} ({', '.join(others)} in those clouds)"
    changed = {
        "organization": {
            **organization,
            "pattern": _changed(organization["pattern"], r"(?<=\)\?)\\\.\(\?:.*", _pattern_of_ends()),
            "x-hint": _changed(organization["x-hint"], r"ends in \S+ \(.*? in those clouds\)", ends),
        },
        "environment": {
            **environment,
            "enum": list(CLOUDS),
            "enumDescriptions": [each.about for each in CLOUDS.values()],
            "default": DEFAULT,
            "x-parameter": _changed(environment["x-parameter"], r"(?<= - )[^.]+", listed(CLOUDS)),
        },
    }
    properties = {key: changed.get(key, value) for key, value in target["properties"].items()}
    return {**schema, "properties": {**schema["properties"], "target": {**target, "properties": properties}}}


def _changed(text: str, place: str, made: str) -> str:
    changed, count = re.subn(place, lambda _found: made, text, count=1)
    if not count:
        message = f"the schema has no place for the clouds in: {text}"
        raise ValueError(message)
    return changed


def _pattern_of_ends() -> str:
    """Return the pattern of what follows a tenant's name, in capitals or not: what two domains share stands once."""
    ends: dict[str, list[str]] = {}
    for domain in DOMAINS:
        before, _, last = domain.lstrip(".").rpartition(".")
        ends.setdefault(before, []).append(_any_case(last))
    grouped = ((before, last[0] if len(last) == 1 else f"(?:{'|'.join(last)})") for before, last in ends.items())
    return "\\.(?:" + "|".join(f"{_any_case(before)}\\.{last}" for before, last in grouped) + ")$"


def _any_case(text: str) -> str:
    letters = (f"[{each.upper()}{each}]" if each.isalpha() else each for each in text)
    return "".join(letters).replace(".", "\\.")


def templates() -> Iterator[tuple[Path, str]]:
    """Yield each template that has such places with its text.

    Raises ValueError with file and mark for one that is missing, stands twice, or is none that something is made for.
    """
    for file, makers in _MAKERS.items():
        path = _TEMPLATES / file
        yield path, _filled(path, path.read_text(encoding="ascii"), makers)


def _filled(path: Path, text: str, makers: Mapping[str, _Maker]) -> str:
    marks = _MARK.findall(text)
    known = [f"# {word}: {name}" for name in makers for word in ("made", "end")]
    for mark in (*known, *marks):
        found, wanted = marks.count(mark), known.count(mark)
        if found != wanted:
            message = f"{path} has the mark '{mark}' {counted(found, 'time')}, and needs it {counted(wanted, 'time')}"
            raise ValueError(message)
    for name, make in makers.items():
        place = rf"^( *)# made: {name}\n.*?^ *# end: {name}$"
        text, count = re.subn(place, partial(_place, name, make), text, flags=re.MULTILINE | re.DOTALL)
        if not count:
            message = f"{path} has the mark '# end: {name}' before '# made: {name}'"
            raise ValueError(message)
    return text


def _place(name: str, make: _Maker, found: re.Match[str]) -> str:
    indent = found[1]
    return "\n".join([f"{indent}# made: {name}", *make(indent), f"{indent}# end: {name}"])


def _names(indent: str) -> list[str]:
    """What ``-ExchangeEnvironmentName`` takes, as a table of PowerShell."""
    entries = [f"{powershell_literal(cloud)} = {powershell_literal(name)}" for cloud, name in _NAMES.items()]
    line = f"{indent}$environments = @{{ {'; '.join(entries)} }}"
    if len(line) <= _WIDTH:
        return [line]
    return [f"{indent}$environments = @{{", *(f"{indent}    {entry}" for entry in entries), f"{indent}}}"]


def _list(indent: str) -> list[str]:
    text = f"$environments = {', '.join(powershell_literal(each) for each in ('', *CLOUDS))}"
    return _wrapped(text, indent, f"{indent}    ")


def _said(indent: str) -> list[str]:
    """The refusal of another value, as strings of PowerShell and the bracket that ends them."""
    text = f"-TargetEnvironment is {listed(CLOUDS)}, or empty."
    *lines, last = textwrap.wrap(text, _WIDTH - len(f"{indent}' ' +"), break_long_words=False, break_on_hyphens=False)
    return [*(f"{indent}{powershell_literal(line + ' ')} +" for line in lines), f"{indent}{powershell_literal(last)})"]


def _help(indent: str) -> list[str]:
    return _wrapped(f"help: {listed(CLOUDS)}. Empty leaves it to the initial domain.", indent, f"{indent}  ")


def _wrapped(text: str, first: str, others: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=first, subsequent_indent=others, break_long_words=False, break_on_hyphens=False
    )


_MAKERS: Mapping[str, Mapping[str, _Maker]] = {
    "engine/50-session.exchange-online.ps1": {"cloud-names": _names},
    "discovery/99-main.ps1": {"clouds": _list, "clouds-said": _said},
    "discovery/discover.yaml": {"clouds-help": _help},
}
"""By template, what makes each of its places."""
