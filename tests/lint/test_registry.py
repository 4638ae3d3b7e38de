"""Rules as a whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pexgen.description import load
from pexgen.description.codes import CODES
from pexgen.lint import RULES, check

FOLDER = Path(__file__).parent
SAMPLES = FOLDER.parents[1] / "samples"


def test_description_without_faults_is_only_told_of_the_end_of_ews(clean_of_any_method, problems_of) -> None:
    assert problems_of(clean_of_any_method) == ()


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_samples_are_only_told_of_the_end_of_ews(sample) -> None:
    found = [each for each in check(load(sample.read_bytes(), str(sample))) if each.code != "PXG109"]
    assert found == [], f"people begin with {sample.name}: describe what these ask for, or accept them with a reason"


def test_codes_are_unique_and_in_order() -> None:
    codes = [code.code for code in CODES] + [rule.code for rule in RULES]
    assert codes == sorted(set(codes))
    assert all(re.fullmatch(r"PXG\d{3}", code) for code in codes)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_has_a_module_and_a_test_of_its_name(rule) -> None:
    name = rule.check.__module__.rpartition(".")[2]
    test = FOLDER / f"test_{name}.py"
    assert rule.code in test.read_text(encoding="utf-8").partition("\n")[0]


def test_findings_come_in_the_files_order(clean, problems_of) -> None:
    text = clean.replace("ceo@", "bob@").replace("bob@contoso.com]\nproof", "alice@contoso.com]\nproof")
    problems = problems_of(text.replace("None", "AutoAccept"))
    assert [each.line for each in problems] == sorted(each.line for each in problems)
    assert len(problems) >= 2
