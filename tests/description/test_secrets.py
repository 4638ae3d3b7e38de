"""What looks like a secret is refused, and stands in no message."""

from __future__ import annotations

import pytest

# Made up, and put together here so that no scanner takes this file for a leak.
ENTRA = "abc8" + "Q~" + "dEf0123456789_-ghijklmnopqrstuv.wx"
TOKEN = "eyJ" + "hbGciOiJub25lIn0" + "." + "eyJzdWIiOiJub2JvZHkifQ" + "."
REFRESH = "0." + "AXoA" + "x" * 200
PEM = "-----BEGIN " + "PRIVATE KEY-----"


def everything(problems) -> str:
    return "\n".join(f"{each.message} {each.hint} {each.source_line}" for each in problems)


@pytest.mark.parametrize("secret", [ENTRA, TOKEN, REFRESH, PEM], ids=["entra", "jwt", "refresh", "pem"])
@pytest.mark.parametrize(
    "line", ["change: {{ticket: '{}'}}", "# {}", "change: {{ticket: {}}}", "{}: x", "zork: {}", "'{}': [", "name: {}"]
)
def test_secret_is_refused_wherever_it_stands_and_not_repeated(problems_of, small, secret, line) -> None:
    problems = problems_of(small + line.format(secret) + "\n")
    assert "PXG016" in [each.code for each in problems]
    assert secret not in everything(problems)
    assert secret[5:-5] not in everything(problems)


@pytest.mark.parametrize(
    "key", ["client_secret", "password", "Password", "oauth_client_secret", "refresh-token", "api_key", "PRIVATE_KEY"]
)
@pytest.mark.parametrize("value", ["hunter2", "'hunter2 hunter2'", "hunter2: x: y", "{a: hunter2}"])
def test_key_for_a_secret_is_refused_without_its_value(problems_of, small, key, value) -> None:
    problems = problems_of(f"{small}{key}: {value}\n")
    assert next(each.code for each in problems) in {"PXG016", "PXG005"}
    assert "hunter2" not in everything(problems)


def test_secret_in_the_line_of_another_problem_is_masked(problems_of, small) -> None:
    problems = problems_of(small + "change: {zork: 1, password: hunter2, blah: 0777}\n")
    assert {each.code for each in problems} == {"PXG014", "PXG016", "PXG020"}
    assert "hunter2" not in everything(problems)
    assert "*******" in problems[0].source_line


@pytest.mark.parametrize(
    "text",
    [
        "3f6d2b9e-51c8-4a07-8e9d-2c7b6a5f4e10",
        "alice.secretary@contoso.com",
        "Password reset portal",
        "https://contoso.service-now.com/nav_to.do?uri=change_request.do",
        "x" * 40,
    ],
)
def test_what_is_no_secret_is_taken(problems_of, small, text) -> None:
    assert problems_of(small + f"change: {{ticket: '{text}'}}\n") == ()
