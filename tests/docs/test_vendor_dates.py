"""Every date and license that is said of Microsoft or Pexip is one of the table's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pexgen.vendor_fact_kinds import Fact
from pexgen.vendor_facts import CHECK_AGAIN_DAYS, CHECKED, DATED, DELAYS, LICENSES, VERSIONS, age_of
from pexgen.vendor_sources import IS_HERE

ROOT = Path(__file__).resolve().parents[2]
TABLE = ("pexgen/vendor_facts.py", "pexgen/vendor_sources.py")
KINDS = {".py", ".ps1", ".j2", ".yaml", ".json", ".md", ".svg"}
MADE = {"docs/facts.md", "docs/rules.md", "docs/performance.md", "templates/reviews.yaml", "CHANGELOG.md"}
"""Made from the table, or with days of the project's own."""

MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DATE = re.compile(
    rf"\b(?P<iso>20\d\d-\d\d(?:-\d\d)?)\b(?!T|[-\d]|:)|\b(?P<day>\d{{1,2}})\s+(?P<of>{MONTHS})\s+(?P<year>20\d\d)\b"
    rf"|\b(?P<month>{MONTHS})\s+(?:\d{{1,2}}, )?(?P<years>20\d\d)\b"
)
LICENSE = re.compile(r"\bKiosk\b|\bF[13]\b(?! )|\bfrontline\b|\bDeskless\b", re.IGNORECASE)
NOT_THEIRS = {
    # Change windows of examples, days of a simulated tenant, a trap of YAML, a version of JSON Schema, a review,
    # and the days on which lists of fields and cmdlets were read.
    "2026-11-20", "2026-11-28", "2026-12-08", "2026-12-09", "2026-12-22", "2024-05-02", "2026-09-01", "2025-11-03",
    "2099-01-01", "2026-10-01", "2020-12", "2026-11-23", "2026-11-29", "2026-08-18", "2026-08-21", "2026-08-22",
}  # fmt: skip

MADE_UP = {
    # What tests write of days that are nobody's: of a simulated tenant, of journals, of usage reports, of a clock.
    "2026-01-01", "2026-09-27", "2026-10-30", "2026-11-01", "2026-11-02", "2026-11-03", "2026-11-25", "2026-11-26",
    "2027-01-01",
}  # fmt: skip


def texts() -> Iterator[tuple[str, str]]:
    paths = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "samples").glob("*.yaml"))]
    for folder in ("pexgen", "templates", "docs", "tools"):
        paths += sorted((ROOT / folder).rglob("*"))
    for path in paths:
        name = path.relative_to(ROOT).as_posix()
        if path.suffix in KINDS and name not in MADE.union(TABLE) and "__pycache__" not in name:
            yield name, _own(name, path.read_text(encoding="utf-8-sig"))


def _own(name: str, text: str) -> str:
    """The text without what is played or made, and without an organization's own change."""
    if name.endswith(".md"):
        text = re.sub(r"<!-- played.*?-->\n```.*?```", "", text, flags=re.DOTALL)
        text = re.sub(r"<!-- made:.*?<!-- end -->", "", text, flags=re.DOTALL)
        text = re.sub(r"```(?:json|console)\n.*?```", "", text, flags=re.DOTALL)
    return text


def said(found: re.Match[str]) -> str:
    """A date as it stands in the table, also where a line ends in it."""
    return " ".join(found[0].split())


def known() -> set[str]:
    dates = {fact.value for fact in DATED} | {fact.spoken for fact in DATED} | {str(CHECKED)} | NOT_THEIRS
    dates |= {fact.value[:7] for fact in DATED if not fact.is_month}
    return dates | {fact.spoken.partition(" ")[2] for fact in DATED if not fact.is_month}


def test_every_date_in_code_template_page_and_starter_is_of_the_table() -> None:
    dates = known()
    wrong = [
        f"{name}: {found[0]}" for name, text in texts() for found in DATE.finditer(text) if said(found) not in dates
    ]
    assert wrong == []


