"""Nothing is changed without a Yes to that step."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support.described import asked_states, described_steps
from support.journals import entries
from support.sites import (
    DESCRIPTION,
    OURS,
    Applied,
    Json,
    SiteOf,
    copied_journal,
    journal_path,
    result_file,
    states,
    undo,
)
from support.tenants import EQUIPMENT, GROUP, named, recipient

from pexgen.rehearsal import Result
from pexgen.simulation import user

STEPS = described_steps(DESCRIPTION)
HIGH = ("application-role", "ews-access")
YES = {"answers": ["y"] * 20}
Answered = Callable[..., Result]


@pytest.fixture(scope="module")
def answered(site: SiteOf) -> Answered:
    """Give an Apply whose questions were answered so; the same one to all who only look at it."""
    made: dict[tuple[str, ...], Result] = {}

    def apply(*answers: str) -> Result:
        if answers not in made:
            made[answers] = site().run("Apply", options={"answers": list(answers)}, LogPath="log.txt")
        return made[answers]

    return apply


@pytest.fixture(scope="module")
def checked(site: SiteOf) -> Result:
    """A Check where nothing of the deployment is there."""
    return site().run("Check")


@pytest.fixture(scope="module")
def taken_back(site: SiteOf, applied: Applied, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A Rollback of everything, whose questions were all answered with Yes."""
    journal = copied_journal(applied(), tmp_path_factory.mktemp("taken-back"))
    return site().run("Rollback", applied().tenant, options=YES, JournalPath=[journal])


def test_yes_to_all_makes_every_change_but_those_of_high_risk_which_are_asked_about_each(answered: Answered) -> None:
    run = answered("a", "y", "y")
    assert (run.exit_code, set(asked_states(run))) == (0, {"changed"})
    # What it covers is shown all the same, before it is sent.
    asked = run.screen.index("[A] Yes to All")
    for step in ("scheduling-group", "scheduling-members", "application-scope"):
        begin = run.screen.index(f"Step {step} (", asked)
        shown = run.screen[begin : run.screen.index("    > ", begin)]
        for text in ("\nRisk      ", "\nAnswer    Yes to All, given before"):
            assert text in shown
    assert "Reach     " in run.screen[asked:]
    assert (run.folder / "log.txt").read_text("utf-8").count("Answer    Yes to All, given before") == 7
    short = answered("a", "n")
    assert (short.exit_code, states(short)[HIGH[0]]) == (3, "skipped")
    assert states(short)["application-scope"] == "changed"


@pytest.mark.parametrize("step", [*HIGH, "scheduling-members"])
def test_enter_alone_consents_to_nothing_but_of_low_risk(site: SiteOf, answered: Answered, step: str) -> None:
    # Where all but the role and what comes after it is there; the list needs nothing of the other steps.
    ready = answered("a", "n") if step in HIGH else site().run("Apply", Step=["equipment-mailbox", "scheduling-group"])
    run = site().run("Apply", ready.tenant, options={"answers": [""]}, Step=[step])
    assert (run.exit_code, run.writes, states(run)) == (4, (), {step: "skipped"}), run.screen


