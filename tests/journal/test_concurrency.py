"""Two administrators at once: one result, and two journals that tell the truth."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from support.bad_days import Ground, apply_ground, ews_list
from support.deployments import APP_PERMISSIONS, others
from support.journals import journal_text
from support.sites import KEEP, OURS, Applied, Json, Site, SiteOf, states
from support.tenants import EQUIPMENT, recipient

from pexgen.rehearsal import Engine, Result, drifted, without_bookkeeping

ADDRESS = f"recipients.[PrimarySmtpAddress={EQUIPMENT}]"


def raced(site: Site, tenant: Json, engine: Engine, folder: Path) -> tuple[list[Result], Json]:
    """Play Apply in two sessions on one tenant at the same time; give the results and the tenant."""
    state = folder / "tenant.json"
    state.write_text(json.dumps(tenant), "utf-8")
    found: dict[int, Result] = {}

    def play(number: int, on: Engine) -> None:
        found[number] = on.play(site.runbook, state, {"Mode": "Apply", "Confirm": False}, in_place=True)

    threads = [threading.Thread(target=play, args=pair) for pair in ((0, site.engine), (1, engine))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [found[0], found[1]], json.loads(state.read_text("utf-8"))


@pytest.mark.parametrize("name", ["fresh", "drifted"])
def test_two_at_once_end_with_one_result_that_both_journals_take_back(
    site: SiteOf, applied: Applied, second_engine: Engine, tmp_path: Path, name: str
) -> None:
    here = site()
    values = here.engine.defaults(here.runbook)
    start = here.tenant if name == "fresh" else drifted(applied().tenant, values)
    good = here.run("Apply", start)
    second_engine.play(here.runbook, start, {"Mode": "Check"})
    runs, tenant = raced(here, start, second_engine, tmp_path)
    assert {run.exit_code for run in runs} <= {0, 3, 4, 5}, [run.uncaught or run.screen for run in runs]
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
