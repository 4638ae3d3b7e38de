"""PXG116: Exchange itself would answer the requests."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("new", "meant"),
    [
        ("  calendar: {automate_processing: AutoAccept}\n", "AutoAccept"),
        ("  calendar: {allow_conflicts: true}\n", "calendar"),
        ("", "equipment"),
    ],
)
def test_auto_accept_by_word_or_by_default_is_a_warning(findings, new, meant) -> None:
    ((severity, found, message),) = findings("PXG116", ("  calendar: {automate_processing: None}\n", new))
    assert (severity, found) == ("warning", meant)
    assert "Pexip says" not in message


@pytest.mark.parametrize("value", ["None", "AutoUpdate"])
def test_other_values_are_for_a_person_to_compare(findings, value) -> None:
    assert findings("PXG116", ("automate_processing: None", f"automate_processing: {value}")) == []


def test_what_a_server_does_by_default_is_said_for_the_server(findings) -> None:
    ((_, _, message),) = findings("PXG116", ("  calendar: {automate_processing: None}\n", ""), of="server")
    assert "admin center" in message
    assert "Exchange Online" not in message
