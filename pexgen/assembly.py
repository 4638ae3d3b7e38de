"""What stands in a body: the lines that are for it, the functions that it can reach, and the outline of its writes.

A part is PowerShell in a fixed form: blank lines stand between definitions and never in one, a function begins and ends
in the first column, and a comment that belongs to a definition stands right above it. Because of that form, lines and
words are enough here; the tests compare what comes of it with PowerShell's own syntax tree.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from pexgen.catalogue import Catalogue, Method, Step
from pexgen.description import FORBIDDEN_CLASS
from pexgen.errors import DefectError
from pexgen.ews_states import EMPTY, STATES
from pexgen.filling import environment_of
from pexgen.known_applications import KNOWN
from pexgen.limits import method_limits, settings_of
from pexgen.runbook_marks import BODY_BEGINS
from pexgen.template_files import Part, lines_for
from pexgen.vendor_facts import RUNBOOK_FACTS

_Fact = TypeVar("_Fact")

_FUNCTION = re.compile(r"(?:#.*\n)*function ([A-Za-z]+-\w+) \{\n")
_VARIABLES = re.compile(r"(?:(?:#.*\n)*\$[A-Z]\w* = .*\n(?:[ )}].*\n)*)+")
_ASSIGNED = re.compile(r"^\$(\w+) = ", re.MULTILINE)
_COMMENT = re.compile(r"(?:#.*\n)+")
# Each begins with its rarest letter, which makes the search several times as fast.
_NOUN = re.compile(r"-([A-Z]\w*)")
_VARIABLE = re.compile(r"\$[A-Z]\w*")

_TABLE = re.compile(r"^\$Steps\['.*?^\} \}$", re.DOTALL | re.MULTILINE)
_KEY = re.compile(r"(?:^ {4}|; )([A-Z]\w+) = ", re.MULTILINE)

_UNDO = re.compile(r"# Undo: (.+)\n(?: *#.*\n)*.*?\b([A-Z][a-z]+-[A-Z]\w+) [-@]")


@dataclass(slots=True)
class _Chunk:
    """What stands between two blank lines; without names it is always in a body."""

    text: str
    names: frozenset[str]


def put_together(catalogue: Catalogue, method: Method, parts: tuple[Part, ...]) -> tuple[str, str]:
    """Return the body and the help that the skeleton makes of the parts."""
    names = with_step_keys({method.id, method.platform, method.key}, method.steps)
    texts = linked(parts, names)
    given = {
        "method": method,
        "first": parts[0],
        "parts": [part for part in parts[1 + len(method.steps) :] if part.name in texts],
        "texts": texts,
        "names_method": any("$Method" in text for text in texts.values()),
        "among": partial(filter, names.__contains__),
        "facts": used_facts(RUNBOOK_FACTS, texts.values()),
        "vendor": RUNBOOK_FACTS,
        "limits": method_limits(method),
        "settings": settings_of(texts.values()),
        "hidden": FORBIDDEN_CLASS,
        "required_in": EMPTY.clouds,
        "states": STATES if method.platform == "exchange-online" else (),
        "known": KNOWN if any(step.id == "ews-access" for step in method.steps) else {},
    }
    templates = environment_of(catalogue)
    text = templates.get_template("body.ps1.j2").render(given)
    return outline(text, method.steps) + text, templates.get_template("help.ps1.j2").render(given)


def with_step_keys(names: Collection[str], steps: Iterable[Step]) -> frozenset[str]:
    """Return the names of a body and the keys of its steps' tables: a line for a key that no step has is left out."""
    tables = (table[0] for step in steps for table in _TABLE.finditer(lines_for(step.part.text, names)))
    return frozenset(names) | {key for table in tables for key in _KEY.findall(table)}


