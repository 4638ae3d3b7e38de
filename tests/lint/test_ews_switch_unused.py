"""PXG110: the switch may be set, but nothing may be written."""

from __future__ import annotations


def test_switch_without_leave_to_write_is_an_error(findings) -> None:
    ((severity, meant, _),) = findings("PXG110", ("policy: check", "switch_on: true"))
    assert (severity, meant) == ("error", "true")


def test_switch_with_merge_is_fine(findings) -> None:
    assert findings("PXG110", ("policy: check", "policy: merge\n  switch_on: true")) == []
