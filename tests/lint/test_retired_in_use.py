"""PXG128: an application is retired that has to stay."""

from __future__ import annotations

import pytest

OLD, OURS = "6c1d8e2a-7f94-4b03-9a5d-0e3f2b1c4d58", "3f6d2b9e-51c8-4a07-8e9d-2c7b6a5f4e10"
RETIRED = f"retire: [{{client_id: {OLD}}}]"


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ((RETIRED, RETIRED.replace(OLD, OURS.upper())), "application.client_id"),
        ((RETIRED, f"keep: [{{client_id: {OLD}}}]\n  {RETIRED}"), "ews.keep[0].client_id"),
        (("oauth:", f"one_touch_join: {{client_ids: [{OLD}]}}\noauth:"), "one_touch_join.client_ids[0]"),
    ],
)
def test_application_that_has_to_stay_is_an_error(findings, change, key) -> None:
    ((severity, _, message),) = findings("PXG128", change, of="migrate")
    assert severity == "error"
    assert f"is also `{key}`" in message


def test_retiring_without_leave_to_write_is_an_error(findings) -> None:
    ((severity, meant, _),) = findings("PXG128", ("policy: merge", "policy: check"), of="migrate")
    assert (severity, meant) == ("error", "check")


def test_going_on_with_the_old_registration_is_right_where_nothing_is_retired(findings) -> None:
    same = (f"oauth:\n  client_id: {OLD}", f"oauth:\n  client_id: {OURS}")
    assert findings("PXG128", same, (f"  {RETIRED}\n", ""), of="migrate") == []
    assert findings("PXG101", same, of="migrate") == []
