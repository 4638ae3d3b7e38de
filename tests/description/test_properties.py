"""Whatever comes in, a description or problems come out, the same with and without libyaml."""

from __future__ import annotations

import re

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pexgen.description import Loaded, load, load_schema
from pexgen.errors import InputError

RIGHT = """\
version: 1
name: contoso
method: app-permissions
target:
  {platform: exchange-online, organization: contoso.onmicrosoft.com, tenant_id: 8a1c52f6-0d3b-4e79-9c1e-6b2f0c4d7a91}
equipment:
  address: pexip@contoso.com
  display_name: "P\\u00e9xip"
application:
  client_id: 3f6d2b9e-51c8-4a07-8e9d-2c7b6a5f4e10
  object_id: b7a4e8d1-9c36-4f52-a1e0-7d8c5b3f2a64
scheduling_group:
  address: schedulers@contoso.com
  members:
    - alice@contoso.com
    - 'bob@contoso.com' # second
change:
  title: >-
    folded
    text
proof: {in_scope: [alice@contoso.com], out_of_scope: [ceo@contoso.com]}
"""
PIECES = [
    *":,[]{}#&*!|>'\"%@`-?\\~\t\n\r \u2028\u202e\x85\x00\ufeff\U0001f600=",
    *("- ", ": ", "? ", " #", "|#", ">-\n", "---\n", "...\n", "!!str ", "&a ", "*a", "<<: ", "\r\n", "null", "0777"),
    *("12:30", "no", "\\ud800", "\\x00", '"\\U00110000"', "%YAML 1.1\n", "{{ x }}", "\t#", "  ", "\n  "),
]


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A right description in which a few characters were taken out or put in."""
    text = RIGHT
    for _ in range(draw(st.integers(1, 3))):
        begin = draw(st.integers(0, len(text)))
        text = text[:begin] + draw(st.sampled_from(["", *PIECES])) + text[begin + draw(st.integers(0, 4)) :]
    return text


def outcome(data: bytes) -> Loaded | tuple[str, ...]:
    """The description, or the codes of its problems."""
    try:
        return load(data, "x")
    except InputError as error:
        problems = error.problems
    assert problems
    for problem in problems:
        assert problem.code.startswith("PXG0")
        assert problem.message.encode()
        assert problem.length >= 1
        assert problem.line >= 0
    return tuple(problem.code for problem in problems)


@given(st.binary(max_size=300))
def test_any_bytes_give_a_description_or_problems(data: bytes) -> None:
    outcome(data)


@given(st.lists(st.sampled_from([*PIECES, "a", "version", "1"]), max_size=40).map("".join))
def test_any_heap_of_yaml_gives_a_description_or_problems(text: str) -> None:
    outcome(text.encode())


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(damaged())
def test_pure_python_and_libyaml_read_the_same(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    fast = outcome(text.encode())
    with monkeypatch.context() as patched:
        patched.setattr(yaml, "__with_libyaml__", False)
        slow = outcome(text.encode())
    if isinstance(fast, Loaded):
        assert isinstance(slow, Loaded)
        assert fast.description == slow.description
        assert fast._tree.spans == slow._tree.spans
    else:
        assert not isinstance(slow, Loaded)


TEXT = re.compile(load_schema()["$defs"]["text256"]["pattern"])


def in_double_quotes(text: str) -> str:
    """The text as YAML's double-quoted scalar; what YAML takes for a line end is escaped."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + quoted.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029") + '"'


@settings(max_examples=300)
@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=200).filter(TEXT.fullmatch))
def test_text_that_the_schema_admits_arrives_unchanged(text: str) -> None:
    result = outcome(RIGHT.replace('"P\\u00e9xip"', in_double_quotes(text)).encode())
    assert isinstance(result, Loaded)
    assert result.description.equipment.display_name == text


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_text_that_the_schema_does_not_admit_is_refused(text: str) -> None:
    escaped = "".join(f"\\U{ord(character):08x}" for character in text)
    result = outcome(RIGHT.replace('"P\\u00e9xip"', f'"{escaped}"').encode())
    assert isinstance(result, Loaded) is bool(TEXT.fullmatch(text))
