"""Where a cloud of ``pexgen/clouds.py`` stands in files that are read without Python: the schema, and the templates.

``tools/from_schema.py`` writes them. In a template such a place lies between the lines ``# made: NAME`` and
``# end: NAME``, which no body has. ``PAGES`` is what the pages' marks stand for, which ``tools/pages.py`` fills.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pexgen.clouds import CLOUDS, DEFAULT, DOMAINS, by_domain
from pexgen.literals import powershell_literal
from pexgen.words import listed

ROOT = Path(__file__).resolve().parent.parent
_FILES = tuple(
    ROOT / "templates" / name
    for name in ("engine/50-session.exchange-online.ps1", "discovery/99-main.ps1", "discovery/discover.yaml")
)
_MADE = re.compile(r"^(?P<indent> *)# made: (?P<name>[a-z-]+)\n.*?^ *# end: (?P=name)\n", re.MULTILINE | re.DOTALL)
_WIDTH = 120
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
    """Yield each template that has such places with its text; KeyError for a place that nothing makes."""
    for path in _FILES:
        text = path.read_text(encoding="ascii")
        yield path, _MADE.sub(lambda found: _place(found["name"], found["indent"]), text)


def _place(name: str, indent: str) -> str:
    lines = "\n".join(_MAKERS[name](indent))
    return f"{indent}# made: {name}\n{lines}\n{indent}# end: {name}\n"


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
    """The refusal of another value, as strings of PowerShell."""
    lines = textwrap.wrap(
        f"-TargetEnvironment is {listed(CLOUDS)}, or empty.", _WIDTH - len(f"{indent}' ' +"), break_on_hyphens=False
    )
    texts = [powershell_literal(f"{line} ") for line in lines[:-1]] + [powershell_literal(lines[-1])]
    return [*(f"{indent}{text} +" for text in texts[:-1]), f"{indent}{texts[-1]})"]


def _help(indent: str) -> list[str]:
    return _wrapped(f"help: {listed(CLOUDS)}. Empty leaves it to the initial domain.", indent, f"{indent}  ")


def _wrapped(text: str, first: str, others: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=first, subsequent_indent=others, break_long_words=False, break_on_hyphens=False
    )


_MAKERS: Mapping[str, Callable[[str], list[str]]] = {
    "cloud-names": _names,
    "clouds": _list,
    "clouds-said": _said,
    "clouds-help": _help,
}
