"""PXG120: a placeholder of init is still there."""

from __future__ import annotations

from pexgen.cli.init import starter


def test_guid_of_one_digit_is_a_warning(findings) -> None:
    placeholder = "22222222-2222-2222-2222-222222222222"
    ((severity, meant, _),) = findings("PXG120", ("3f6d2b9e-51c8-4a07-8e9d-2c7b6a5f4e10", placeholder))
    assert (severity, meant) == ("warning", placeholder)


def test_what_init_writes_has_placeholders_and_nothing_else_against_it(problems_of) -> None:
    problems = problems_of(starter("app-permissions", "exchange-online").decode())
    assert [(each.code, each.severity) for each in problems] == [("PXG120", "warning")] * 3
