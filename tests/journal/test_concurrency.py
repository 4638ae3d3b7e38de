"""Two administrators at once: one result, and two journals that tell the truth."""

from __future__ import annotations

import json
import os
import random
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.bad_days import Ground, apply_ground, ews_list
from support.deployments import APP_PERMISSIONS, others
from support.journals import entries, journal_text
from support.sites import KEEP, OURS, Applied, Json, Site, SiteOf, states
from support.tenants import EQUIPMENT, recipient

from pexgen.rehearsal import Engine, Result
from pexgen.simulation import drifted, without_bookkeeping

ADDRESS = f"recipients.[PrimarySmtpAddress={EQUIPMENT}]"


TURNS = """
& (Get-Module -Name 'tmpEXO_*') {{
    $script:PlainLock, $script:Me = ${{function:Lock-Tenant}}, '{me}'
    $script:Turns, $script:Ended = '{turns}', '{ended}'
    function script:Lock-Tenant {{
        while ($true) {{
            $lock = & $script:PlainLock
            $left = [IO.File]::ReadAllText($script:Turns)
            if ($left -eq '' -or [IO.File]::Exists($script:Ended)) {{ return $lock }}
            if ([string] $left[0] -eq $script:Me) {{
                [IO.File]::WriteAllText($script:Turns, $left.Substring(1))
                return $lock
            }}
            $lock.Dispose()
            [Threading.Thread]::Sleep(2)
        }}
    }}
}}
"""
"""What makes a session wait for its turn before each call: a race that is the same on every machine.

``turns`` names a file with the numbers of the runs in the order of their calls; when the other run has ``ended``, or
the file is empty, nobody waits any more.
"""
SCHEDULES = {"in turn": "01" * 200, "two by two": "0011" * 100} | {
    f"shuffled {seed}": "".join(random.Random(seed).choices("01", k=400))  # noqa: S311 - no secret
    for seed in range(int(os.environ.get("PEXGEN_RACES", "1")))
}
# Each schedule once, the starts in turn; with PEXGEN_RACES each start with every schedule.
RACES = [
    (name, schedule)
    for number, schedule in enumerate(SCHEDULES)
    for place, name in enumerate(("fresh", "drifted"))
    if "PEXGEN_RACES" in os.environ or number % 2 == place
]
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


def raced(site: Site, tenant: Json, engine: Engine, folder: Path, schedule: str) -> tuple[list[Result], Json]:
    """Play Apply in two sessions on one tenant, their calls in the order of the schedule; give results and tenant."""
    state, turns = folder / "tenant.json", folder / "turns"
    state.write_text(json.dumps(tenant), "utf-8")
    turns.write_text(schedule, "utf-8")
    found: dict[int, Result] = {}

    def play(number: int, on: Engine) -> None:
        given = {"Mode": "Apply", "Confirm": False}
        prelude = TURNS.format(me=number, turns=turns, ended=folder / f"ended{1 - number}")
        try:
            found[number] = on.play(site.runbook, state, given, in_place=True, prelude=prelude)
        finally:
            (folder / f"ended{number}").touch()

    threads = [threading.Thread(target=play, args=pair) for pair in ((0, site.engine), (1, engine))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(turns.read_text("utf-8")) < len(schedule) - 2
    return [found[0], found[1]], json.loads(state.read_text("utf-8"))


def untold(run: Result) -> list[str]:
    """What the run's journal says otherwise than it was: done without its own write, or written without a word."""
    lines = [line for line in entries(journal_text(run)) if "event" in line]
    found = []
    for step, cmdlets in CMDLETS.items():
        said = Counter(line["event"] for line in lines if line["step"] == step)
        sent = [call for call in run.writes if call.cmdlet in cmdlets]
        made = [call for call in sent if call.outcome == "ok"]
        if said["done"] > len(made):
            found.append(f"{step}: {said['done']} done, {len(made)} made")
        if said["intent"] < len(made) + said["failed"]:
            found.append(f"{step}: {said['intent']} announced, {len(made)} made and {said['failed']} refused")
    return found


@pytest.mark.parametrize(("name", "schedule"), RACES)
def test_two_at_once_end_with_one_result_that_both_journals_take_back(
    site: SiteOf, applied: Applied, drift: Ground, second_engine: Engine, tmp_path: Path, name: str, schedule: str
) -> None:
    here = site()
    start, good = (here.tenant, applied()) if name == "fresh" else (drift.tenant, drift.good)
    runs, tenant = raced(here, start, second_engine, tmp_path, SCHEDULES[schedule])
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


MADE: dict[str, tuple[str, str, str]] = {
    "New-DistributionGroup": ("scheduling-group", "recipients", "PrimarySmtpAddress"),
    "New-ServicePrincipal": ("application-pointer", "servicePrincipals", "AppId"),
    "New-ManagementScope": ("application-scope", "scopes", "Name"),
    "New-ManagementRoleAssignment": ("application-role", "assignments", "Name"),
    "New-App": ("add-in", "apps", "AppId"),
}


def test_what_another_run_made_right_before_the_call_is_not_claimed_and_stays_when_this_run_is_rolled_back(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    here, theirs, faults = site(), {}, []
    for cmdlet, (_, place, key) in MADE.items():
        there = {one[key] for one in here.tenant[place]}
        new = [one for one in applied().tenant[place] if one[key] not in there]
        theirs[cmdlet] = [one | {"members": []} for one in new if one.get("RecipientTypeDetails") != "EquipmentMailbox"]
        faults.append({"kind": "change", "cmdlet": cmdlet, "set": [{"path": place, "add": theirs[cmdlet]}]})
    run = here.run("Apply", options={"faults": faults})
    steps = [step for step, _, _ in MADE.values()]
    assert (run.exit_code, states(run)) == (0, states(applied()) | dict.fromkeys(steps, "in-place")), run.screen
    assert untold(run) == []
    assert run.screen.count("somebody else may have made the same change in the meantime") >= len(MADE)
    path = str(written(tmp_path / "one.jsonl", journal_text(run)))
    back = here.run("Rollback", run.tenant, JournalPath=[path], RemoveCreatedMailbox=True)
    assert (back.exit_code, {states(back)[step] for step in steps}) == (5, {"kept"}), back.screen
    for cmdlet, (_, place, key) in MADE.items():
        there = {one[key] for one in here.tenant[place]}
        left = [one[key] for one in back.tenant[place] if one[key] not in there]
        assert left == [one[key] for one in theirs[cmdlet]], cmdlet


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
