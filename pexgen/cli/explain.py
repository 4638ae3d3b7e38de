"""``pexgen explain``: what a code, a step, a state or an exit code means, and what to do."""

from __future__ import annotations

import difflib
import re
import sys
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from pexgen.cli._completion_values import one_of
from pexgen.errors import UsageError
from pexgen.words import listed

if TYPE_CHECKING:
    from pexgen.catalogue import Catalogue, Step

_WIDTH = 78


def _offered() -> Iterator[tuple[str, str]]:
    known = {**_codes(), **_outcomes(), **_steps()}
    return ((title.partition(":")[0], title.partition(": ")[2]) for title, _ in known.values())


def explain(
    topics: Annotated[
        list[str],
        typer.Argument(
            metavar="CODE|STEP|STATE|EXIT...", autocompletion=one_of(_offered), help="PXG104, ews-access, kept, or 5."
        ),
    ],
) -> None:
    """Say what a code of lint, a step, a state or an exit code of a runbook means. No network is needed.

    Exit codes: 0 done, 2 nothing of that name was found.

    Examples:
        pexgen explain PXG120

        pexgen explain ews-access kept 5
    """
    sys.stdout.write("\n\n".join("\n".join(_explained(topic.strip())) for topic in topics) + "\n")


def _explained(topic: str) -> Iterator[str]:
    known = {**_codes(), **_outcomes(), **_steps()}
    found = known.get(topic.lower())
    if found is None:
        begun = [name for name in known if topic.lower() and name.startswith(topic.lower())]
        near = begun[:3] or difflib.get_close_matches(topic.lower(), known, 3, 0.5)
        near = [known[name][0].partition(":")[0] for name in near]
        if re.fullmatch(r"(?i)pxg\d{3}", topic):
            raise UsageError(
                f"code {topic.upper()} does not exist",
                "`pexgen lint` shows a finding's code; docs/rules.md lists them all",
            )
        hint = f"did you mean {listed(near)}?" if near else "give a code (PXG104), a step, a state or an exit code"
        raise UsageError(f"nothing called {topic} was found", hint)
    title, paragraphs = found
    yield title
    for paragraph in paragraphs:
        yield ""
        yield from textwrap.wrap(paragraph, _WIDTH, break_long_words=False, break_on_hyphens=False)


_Explained = tuple[str, list[str]]


def _codes() -> dict[str, _Explained]:
    from pexgen.description.codes import CODES
    from pexgen.lint import RULES

    problems = {each.code.lower(): (f"{each.code}: {each.title} (error)", [each.explanation]) for each in CODES}
    rules = {
        each.code.lower(): (
            f"{each.code}: {each.title} ({each.severity})",
            [
                each.explanation,
                f"Where it is meant, accept it with a reason: accept: [{{code: {each.code}, reason: ...}}]",
            ],
        )
        for each in RULES
    }
    return {**problems, **rules}


def _outcomes() -> dict[str, _Explained]:
    from pexgen.outcomes import EXIT_CODES, STATES

    states = {each.name: (f"{each.name}: a state of a step ({each.modes})", [f"{each.meaning}."]) for each in STATES}
    codes = {
        str(each.code): (f"{each.code}: an exit code of a runbook", [f"{each.meaning}.", f"What now: {each.then}."])
        for each in EXIT_CODES
    }
    return {**states, **codes}


def _steps() -> dict[str, _Explained]:
    from pexgen.catalogue import load_catalogue
    from pexgen.template_files import template_folder

    catalogue: Catalogue = load_catalogue(template_folder())
    found: dict[str, _Explained] = {}
    for method in catalogue.methods.values():
        for step in method.steps:
            _, paragraphs = found.setdefault(step.id, (f"{step.id}: {step.title}", []))
            paragraphs += [each for each in _step(step) if each not in paragraphs]
            where = f"In {method.id} on {method.platform}: Pexip's {step.pexip}."
            if where not in paragraphs:
                paragraphs.append(where)
    return found


def _step(step: Step) -> Iterator[str]:
    yield f"Risk: {step.risk.level}. {step.risk.reason}"
    yield f"Undo: {step.rollback}"
    yield f"Roles in Exchange: {', '.join(step.roles)}."
    yield f"Waits for: {', '.join(step.requires) or 'nothing'}."
