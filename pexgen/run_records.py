"""Reads the files of a change, which anybody may have edited: change record, results and journals of its runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pexgen import sizes
from pexgen.errors import InputError, Problem
from pexgen.inputs import read_input, shown_name
from pexgen.output import form_of
from pexgen.shapes import NUMBER, SWITCH, TEXT, Maybe, Shape, mistake

RESULT, PLAN = "pexgen.result/1", "pexgen.plan/2"
"""What the result of a run, and a change record in JSON, say of their format."""

PLAN_TITLE = "Change record: "
"""What the title of a change record begins with."""

JOURNALS = ("pexgen.journal/1", "pexgen.journal/2")
"""What journals say of theirs: of this body and of earlier ones."""

_CODE = "PXG097"
_TEXT = Maybe(TEXT)
_DIFFERENCE: Shape = {"property": TEXT}
_CONSENT: Shape = {"asked": Maybe(SWITCH), "answer": _TEXT, "by": _TEXT, "utc": _TEXT}
_OF_STEP: Shape = {
    "id": TEXT,
    "state": TEXT,
    "differences": Maybe((_DIFFERENCE,)),
    "detail": _TEXT,
    "consent": Maybe((_CONSENT,)),
}
_PROOF: Shape = dict.fromkeys(("step", "target", "expected", "actual", "state"), _TEXT)
_MAYBE_TEXTS = (
    *("method", "platform", "phase", "bodySha256", "changeTicket", "planSha256", "approvedPlan"),
    *("operator", "computer", "user", "startedUtc", "finishedUtc"),
)
_OF_RESULT: Shape = {
    "name": TEXT,
    "mode": TEXT,
    "exitCode": NUMBER,
    **dict.fromkeys(_MAYBE_TEXTS, _TEXT),
    "tenant": Maybe({"tenantId": _TEXT, "acceptedDomain": _TEXT}),
    "versions": Maybe({"powershell": _TEXT, "module": _TEXT}),
    "refusal": Maybe({"guard": _TEXT, "message": _TEXT}),
    "steps": (_OF_STEP,),
    "proofs": Maybe((_PROOF,)),
    "notChecked": Maybe((TEXT,)),
}
"""The keys of a result that are read, and what they hold."""

_PLANNED: Shape = {
    "id": TEXT,
    "title": _TEXT,
    "after": _TEXT,
    "onlyReported": Maybe(SWITCH),
    "notChecked": Maybe((TEXT,)),
}
_OF_PLAN: Shape = {
    "name": TEXT,
    "title": _TEXT,
    "change": Maybe({"ticket": _TEXT, "title": _TEXT, "window": _TEXT}),
    "steps": (_PLANNED,),
    "digests": Maybe({"body": _TEXT}),
    "tasks": Maybe(({"text": _TEXT, "who": _TEXT, "due": _TEXT},)),
}
"""The keys of a change record that are read, and what they hold."""


@dataclass(frozen=True, slots=True)
class StepResult:
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
    steps: tuple[StepResult, ...]

    def text(self, key: str) -> str:
        """Return a value as text, empty where there is none."""
        value = self.values.get(key)
        return "" if value is None else str(value)

    @property
    def exit_code(self) -> int:
        """What the run ended with."""
        code: int = self.values["exitCode"]
        return code

    @property
    def tenant(self) -> str:
        """The tenant's ID, or the accepted domain of an Exchange Server organization; empty where none was reached."""
        found = self.values.get("tenant") or {}
        return str(found.get("tenantId") or found.get("acceptedDomain") or "")

    @property
    def proofs(self) -> tuple[Mapping[str, Any], ...]:
        """What Verify proved, or did not."""
        return tuple(self.values.get("proofs") or ())


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal: of which steps it says that writes were done, and how many that it announces have no outcome."""

    file: str
    digest: str
    open: int
    steps: tuple[str, ...]


def read_result(path: str) -> RunResult:
    """Read the result of a run; raises :class:`InputError` for what is none."""
    data = _bytes(path, "the result of a run")
    values = _object(path, data, "the result of a run", "name a file that -ResultPath or Apply wrote")
    if values.get("format") != RESULT:
        raise _problem(path, f"it is not the result of a run: {_said(values)}", "name a file that -ResultPath wrote")
    _need(path, values, _OF_RESULT, "use the file as the run wrote it")
    return RunResult(
        shown_name(path), hashlib.sha256(data).hexdigest(), values, tuple(map(_step_result, values["steps"]))
    )


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """A change record as a file: its form, its text with LF line ends, and its values where it is JSON."""

    file: str
    form: str
    text: str
    values: Mapping[str, Any]


def read_change_record(path: str) -> ChangeRecord:
    """Read a change record in any of its forms; raises :class:`InputError` for what is none."""
    data = _bytes(path, "a change record")
    text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    form = form_of(text, PLAN_TITLE)
    return ChangeRecord(shown_name(path), form or "json", text, {} if form else _plan(path, data))


def read_plan(path: str) -> Mapping[str, Any]:
    """Read a change record in JSON; raises :class:`InputError` for what is none."""
    data = _bytes(path, "a change record")
    values = _plan(path, data)
    _need(path, values, _OF_PLAN, "use the file as `pexgen plan --format json` wrote it")
    return {**values, "file": shown_name(path), "sha256": hashlib.sha256(data).hexdigest()}


def read_journal(path: str) -> Journal:
    """Read which steps a journal says were written, and count what is open; a torn line is what a killed run leaves.

    Raises :class:`InputError` for what is no journal.
    """
    data = _bytes(path, "a journal")
    is_journal = False
    steps: dict[str, None] = {}
    counts = {"intent": 0, "done": 0, "failed": 0}
    for entry in _entries(path, data):
        event = str(entry.get("event"))
        if entry.get("format") in JOURNALS:
            is_journal = True
        elif event in counts:
            counts[event] += 1
            if event == "done":
                steps[str(entry.get("step"))] = None
    if not is_journal:
        raise _problem(path, "it is not a journal of a runbook", "name a file that -JournalPath wrote")
    left = max(counts["intent"] - counts["done"] - counts["failed"], 0)
    return Journal(shown_name(path), hashlib.sha256(data).hexdigest(), left, tuple(steps))


def _entries(path: str, data: bytes) -> Iterator[Mapping[str, Any]]:
    """Yield the entries of a journal's lines, which end with LF alone: a text in one may hold any other line end."""
    for number, line in enumerate(data.decode("utf-8-sig", "replace").split("\n"), 1):
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        except RecursionError:
            message = "this line is nested too deeply for an entry of a journal"
            raise _problem(path, message, "use the file as the run wrote it", line=number) from None
        if isinstance(entry, dict):
            yield entry


