"""PXG112: an application that is kept twice, or is ours."""

from __future__ import annotations

import pytest

OURS = "3F6D2B9E-51c8-4a07-8e9d-2c7b6a5f4e10"
OTHER = "5e3ce6c0-2b1f-4285-8d4b-75ee78787346"


@pytest.mark.parametrize(("kept", "words"), [([OURS], "our own"), ([OTHER, OTHER], "ews.keep[0]"), ([OTHER], "")])
def test_ours_and_repeated_ones_are_warnings(findings, kept, words) -> None:
    keep = ", ".join(f"{{client_id: {each}}}" for each in kept)
    found = findings("PXG112", ("policy: check", f"keep: [{keep}]"))
    assert [(severity, meant) for severity, meant, _ in found] == ([("warning", kept[-1])] if words else [])
    assert all(words in message for _, _, message in found)
