"""The pages made from schema and rules are current and complete."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from pexgen.description.codes import CODES
from pexgen.lint import RULES

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))  # as for the script itself
PAGES = runpy.run_path(str(ROOT / "tools" / "reference.py"))["PAGES"]


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page_is_what_tools_reference_writes(name) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == PAGES[name](), "run `make generated`"


@pytest.mark.parametrize("code", [each.code for each in (*CODES, *RULES)])
def test_every_code_has_one_section(code) -> None:
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert page.count(f"\n### {code}: ") == 1


def test_every_code_in_the_package_is_documented() -> None:
    import re

    known = {each.code for each in (*CODES, *RULES)}
    used = {
        code
        for path in (ROOT / "pexgen").rglob("*.py")
        for code in re.findall(r'"(PXG\d{3})"', path.read_text(encoding="utf-8"))
    }
    assert used - known == set()
    assert known - used == set()
