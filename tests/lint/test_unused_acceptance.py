"""PXG121, and how findings are accepted."""

from __future__ import annotations

from pexgen.description import load
from pexgen.lint import check, examine

TWICE = ("bob@contoso.com", "alice@contoso.com")


def accepting(text: str, code: str) -> str:
    return text + f"accept: [{{code: {code}, reason: on purpose}}]\n"


def test_accepted_finding_is_no_longer_a_problem_and_keeps_its_reason(clean) -> None:
    loaded = load(accepting(clean.replace(*TWICE), "PXG115").encode(), "x")
    examination = examine(loaded)
    assert [each.code for each in examination.problems] == [each.code for each in check(loaded)] == ["PXG109"]
    (accepted,) = examination.accepted
    assert (accepted.problem.code, accepted.reason) == ("PXG115", "on purpose")


def test_accepting_one_code_leaves_the_others(clean, problems_of) -> None:
    text = accepting(clean.replace(*TWICE).replace("ceo@", "pexip@"), "PXG115")
    assert [each.code for each in problems_of(text)] == ["PXG106"]


def test_entry_for_a_finding_that_is_not_there_is_a_warning(clean, problems_of) -> None:
    (problem,) = problems_of(accepting(clean, "PXG115"))
    assert (problem.code, problem.severity) == ("PXG121", "warning")
    assert problem.source_line[problem.column - 1 :].startswith("PXG115")
