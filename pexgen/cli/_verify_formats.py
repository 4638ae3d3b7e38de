"""What was found about a runbook's file, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pexgen.cli._diff_formats import difference_record, step_in_words
from pexgen.cli._text import printable, styled
from pexgen.manifest import REVIEWED_BY_WHOM
from pexgen.runbook_marks import DISCOVERY
from pexgen.words import counted

if TYPE_CHECKING:
    from pexgen.line_changes import LineChange
    from pexgen.verification import Verification

FORMAT = "pexgen.verify/1"
MANY = "pexgen.verifications/1"

_MOST_CHANGES = 40
_MOST_LINES = 20


def as_report(found: Sequence[Verification], form: str, *, is_one: bool, color: bool) -> str:
    """Return what was found about one runbook, or about many, in the form called ``form``: text or json.

    Of many, those that are OK are one line each in text.
    """
    if form == "json":
        if is_one:
            return _json(_record(found[0]))
        return _json({"format": MANY, "runbooks": [_record(each) for each in found]})
    if is_one:
        return as_text(found[0], color=color)
    return "".join(f"{_verdict(each, color=color)}\n" if each.is_ok else as_text(each, color=color) for each in found)


def _verdict(found: Verification, *, color: bool) -> str:
    said = styled("OK", "good", color=color) if found.is_ok else styled("NOT OK", "error", color=color)
    return f"{printable(found.runbook.file)}: {said}"


def as_text(found: Verification, *, color: bool = False) -> str:
    """Return the findings for a console: the answer first."""
    lines = [
        _verdict(found, color=color),
        f"  method     {found.method.key}",
        f"  body       {found.digest}, {_review(found)}",
        f"  values     {_values(found)}",
        f"  signature  {_signature(found)}",
    ]
    lines += [f"  - {printable(finding.message)}" for finding in found.findings]
    if not found.is_ok and found.review is None:
        lines += [f"  reviewed in this pexgen: {name} {digest}" for name, digest in found.reviewed.items()]
    if found.values:
        lines += ["", "Values, from the description to the runbook:"]
        for each in found.values:
            verdict = "" if each.verdict == "other" else f" ({each.verdict})"
            lines.append(f"  {step_in_words(each)}: {printable(each.text)}{verdict}")
    return "\n".join([*lines, *_changes(found.changes, color=color)]) + "\n"


def _json(record: dict[str, Any]) -> str:
    return json.dumps(record, indent=2) + "\n"


def _record(found: Verification) -> dict[str, Any]:
    """Return the findings as ``pexgen.verify/1``; within version 1 fields are only added."""
    runbook, review, reference = found.runbook, found.review, found.reference
    return {
        "format": FORMAT,
        "file": runbook.file,
        "ok": found.is_ok,
        "method": found.method.id,
        "platform": found.method.platform,
        "bodySha256": found.digest,
        "review": review and {"by": review.by, "date": review.date, "meaning": REVIEWED_BY_WHOM},
        "reviewedBodies": dict(found.reviewed),
        "signatureBlock": runbook.is_signed,
        "comparedWith": reference and {"kind": reference.kind, "file": reference.file},
        "findings": [{"kind": finding.kind, "message": finding.message} for finding in found.findings],
        "values": [difference_record(each) for each in found.values],
        "changes": [_change(each) for each in found.changes[:_MOST_CHANGES]],
        "changesLeftOut": max(len(found.changes) - _MOST_CHANGES, 0),
    }


def _review(found: Verification) -> str:
    if found.review:
        return f"untouched; {REVIEWED_BY_WHOM} ({found.review.date}, {found.review.by})"
    return "see below"


def _values(found: Verification) -> str:
    if found.reference is None:
        is_empty = found.method.id == DISCOVERY and all(each.kind != "not-compared" for each in found.findings)
        return "none: it looks for everything" if is_empty else "compared with nothing"
    file = printable(found.reference.file)
    if any(finding.kind == "values" for finding in found.findings):
        return f"compared with {file}: see below"
    if found.reference.kind == "manifest":
        return f"those that {file} was written for; it is not signed, and --description is the better witness"
    return f"as {file} describes them"


def _signature(found: Verification) -> str:
    if found.runbook.is_signed:
        return "a block at the end, left out here; Get-AuthenticodeSignature says whether it is valid"
    return "none"


def _changes(changes: tuple[LineChange, ...], *, color: bool) -> Iterator[str]:
    """Yield the lines that differ, what was expected (-) above what stands there (+)."""
    if changes:
        yield from ("", "Lines that are not as pexgen writes them (-), and what the file has instead (+):")
    for change in changes[:_MOST_CHANGES]:
        yield f"  line {change.line}{f', column {change.column}' if change.column else ''}, {change.part}"
        for sign, lines in (("-", change.expected), ("+", change.found)):
            style = "removed" if sign == "-" else "added"
            yield from (styled(f"    {sign} {line}", style, color=color) for line in lines[:_MOST_LINES])
            if len(lines) > _MOST_LINES:
                yield f"    {sign} and {counted(len(lines) - _MOST_LINES, 'more line')}"
    if len(changes) > _MOST_CHANGES:
        yield f"  and {counted(len(changes) - _MOST_CHANGES, 'more place')}"


def _change(change: LineChange) -> dict[str, Any]:
    return {
        "part": change.part,
        "line": change.line,
        "column": change.column,
        "expected": list(change.expected[:_MOST_LINES]),
        "found": list(change.found[:_MOST_LINES]),
    }
