"""Every one of the situations has a ruling, and every ruling that is ours a test that proves it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent.parent / "docs" / "failures.md"
RULINGS = {"guard", "unreadable", "conflict", "blocked", "failed", "pending", "disproved", "text", "lint", "not ours"}


def rows() -> list[list[str]]:
    """The rows of the page's table of situations: number, situation, ruling, what happens, test."""
    lines = [line.strip().strip("|").split("|") for line in PAGE.read_text("utf-8").splitlines()]
    cells = [[cell.strip() for cell in line] for line in lines]
    return [row for row in cells if re.fullmatch(r"\d+", row[0])]


def numbered() -> set[str]:
    """The tests of this folder that have a number."""
    trees = [ast.parse(path.read_text("utf-8")) for path in HERE.glob("test_*.py")]
    names = [node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {name for name in names if re.match(r"test_\d\d_", name)}


def test_each_situation_has_one_ruling() -> None:
    assert [int(row[0]) for row in rows()] == list(range(1, 52))
    assert {row[2] for row in rows()} == RULINGS


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_ruling_that_is_ours_names_its_test_and_another_its_reason(row: list[str]) -> None:
    number, _, ruling, what, test = row
    if ruling == "not ours":
        assert (what.startswith("because"), test) == (True, "")
    else:
        assert test in numbered()
        assert test.startswith(f"test_{int(number):02}_")


def test_no_numbered_test_is_without_a_ruling() -> None:
    assert {name[5:7] for name in numbered()} == {row[4][5:7] for row in rows() if row[4]}
