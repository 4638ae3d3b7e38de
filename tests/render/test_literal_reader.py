"""Literals read back: what pexgen writes, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pexgen.literal_reader import NotALiteralError, read_literal
from pexgen.literals import powershell_literal

TEXT = st.text(
    st.characters(blacklist_categories=("Cc", "Cs", "Cf"), whitelist_characters="'’‘‚‛$`\"@(){};,"), max_size=60
)
PLAIN = st.one_of(st.booleans(), st.integers(-(2**31), 2**31 - 1), TEXT, st.none())
KEYS = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,8}", fullmatch=True)
TABLES = st.dictionaries(KEYS, st.one_of(PLAIN, st.lists(PLAIN, max_size=3).map(tuple)), max_size=4)
VALUES = st.one_of(PLAIN, TABLES, st.lists(st.one_of(PLAIN, TABLES), max_size=5).map(tuple))


@settings(deadline=None)  # A shared machine is slow at times, which proves nothing.
@given(VALUES, st.sampled_from([0, 4, 8]))
def test_every_literal_comes_back_as_the_value_it_was_written_for(value, indent) -> None:
    text = powershell_literal(value, indent)
    found = read_literal(f"x = {text},\n", 4, indent)
    assert found == (value, 4 + len(text))
    assert type(found[0]) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "'open",
            "'a' + 'b'x"[7:],
            '"$(Get-Mailbox)"',
            "$(Get-Mailbox)",
            "$trueish",
            "$env:PATH",
            "(1)",
            "[int]1",
        ),
        *("@('a' 'b')", "@('a','b')", "@('a', 'b'", "@('a', $(x))", "@(@('a'))", "@('a';'b')", "@( 'a')"),
        *("@{a=1}", "@{ a = 1; a = 2 }", "@{ a = Get-Mailbox }", "@{ 'a' = 1 }", "@{ a = 1", "@{ }"),
        *("007", "1.5", "2147483648", "-", "0x10", "1kb", "'a\nb'", "'a\x00'", "'a\u202e'", "'a\udce9'", "@(" * 50),
    ],
)
def test_anything_else_is_refused(text) -> None:
    with pytest.raises(NotALiteralError):
        read_literal(text, 0)


def test_what_follows_a_literal_is_not_read() -> None:
    assert read_literal("'a'; Get-Mailbox", 0) == ("a", 3)
