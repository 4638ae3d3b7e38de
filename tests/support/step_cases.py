"""What tests of one step do with each case of their tables: the bodies that the files of ``tests/steps`` share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from support.journals import entries, journal_text
from support.sites import Json, Site, states
from support.tenants import detail

Changes = dict[str, tuple[Callable[[Json], Any], str]]
"""By the name of a case: what somebody changes in the tenant, and a text that has to come of it."""


def stopped(site: Site, tenant: Json, step: str, text: str) -> None:
    """Check that Check and Apply find a conflict of the step, and that Apply says this of it and writes nothing."""
    check = site.run("Check", tenant)
    assert (check.exit_code, states(check)[step]) == (4, "conflict"), check.screen
    apply = site.run("Apply", tenant)
    assert (apply.exit_code, states(apply)[step], apply.writes) == (4, "conflict", ()), apply.screen
    assert text in detail(apply, step)


def taken_right_before(site: Site, step: str, cmdlet: str, change: Json, text: str) -> None:
    """Check that what takes the place right before the step's creation is a conflict that nobody waits for."""
    run = site.run("Apply", options={"faults": [{"kind": "change", "cmdlet": cmdlet, "set": [change]}]}, Step=[step])
    assert (run.exit_code, states(run), run.waits) == (3, {step: "conflict"}, ()), run.screen
    assert text in detail(run, step)
    # Rollback neither waits for what Exchange refused nor takes it for ours.
    assert [line.get("event") for line in entries(journal_text(run))] == [None, "intent", "failed"]


def corrected(site: Site, tenant: Json, step: str, cmdlet: str) -> None:
    """Check that the step alone differs, that one write of this cmdlet corrects it, and that nothing differs then."""
    check = site.run("Check", tenant)
    assert (check.exit_code, [one for one, state in states(check).items() if state != "in-place"]) == (2, [step])
    apply = site.run("Apply", tenant)
    assert (apply.exit_code, [call.cmdlet for call in apply.writes]) == (0, [cmdlet]), apply.screen
    assert site.run("Check", apply.tenant).exit_code == 0
