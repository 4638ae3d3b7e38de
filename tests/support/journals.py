"""The journals of runs, as texts that outlive the folder of a run."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pexgen.rehearsal import Result


def journal_text(run: Result) -> str:
    """Return what the run's journal holds; nothing where it opened none."""
    found = sorted(run.folder.glob("*.jsonl"))
    return found[0].read_text("utf-8") if found else ""


def written(folder: Path, texts: Sequence[str]) -> list[Path]:
    """Write journals into a folder, each begun a minute after the one before.

    A runbook goes by the time, and a run that was played once for several trials has that of the first of them.
    """
    paths = [folder / f"{number}.jsonl" for number, _ in enumerate(texts)]
    for number, (path, text) in enumerate(zip(paths, texts, strict=True)):
        begun = re.sub(r'"utc":"[^"]*"', f'"utc":"2026-11-02T10:{number:02}:00Z"', text, count=1)
        path.write_text(chained(begun), "utf-8")
    return paths


def chained(text: str) -> str:
    """Return the journal with the digests that its lines have to carry of the lines before them.

    So may somebody forge it who knows how it is made. Lines that are not whole stay as they are.
    """
    made: list[str] = []
    for line in text.splitlines():
        before = hashlib.sha256(made[-1].encode()).hexdigest() if made else None
        read = _entry(line)
        is_ours = isinstance(read, dict) and "prev" in read
        made.append(_dumped({**read, "prev": before}) if is_ours else line)
    return "\n".join(made) + ("\n" if text.endswith("\n") else "")


def as_first_format(text: str) -> str:
    """Return the journal as earlier bodies wrote it: format 1, whose lines do not know the ones before them."""
    lines = [json.loads(line) for line in text.splitlines()]
    for line in lines:
        del line["prev"]
        if "format" in line:
            line["format"] = "pexgen.journal/1"
    return "".join(_dumped(line) + "\n" for line in lines)


def reading(path: Path) -> str:
    """Return the call by which a Rollback reads this journal, for a run of functions with ``WITH`` in front."""
    return f"With {{ Read-AllJournal }} @{{ JournalPath = @('{path}'); Lengths = Get-Table; Digests = Get-Table }}"


def _dumped(line: Any) -> str:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def entries(text: str) -> list[Any]:
    """Return the lines of a journal, read; a torn one as it stands."""
    return [_entry(line) for line in text.splitlines()]


def _entry(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return line
