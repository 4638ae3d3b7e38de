"""The review ledger and what it lets through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pexgen.catalogue import Catalogue, load_catalogue
from pexgen.errors import UnreviewedError, UsageError
from pexgen.reviews import LEDGER, Review, checklist, ledger_text, load_ledger, require_review, review_body
from pexgen.runbook import Body, assemble

KEY = "app-permissions/exchange-online"


@pytest.fixture
def body(catalogue: Catalogue) -> Body:
    return assemble(catalogue, catalogue.methods["app-permissions", "exchange-online"])


def approve(catalogue: Catalogue, body: Body, **changes: Any) -> Review:
    given = {
        "by": "pexgen project",
        "date": "2026-11-23",
        "checked": list(checklist(catalogue)),
        "notes": "Read against the checklist.",
    }
    return review_body(catalogue, body, **{**given, **changes})


def changed(folder: Path, part: str) -> tuple[Catalogue, Body]:
    file = folder / part / "step.ps1"
    file.write_bytes(file.read_bytes() + b"# another text\n")
    catalogue = load_catalogue(folder)
    return catalogue, assemble(catalogue, catalogue.methods["app-permissions", "exchange-online"])


def test_a_folder_without_a_ledger_has_no_reviews(catalogue: Catalogue) -> None:
    assert load_ledger(catalogue) == {}


def test_a_body_without_review_is_refused_and_the_hint_says_what_to_do(body: Body) -> None:
    with pytest.raises(UnreviewedError, match="has no review") as caught:
        require_review({}, body, allow_unreviewed=False)
    assert "--allow-unreviewed" in caught.value.hint
    assert caught.value.exit_code == 3


def test_a_body_without_review_passes_where_that_is_allowed(body: Body) -> None:
    assert require_review({}, body, allow_unreviewed=True) is None


def test_a_review_covers_the_body_that_was_reviewed(catalogue: Catalogue, body: Body) -> None:
    review = approve(catalogue, body)
    assert require_review({KEY: review}, body, allow_unreviewed=False) is review
    assert review.changed(body) == ()


def test_a_changed_part_undoes_the_review_and_is_named(catalogue: Catalogue, body: Body, folder: Path) -> None:
    review = approve(catalogue, body)
    _, other = changed(folder, "steps/ews-access")
    with pytest.raises(UnreviewedError, match=r"changed since the last review: steps/ews-access$"):
        require_review({KEY: review}, other, allow_unreviewed=False)


@pytest.mark.parametrize(
    ("file", "before", "named"),
    [
        ("steps/add-in/step.yaml", "  reason: >-\n", "steps/add-in"),
        ("body.ps1.j2", "# What the common part calls.\n", "tables"),
        ("body.ps1.j2", "#region tables\n", "outline"),
    ],
    ids=["a step's table", "a table", "between the regions"],
)
def test_whatever_changed_is_named(
    catalogue: Catalogue, body: Body, folder: Path, file: str, before: str, named: str
) -> None:
    review = approve(catalogue, body)
    text = (folder / file).read_text("utf-8")
    begin = text.index(before) + (len(before) if file.endswith(".yaml") else 0)
    more = "    Another word." if file.endswith(".yaml") else "# Another word."
    (folder / file).write_text(f"{text[:begin]}{more}\n{text[begin:]}", encoding="utf-8", newline="\n")
    other = load_catalogue(folder)
    now = assemble(other, other.methods["app-permissions", "exchange-online"])
    assert review.changed(now) == (named,)


def test_a_review_of_another_body_covers_nothing(catalogue: Catalogue, body: Body) -> None:
    with pytest.raises(UnreviewedError):
        require_review({"migrate/exchange-online": approve(catalogue, body)}, body, allow_unreviewed=False)


def test_the_ledger_comes_back_as_it_was_written(catalogue: Catalogue, body: Body) -> None:
    ledger = {KEY: approve(catalogue, body, notes="Two lines\nwith 'quotes', colons: and \u2018curly\u2019 ones")}
    (catalogue.folder / LEDGER).write_text(ledger_text(ledger), encoding="utf-8", newline="\n")
    assert load_ledger(catalogue) == ledger


def test_the_same_reviews_are_the_same_text(catalogue: Catalogue, body: Body) -> None:
    one, two = approve(catalogue, body), approve(catalogue, body, notes="Another.")
    assert ledger_text({"b/x": two, "a/x": one}) == ledger_text({"a/x": one, "b/x": two})


def test_an_approval_names_the_items_in_the_checklists_order(catalogue: Catalogue, body: Body) -> None:
    items = list(checklist(catalogue))
    assert list(approve(catalogue, body, checked=reversed(items)).checked) == items


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"checked": []}, "not checked"),
        ({"checked": ["error-action"]}, "not checked: consent-before-write"),
        ({"checked": ["error-action", "everything"]}, "not on the checklist: everything"),
        ({"date": "yesterday"}, "not a date"),
        ({"date": "2026-13-01"}, "not a date"),
        ({"date": "2026-02-31"}, "not a date"),
        ({"date": "20261123"}, "not a date"),
        ({"date": "2026-11-23T10:00"}, "not a date"),
        ({"by": " "}, "who made it"),
        ({"notes": ""}, "what was found"),
    ],
)
def test_an_approval_that_is_no_review_is_refused(
    catalogue: Catalogue, body: Body, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        approve(catalogue, body, **changes)


def test_the_checklist_has_the_items_that_the_guide_explains(catalogue: Catalogue) -> None:
    assert list(checklist(catalogue)) == [
        "error-action", "consent-before-write", "journal-before-write", "read-back", "undo", "absent-vs-unreadable",
        "literals-only", "identity-never-empty", "no-5.1-gaps", "ascii",
    ]  # fmt: skip
