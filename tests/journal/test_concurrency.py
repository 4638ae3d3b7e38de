"""Two administrators at once: one result, and two journals that tell the truth."""

from __future__ import annotations

import json
import threading
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from support.bad_days import Ground, apply_ground, ews_list
from support.deployments import APP_PERMISSIONS, others
from support.journals import entries, journal_text
from support.sites import KEEP, OURS, Applied, Json, Site, SiteOf, states
from support.tenants import EQUIPMENT, recipient

from pexgen.rehearsal import Engine, Result, drifted, without_bookkeeping

ADDRESS = f"recipients.[PrimarySmtpAddress={EQUIPMENT}]"


STAMPED = """
& (Get-Module -Name 'tmpEXO_*') {
    $script:PlainLog = ${function:Write-CallLog}
    function script:Write-CallLog {
        param([hashtable] $Entry)
        $Entry.at = [datetime]::UtcNow.Ticks
        & $script:PlainLog $Entry
    }
}
"""
"""What makes a session's log of calls tell when each of them ended."""
CMDLETS = {
    "equipment-mailbox": {"New-Mailbox", "Set-Mailbox"},
    "equipment-calendar": {"Set-CalendarProcessing"},
    "scheduling-group": {"New-DistributionGroup"},
    "scheduling-members": {"Add-DistributionGroupMember"},
    "application-pointer": {"New-ServicePrincipal"},
    "application-scope": {"New-ManagementScope"},
    "application-role": {"New-ManagementRoleAssignment"},
    "ews-access": {"Set-OrganizationConfig"},
    "delegate-access": {"Add-MailboxPermission"},
    "add-in": {"New-App", "Set-App"},
}


