"""A comparison of two deployments as text, as Markdown and as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pexgen.cli._text import printable, styled
from pexgen.words import counted

if TYPE_CHECKING:
    from pexgen.diff import Comparison, Deployment, Difference, Grant

FORMAT = "pexgen.diff/1"
MANY = "pexgen.diffs/1"

_HEADINGS = {
    "deployment": "Another deployment",
    "widens": "Widens access",
    "narrows": "Narrows access",
    "other": "Everything else",
}
_ACCESS = "Who can open whose mailbox"
_COLORS = {"widens": "error", "narrows": "good"}
_GRANTS = {"+ ": "error", "- ": "good"}
_SIGNS = {"+ ": "gains: ", "- ": "no longer: "}
_NO_STEP = "no step"
_SAME = "Nothing differs in meaning."
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~])")


def as_report(found: Sequence[Comparison], form: str, alone: tuple[tuple[str, ...], ...], *, color: bool) -> str:
    """Return one comparison, or those of two folders, in the form called ``form``: text, markdown or json.

    ``alone`` are the files that only the old and only the new folder has; it is empty where two files are compared. Of
    folders, text and Markdown have what differs.
    """
    if not alone:
        return as_text(found[0], color=color) if form == "text" else RENDERERS[form](found[0])
    gone, come = alone
    if form == "json":
        record = {"format": MANY, "pairs": [_record(each) for each in found], "onlyInOld": gone, "onlyInNew": come}
        return json.dumps(record, indent=2) + "\n"
    different = [each for each in found if each.differences]
    parts = [as_text(each, color=color) if form == "text" else as_markdown(each) for each in different]
    shown = printable if form == "text" else _escaped
    said = [f"{title}: {shown(file)}" for title, files in (("Gone", gone), ("New", come)) for file in files]
    parts += ["".join(f"{'' if form == 'text' else '- '}{line}\n" for line in said)] if said else []
    if not parts and found:
        return f"Nothing differs in meaning in {counted(len(found), 'description')}.\n"
    return "\n".join(parts)


def as_text(comparison: Comparison, *, color: bool = False) -> str:
    """Return the comparison for a console: what widens access first."""
    lines = [f"{printable(comparison.old.file)} → {printable(comparison.new.file)}"]
    sections = {title: list(differences) for title, differences in _sections(comparison)}
    if not sections:
        return "\n".join([*lines, _SAME, *_left_out(comparison, "")]) + "\n"
    if "deployment" in sections:
        lines += _text_section("deployment", sections.pop("deployment"), color=color)
    access = (
        styled(line, _GRANTS.get(line[:2], "hint"), color=color and line[:2] in _GRANTS) for line in _access(comparison)
    )
    lines += ["", _ACCESS, *(f"  {line}" for line in access)]
    for title, differences in sections.items():
        lines += _text_section(title, differences, color=color)
    return "\n".join([*lines, *_left_out(comparison, "")]) + "\n"


def _text_section(title: str, differences: list[Difference], *, color: bool) -> Iterator[str]:
    heading = _HEADINGS[title]
    yield from ("", styled(heading, _COLORS[title], color=color) if title in _COLORS else heading)
    for each in differences:
        yield f"  {step_in_words(each)}: {printable(each.text)}"
        yield f"      {each.key}. {each.why}".rstrip()


def as_markdown(comparison: Comparison) -> str:
    """Return the comparison for a ticket or a pull request."""
    lines = [f"# {_escaped(comparison.old.file)} → {_escaped(comparison.new.file)}", ""]
    sections = {title: list(differences) for title, differences in _sections(comparison)}
    if not sections:
        return "\n".join([*lines, _SAME, *_left_out(comparison, "")]) + "\n"
    if "deployment" in sections:
        lines += _markdown_section("deployment", sections.pop("deployment"))
    # A list item that began with a sign would be a list in a list.
    said = (f"{_SIGNS.get(line[:2], line[:2])}{line[2:]}" for line in _access(comparison))
    lines += [f"## {_ACCESS}", "", *(f"- {_escaped(line)}" for line in said), ""]
    for title, differences in sections.items():
        lines += _markdown_section(title, differences)
    return "\n".join([*lines, *_left_out(comparison, "- ")]).rstrip("\n") + "\n"


def _markdown_section(title: str, differences: list[Difference]) -> Iterator[str]:
    yield from (f"## {_HEADINGS[title]}", "", "| step | change | why | key |", "|---|---|---|---|")
    for each in differences:
        yield f"| {step_in_words(each)} | {_escaped(each.text)} | {_escaped(each.why)} | `{each.key}` |"
    yield ""


def as_json(comparison: Comparison) -> str:
    """Return the comparison as one JSON object, ``pexgen.diff/1``; within version 1 fields are only added."""
    return json.dumps(_record(comparison), indent=2) + "\n"


def _record(comparison: Comparison) -> dict[str, Any]:
    lost = [{**_grant(grant), "takenAway": is_taken, "note": note} for grant, note, is_taken in comparison.access.lost]
    return {
        "format": FORMAT,
        "old": _deployment(comparison.old),
        "new": _deployment(comparison.new),
        "same": not comparison.differences,
        "differences": [difference_record(each) for each in comparison.differences],
        "access": {
            "gained": [_grant(grant) for grant in comparison.access.gained],
            "lost": lost,
            "unclear": list(comparison.unclear),
        },
        "notCompared": list(comparison.not_compared),
    }


RENDERERS: Mapping[str, Callable[[Comparison], str]] = {"text": as_text, "markdown": as_markdown, "json": as_json}
"""By the name of the format."""


def difference_record(difference: Difference) -> dict[str, Any]:
    """Return one difference as it stands in JSON."""
    return {
        "key": difference.key,
        "step": difference.steps[0] if difference.steps else None,
        "steps": list(difference.steps),
        "verdict": difference.verdict,
        "text": difference.text,
        "why": difference.why,
        "old": difference.old,
        "new": difference.new,
    }


def _sections(comparison: Comparison) -> Iterator[tuple[str, tuple[Difference, ...]]]:
    from pexgen.diff import VERDICTS

    for verdict in VERDICTS:
        found = comparison.of(verdict)
        if found:
            yield verdict, found


def _access(comparison: Comparison) -> Iterator[str]:
    """Answer the one question: who can read whose mailbox after this change that could not before?"""
    for grant in comparison.access.gained:
        yield f"+ {printable(grant.who)}: {printable(grant.whose)}"
    if not comparison.access.gained and comparison.unclear:
        yield f"nobody is named who gains access to a mailbox, but it may widen by {', '.join(comparison.unclear)}"
    elif not comparison.access.gained:
        yield "nobody gains access to a mailbox"
    for grant, note, _ in comparison.access.lost:
        yield f"- {printable(grant.who)}: {printable(grant.whose)} ({note})"


def _left_out(comparison: Comparison, bullet: str) -> Iterator[str]:
    """Say what one of the files cannot know: a runbook holds the values that its body reads, and no others."""
    unread = comparison.old.unread | comparison.new.unread
    for why, keys in (
        ("a runbook does not hold them", [key for key in comparison.not_compared if key not in unread]),
        (
            "the add-in's manifest is not in the folder of its description",
            sorted(unread & set(comparison.not_compared)),
        ),
    ):
        if keys:
            yield ""
            yield f"{bullet}Not compared, since {why}: {', '.join(keys)}"
    if "runbook" in {comparison.old.kind, comparison.new.kind}:
        yield f"{bullet}Only the runbook's values were compared; `pexgen verify` looks at the rest of the file."


def step_in_words(difference: Difference) -> str:
    """Return the step that a difference belongs to, in words where there is none."""
    return difference.steps[0] if difference.steps else _NO_STEP


def _deployment(deployment: Deployment) -> dict[str, Any]:
    return {
        "file": deployment.file,
        "kind": deployment.kind,
        "name": deployment.get("name"),
        "method": deployment.method,
        "platform": deployment.platform,
    }


def _grant(grant: Grant) -> dict[str, Any]:
    return {"who": grant.who, "whose": grant.whose, "step": grant.step}


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", printable(text))
