"""For code scanning: SARIF 2.1.0 (OASIS)."""

from __future__ import annotations

import json
import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pexgen import __version__, pages
from pexgen.description.codes import CODES
from pexgen.lint import RULES

if TYPE_CHECKING:
    from pexgen.cli._lint_formats._interface import LintReport
    from pexgen.errors import Problem

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


_EVERY = (
    *((code.code, code.title, code.explanation, "error") for code in CODES),
    *((rule.code, rule.title, rule.explanation, rule.severity) for rule in RULES),
)
_INDEX = {code: number for number, (code, *_) in enumerate(_EVERY)}


def render(report: LintReport) -> str:
    """Return a log of one run; accepted findings are results that are suppressed, with their reason."""
    results = [_result(problem) for file in report for problem in file.problems]
    for file in report:
        for accepted in file.accepted:
            suppression = {"kind": "inSource", "status": "accepted", "justification": accepted.reason}
            results.append({**_result(accepted.problem), "suppressions": [suppression]})
    driver = {
        "name": "pexgen",
        "version": __version__,
        "semanticVersion": __version__,
        "informationUri": pages.address(),
        "rules": _descriptors(),
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _descriptors() -> list[dict[str, Any]]:
    """Return every code there is, so that a scan without results shows what was looked for."""
    return [
        {
            "id": code,
            # SARIF's tools want a name in Pascal case.
            "name": "".join(word[0].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", title)),
            "shortDescription": {"text": f"{title}."},
            "fullDescription": {"text": explanation},
            "help": {
                "text": f"{explanation} `pexgen explain {code}` says this without a network.",
                "markdown": f"**{title}.** {explanation}\n\n`pexgen explain {code}` says this without a network.",
            },
            "helpUri": pages.address_of(code, title),
            "defaultConfiguration": {"level": severity},
            "properties": {"problem.severity": "recommendation" if severity == "note" else severity},
        }
        for code, title, explanation, severity in _EVERY
    ]


def _result(problem: Problem) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": _uri(problem.file)}}
    if problem.line:
        location["region"] = {
            "startLine": problem.line,
            "startColumn": problem.column,
            "endColumn": problem.column + problem.length,
        }
    text = f"{problem.message}. {problem.hint}." if problem.hint else f"{problem.message}."
    # What a file says is no link: [text](target) is one in a message (SARIF 2.1.0, 3.11.6) unless it is escaped.
    text = text.replace("](", "\\](")
    return {
        "ruleId": problem.code,
        "ruleIndex": _INDEX[problem.code],
        "level": problem.severity,
        "message": {"text": text},
        "locations": [{"physicalLocation": location}],
    }


def _uri(name: str) -> str:
    """Return an absolute path as a file URI, and any other name as a relative reference."""
    path = PurePath(name)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix(), safe="/", errors="surrogateescape")
