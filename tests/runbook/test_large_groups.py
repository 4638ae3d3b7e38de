"""Groups of many members: how much is asked and sent grows with what changes, and only as fast."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from support.journals import entries, journal_text
from support.sites import Json, Site, SiteOf, copied_journal
from support.tenants import guarded

from pexgen.rehearsal import Result

FEW, MANY, ALLOWED = 20, 80, 70
PROOF = {"in_scope": ["user00000@contoso.com"]}


def described(count: int) -> Json:
    """Return the sections of a description with that many people who schedule."""
    return {
        "scheduling_group": {"members": [f"user{number:05}@contoso.com" for number in range(count)]},
        "scope": {"max_mailboxes": None},
        "proof": PROOF,
        "add_in": None,
    }


@pytest.fixture(scope="module")
def sites(site: SiteOf) -> dict[int, Site]:
    """The sites of a small and of a large description."""
    return {count: site(**described(count)) for count in (FEW, MANY)}


@pytest.fixture(scope="module")
def runs(sites: dict[int, Site]) -> dict[int, Result]:
    """What an Apply of each does."""
    return {count: one.run("Apply") for count, one in sites.items()}


def test_each_added_member_costs_one_look_and_one_write(runs: dict[int, Result]) -> None:
    """The second pass and the look right before the writes read the group's list, not everybody again."""
    assert [run.exit_code for run in runs.values()] == [0, 0]
    few, many = (Counter(call.cmdlet for call in runs[count].calls) for count in (FEW, MANY))
    more = {name: many[name] - few[name] for name in many if many[name] != few[name]}
    assert more == {"Get-Recipient": MANY - FEW, "Add-DistributionGroupMember": MANY - FEW}


def test_a_finished_deployment_of_many_costs_no_look_for_each_member(
    sites: dict[int, Site], runs: dict[int, Result]
) -> None:
    """Whoever the group's list shows is not looked up."""
    check = sites[MANY].run("Check", runs[MANY].tenant)
    assert check.exit_code == 0, check.screen
    assert len(check.calls) <= 25


def test_the_screen_says_how_many_of_how_many_and_the_journal_names_each(runs: dict[int, Result]) -> None:
    """Dozens of lines of one kind tell less than a count; the journal and the log have them all."""
    run = runs[MANY]
    assert f"{MANY + 1} of {MANY + 1} changes sent" in run.screen
    assert "> add user00007@contoso.com" not in run.screen
    done = [entry for entry in entries(journal_text(run)) if entry.get("event") == "done"]
    assert sum(entry["step"] == "scheduling-members" for entry in done) == MANY + 1


def test_more_changes_than_allowed_are_refused_before_anything_is_sent(sites: dict[int, Site]) -> None:
    """The number is said, and the line that allows it."""
    run = sites[MANY].run("Apply", MaxChanges=ALLOWED)
    guarded(run, "max-changes", "scheduling-members", f"{MANY + 1} changes", f"-MaxChanges {MANY + 1}")
    assert (run.exit_code, run.writes) == (4, ())
    check = sites[MANY].run("Check", MaxChanges=ALLOWED)
    assert check.exit_code == 2
    assert f"-MaxChanges {MANY + 1}" in check.screen


def test_a_rollback_of_more_changes_than_allowed_is_refused_before_anything_is_sent(
    sites: dict[int, Site], runs: dict[int, Result], tmp_path: Path
) -> None:
    """A journal is no permission for any number."""
    given = {"JournalPath": [copied_journal(runs[MANY], tmp_path)]}
    run = sites[MANY].run("Rollback", runs[MANY].tenant, MaxChanges=ALLOWED, **given)
    guarded(run, "max-changes", "scheduling-members", f"-MaxChanges {MANY + 1}")
    assert (run.exit_code, run.writes) == (4, ())


def test_a_long_list_on_the_command_line_is_compared_with_that_of_the_file(site: SiteOf) -> None:
    """PowerShell takes no value from a list of thousands as a whole."""
    names = [f"user{number:05}@contoso.com" for number in range(2600)]
    made = site(scheduling_group={"members": names}, scope={"max_mailboxes": None}, proof=PROOF, add_in=None)
    same = made.run("Check", Step=["equipment-mailbox"], SchedulingGroupMembers=names)
    assert (same.exit_code, "Override" in same.screen) == (2, False), same.screen
    other = made.run("Check", Step=["equipment-mailbox"], SchedulingGroupMembers=names[:-1])
    assert (other.exit_code, "-SchedulingGroupMembers" in other.screen) == (2, True), other.screen[-3000:]
