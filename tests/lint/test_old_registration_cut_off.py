"""PXG130: switching EWS on would shut out the way that is still in use."""

from __future__ import annotations

import pytest

OLD, OURS = "6c1d8e2a-7f94-4b03-9a5d-0e3f2b1c4d58", "3f6d2b9e-51c8-4a07-8e9d-2c7b6a5f4e10"
RETIRED = f"retire: [{{client_id: {OLD}}}]"
ON = ("policy: merge", "policy: merge\n  switch_on: true")


def test_an_old_registration_that_is_named_nowhere_is_an_error(findings) -> None:
    ((severity, meant, _),) = findings("PXG130", ON, (f"  {RETIRED}\n", ""), of="migrate")
    assert (severity, meant) == ("error", OLD)


@pytest.mark.parametrize(
    "changes",
    [
        (ON,),
        ((f"  {RETIRED}\n", ""),),
        (ON, (RETIRED, f"keep: [{{client_id: {OLD.upper()}}}]")),
        (ON, (f"  {RETIRED}\n", ""), (f"oauth:\n  client_id: {OLD}", f"oauth:\n  client_id: {OURS}")),
    ],
)
def test_one_that_stays_on_the_list_or_needs_none_is_right(findings, changes) -> None:
    assert findings("PXG130", *changes, of="migrate") == []