def test_the_removal_of_a_group_and_of_a_mailbox_is_asked_on_its_own_and_enter_alone_keeps_it(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    given = {"JournalPath": [copied_journal(applied(), tmp_path)], "RemoveCreatedMailbox": True}
    run = site().run("Rollback", applied().tenant, options={"answers": ["a", "y", "y", "y", ""]}, **given)
    assert (run.exit_code, states(run)["equipment-mailbox"]) == (3, "skipped"), run.screen
    assert set(asked_states(run)) == {"undone", "skipped"}
    assert recipient(run.tenant, EQUIPMENT)["RecipientTypeDetails"] == "EquipmentMailbox"
    asks = "application-role, ews-access, a mailbox to be removed, a group to be removed."
    assert f"after Yes to All still before: {asks}" in run.screen
    group = run.screen[run.screen.index("Step scheduling-group (") :]
    assert '[Y] Yes  [N] No  [?] Help (default is "N")' in group[: group.index("Step equipment-calendar (")]
    question = run.screen[run.screen.rindex("Step equipment-mailbox (") :]
    assert "Removes   the mailbox, because -RemoveCreatedMailbox was given. Exchange shows no items" in question
    assert '[Y] Yes  [N] No  [?] Help (default is "N")' in question
    assert "Mailbox permissions given to it are not looked for." in run.screen


def test_a_mailbox_that_was_created_and_then_changed_is_named_as_one_to_be_removed(
    site: SiteOf, tmp_path: Path
) -> None:
    here, step = site(), ["equipment-mailbox"]
    first = here.run("Apply", Step=step)
    journal = copied_journal(first, tmp_path)
    other = copy.deepcopy(first.tenant)
    recipient(other, EQUIPMENT)["DisplayName"] = "Another name"
    again = here.run("Apply", other, Step=step, JournalPath=[journal])
    assert [call.cmdlet for call in again.writes] == ["Set-Mailbox"], again.screen
    given = {"JournalPath": [journal], "RemoveCreatedMailbox": True}
    run = here.run("Rollback", again.tenant, options={"answers": ["n"]}, **given)
    assert "Asks      before each step; after Yes to All still before: a mailbox to be removed." in run.screen
    assert (run.exit_code, run.writes) == (4, ())


def test_a_rollback_that_keeps_the_mailbox_asks_nothing_about_it(taken_back: Result) -> None:
    run = taken_back
    assert (run.exit_code, states(run)["equipment-mailbox"]) == (5, "kept"), run.screen
    assert "a mailbox to be removed" not in run.screen
    assert "Step equipment-mailbox (" not in run.screen


def test_a_first_no_is_a_refusal(answered: Answered) -> None:
    run = answered("n")
    assert (run.exit_code, run.writes) == (4, ())
    assert asked_states(run) == ["skipped"] + ["blocked"] * (len(STEPS) - 1)


def test_a_later_no_stops_after_what_was_made(site: SiteOf) -> None:
    run = site().run("Apply", options={"answers": ["y", "y", "n"]})
    assert run.exit_code == 3
    assert asked_states(run) == ["changed", "changed", "skipped"] + ["blocked"] * (len(STEPS) - 3)
    assert [call.cmdlet for call in run.writes] == ["New-Mailbox", "Set-CalendarProcessing"]


def test_each_question_names_every_write_of_its_step(site: SiteOf, answered: Answered) -> None:
    run = site().run("Apply", options={"answers": ["n"]}, Step=["scheduling-members", "equipment-mailbox"])
    question = run.screen[: run.screen.index("skipped")]
    assert "create the equipment mailbox pexip-scheduling@contoso.com" in question
    asked = answered("a", "n")
    for member in ("alice@contoso.com", "bob@contoso.com", "pexip-scheduling@contoso.com"):
        assert f"add {member} to pexip-users@contoso.com" in asked.screen


def test_where_nobody_can_be_asked_nothing_is_changed(site: SiteOf) -> None:
    here = site()
    run = here.engine.play(here.runbook, here.tenant, {"Mode": "Apply"})
    assert (run.exit_code, run.writes) == (4, ())
    assert result_file(run)["refusal"]["guard"] == "consent"
    assert "-Confirm:$false" in run.screen


def test_a_body_without_a_review_needs_a_word_of_its_own(site: SiteOf) -> None:
    here = site()
    text = here.runbook.read_bytes().replace(b"$PexgenReview = 'reviewed'", b"$PexgenReview = 'not reviewed'")
    unreviewed = here.runbook.with_name("unreviewed.ps1")
    unreviewed.write_bytes(text)
    arguments = {"Mode": "Apply", "Confirm": False, "Step": ["equipment-mailbox"]}
    assert here.engine.play(unreviewed, here.tenant, {"Mode": "Check"}).exit_code == 2
    assert here.engine.play(unreviewed, here.tenant, arguments).exit_code == 4
    assert here.engine.play(unreviewed, here.tenant, {**arguments, "AcceptUnreviewed": True}).exit_code == 0


# Each of the two that a write asks for, as the runbook gives it.
GIVEN = {
    "guards": ("$Run.GuardsPassed = $true", "$Run.GuardsPassed = $false"),
    "consent": ("$Run.Consent[$Id] = $Answer", ""),
}


@pytest.mark.parametrize("what", GIVEN)
def test_without_guards_or_consent_the_last_line_before_a_write_sends_nothing(
    site: SiteOf, tmp_path: Path, what: str
) -> None:
    here, step = site(), ["equipment-mailbox"]
    text = here.runbook.read_text("utf-8-sig")
    assert text.count(GIVEN[what][0]) == 1
    (broken := tmp_path / "broken.ps1").write_text(text.replace(*GIVEN[what]), "utf-8-sig")
    run = here.engine.play(broken, here.tenant, {"Mode": "Apply", "Confirm": False, "Step": step})
    assert (run.exit_code, run.writes) == (1, ()), run.screen
    assert "A write of equipment-mailbox without consent." in run.screen


ELSEWHERE: Json = {
    "path": "session.connections.[State=Connected].TenantID",
    "value": "99999999-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
}


def test_a_session_that_was_connected_elsewhere_while_a_question_stood_open_sends_nothing_more(
    site: SiteOf, applied: Applied
) -> None:
    # Another account and a second connection tests/engine/test_session_exchange_online.py tries.
    first = applied().writes[0]
    fault = {"kind": "change", "call": first.n + 1, "set": [ELSEWHERE]}
    run = site().run("Apply", options={"faults": [fault]})
    assert (run.exit_code, [call.cmdlet for call in run.writes]) == (3, [first.cmdlet]), run.screen
    assert asked_states(run) == ["changed", "failed"] + ["blocked"] * (len(STEPS) - 2)
    assert "not connected as it was at the start; nothing more of this step was sent" in run.screen
    assert recipient(run.tenant, EQUIPMENT)["RecipientTypeDetails"] == "EquipmentMailbox"


def test_a_session_that_was_connected_elsewhere_before_the_first_change_changed_nothing(
    site: SiteOf, applied: Applied
) -> None:
    first = applied().writes[0]
    fault = {"kind": "change", "call": first.n // 2, "set": [ELSEWHERE]}
    run = site().run("Apply", options={"faults": [fault]})
    assert (run.exit_code, run.writes) == (4, ()), run.screen
    assert states(run)["equipment-mailbox"] == "failed"


def questions(run: Result) -> dict[str, str]:
    """The text of each question, by its step; of a step that asks twice, both."""
    found: dict[str, str] = {}
    for text in re.findall(r"^pexgen (?:Apply|Rollback)\n(Step .*?)^\[Y\]", run.screen, re.MULTILINE | re.DOTALL):
        step = text.split()[1]
        found[step] = found.get(step, "") + text
    return found


@pytest.fixture(scope="module")
def crowd(site: SiteOf) -> Json:
    """A tenant in which the group of the description is there, and 30 people are in it whom nobody described."""
    tenant = site().run("Apply", Step=["equipment-mailbox", "scheduling-group", "scheduling-members"]).tenant
    strangers = [f"stranger{n}@contoso.com" for n in range(30)]
    tenant["recipients"] += [user(address) for address in strangers]
    group = recipient(tenant, GROUP)
    group["members"] += [recipient(tenant, address)["Guid"] for address in strangers]
    return tenant


def test_a_question_shows_what_becomes_of_each_value_with_risk_and_effect(answered: Answered) -> None:
    asked = questions(answered(*YES["answers"]))
    assert "AutomateProcessing: 'AutoAccept' -> 'None'" in asked["equipment-calendar"]
    assert "Risk      low. Changes how one equipment mailbox answers" in asked["equipment-calendar"]
    assert "EwsEnabled: False -> True" in asked["ews-access"]
    assert list(asked) == STEPS
    assert "Undo      Rollback sets each value back." in asked["equipment-calendar"]
    assert "Undo      Rollback takes its own entries off the list" in asked["ews-access"]
    assert "false closes EWS to everybody" in asked["ews-access"]
    for place, step in enumerate(STEPS, 1):
        assert asked[step].startswith(
            f"Step {step} ({place} of {len(STEPS)}) would make changes in contoso.onmicrosoft.com: "
        )


@pytest.mark.parametrize("limit", [None, 500])
def test_the_questions_of_scope_and_role_say_how_many_can_be_reached_and_how_many_nobody_described(
    site: SiteOf, crowd: Json, limit: int | None
) -> None:
    here = site(scope={"max_mailboxes": limit})
    asked = questions(here.run("Apply", crowd, options=YES, Step=STEPS[: STEPS.index("application-role") + 1]))
    for step in ("application-scope", "application-role"):
        assert "Recipients that the filter matches: 33 (Exchange's own preview, just now)" in asked[step]
        assert "30 of them NOT in the description: stranger0@contoso.com" in asked[step]
        assert "and 20 more" in asked[step]
        assert f"Reach     Whoever becomes a direct member of {GROUP} later comes into reach too." in asked[step]


def test_the_questions_about_an_adopted_group_say_that_it_is_one_and_whom_it_brings(site: SiteOf, crowd: Json) -> None:
    tenant = copy.deepcopy(crowd)
    here = site(scheduling_group={"adopt": True, "harden": True, "members": ["alice@contoso.com", "admin@contoso.com"]})
    recipient(tenant, GROUP)["MemberJoinRestriction"] = "Open"
    steps = ["equipment-mailbox", "scheduling-group", "scheduling-members"]
    asked = questions(here.run("Apply", tenant, options=YES, Step=steps))
    for step in steps[1:]:
        assert "Members now: 33. NOT in the description, and reached all the same: 31: " in asked[step]
        assert ", stranger8@contoso.com and 21 more" in asked[step]


def test_taking_members_out_is_asked_on_its_own_and_yes_to_all_does_not_reach_it(site: SiteOf, crowd: Json) -> None:
    here = site(
        scheduling_group={"prune": True, "members": ["alice@contoso.com", "bob@contoso.com", "admin@contoso.com"]}
    )
    run = here.run("Apply", crowd, options={"answers": ["a", "", "n"]}, LogPath="log.txt")
    assert [call.cmdlet for call in run.writes if "Member" in call.cmdlet] == ["Add-DistributionGroupMember"]
    assert (run.exit_code, states(run)["scheduling-members"]) == (3, "skipped")
    removed = questions(run)["scheduling-members"]
    assert "  REMOVES 30 that the description does not name:" in removed
    assert "Risk      medium. Others may rely on what is removed." in removed
    assert "Widens access" not in removed
    assert "before: application-role, ews-access, members to be removed. No ends" in run.screen
    said = next(step["detail"] for step in result_file(run)["steps"] if step["id"] == "scheduling-members")
    assert said.startswith("Answered No to the last question. The one before it was answered Yes")


def test_a_long_list_is_shown_in_part_and_stands_whole_in_the_log(site: SiteOf) -> None:
    people = [f"person{n}@contoso.com" for n in range(60)]
    here = site(scheduling_group={"members": people}, proof={"in_scope": people[:1]}, scope={"max_mailboxes": None})
    run = here.run("Apply", options={"answers": ["y", "y", "y", "n"]}, LogPath="log.txt")
    text = questions(run)["scheduling-members"]
    assert len(text.splitlines()) < 40
    assert "61 changes, of which the first 20" in text
    assert "and 41 more" in text
    log = (run.folder / "log.txt").read_text("utf-8")
    assert [one for one in people if f"add {one} to {GROUP}" not in log] == []


def test_journal_and_result_say_who_was_asked_and_what_was_answered(answered: Answered) -> None:
    def given(run: Result) -> dict[str, list[Json]]:
        return {step["id"]: step["consent"] for step in result_file(run)["steps"]}

    run = answered("a", "y", "y")
    assert [one["answer"] for one in given(answered(*YES["answers"]))["equipment-mailbox"]] == ["Yes"]
    assert [one["answer"] for one in given(run)["scheduling-group"]] == ["Yes to All"]
    (role,) = given(run)["application-role"]
    assert (role["answer"], role["asked"]) == ("Yes", True)
    assert role["by"].startswith("operator@contoso.com as ")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", role["utc"])
    events = entries(journal_path(run).read_text("utf-8"))
    announced = [one for one in events if one.get("event") == "intent"]
    assert [one["consent"] for one in announced if one["step"] == "application-role"] == [role]


def test_what_was_not_asked_is_said_to_be_so(applied: Applied) -> None:
    nobody = {"asked": False, "answer": None, "by": None, "utc": None}
    consents = {step["id"]: step["consent"] for step in result_file(applied())["steps"]}
    assert [consents[step] for step in STEPS] == [[nobody]] * len(STEPS)
    events = entries(journal_path(applied()).read_text("utf-8"))
    assert all(one["consent"] == nobody for one in events if one.get("event") == "intent")


def test_a_rollback_shows_its_whole_plan_and_asks_with_the_undo_of_the_step(
    taken_back: Result,
) -> None:
    run = taken_back
    assert run.exit_code == 5, run.screen
    asked = questions(run)
    assert asked["add-in"].startswith(f"Step add-in (1 of {len(STEPS)}) is to be undone in contoso.onmicrosoft.com: ")
    assert "Rule      Rollback removes an assignment that this step created" in asked["application-role"]
    first = run.screen.index("pexgen Rollback\nStep")
    for step in asked:
        assert f"\n{step} " in run.screen[:first]


MAILBOX = "EquipmentMailbox 'Pexip Schéduling ’O' <pexip-scheduling@contoso.com>"
ACTS = {
    "delegate-access": (
        "FullAccess:admin@contoso.com: True -> False",
        f"remove full access of admin@contoso.com to {MAILBOX}",
    ),
    "ews-access": (
        f"EwsAllowedAppIDs:{OURS} (Pexip Scheduler): True -> False",
        f"remove application {OURS} (Pexip Scheduler) from the EWS list",
    ),
    "scheduling-members": (
        "member:bob@contoso.com: True -> False",
        "remove member bob@contoso.com from MailUniversalSecurityGroup 'Pexip Users' <pexip-users@contoso.com>",
    ),
    "equipment-calendar": (
        "AutomateProcessing: 'None' -> 'AutoAccept'",
        f"set AutomateProcessing of {MAILBOX} back to 'AutoAccept'",
    ),
}


def test_a_rollback_names_each_act_alike_in_plan_question_and_as_done(
    taken_back: Result,
) -> None:
    run = taken_back
    plan = run.screen[: run.screen.index("pexgen Rollback\nStep")]
    asked = questions(run)
    for step, (difference, act) in ACTS.items():
        assert f"    {difference}\n" in plan
        assert f"  {act}" in asked[step]
        assert f"    > {act}" in run.screen
    assert "give back" not in run.screen


def test_the_last_lines_of_an_apply_say_what_is_left_to_do_and_when_it_takes_effect(
    site: SiteOf, answered: Answered
) -> None:
    run = answered(*YES["answers"])
    last = run.screen[run.screen.index("Exit code 0.") :].splitlines()
    assert len(last) <= 8
    assert last[0] == "Exit code 0. Everything is set as described."
    for text in (
        "Block the sign-in of pexip-scheduling",
        "full_access_as_app opens ALL mailboxes",
        "application-role - 30 minutes",
    ):
        assert any(text in line for line in last)
    assert last[-1].startswith("Next")
    assert last[-1].endswith("-Mode Verify")
    again = site().run("Apply", run.tenant)
    assert "Exit code 0. Everything was as described already; this run changed nothing." in again.screen
    assert "By hand" not in again.screen


def test_the_sentence_of_an_exit_code_names_the_states_that_made_it_with_their_steps(
    checked: Result, answered: Answered, taken_back: Result
) -> None:
    kept = "Rollback ran to its end; not everything is undone. Kept: equipment-mailbox. See the lines above."
    assert f"Exit code 5. {kept}\n" in taken_back.screen
    said = "Exit code 2. Something differs, and this run changed nothing. Different: 10 steps."
    assert said in checked.screen
    refused = answered("n")
    assert "Exit code 4. Refused. This run changed nothing. Skipped: equipment-mailbox." in refused.screen


def test_apply_says_the_digest_of_its_plan_before_it_asks_and_it_is_that_of_check(
    checked: Result, answered: Answered
) -> None:
    digest = re.compile(r"^Plan {6}([0-9a-f]{64})  \(", re.MULTILINE)
    apply = answered("n")
    of_check, of_apply = digest.findall(checked.screen), apply.screen[: apply.screen.index("pexgen Apply\nStep")]
    assert (len(of_check), digest.findall(of_apply)) == (1, of_check)


def test_what_is_not_there_is_missing_and_not_merely_unset(answered: Answered) -> None:
    run = answered(*YES["answers"])
    plan, _, rest = run.screen.partition("pexgen Apply\nStep")
    for text in ("PrimarySmtpAddress: (missing) -> ", "AutomateProcessing: (missing) -> 'None'", "Role: (missing) -> "):
        assert text in plan
    assert "PrimarySmtpAddress: (missing) -> " in rest
    assert "(not set) -> " not in run.screen


def test_what_yes_to_all_does_not_reach_is_named_only_where_the_run_can_come_to_it(
    site: SiteOf, answered: Answered, tmp_path: Path
) -> None:
    assert "before: application-role, ews-access. No ends" in answered("n").screen
    run = site().run("Apply", Step=["equipment-mailbox"])
    back = site().run("Rollback", run.tenant, options={"answers": ["n"]}, JournalPath=[copied_journal(run, tmp_path)])
    assert "Asks      before each step. No ends the run; what is done stays" in back.screen


REACH = ["scheduling-members", "application-scope", "application-role"]


def test_the_plan_of_a_rollback_keeps_what_the_step_before_leaves_in_reach(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    tenant = copy.deepcopy(applied().tenant)
    ours = named(tenant["assignments"], "contoso-scheduling-ews")
    tenant["assignments"].append({**ours, "Name": "theirs", "Guid": "12345678-1111-4222-8333-444444444444"})
    given: Json = {"options": {"answers": ["y"] * 20}, "Step": REACH}
    back = undo(site(), tenant, [copied_journal(applied(), tmp_path)], **given)
    plan = back.screen[: back.screen.index("\npexgen Rollback\nStep")]
    assert re.search(r"^application-scope +kept ", plan, re.MULTILINE), plan
    assert re.search(r"^scheduling-members +kept ", plan, re.MULTILINE), plan
    assert states(back)["scheduling-members"] == "kept"


def test_a_rollback_says_that_people_can_join_the_group_again(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    tenant = copy.deepcopy(applied().tenant)
    recipient(tenant, GROUP)["MemberJoinRestriction"] = "Open"
    run = site(scheduling_group={"harden": True}).run("Apply", tenant, Step=["scheduling-group"])
    back = undo(
        site(scheduling_group={"harden": True}),
        run.tenant,
        [copied_journal(run, tmp_path)],
        options={"answers": ["y"]},
    )
    assert "Joining the group is Open again. Whoever joins comes into" in " ".join(
        questions(back)["scheduling-group"].split()
    )


def test_a_session_without_a_user_keeps_its_consent_and_changes(site: SiteOf) -> None:
    tenant = copy.deepcopy(site().tenant)
    for connection in tenant["session"]["connections"]:
        connection["UserPrincipalName"] = ""
    here = site(scheduling_group={"managed_by": "admin@contoso.com"})
    run = here.run("Apply", tenant, Step=["equipment-mailbox", "scheduling-group"])
    assert run.exit_code == 0, run.screen
    assert "Operator  an application" in run.screen


def test_the_plan_of_a_rollback_removes_the_members_where_the_scope_is_gone(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    tenant = copy.deepcopy(applied().tenant)
    tenant["scopes"], tenant["assignments"] = [], []
    given: Json = {"options": {"answers": ["y"] * 20}, "Step": REACH}
    back = undo(site(), tenant, [copied_journal(applied(), tmp_path)], **given)
    plan = back.screen[: back.screen.index("\npexgen Rollback\nStep")]
    assert re.search(r"^scheduling-members +different ", plan, re.MULTILINE), plan
    assert states(back)["scheduling-members"] == "undone"
