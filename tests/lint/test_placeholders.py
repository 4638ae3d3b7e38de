"""PXG120: a placeholder of init is still there."""

from __future__ import annotations

import re

import pytest

from pexgen.cli._starters import STARTERS, starter

OF_ONE_DIGIT = re.compile(r"^[^#\n]*\b(\w)\1{7}-\1{4}-\1{4}-\1{4}-\1{12}\b", re.MULTILINE)


@pytest.mark.parametrize("digit", "029aF")
def test_guid_of_one_digit_is_an_error(findings, digit) -> None:
    placeholder = "-".join(digit * length for length in (8, 4, 4, 4, 12))
    ((severity, meant, _),) = findings("PXG120", ("3f6d2b9e-51c8-4a07-8e9d-2c7b6a5f4e10", placeholder))
    assert (severity, meant) == ("error", placeholder)


def test_every_key_that_takes_a_guid_is_looked_at(problems_of, clean) -> None:
    five = "55555555-5555-5555-5555-555555555555"
    text = clean + f"one_touch_join: {{client_ids: [{five}]}}\npexip: {{addin_application_id: {five}}}\n"
    found = [problem for problem in problems_of(text) if problem.code == "PXG120"]
    assert len(found) == 2


@pytest.mark.parametrize("which", list(STARTERS))
def test_what_init_writes_has_an_error_for_each_of_its_guids(problems_of, which) -> None:
    text = starter(*which).decode()
    problems = problems_of(text)
    found = [each for each in problems if each.code == "PXG120"]
    assert len(found) == len(OF_ONE_DIGIT.findall(text))
    assert {each.severity for each in problems if each.severity == "error"} == ({"error"} if found else set())
