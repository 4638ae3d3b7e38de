"""What Rollback takes away is looked at once more right before it: the question may have stood open for an hour."""

from __future__ import annotations

from pathlib import Path

from support.sites import Json, SiteOf, copied_journal, states
from support.step_undos import scope_gets_another_user
from support.tenants import SCOPE, detail


def test_what_is_kept_at_the_last_look_keeps_what_it_rests_on(site: SiteOf, tmp_path: Path) -> None:
    run = site().run("Apply", Step=["scheduling-group", "application-scope"])
    given: Json = {"JournalPath": [copied_journal(run, tmp_path)]}
    dry = site().run("Rollback", run.tenant, WhatIf=True, Step=["application-scope"], **given)
    fault = {"kind": "change", "call": len(dry.calls) + 1, "set": [scope_gets_another_user(run.tenant)]}
    back = site().run("Rollback", run.tenant, options={"faults": [fault]}, **given)
    kept = {step: state for step, state in states(back).items() if state == "kept"}
    assert (back.exit_code, kept, back.writes) == (
        5,
        dict.fromkeys(["scheduling-group", "application-scope"], "kept"),
        (),
    )
    assert f"the management scope '{SCOPE}' is built on it" in detail(back, "scheduling-group")
