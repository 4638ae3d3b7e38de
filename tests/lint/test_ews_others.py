"""PXG135: nobody has said who else uses EWS, or it is said twice."""

from __future__ import annotations

MERGE = ("policy: check", "policy: merge")
KEEP = ("policy: merge", "policy: merge\n  keep: [{client_id: 5e3ce6c0-2b1f-4285-8d4b-75ee78787346}]")
OURS = ("policy: merge", "policy: merge\n  keep: [{client_id: 3F6D2B9E-51c8-4a07-8e9d-2c7b6a5f4e10}]")
NO_OTHERS = ("policy: merge", "policy: merge\n  no_others: The usage report shows none.")


def test_a_list_of_ours_alone_is_a_warning_with_where_to_look(findings) -> None:
    ((severity, meant, message),) = findings("PXG135", MERGE)
    assert (severity, meant) == ("warning", "merge")
    assert "Microsoft fills no list" in message


def test_our_own_application_is_nobody_else(findings) -> None:
    assert len(findings("PXG135", MERGE, OURS)) == 1


def test_who_else_or_that_nobody_does_is_enough(findings) -> None:
    assert findings("PXG135", MERGE, KEEP) == []
    assert findings("PXG135", MERGE, NO_OTHERS) == []
    assert findings("PXG135") == []


def test_both_contradict_each_other(findings) -> None:
    ((severity, meant, _),) = findings("PXG135", MERGE, NO_OTHERS, KEEP)
    assert (severity, meant) == ("error", "The usage report shows none.")
