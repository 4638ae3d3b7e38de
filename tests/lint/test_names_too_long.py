"""PXG113: names longer than Exchange takes."""

from __future__ import annotations


def test_character_beyond_the_basic_plane_counts_as_two(findings) -> None:
    name = "\U0001f600" * 33
    ((severity, meant, message),) = findings("PXG113", ("ews:", f"scope: {{name: {name}}}\news:"))
    assert (severity, meant) == ("error", name)
    assert "66 characters" in message


def test_longest_name_is_fine(findings) -> None:
    assert (
        findings("PXG113", ("ews:", f"scope: {{name: {chr(0xE9) * 64}}}\news:"), ("contoso\n", "x" * 40 + "\n")) == []
    )
