"""What runs leave behind, read: results, journals and change records, as files that somebody may have changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pexgen.errors import InputError, Problem
from pexgen.inputs import read_input
from pexgen.output import form_of

RESULT, PLAN = "pexgen.result/1", "pexgen.plan/2"
PLAN_TITLE = "Change record: "
"""What the title of a change record begins with."""
JOURNALS = ("pexgen.journal/1", "pexgen.journal/2")
MAX_BYTES = 64 * 1024 * 1024
"""The largest file that is read: a journal of a hundred thousand writes stays below it."""

_CODE = "PXG097"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a result: its state, and for each property that differed what was there and what was wanted."""

    id: str
    state: str
    differences: tuple[tuple[str, str, str], ...]
    detail: str
    consent: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class RunResult:
    """The result of one run. ``digest`` is the SHA-256 of its file; texts are as Exchange gave them."""

    file: str
    digest: str
    values: Mapping[str, Any]
    steps: tuple[Step, ...]

    def text(self, key: str) -> str:
        """Return a value as text, empty where there is none."""
        value = self.values.get(key)
        return "" if value is None else str(value)

    @property
    def exit_code(self) -> int:
        """What the run ended with."""
        return int(self.values["exitCode"])

    @property
    def tenant(self) -> str:
        """The tenant's ID, or the accepted domain of an Exchange Server organization; empty where none was reached."""
        found = self.values.get("tenant") or {}
        return str(found.get("tenantId") or found.get("acceptedDomain") or "") if isinstance(found, dict) else ""

    @property
    def proofs(self) -> tuple[Mapping[str, Any], ...]:
        """What Verify proved, or did not."""
        return tuple(each for each in self.values.get("proofs") or () if isinstance(each, dict))


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal: how many writes it says were done, of which steps, and which runs wrote into it."""

    file: str
    digest: str
    runs: tuple[str, ...]
    done: int
    open: int
    steps: tuple[str, ...]


def read_result(path: str) -> RunResult:
    """Read the result of a run; raises :class:`InputError` for what is none."""
    data, values = _object(path, "the result of a run", "name a file that -ResultPath or Apply wrote")
    if values.get("format") != RESULT:
        raise _problem(path, f"it is not the result of a run: {_said(values)}", "name a file that -ResultPath wrote")
    try:
        steps = tuple(map(_step, values["steps"]))
        _ = int(values["exitCode"]), values["mode"] + values["name"]
    except (KeyError, TypeError, ValueError):
        raise _problem(path, "it lacks what every result has", "use the file as the run wrote it") from None
    return RunResult(path, hashlib.sha256(data).hexdigest(), values, steps)


@dataclass(frozen=True, slots=True)
class Record:
    """A change record as a file: its form, its text with LF line ends, and its values where it is JSON."""

    file: str
    form: str
    text: str
    values: Mapping[str, Any]


def read_record(path: str) -> Record:
    """Read a change record in any of its forms; raises :class:`InputError` for what is none."""
    text = _bytes(path, "a change record").decode("utf-8-sig", "replace").replace("\r\n", "\n")
    form = form_of(text, PLAN_TITLE)
    if form:
        return Record(path, form, text, {})
    values = read_plan(path)
    return Record(path, "json", text, {key: value for key, value in values.items() if key not in {"file", "sha256"}})


def read_plan(path: str) -> Mapping[str, Any]:
    """Read a change record in JSON; raises :class:`InputError` for what is none."""
    data, values = _object(path, "a change record", "name a file that `pexgen plan --format json` wrote")
    if values.get("format") != PLAN:
        raise _problem(path, f"it is not a change record: {_said(values)}", "write it with `pexgen plan --format json`")
    return {**values, "file": path, "sha256": hashlib.sha256(data).hexdigest()}


def read_journal(path: str) -> Journal:
    """Count what a journal says; a torn line is what a killed run leaves.

    Raises :class:`InputError` for what is no journal.
    """
    data = _bytes(path, "a journal")
    runs: list[str] = []
    steps: dict[str, None] = {}
    counts = {"intent": 0, "done": 0, "failed": 0}
    for line in data.decode("utf-8", "replace").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and entry.get("format") in JOURNALS:
            runs.append(str(entry.get("run")))
        elif isinstance(entry, dict) and entry.get("event") in counts:
            counts[entry["event"]] += 1
            if entry["event"] == "done":
                steps[str(entry.get("step"))] = None
    if not runs:
        raise _problem(path, "it is not a journal of a runbook", "name a file that -JournalPath wrote")
    left = max(counts["intent"] - counts["done"] - counts["failed"], 0)
    return Journal(
        path, hashlib.sha256(data).hexdigest(), tuple(dict.fromkeys(runs)), counts["done"], left, tuple(steps)
    )


def shown(value: Any) -> str:
    """Return a value of Exchange's as a record shows it."""
    if value is None or value == "":
        return "(not set)"
    return f"'{value}'" if isinstance(value, str) else str(value)


def _step(values: Any) -> Step:
    differences = tuple(
        (str(each["property"]), shown(each["current"]), shown(each["wanted"])) for each in values["differences"] or ()
    )
    consent = tuple(each for each in values.get("consent") or () if isinstance(each, dict))
    return Step(str(values["id"]), str(values["state"]), differences, str(values["detail"] or ""), consent)


def _object(path: str, what: str, hint: str) -> tuple[bytes, dict[str, Any]]:
    data = _bytes(path, what)
    try:
        values = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise _problem(path, f"it is not {what}: it is not JSON", hint) from None
    if not isinstance(values, dict):
        raise _problem(path, f"it is not {what}", hint)
    return data, values


def _bytes(path: str, what: str) -> bytes:
    data = read_input(path, MAX_BYTES, code=_CODE)
    if len(data) > MAX_BYTES:
        raise _problem(path, f"it has more than {MAX_BYTES // 1024**2} MiB", f"name {what}")
    return data


def _said(values: Mapping[str, Any]) -> str:
    found = values.get("format")
    return f"its format is {found}" if isinstance(found, str) else "it has no format"


def _problem(path: str, message: str, hint: str) -> InputError:
    return InputError((Problem(_CODE, message, path, hint=hint),))