def shown(value: Any) -> str:
    """Return a value of Exchange's as a record shows it."""
    if value is None or value == "":
        return "(not set)"
    return f"'{value}'" if isinstance(value, str) else str(value)


def _step_result(values: Any) -> StepResult:
    differences = tuple(
        (each["property"], shown(each.get("current")), shown(each.get("wanted")))
        for each in values.get("differences") or ()
    )
    consent = tuple(values.get("consent") or ())
    return StepResult(values["id"], values["state"], differences, values.get("detail") or "", consent)


def _plan(path: str, data: bytes) -> dict[str, Any]:
    """Return the object that a change record in JSON is; raises :class:`InputError` for another one."""
    values = _object(path, data, "a change record", "name a file that `pexgen plan --format json` wrote")
    if values.get("format") != PLAN:
        raise _problem(path, f"it is not a change record: {_said(values)}", "write it with `pexgen plan --format json`")
    return values


def _need(path: str, values: Mapping[str, Any], shape: Shape, hint: str) -> None:
    """Raise :class:`InputError` where a key holds something else than the shape says."""
    if said := mistake(values, shape):
        raise _problem(path, said, hint)


def _object(path: str, data: bytes, what: str, hint: str) -> dict[str, Any]:
    try:
        values = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise _problem(path, f"it is not {what}: it is not JSON", hint) from None
    if not isinstance(values, dict):
        raise _problem(path, f"it is not {what}", hint)
    return values


def _bytes(path: str, what: str) -> bytes:
    data = read_input(path, sizes.RECORD, code=_CODE)
    if len(data) > sizes.RECORD:
        raise _problem(path, f"it has more than {sizes.spoken(sizes.RECORD)}", f"name {what}")
    return data


def _said(values: Mapping[str, Any]) -> str:
    found = values.get("format")
    return f"its format is {found}" if isinstance(found, str) else "it has no format"


def _problem(path: str, message: str, hint: str, line: int = 0) -> InputError:
    return InputError((Problem(_CODE, message, shown_name(path), line=line, column=min(line, 1), hint=hint),))