def test_tests_take_the_days_of_the_table_from_it() -> None:
    words = {
        word: fact.name for fact in DATED for word in as_literals(fact) if str(fact.day) not in NOT_THEIRS | MADE_UP
    }
    literal = re.compile(rf"(?<![\d-])(?:{'|'.join(map(re.escape, words))})(?!\d|-\d)")
    wrong = [
        f"{path.relative_to(ROOT).as_posix()}:{number}: {found[0]}: take the day of {words[found[0]]} from "
        "pexgen.vendor_facts, and days around it from tests/support/days.py; one that is nobody's stands in MADE_UP"
        for path in sorted((ROOT / "tests").rglob("*"))
        if path.suffix in KINDS and path.name != "test_vendor_dates.py"
        for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1)
        for found in literal.finditer(line)
    ]
    assert wrong == [], "\n".join(wrong)


def as_literals(fact: Fact) -> set[str]:
    """A fact's day as somebody writes it into a test: in words, in a text, or as what a date is made of."""
    if fact.is_month:
        return {fact.value}
    day, month, year = fact.spoken.split()
    parts = f"{fact.day.year}, {fact.day.month}, {fact.day.day}"
    return {fact.value, fact.spoken, f"{month} {year}", f"{month} {day}, {year}", parts}


def test_code_and_templates_take_their_dates_from_the_table_and_write_none() -> None:
    spoken = {fact.value for fact in DATED} | {fact.spoken for fact in DATED}
    wrong = [
        f"{name}: {found[0]}"
        for name, text in texts()
        if name.startswith(("pexgen/", "templates/", "tools/")) and name.endswith((".py", ".ps1", ".j2", ".yaml"))
        if "starters" not in name
        for found in DATE.finditer(text)
        if said(found) in spoken and said(found) not in NOT_THEIRS
    ]
    assert wrong == []


def test_a_page_or_picture_has_each_date_of_the_table_in_a_mark_so_that_it_changes_with_it() -> None:
    marked = re.compile(r"<!-- [A-Z]\w+(?: month)? -->[^<]*<!-- / -->")
    dates = {fact.value for fact in DATED} | {fact.spoken for fact in DATED}
    wrong = [
        f"{name}: {found[0]}"
        for name, text in texts()
        if name.endswith((".md", ".svg"))
        for found in DATE.finditer(marked.sub("", text))
        if said(found) in dates - NOT_THEIRS
    ]
    assert wrong == [], "put it between <!-- NAME --> and <!-- / -->, with its name in pexgen/vendor_facts.py"


def test_a_page_has_each_version_and_delay_of_the_table_in_a_mark() -> None:
    marked = re.compile(r"<!-- [A-Z]\w+ -->[^<]*<!-- / -->|```.*?\n```", re.DOTALL)
    values = "|".join(re.escape(each.value) for each in sorted(VERSIONS, key=lambda each: -len(each.value)))
    theirs = re.compile(
        rf"(?<!Python )(?<![\d.])(?:{values})(?![\d.]\d| to )|\b24 hours|\b30\s+minutes|\b2 hours|about four\b"
    )
    wrong = [
        f"{name}: {found[0]}"
        for name, text in texts()
        if name.endswith(".md") and name != "CONTRIBUTING.md"
        for found in theirs.finditer(marked.sub("", text))
    ]
    assert wrong == []


def test_no_license_is_named_where_a_decision_is_made() -> None:
    wrong = [f"{name}: {found[0]}" for name, text in texts() for found in LICENSE.finditer(text)]
    assert wrong == []


def test_of_other_clouds_than_the_worldwide_no_day_of_the_switch_off_is_said() -> None:
    switched_off = [fact for fact in DATED if fact.source is IS_HERE]
    assert switched_off
    assert all(fact.clouds == ("worldwide", "gcc") for fact in switched_off)


@pytest.mark.parametrize("fact", [*DATED, *VERSIONS, *DELAYS, *LICENSES], ids=lambda fact: fact.name)
def test_every_line_of_the_table_has_a_source_that_can_be_opened(fact: object) -> None:
    source = fact.source  # type: ignore[attr-defined]
    assert source.title
    assert re.fullmatch(r"20\d\d-\d\d(?:-\d\d)?", source.dated)
    assert source.address.startswith("https://")


def test_the_table_is_in_the_order_of_its_days_and_is_old_after_so_many() -> None:
    assert [fact.day for fact in DATED] == sorted(fact.day for fact in DATED)
    again = CHECKED + timedelta(days=CHECK_AGAIN_DAYS)
    assert age_of(again) == (f"Facts about Microsoft and Pexip were last checked on {CHECKED}.", False)
    text, is_old = age_of(again + timedelta(days=1))
    assert is_old
    assert f"{CHECK_AGAIN_DAYS + 1} days ago" in text
