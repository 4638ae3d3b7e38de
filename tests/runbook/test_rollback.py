"""What the journals say was changed is given back where it is still as it was left, and nothing else is touched."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from support.bad_days import ews_list
from support.described import asked_states, described_steps
from support.journals import chained
from support.sites import DESCRIPTION, KEEP, OURS, Applied, SiteOf, copied_journal, journal_path, states, undo
from support.tenants import NOT_FOUND, recipient

from pexgen.simulation import without_bookkeeping

MAILBOX = ["equipment-mailbox"]


def test_without_the_switch_the_mailbox_stays_and_its_calendar_is_given_back(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    run = applied()
    steps = ["equipment-mailbox", "equipment-calendar"]
    back = site().run("Rollback", run.tenant, JournalPath=[copied_journal(run, tmp_path)], Step=steps)
    assert (back.exit_code, states(back)["equipment-mailbox"], states(back)["equipment-calendar"]) == (
        5,
        "kept",
        "undone",
    )
    mailbox = recipient(back.tenant, "pexip-scheduling@contoso.com")
    assert mailbox["calendar"].get("AutomateProcessing", "AutoAccept") == "AutoAccept"


def test_what_if_says_what_would_be_given_back_and_changes_nothing(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    run = applied()
    journal = copied_journal(run, tmp_path)
    before = Path(journal).read_bytes()
    dry = undo(site(), run.tenant, [journal], WhatIf=True)
    assert (dry.exit_code, set(asked_states(dry)), dry.writes) == (2, {"different"}, ())
    assert Path(journal).read_bytes() == before


def test_rolling_back_twice_is_safe(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    run = applied()
    journal = copied_journal(run, tmp_path)
    first = undo(site(), run.tenant, [journal])
    second = undo(site(), first.tenant, [journal])
    assert (second.exit_code, set(asked_states(second)), second.writes) == (0, {"undone"}, ())


def test_a_value_that_somebody_changed_since_is_kept_with_the_reason(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    run = applied()
    tenant = copy.deepcopy(run.tenant)
    recipient(tenant, "pexip-scheduling@contoso.com")["calendar"]["AutomateProcessing"] = "AutoUpdate"
    back = undo(site(), tenant, [copied_journal(run, tmp_path)], Step=["equipment-calendar"])
    assert (back.exit_code, states(back), back.writes) == (5, {"equipment-calendar": "kept"}, ())
    assert "it is 'AutoUpdate' now; Apply left it at 'None'" in back.screen


def test_each_thing_that_others_depend_on_is_kept(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    run = applied()
    tenant = copy.deepcopy(run.tenant)
    recipient(tenant, "pexip-users@contoso.com")["members"].append(recipient(tenant, "ceo@contoso.com")["Guid"])
    ours = next(one for one in tenant["assignments"] if one["Name"] == "contoso-scheduling-ews")
    other = next(one for one in tenant["assignments"] if one["Name"] == "Somebody else's access")
    tenant["assignments"].append(
        {**other, "Name": "theirs", "Guid": "00000000-0000-4000-8000-0000000000aa", "scope": ours["scope"]}
    )
    back = undo(site(), tenant, [copied_journal(run, tmp_path)])
    kept = {step for step, state in states(back).items() if state == "kept"}
    # What the other application reaches is left as it is: its scope, the group, and who is in it.
    assert (back.exit_code, kept) == (5, {"application-scope", "scheduling-group", "scheduling-members"})
    gone = recipient(tenant, "pexip-scheduling@contoso.com")["Guid"]
    members = [one for one in recipient(tenant, "pexip-users@contoso.com")["members"] if one != gone]
    assert recipient(back.tenant, "pexip-users@contoso.com")["members"] == members
    assert "theirs" in back.screen


def test_entries_of_a_list_are_undone_singly(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    run = applied()
    tenant = copy.deepcopy(run.tenant)
    recipient(tenant, "pexip-users@contoso.com")["members"].remove(recipient(tenant, "alice@contoso.com")["Guid"])
    newcomer = "33333333-2222-4333-8444-555555555555"
    ids = tenant["organization"]["EwsAllowedAppIDs"]
    tenant["organization"]["EwsAllowedAppIDs"] = [*ids, newcomer] if isinstance(ids, list) else f"{ids},{newcomer}"
    back = undo(site(), tenant, [copied_journal(run, tmp_path)], Step=["ews-access", "scheduling-members"])
    # What was put on the list since relies on EWS being on, and what was reachable before, now on the list.
    assert (back.exit_code, states(back)["ews-access"]) == (5, "kept"), back.screen
    assert back.tenant["organization"]["EwsEnabled"] is True
    assert {newcomer, KEEP} <= ews_list(back.tenant)
    assert OURS not in ews_list(back.tenant)
    assert recipient(back.tenant, "pexip-users@contoso.com")["members"] == []


def test_two_runs_are_undone_together_newest_first(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    run = applied()
    other = site(equipment={"display_name": "A later name"}).run("Apply", run.tenant)
    assert [call.cmdlet for call in other.writes] == ["Set-Mailbox"]
    (tmp_path / "second").mkdir()
    journals = [copied_journal(run, tmp_path), copied_journal(other, tmp_path / "second")]
    back = undo(site(), other.tenant, journals)
    assert back.exit_code == 0, back.screen
    assert without_bookkeeping(back.tenant) == without_bookkeeping(site().tenant)


def test_a_journal_of_something_else_is_refused(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    # Of another tenant or connection: tests/engine/test_journal_owner.py. Of another format: test_journal.py there.
    journal = Path(copied_journal(applied(), tmp_path))
    header, *rest = journal.read_text("utf-8").splitlines(keepends=True)
    changed = json.dumps({**json.loads(header), "name": "fabrikam"}, separators=(",", ":"))
    journal.write_text(chained(changed + "\n" + "".join(rest)), "utf-8")
    back = undo(site(), applied().tenant, [str(journal)])
    assert (back.exit_code, back.writes) == (4, ())
    again = site().run("Apply", applied().tenant, JournalPath=[str(journal)])
    assert (again.exit_code, again.writes) == (4, ())
    for run in (back, again):
        assert "belongs to another deployment" in run.screen


def test_a_journal_that_is_not_there_or_holds_no_run_is_refused(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    for name in ("missing.jsonl", "empty.jsonl"):
        back = undo(site(), applied().tenant, [str(tmp_path / name)])
        assert (back.exit_code, back.calls[:1] and back.writes) == (4, ()), back.screen


def test_a_torn_last_line_announces_nothing(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    journal = Path(copied_journal(applied(), tmp_path))
    data = journal.read_bytes()
    journal.write_bytes(data[:-40])
    back = undo(site(), applied().tenant, [str(journal)])
    # What says that the add-in was uploaded is torn, and Exchange tells no time at which an add-in was.
    assert back.exit_code == 5, back.screen
    assert [step for step in described_steps(DESCRIPTION) if states(back)[step] != "undone"] == ["add-in"]
    assert "does not say that it was created" in back.screen
    assert recipient(back.tenant, "alice@contoso.com") == recipient(site().tenant, "alice@contoso.com")
    for key in ("recipients", "assignments", "scopes", "servicePrincipals", "organization"):
        assert without_bookkeeping(back.tenant)[key] == without_bookkeeping(site().tenant)[key]


def test_a_line_that_was_edited_is_refused(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    journal = Path(copied_journal(applied(), tmp_path))
    journal.write_text(chained(journal.read_text("utf-8").replace('"exists":false', '"exists":"no"', 1)), "utf-8")
    back = undo(site(), applied().tenant, [str(journal)])
    assert (back.exit_code, back.writes) == (4, ())


def test_apply_continues_its_own_journal(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    journal = Path(copied_journal(applied(), tmp_path))
    run = site(equipment={"display_name": "A later name"}).run("Apply", applied().tenant, JournalPath=[str(journal)])
    assert run.exit_code == 0
    headers = [line for line in journal.read_text("utf-8").splitlines() if "pexgen.journal/2" in line]
    assert len(headers) == 2
    back = undo(site(), run.tenant, [str(journal)])
    assert without_bookkeeping(back.tenant) == without_bookkeeping(site().tenant)


def test_text_that_looks_like_a_time_comes_back_unchanged(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    tenant = copy.deepcopy(applied().tenant)
    recipient(tenant, "pexip-scheduling@contoso.com")["DisplayName"] = "2026-11-02T21:00:00.123456+02:00"
    run = site().run("Apply", tenant, Step=MAILBOX)
    back = undo(site(), run.tenant, [copied_journal(run, tmp_path)], Step=MAILBOX)
    assert back.exit_code == 0, back.screen
    assert recipient(back.tenant, "pexip-scheduling@contoso.com")["DisplayName"] == "2026-11-02T21:00:00.123456+02:00"


def test_a_value_of_every_kind_of_text_comes_back_unchanged(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    odd = 'it\'s “quoted” ‘so’, \\u0041 "x" $(Get-Date) `n {0} ~ 🙂 \u2028 end'
    tenant = copy.deepcopy(applied().tenant)
    recipient(tenant, "pexip-scheduling@contoso.com")["DisplayName"] = odd
    run = site().run("Apply", tenant, Step=MAILBOX)
    back = undo(site(), run.tenant, [copied_journal(run, tmp_path)], Step=MAILBOX)
    assert (back.exit_code, recipient(back.tenant, "pexip-scheduling@contoso.com")["DisplayName"]) == (0, odd)
    assert journal_path(run).exists()


@pytest.mark.parametrize("first", [True, False])
def test_a_journal_that_is_not_there_is_refused_and_not_made(
    site: SiteOf,
    applied: Applied,
    tmp_path: Path,
    first: bool,  # noqa: FBT001 - which of the two comes first
) -> None:
    run = applied()
    journal, missing = copied_journal(run, tmp_path), str(tmp_path / "mistyped.jsonl")
    given = [missing, journal] if first else [journal, missing]
    back = undo(site(), run.tenant, given)
    assert (back.exit_code, back.writes) == (4, ()), back.screen
    assert not Path(missing).exists()


def test_runs_of_interleaved_files_are_undone_newest_first(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    run = applied()
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    tenant = run.tenant
    for number, (path, name) in enumerate(((one, "Name one"), (two, "Name two"), (one, "Name three"))):
        made = site(equipment={"display_name": name}).run("Apply", tenant, JournalPath=[str(path)])
        assert len(made.writes) == 1, made.screen
        lines = path.read_text("utf-8").splitlines()
        head = max(index for index, line in enumerate(lines) if line.startswith('{"format"'))
        lines[head] = json.dumps(
            {**json.loads(lines[head]), "utc": f"2026-11-02T10:0{number}:00Z"}, separators=(",", ":")
        )
        path.write_text(chained("\n".join(lines) + "\n"), "utf-8")
        tenant = made.tenant
    back = undo(site(), tenant, [str(one), str(two)], Step=["equipment-mailbox"])
    assert (back.exit_code, states(back)["equipment-mailbox"]) == (0, "undone"), back.screen
    assert recipient(back.tenant, "pexip-scheduling@contoso.com")["DisplayName"] == "Pexip Schéduling ’O"


def test_a_mailbox_that_somebody_made_a_room_is_kept_and_all_else_is_given_back(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    run = applied()
    tenant = copy.deepcopy(run.tenant)
    recipient(tenant, "pexip-scheduling@contoso.com")["RecipientTypeDetails"] = "RoomMailbox"
    back = undo(site(), tenant, [copied_journal(run, tmp_path)])
    found = states(back)
    assert (back.exit_code, found["delegate-access"], found["equipment-mailbox"]) == (5, "kept", "kept"), back.screen
    assert {found[step] for step in ("ews-access", "application-role", "application-scope")} == {"undone"}


def test_what_exchange_refused_and_somebody_made_since_is_kept(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    refusal = "Microsoft.Exchange.Configuration.Tasks.RecipientTaskException"
    fault = {"kind": "error", "cmdlet": "New-ServicePrincipal", "nth": 1, "class": refusal, "text": "refused"}
    run = site().run("Apply", options={"faults": [fault]})
    assert (run.exit_code, states(run)["application-pointer"]) == (3, "failed")
    later = site().run("Apply", run.tenant)
    assert later.exit_code == 0
    back = undo(site(), later.tenant, [copied_journal(run, tmp_path)], Step=["application-pointer"])
    assert (back.exit_code, states(back)["application-pointer"], back.writes) == (5, "kept", ()), back.screen


def test_what_was_announced_and_is_late_is_waited_for_and_taken_back(site: SiteOf, tmp_path: Path) -> None:
    tenant = copy.deepcopy(site().tenant)
    tenant["settings"]["late"] = {"servicePrincipal": 3}
    run = site().run("Apply", tenant, options={"faults": [{"kind": "freeze-after", "cmdlet": "New-ServicePrincipal"}]})
    assert run.killed
    back = undo(site(), run.tenant, [copied_journal(run, tmp_path)])
    assert back.exit_code == 0, back.screen
    assert without_bookkeeping(back.tenant) == without_bookkeeping(tenant)


def test_a_single_not_found_about_what_was_seen_is_asked_about_again(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    run = applied()
    fault = {"kind": "error", "cmdlet": "Get-ManagementScope", "nth": 1, "class": NOT_FOUND, "text": "not now"}
    back = site().run(
        "Rollback",
        run.tenant,
        options={"faults": [fault]},
        JournalPath=[copied_journal(run, tmp_path)],
        RemoveCreatedMailbox=True,
    )
    assert back.exit_code == 0, back.screen
    assert without_bookkeeping(back.tenant) == without_bookkeeping(site().tenant)


def test_a_journal_in_a_folder_with_a_comma_can_be_given(site: SiteOf, tmp_path: Path) -> None:
    folder = tmp_path / "Contoso, Inc"
    folder.mkdir()
    journal = str(folder / "a.jsonl")
    run = site().run("Apply", JournalPath=[journal], Step=MAILBOX)
    assert run.exit_code == 0, run.screen
    assert undo(site(), run.tenant, [journal], Step=MAILBOX).exit_code == 0
