"""What tests of one step do with each case of their tables: the bodies that the files of ``tests/steps`` share."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.journals import entries, journal_text
from support.sites import DESCRIPTION, Applied, Json, Site, SiteOf, copied_journal, states
from support.tenants import NOT_FOUND, changed, detail

from pexgen.rehearsal import Result
from pexgen.simulation import user, without_bookkeeping

Changes = dict[str, tuple[Callable[[Json], Any], str]]
"""By the name of a case: what somebody changes in the tenant, and a text that has to come of it."""
ABSENT: Json = {
    "kind": "error",
    "class": NOT_FOUND,
    "text": "The operation couldn't be performed because object 'x' couldn't be found on 'y'.",
}
"""A fault: Exchange says that something is not there."""
INITIAL = DESCRIPTION["target"]["organization"]
UNTOUCHED = ("in-place", "not-asked")
_EXISTS = "Microsoft.Exchange.Data.Directory.ADObjectAlreadyExistsException"
_GRANTS = frozenset({"New-ManagementRoleAssignment", "Add-MailboxPermission"})


def taken_right_before(site: Site, step: str, cmdlet: str, change: Json, text: str) -> None:
    """Check that what takes the place right before the step's creation is a conflict that nobody waits for."""
    run = site.run("Apply", options={"faults": [{"kind": "change", "cmdlet": cmdlet, "set": [change]}]}, Step=[step])
    assert (run.exit_code, states(run), run.waits) == (3, {step: "conflict"}, ()), run.screen
    assert text in detail(run, step)
    # Rollback neither waits for what Exchange refused nor takes it for ours.
    assert [line.get("event") for line in entries(journal_text(run))] == [None, "intent", "failed"]


def corrected(site: Site, tenant: Json, step: str, cmdlet: str) -> None:
    """Check that the step alone differs, that one write of this cmdlet corrects it, and that nothing differs then."""
    apply = site.run("Apply", tenant)
    assert (apply.exit_code, [call.cmdlet for call in apply.writes]) == (0, [cmdlet]), apply.screen
    assert {one: state for one, state in states(apply).items() if state not in UNTOUCHED} == {step: "changed"}
    assert site.run("Check", apply.tenant).exit_code == 0


def unreadable_where_lacking(site: SiteOf, applied: Applied, cmdlet: str, lacking: str, step: str) -> None:
    """Check that an answer without a property makes the step unreadable, and that nothing is written then."""
    here = site(scheduling_group={"managed_by": "ceo@contoso.com"})
    tenant = copy.deepcopy(applied().tenant)
    tenant["settings"]["answersLack"] = {cmdlet: [lacking]}
    run = here.run("Apply", tenant)
    assert (run.exit_code, states(run)[step], run.writes) == (4, "unreadable", ()), run.screen
    assert lacking in run.screen


def seen_later(site: Site, applied: Result, cmdlet: str, after: str) -> None:
    """Check that Apply waits where one cmdlet does not find an object for a while after another one made it."""
    made = next(call.n for call in applied.calls if call.cmdlet == after)
    seen = sum(1 for call in applied.calls if call.cmdlet == cmdlet and call.n < made)
    fault = {**ABSENT, "cmdlet": cmdlet, "nth": seen + 1, "times": 3}
    run = site.run("Apply", options={"faults": [fault]})
    assert run.exit_code == 0, run.screen
    assert run.waits
    assert without_bookkeeping(run.tenant) == without_bookkeeping(applied.tenant)


def unreadable_where_not_shown(site: Site, run: Result, folder: Path, step: str, cmdlet: str) -> None:
    """Check that Rollback reads nothing out of an answer of "not found" about entries of a list that are there."""
    fault = {**ABSENT, "cmdlet": cmdlet, "nth": 1, "times": 99}
    journal = copied_journal(run, folder)
    back = site.run("Rollback", run.tenant, JournalPath=[journal], Step=[step], options={"faults": [fault]})
    assert (states(back), back.exit_code, back.writes) == ({step: "unreadable"}, 4, ()), back.screen


def taken(site: Site, address: str) -> Json:
    """Return the tenant in which somebody's second address is the one that comes with ours."""
    local, others = address.split("@", maxsplit=1)[0], "somebody@contoso.com"
    other = user(others, EmailAddresses=[f"SMTP:{others}", f"smtp:{local}@{INITIAL}"])
    return changed(site.tenant, lambda tenant: tenant["recipients"].append(other))


def refused(cmdlet: str, text: str, kind: str = _EXISTS) -> Json:
    """Return options of a run in which Exchange refuses each call of this cmdlet, and makes nothing."""
    return {"faults": [{"kind": "error", "cmdlet": cmdlet, "class": kind, "text": text, "times": 1000}]}


def grants(run: Result) -> list[str]:
    """Return the cmdlets by which the run gave somebody a right."""
    return [call.cmdlet for call in run.writes if call.cmdlet in _GRANTS]


def events(run: Result, step: str) -> list[str]:
    """Return what the journal says of a step, in order."""
    return [line["event"] for line in entries(journal_text(run)) if line.get("step") == step]


def fails_where_the_alias_is_taken(site: Site, address: str, step: str) -> None:
    """Check that the step fails at once where somebody has the address that Exchange makes of the alias.

    Exchange names an address that nobody asked for, so that waiting for ours is waiting for nothing.
    """
    run = site.run("Apply", taken(site, address))
    assert (run.exit_code, run.waits, states(run)[step]) == (3, (), "failed"), run.screen
    assert f"SMTP:{address.split('@', maxsplit=1)[0]}@{INITIAL}" in detail(run, step)
    assert events(run, step) == ["intent", "failed"]
    assert grants(run) == []


def fails_where_it_never_shows(site: Site, cmdlet: str, step: str) -> None:
    """Check that the step fails where Exchange says that its object exists, and never shows it.

    The words come before the first wait, and after the last one nobody is told to come back later.
    """
    words = "The object 'it' already exists. Please use a different name."
    run = site.run("Apply", options=refused(cmdlet, words), WaitSeconds=30)
    assert (run.exit_code, states(run)[step]) == (3, "failed"), run.screen
    assert words in detail(run, step)
    assert words in run.screen
    assert run.screen.index(words) < run.screen.index("Waiting ")
    assert sum(run.waits) == 30
    assert events(run, step)[-2:] == ["intent", "failed"]
    if step != "application-role":
        assert grants(run) == []
