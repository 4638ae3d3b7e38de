"""What stands in a body: the lines that are for it, the functions that it can reach, and the outline of its writes.

A part is PowerShell in a fixed form: blank lines stand between definitions and never in one, a function begins and ends
in the first column, and a comment that belongs to a definition stands right above it. Because of that form, lines and
words are enough here; the tests compare what comes of it with PowerShell's own syntax tree.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pexgen.catalogue import Part, Step
from pexgen.errors import DefectError

_Fact = TypeVar("_Fact")

_ONLY = "  # only: "
_FUNCTION = re.compile(r"(?:#.*\n)*function ([A-Za-z]+-\w+) \{\n")
_VARIABLES = re.compile(r"(?:(?:#.*\n)*\$\w+ = .*\n(?:[ )}].*\n)*)+")
_ASSIGNED = re.compile(r"^\$(\w+) = ", re.MULTILINE)
_WORDS = re.compile(r"[A-Z][A-Za-z]+-[A-Z]\w+|\$[A-Za-z]\w*")
_COMMENT_LINES = re.compile(r"^ *#.*\n", re.MULTILINE)

_READS = ("Get-", "Test-")
_UNDO = re.compile(r" *# Undo: (.+)")
_REGION = re.compile(r"#region (.+)")
_BEGINS = re.compile(r"function ([A-Za-z]+-\w+) \{")
_TABLE = re.compile(r"\$Steps\['([a-z-]+)'\] = ")
_CHANGE = re.compile(r"\bChange = '([A-Za-z]+-\w+)'")
_NEAREST = 3
"""How many lines above a write its ``# Undo:`` may stand."""


@dataclass(slots=True)
class _Chunk:
    """What stands between two blank lines; without names it is always in a body."""

    text: str
    names: frozenset[str]


def is_for(part: Part, names: Collection[str]) -> bool:
    """Whether a part is for a body: one with a platform or method in its name is for that platform or method alone."""
    _, dot, only = part.name.rpartition("/")[2].partition(".")
    return not dot or only in names


def linked(parts: Sequence[Part], names: Collection[str]) -> dict[str, str]:
    """Return the text of each part as it stands in the body of these ``names``: of its method and its platform.

    A line that ends with ``# only: NAME`` stands only in the bodies of that name. A function or variable that nothing
    in the body uses is left out, and so is a part of which nothing is left.
    """
    chunks = {part.name: [_chunk(text) for text in _texts(part.text, names)] for part in parts}
    found = [chunk for of_part in chunks.values() for chunk in of_part]
    defined: dict[str, list[_Chunk]] = {}
    for chunk in found:
        for name in chunk.names:
            defined.setdefault(name, []).append(chunk)
    reached = [chunk for chunk in found if not chunk.names]
    kept = {id(chunk) for chunk in reached}
    while reached:
        for word in set(_WORDS.findall(_COMMENT_LINES.sub("", reached.pop().text))):
            for chunk in defined.get(word, ()):
                if id(chunk) not in kept:
                    kept.add(id(chunk))
                    reached.append(chunk)
    texts: dict[str, str] = {}
    for part, of_part in chunks.items():
        left = [chunk for chunk in of_part if id(chunk) in kept]
        if len(left) == len(of_part) or any(_COMMENT_LINES.sub("", chunk.text) for chunk in left):
            texts[part] = "\n".join(chunk.text for chunk in left)
    return texts


def used_facts(facts: Mapping[str, _Fact], texts: Iterable[str]) -> dict[str, _Fact]:
    """Return the facts that these texts name."""
    used = set(re.findall(r"\$Facts\.(\w+)", "\n".join(texts)))
    return {name: fact for name, fact in facts.items() if name in used}


def _texts(text: str, names: Collection[str]) -> Iterator[str]:
    if _ONLY in text:
        text = "\n".join(code for line in text.split("\n") for code in _line(line, names))
    for chunk in text.rstrip("\n").split("\n\n"):
        yield f"{chunk}\n"


def _line(line: str, names: Collection[str]) -> Iterator[str]:
    code, mark, only = line.partition(_ONLY)
    if not mark or any(name in names for name in only.split(", ")):
        yield code


def _chunk(text: str) -> _Chunk:
    if function := _FUNCTION.match(text):
        return _Chunk(text, frozenset({function[1]}))
    if _VARIABLES.fullmatch(text):
        return _Chunk(text, frozenset(f"${name}" for name in _ASSIGNED.findall(text)))
    return _Chunk(text, frozenset())


def outline(body: str, steps: Sequence[Step], begins: str) -> str:
    """Return the comment that lists every place of ``body`` that changes Exchange, with its line below ``begins``.

    Raises :class:`DefectError` for one above which no ``# Undo:`` stands.
    """
    writes = sorted({name for step in steps for name in step.commands if not name.startswith(_READS)})
    if not writes:
        return ""
    call = re.compile(rf"(?:^|[{{;=(]|\belse) *({'|'.join(writes)}) (?=[-@])")
    lines = body.split("\n")
    risks = {step.id: step.risk.level for step in steps}
    changers = _changers(lines)
    part, function, found = "", "", []
    for at, line in enumerate(lines):
        if region := _REGION.match(line):
            part = region[1].removeprefix("steps/").partition(".")[0]
        elif begun := _BEGINS.match(line):
            function = begun[1]
        found += [
            (at, write[1], step, _undo_above(lines, at))
            for write in call.finditer(line)
            for step in changers.get(function, [part])
        ]
    head = _head(len({at for at, *_ in found}), begins)
    offset = len(head) + len(found) + 2
    rows = [
        f"# {at + offset:>5}  {cmdlet:<31}  {step:<22}  {risks[step]:<6}  {undo}" for at, cmdlet, step, undo in found
    ]
    return "\n".join([*head, *rows]) + "\n\n"


def _changers(lines: Sequence[str]) -> dict[str, list[str]]:
    """Return the steps that name each function as the one that makes their changes."""
    found: dict[str, list[str]] = {}
    step = ""
    for line in lines:
        if table := _TABLE.match(line):
            step = table[1]
        for function in _CHANGE.findall(line):
            found.setdefault(function, []).append(step)
    return found


def _undo_above(lines: Sequence[str], at: int) -> str:
    for line in reversed(lines[max(0, at - _NEAREST) : at]):
        if said := _UNDO.fullmatch(line):
            return said[1]
    message = f"no '# Undo:' stands above a write: {lines[at].strip()}"
    raise DefectError(message)


def _head(count: int, begins: str) -> list[str]:
    return [
        f"# Outline: the {count} places that change Exchange; nothing else here does. Only Invoke-Write calls them,",
        "# after the question of the step, and the journal announces each first. A line number counts from the line",
        f"# '{begins}', which is line 0: to go to one in an editor, add the number that line has there,",
        "# or search for '# Undo:', which stands above each.",
        "#",
        f"# {'Line':>5}  {'Cmdlet':<31}  {'Step':<22}  {'Risk':<6}  How it is undone",
    ]
