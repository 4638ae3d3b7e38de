"""What Rollback does with each case of a step's tables: the bodies that the files of ``tests/steps`` share."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from support.sites import OURS, Json, Site, copied_journal, states, undo
from support.tenants import NOT_FOUND, SCOPE, detail, named

from pexgen.rehearsal import Result
from pexgen.simulation import without_bookkeeping
from pexgen.simulation.objects import assignment


def unseen(cmdlet: str, nth: int, times: int) -> Json:
    """Return options of a run in which a cmdlet does not find what is there, from the nth call on, so many times."""
    fault = {"kind": "error", "cmdlet": cmdlet, "nth": nth, "times": times, "class": NOT_FOUND, "text": "not now"}
    return {"faults": [fault]}


def never_undone_while_there(
    site: Site, run: Result, folder: Path, is_there: Callable[[Json], bool], *, step: str, **given: Any
) -> None:
    """Check that Rollback never says undone of what is there, whatever it was not shown."""
    back = undo(site, run.tenant, [copied_journal(run, folder)], Step=[step], **given)
    still = is_there(back.tenant)
    assert back.uncaught is None
    assert states(back)[step] in {"kept", "gone", "pending", "unreadable"} | ({"undone"} if not still else set()), (
        back.screen
    )
    assert back.exit_code != 0 or not still


def taken_back_though_found_late(site: Site, run: Result, folder: Path, step: str, cmdlet: str) -> None:
    """Check that what this cmdlet finds late in its time is waited for and taken back."""
    given: Json = {"Step": [step], "options": unseen(cmdlet, 1, 8)}
    back = undo(site, run.tenant, [copied_journal(run, folder)], **given)
    assert (back.exit_code, states(back)) == (0, {step: "undone"}), back.screen
    assert back.writes
    assert back.waits


def ours_by_its_time(site: Site, folder: Path, step: str, cmdlet: str, find: Callable[[Json], Json]) -> None:
    """Check that what a run that stood still only announced is kept, created an hour before or two hours after it."""
    run = site.run("Apply", options={"faults": [{"kind": "freeze-after", "cmdlet": cmdlet}]})
    assert run.killed
    for hours in (-1, 2):
        (place := folder / f"{hours}").mkdir()
        journal = copied_journal(run, place)
        created = (datetime.now(timezone.utc) + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S")
        tenant = copy.deepcopy(run.tenant)
        find(tenant).update(WhenCreatedUTC=created)
        back = undo(site, tenant, [journal], Step=[step])
        assert (back.exit_code, states(back), back.writes) == (5, {step: "kept"}, ()), back.screen
        said = detail(back, step)
        assert f"created at {created.replace(' ', 'T')}Z" in said
        assert json.loads(Path(journal).read_text("utf-8").splitlines()[-2])["utc"][:10] in said


def removed_though_not_found_once(site: Site, run: Result, good: Result, folder: Path, cmdlet: str) -> None:
    """Check that a single "not found" right before this removal is asked about again, and that it is removed.

    ``good`` is the Rollback of that run in which everything is found.
    """
    (write,) = [call for call in good.writes if call.cmdlet == cmdlet]
    look = max(call.n for call in good.calls[: write.n] if call.cmdlet == cmdlet.replace("Remove-", "Get-"))
    fault = {"kind": "error", "call": look, "class": NOT_FOUND, "text": "not now"}
    back = undo(site, run.tenant, [copied_journal(run, folder)], options={"faults": [fault]})
    assert back.exit_code == 0, back.screen
    assert without_bookkeeping(back.tenant) == without_bookkeeping(good.tenant)


def taken_back_without_time_to_wait(site: Site, folder: Path, step: str, look: str) -> None:
    """Check that a single "not found" about what was made does not count as gone, not even without time to wait."""
    run = site.run("Apply", Step=[step])
    fault = {"kind": "error", "cmdlet": look, "class": NOT_FOUND, "text": "not now"}
    back = undo(site, run.tenant, [copied_journal(run, folder)], options={"faults": [fault]}, WaitSeconds=0)
    assert (back.exit_code, len(back.writes), back.waits) == (0, 1, ()), back.screen
    assert without_bookkeeping(back.tenant) == without_bookkeeping(site.tenant)


def unreadable_on_the_next_look(site: Site, run: Result, folder: Path, step: str, look: str, nth: int) -> None:
    """Check that what was just seen and is not found on the next look is unreadable, and not somebody else's."""
    fault = {"kind": "error", "cmdlet": look, "nth": nth, "class": NOT_FOUND, "text": "not now"}
    given: Json = {"Step": [step], "options": {"faults": [fault]}}
    back = undo(site, run.tenant, [copied_journal(run, folder)], **given)
    assert (back.exit_code, states(back)[step], back.writes) == (4, "unreadable", ()), back.screen
    assert "at the moment" in back.screen


def kept_at_the_last_look(
    site: Site, folder: Path, steps: list[str], meanwhile: Callable[[Json], Json], reason: str
) -> None:
    """Check that the first of the steps is kept, for this reason, after a change while the question stood open."""
    run = site.run("Apply", Step=steps)
    given: Json = {"JournalPath": [copied_journal(run, folder)], "RemoveCreatedMailbox": True, "Step": steps[:1]}
    # A dry run reads what the question rests on, and nothing after it.
    asked = len(site.run("Rollback", run.tenant, WhatIf=True, **given).calls)
    change = meanwhile(run.tenant)
    fault = {"kind": "change", "call": asked + 1, "set": [change]}
    back = site.run("Rollback", run.tenant, options={"faults": [fault]}, **given)
    assert (back.exit_code, states(back)[steps[0]], back.writes) == (5, "kept", ()), back.screen
    assert reason in detail(back, steps[0])


def scope_gets_another_user(tenant: Json) -> Json:
    """Return the change by which somebody gives another application a role over our scope."""
    (other,) = [one["Guid"] for one in tenant["servicePrincipals"] if one["AppId"] != OURS]
    ours = named(tenant["scopes"], SCOPE)["Guid"]
    row = assignment("theirs", "Application Mail.Read", other, "ServicePrincipal", scope_guid=ours)
    return {"path": "assignments", "add": [row]}