def raced(site: Site, tenant: Json, engine: Engine, folder: Path) -> tuple[list[Result], Json]:
    """Play Apply in two sessions on one tenant at the same time; give the results and the tenant."""
    state = folder / "tenant.json"
    state.write_text(json.dumps(tenant), "utf-8")
    found: dict[int, Result] = {}

    def play(number: int, on: Engine) -> None:
        given = {"Mode": "Apply", "Confirm": False}
        found[number] = on.play(site.runbook, state, given, in_place=True, prelude=STAMPED)

    threads = [threading.Thread(target=play, args=pair) for pair in ((0, site.engine), (1, engine))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [found[0], found[1]], json.loads(state.read_text("utf-8"))


def turns(runs: list[Result]) -> int:
    """How often the one run was heard after the other, in the order of all their calls."""
    logs = [(run.folder.parent / "calls.jsonl").read_text("utf-8").splitlines() for run in runs]
    order = sorted((json.loads(line)["at"], number) for number, lines in enumerate(logs) for line in lines)
    return sum(left[1] != right[1] for left, right in pairwise(order))


def untold(run: Result) -> list[str]:
    """What the run's journal says otherwise than it was: done without a write of this run, or written without a word.

    A create that was refused because the object is there already counts, where what is there is what was wanted.
    """
    lines = [line for line in entries(journal_text(run)) if "event" in line]
    found = []
    for step, cmdlets in CMDLETS.items():
        said = Counter(line["event"] for line in lines if line["step"] == step)
        sent = [call for call in run.writes if call.cmdlet in cmdlets]
        made = [call for call in sent if call.outcome == "ok"]
        there = [call for call in sent if call not in made and "exists" in f"{call.outcome} {call.message}".lower()]
        if said["done"] > len(made) + len(there):
            found.append(f"{step}: {said['done']} done, {len(made)} made and {len(there)} found made")
        if said["intent"] < len(made):
            found.append(f"{step}: {said['intent']} announced, {len(made)} made")
    return found


@pytest.mark.parametrize("name", ["fresh", "drifted"])
def test_two_at_once_end_with_one_result_that_both_journals_take_back(
    site: SiteOf, applied: Applied, second_engine: Engine, tmp_path: Path, name: str
) -> None:
    here = site()
    values = here.engine.defaults(here.runbook)
    start = here.tenant if name == "fresh" else drifted(applied().tenant, values)
    good = here.run("Apply", start)
    # A process that has played the same before is as fast as the other one.
    second_engine.play(here.runbook, start, {"Mode": "Apply", "Confirm": False})
    runs, tenant = raced(here, start, second_engine, tmp_path)
    assert turns(runs) > 2
    assert [untold(run) for run in runs] == [[], []]
    for run in runs:
        stopped = 3 if run.writes else 4
        assert run.exit_code == (stopped if "conflict" in states(run).values() else 0), run.uncaught or run.screen
    assert others(tenant) == others(start)
    end = here.run("Apply", tenant)
    assert end.exit_code == 0, end.screen
    assert alike(end.tenant) == alike(good.tenant)
    journals = [text for text in map(journal_text, [*runs, end]) if text]
    paths = [str(written(tmp_path / f"{number}.jsonl", text)) for number, text in enumerate(journals)]
    back = here.run("Rollback", end.tenant, JournalPath=paths, RemoveCreatedMailbox=True)
    assert back.exit_code == 0, back.screen
    assert without_bookkeeping(back.tenant) == without_bookkeeping(start)


def alike(tenant: Json) -> Json:
    """What tenants have in common that made the same objects in another order, or in several tries: no GUIDs."""
    text = json.dumps(without_bookkeeping(tenant), sort_keys=True)
    ids = {one["Guid"]: str(one["Name"]) for key in ("scopes", "assignments") for one in tenant[key]}
    for guid, name in ids.items():
        text = text.replace(guid, name)
    found: Json = json.loads(text)
    for key in ("scopes", "assignments"):
        found[key] = sorted(found[key], key=lambda one: str(one["Name"]))
    return found


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


@pytest.fixture(scope="module")
def drift(site: SiteOf, applied: Applied) -> Ground:
    """Apply where several values differ."""
    here = site()
    return apply_ground(APP_PERMISSIONS, here, "drifted", drifted(applied().tenant, here.engine.defaults(here.runbook)))


def between(ground: Ground, index: int, *changes: Json) -> Result:
    """Apply, with somebody else's change right before the last look before this write."""
    write = ground.good.writes[index]
    look = [call for call in ground.reads if call.n < write.n][-1]
    fault = {"kind": "change", "call": look.n, "set": list(changes)}
    return ground.site.run("Apply", ground.tenant, options={"faults": [fault]})


VALUES: dict[str, tuple[int, str, Any, str]] = {
    "display name": (0, f"{ADDRESS}.DisplayName", "Theirs", "equipment-mailbox"),
    "calendar": (1, f"{ADDRESS}.calendar.AutomateProcessing", "AutoUpdate", "equipment-calendar"),
}


@pytest.mark.parametrize("case", VALUES)
def test_a_value_that_somebody_else_writes_between_look_and_write_stays_theirs(drift: Ground, case: str) -> None:
    index, path, value, step = VALUES[case]
    run = between(drift, index, {"path": path, "value": value})
    assert states(run)[step] == "conflict", run.screen
    assert run.exit_code == (4 if index == 0 else 3)
    assert len(run.writes) == index
    node = recipient(run.tenant, EQUIPMENT)
    assert value in (node["DisplayName"], node["calendar"].get("AutomateProcessing"))


def test_what_somebody_else_made_as_wanted_meanwhile_is_taken_as_done(drift: Ground) -> None:
    run = between(drift, 0, {"path": f"{ADDRESS}.DisplayName", "value": "Pexip Schéduling ’O"})
    assert run.exit_code == 0, run.screen
    assert [call.cmdlet for call in run.writes] == [call.cmdlet for call in drift.good.writes[1:]]
    assert "Pexip Schéduling" not in "".join(line for line in journal_text(run).splitlines() if '"intent"' in line)


def test_an_application_that_somebody_else_lists_meanwhile_stays_on_the_list(drift: Ground) -> None:
    newcomer = "33333333-2222-4333-8444-555555555555"
    index = [call.cmdlet for call in drift.good.writes].index("Set-OrganizationConfig")
    listed = sorted(ews_list(drift.tenant) | {newcomer})
    run = between(drift, index, {"path": "organization.EwsAllowedAppIDs", "value": ",".join(listed)})
    assert (run.exit_code, states(run)["ews-access"]) == (3, "conflict")
    again = drift.site.run("Apply", run.tenant)
    assert again.exit_code == 0
    assert ews_list(again.tenant) == {*listed, OURS, KEEP}
