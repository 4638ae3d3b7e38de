"""Files of runs that somebody changed or cut: each is used, or refused with its key or line, and never a traceback."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from pexgen.cli import run
from pexgen.errors import InputError
from pexgen.run_records import PLAN, RESULT, read_change_record, read_journal, read_plan, read_result

RESULT_OF_A_RUN = {
    "format": RESULT,
    "name": "contoso",
    "method": "app-permissions",
    "platform": "exchange-online",
    "mode": "Apply",
    "phase": None,
    "exitCode": 0,
    "bodySha256": "0" * 64,
    "changeTicket": "CHG1",
    "tenant": {"tenantId": "t", "acceptedDomain": None},
    "planSha256": "1" * 64,
    "approvedPlan": None,
    "operator": "admin",
    "computer": "pc",
    "user": "me",
    "startedUtc": "2026-11-29T22:00:00Z",
    "finishedUtc": "2026-11-29T22:00:01Z",
    "versions": {"powershell": "7.4", "module": "3.7"},
    "refusal": {"guard": "g", "message": "m"},
    "steps": [
        {
            "id": "a",
            "state": "changed",
            "differences": [{"property": "P", "current": None, "wanted": [1]}],
            "detail": None,
            "consent": [{"asked": True, "answer": "Yes", "by": "me", "utc": "now"}],
        }
    ],
    "proofs": [{"step": "a", "target": "x", "expected": "y", "actual": "y", "state": "proved"}],
    "notChecked": ["look"],
}
PLANNED = {
    "format": PLAN,
    "name": "contoso",
    "title": "A change",
    "change": {"ticket": "CHG1", "title": "T", "window": "W"},
    "steps": [{"id": "a", "title": "A", "after": "so", "onlyReported": False, "notChecked": ["look"]}],
    "digests": {"runbook": "r", "body": "b", "description": "d"},
    "tasks": [{"text": "do it", "who": "me", "due": "after"}],
}
ODD = (None, 5, True, 1.5, "x", [], ["x"], [5], [[]], {}, {"x": 1}, float("inf"))
JOURNAL = '{"format":"pexgen.journal/2","run":"r"}\n'


def places(value, path: tuple = ()):
    """Yield the path of every value inside ``value``."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        yield (*path, key)
        yield from places(each, (*path, key))


def replaced(whole, path: tuple, value):
    copy = json.loads(json.dumps(whole))
    node = copy
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = value
    return copy


def reported(folder: Path, capsys, result, plan=None) -> tuple[int, str]:
    (folder / "r.json").write_text(json.dumps(result), "utf-8")
    more = []
    if plan is not None:
        (folder / "p.json").write_text(json.dumps(plan), "utf-8")
        more = ["--plan", str(folder / "p.json")]
    capsys.readouterr()
    code = run(["report", str(folder / "r.json"), *more])
    return code, "".join(capsys.readouterr())


def test_the_whole_files_are_taken(tmp_path, capsys) -> None:
    code, shown = reported(tmp_path, capsys, RESULT_OF_A_RUN, PLANNED)
    assert code == 1, shown
    assert "NOT CLOSED" in shown


@pytest.mark.parametrize("path", list(places(RESULT_OF_A_RUN)), ids=str)
def test_whatever_stands_at_a_key_of_a_result_it_is_used_or_refused(tmp_path, capsys, path) -> None:
    for odd in ODD:
        code, shown = reported(tmp_path, capsys, replaced(RESULT_OF_A_RUN, path, odd))
        assert code in {1, 3}, (odd, shown)
        assert code == 1 or "r.json: error PXG097: " in shown


@pytest.mark.parametrize("path", list(places(PLANNED)), ids=str)
def test_whatever_stands_at_a_key_of_a_change_record_it_is_used_or_refused(tmp_path, capsys, path) -> None:
    for odd in ODD:
        code, shown = reported(tmp_path, capsys, RESULT_OF_A_RUN, replaced(PLANNED, path, odd))
        assert code in {1, 3}, (odd, shown)
        assert code == 1 or "p.json: error PXG097: " in shown


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("exitCode",), float("inf"), "exitCode has to be a whole number"),
        (("exitCode",), True, "exitCode has to be a whole number"),
        (("notChecked",), 5, "notChecked has to be a list"),
        (("steps",), None, "steps has to be a list"),
        (("steps", 0, "id"), 5, "steps[0].id has to be a text"),
        (("tenant",), "x", "tenant has to be an object"),
    ],
)
def test_a_result_is_refused_with_the_key_that_is_wrong(tmp_path, path, value, said) -> None:
    file = tmp_path / "r.json"
    file.write_text(json.dumps(replaced(RESULT_OF_A_RUN, path, value)), "utf-8")
    with pytest.raises(InputError) as error:
        read_result(str(file))
    (problem,) = error.value.problems
    assert (problem.code, problem.message, problem.file) == ("PXG097", said, str(file))


def test_a_change_record_is_refused_with_the_key_that_is_wrong(tmp_path) -> None:
    file = tmp_path / "p.json"
    file.write_text(json.dumps({**PLANNED, "change": "x"}), "utf-8")
    with pytest.raises(InputError, match=r"^change has to be an object$"):
        read_plan(str(file))


def test_a_change_record_is_read_once_so_that_it_may_come_from_standard_input(monkeypatch) -> None:
    given = {**PLANNED, "file": "its own", "sha256": "its own"}
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(given).encode())))
    record = read_change_record("-")
    assert (record.file, record.form) == ("<stdin>", "json")
    assert record.values == given


def test_a_line_of_a_journal_that_is_nested_without_end_is_refused_with_its_place(tmp_path, capsys) -> None:
    journal = tmp_path / "j.jsonl"
    journal.write_text(JOURNAL + "[" * 200_000 + "\n", "utf-8")
    (tmp_path / "r.json").write_text(json.dumps(RESULT_OF_A_RUN), "utf-8")
    assert run(["report", str(tmp_path / "r.json"), "--journal", str(journal)]) == 3
    assert f"{journal}:2:1: error PXG097: this line is nested too deeply" in capsys.readouterr().err


def test_a_journal_may_begin_with_a_byte_order_mark_and_hold_any_line_end_inside_a_text(tmp_path) -> None:
    journal = tmp_path / "j.jsonl"
    entry = '{"event":"done","step":"a\u2028b\u0085c"}'
    journal.write_bytes((JOURNAL + entry + "\r\n").encode("utf-8-sig"))
    found = read_journal(str(journal))
    assert (found.open, found.steps) == (0, ("a\u2028b\u0085c",))


@pytest.mark.parametrize("event", ["[]", "{}", "5", "null"])
def test_an_event_of_a_journal_that_is_no_text_counts_for_nothing(tmp_path, event) -> None:
    journal = tmp_path / "j.jsonl"
    journal.write_text(f'{JOURNAL}{{"event":{event}}}\n', "utf-8")
    assert read_journal(str(journal)).steps == ()


def test_one_announced_write_is_said_as_one(tmp_path, capsys) -> None:
    journal = tmp_path / "j.jsonl"
    for number, said in ((1, "1 announced write has no outcome."), (2, "2 announced writes have no outcome.")):
        journal.write_text(JOURNAL + '{"event":"intent"}\n' * number, "utf-8")
        (tmp_path / "r.json").write_text(json.dumps(RESULT_OF_A_RUN), "utf-8")
        assert run(["report", str(tmp_path / "r.json"), "--journal", str(journal)]) == 1
        assert said in " ".join(capsys.readouterr().out.split())