def linked(parts: Sequence[Part], names: Collection[str]) -> dict[str, str]:
    """Return the text of each part in the body of these ``names``: its method, its platform and the keys of its steps.

    A line that ends with ``# only: NAME`` stands only in the bodies of that name. A function or variable that nothing
    in the body names, be it in a comment, is left out, and so is a part of which nothing is left.
    """
    chunks = {part.name: [_chunk(text) for text in _texts(part.text, names)] for part in parts}
    found = [chunk for of_part in chunks.values() for chunk in of_part]
    defined: dict[str, list[_Chunk]] = {}
    for chunk in found:
        for name in chunk.names:
            defined.setdefault(name, []).append(chunk)
    verbs = _verbs(defined)
    reached = [chunk for chunk in found if not chunk.names]
    kept = {id(chunk) for chunk in reached}
    while reached:
        for word in _mentioned(reached.pop().text, verbs):
            for chunk in defined.get(word, ()):
                if id(chunk) not in kept:
                    kept.add(id(chunk))
                    reached.append(chunk)
    texts: dict[str, str] = {}
    for part, of_part in chunks.items():
        left = [chunk for chunk in of_part if id(chunk) in kept]
        if len(left) == len(of_part) or not all(_COMMENT.fullmatch(chunk.text) for chunk in left):
            texts[part] = "\n".join(chunk.text for chunk in left)
    return texts


def _verbs(names: Iterable[str]) -> dict[str, list[str]]:
    verbs: dict[str, list[str]] = {}
    for name in names:
        verb, _, noun = name.partition("-")
        verbs.setdefault(noun, []).append(verb)
    return verbs


def _mentioned(code: str, verbs: Mapping[str, Sequence[str]]) -> set[str]:
    """Return the functions, of those with these verbs by their nouns, and the variables that the code names."""
    functions = {
        f"{verb}-{found[1]}"
        for found in _NOUN.finditer(code)
        for verb in verbs.get(found[1], ())
        if code.endswith(verb, 0, found.start())
    }
    return functions.union(_VARIABLE.findall(code))


def used_facts(facts: Mapping[str, _Fact], texts: Iterable[str]) -> dict[str, _Fact]:
    """Return the facts that these texts name."""
    used = set(re.findall(r"\$Facts\.(\w+)", "\n".join(texts)))
    return {name: fact for name, fact in facts.items() if name in used}


def _texts(text: str, names: Collection[str]) -> Iterator[str]:
    for chunk in lines_for(text, names).rstrip("\n").split("\n\n"):
        yield f"{chunk}\n"


def _chunk(text: str) -> _Chunk:
    if function := _FUNCTION.match(text):
        return _Chunk(text, frozenset({function[1]}))
    if " = " in text and _VARIABLES.fullmatch(text):
        return _Chunk(text, frozenset(f"${name}" for name in _ASSIGNED.findall(text)))
    return _Chunk(text, frozenset())


def outline(body: str, steps: Sequence[Step]) -> str:
    """Return the comment that lists every place of ``body`` that changes Exchange, with its line in the body.

    Such a place has a comment ``# Undo:`` right above it; the tests hold that against the syntax tree. Raises
    :class:`DefectError` for one in a part that is no step's.
    """
    risks = {step.id: step.risk.level for step in steps}
    found = []
    for undo in _UNDO.finditer(body):
        region = body.rfind("\n#region ", 0, undo.start()) + len("\n#region ")
        part = body[region : body.index("\n", region)]
        step = part.removeprefix("steps/").partition(".")[0]
        if step not in risks:
            message = f"{undo[2]} changes Exchange in {part}, which is not a step"
            raise DefectError(message)
        found.append((body.count("\n", 0, undo.start(2)), undo[2], step, undo[1]))
    if not found:
        return ""
    head = _head(len(found))
    offset = len(head) + len(found) + 2
    rows = [
        f"# {at + offset:>5}  {cmdlet:<31}  {step:<22}  {risks[step]:<6}  {undo}" for at, cmdlet, step, undo in found
    ]
    return "\n".join([*head, *rows]) + "\n\n"


def _head(count: int) -> list[str]:
    return [
        f"# Outline: the {count} places that change Exchange; nothing else here does. Only Invoke-Write calls them,",
        "# after the question of the step. In Apply the journal announces each first; in Rollback it has each after",
        f"# Exchange shows it. A line number counts from the line '{BODY_BEGINS}', which is line 0: to go to one",
        "# in an editor, add the number that line has there, or search for '# Undo:', which stands above each.",
        "#",
        f"# {'Line':>5}  {'Cmdlet':<31}  {'Step':<22}  {'Risk':<6}  How it is undone",
    ]
