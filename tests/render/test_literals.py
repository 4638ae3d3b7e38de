"""Values come back from PowerShell as they went in."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pexgen.description import FORBIDDEN_CLASS
from pexgen.errors import DefectError
from pexgen.literals import WIDTH, powershell_literal

NASTY = [
    "",
    " ",
    "plain",
    "'",
    "''",
    "'; Remove-Mailbox -Identity x #",
    "\u2018curly\u2019 \u201alow\u201b",
    "\u2019; 'x\u2018",
    "\u2032\uff07 look alike and close nothing",
    '"double" \u201cdouble\u201d \u201e\u201f\uff02',
    "$(Get-Date) $env:PATH ${x} @splat @(1)",
    "`n `0 `u{41} ``",
    "<# comment #> #> # comment",
    "@'\\ here '@ \"@",
    "line\u2028paragraph\u2029next\u0085",
    "emoji \U0001f600 family \U0001f468\u200d\U0001f469\u200d\U0001f467 e\u0301",
    "# ---- pexgen body ---- # SIG # Begin signature block",
    "{{ jinja }} {% if x %} {# no #}",
    "\ufffd\ufffc\U0010fffd",
    "\u2019" * 4000,
    "a'b\u2018" * 1000,
]


@pytest.fixture(scope="module")
def round_trip(
    run_powershell: Callable[..., subprocess.CompletedProcess[bytes]], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[list[str]], list[str]]:
    """Send texts through one script file, written as a runbook is, and one engine."""
    script = tmp_path_factory.mktemp("literals") / "values.ps1"

    def send(values: list[str]) -> list[str]:
        lines = [f"$value = {powershell_literal(value)}\n$send.Invoke($value)" for value in values]
        text = (
            "$send = { param($text) [Console]::Out.WriteLine("
            "[Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($text))) }\n" + "\n".join(lines) + "\n"
        )
        script.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
        done = run_powershell(f"& '{script}'")
        return [base64.b64decode(line).decode("utf-16-le") for line in done.stdout.decode().splitlines()]

    return send


def test_every_nasty_text_comes_back_unchanged(round_trip: Callable[[list[str]], list[str]]) -> None:
    assert round_trip(NASTY) == NASTY


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_any_text_that_a_description_admits_comes_back_unchanged(
    round_trip: Callable[[list[str]], list[str]], data: st.DataObject
) -> None:
    pattern = rf"[^{FORBIDDEN_CLASS}\ud800-\udfff]{{0,80}}"
    texts = data.draw(st.lists(st.from_regex(pattern, fullmatch=True), min_size=60, max_size=120))
    closing = data.draw(
        st.lists(st.text("'\u2018\u2019\u201a\u201b\"`$()#<>@{}; x", max_size=40), min_size=60, max_size=120)
    )
    assert round_trip(texts + closing) == texts + closing


def test_lists_and_tables_come_back_as_what_they_were(
    run_powershell: Callable[..., subprocess.CompletedProcess[bytes]], tmp_path: Path
) -> None:
    values: list[Any] = [
        [],
        ["one"],
        ["a", "b's", "c\u2019s"],
        [f"member{number}@contoso.com" for number in range(40)],
        {},
        {"AutomateProcessing": "None", "AllowConflicts": True, "BookingWindowInDays": 1080, "Nothing": None},
        [{"ClientId": "x", "Name": "it's"}],
        [{"ClientId": str(number) * 30, "Name": "n" * 30} for number in range(9)],
        {"Deep": [{"Items": ["x" * 60, "y" * 60], "Flag": False}]},
        -2147483648,
        2147483647,
    ]
    script = tmp_path / "values.ps1"
    lines = [
        f"$value = {powershell_literal(value)}; ConvertTo-Json -InputObject $value -Compress -Depth 5"
        for value in values
    ]
    script.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).replace("\n", "\r\n").encode())
    import json

    done = run_powershell(f"& '{script}'")
    assert [json.loads(line) for line in done.stdout.decode().splitlines()] == values


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        (None, "$null"),
        (True, "$true"),
        (False, "$false"),
        (0, "0"),
        ("it's", "'it''s'"),
        ("\u2018\u2019\u201a\u201b", "'\u2018\u2018\u2019\u2019\u201a\u201a\u201b\u201b'"),
        ([], "@()"),
        (("a", "b"), "@('a', 'b')"),
        ({}, "@{}"),
        ({"ClientId": "x", "Name": ""}, "@{ ClientId = 'x'; Name = '' }"),
    ],
)
def test_a_short_value_is_one_line(value: Any, literal: str) -> None:
    assert powershell_literal(value) == literal


def test_a_long_list_has_one_item_on_a_line() -> None:
    items = ["a" * WIDTH, "b"]
    assert powershell_literal(items, 4) == f"@(\n        '{items[0]}'\n        'b'\n    )"


def test_a_long_table_has_one_key_on_a_line() -> None:
    assert powershell_literal({"A": "a" * WIDTH, "B": 1}) == f"@{{\n    A = '{'a' * WIDTH}'\n    B = 1\n}}"


@pytest.mark.parametrize(
    "value",
    [
        "line\nend",
        "line\rend",
        "nul\x00",
        "escape\x1b[0m",
        "bidi\u202eevil",
        "isolate\u2066",
        "mark\u200f",
        "surrogate\ud800",
        2**31,
        -(2**31) - 1,
        1.5,
        b"bytes",
        object(),
        [["nested"]],
        {"two words": 1},
        {"": 1},
        {"x'; Remove-Item": 1},
        {"L\u00e4nge": 1},
        {1: "number"},
        [{"Key": ["fine", 0.5]}],
    ],
)
def test_what_no_description_can_hold_is_refused(value: Any) -> None:
    with pytest.raises(DefectError):
        powershell_literal(value)
