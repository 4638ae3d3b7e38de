"""Nothing is changed without a Yes to that step."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.sites import Applied, Json, SiteOf, result_file, states
from support.tenants import EQUIPMENT, recipient

HIGH = ("application-role", "ews-access")


def test_yes_to_all_makes_every_change_but_those_of_high_risk_which_are_asked_about_each(site: SiteOf) -> None:
    run = site().run("Apply", options={"answers": ["a", "y", "y"]})
    assert (run.exit_code, set(states(run).values())) == (0, {"changed"})
    short = site().run("Apply", options={"answers": ["a", "n"]})
    assert (short.exit_code, states(short)[HIGH[0]]) == (3, "skipped")
    assert states(short)["application-scope"] == "changed"


@pytest.mark.parametrize("step", HIGH)
def test_enter_alone_consents_to_nothing_of_high_risk(site: SiteOf, applied: Applied, step: str) -> None:
    others = [one for one in states(applied()) if one != step]
    ready = site().run("Apply", Step=others[: list(states(applied())).index(step)])
    run = site().run("Apply", ready.tenant, options={"answers": ["", "", "n"]}, Step=[step])
    assert (run.exit_code, run.writes, states(run)) == (4, (), {step: "skipped"}), run.screen


def test_a_first_no_is_a_refusal(site: SiteOf) -> None:
    run = site().run("Apply", options={"answers": ["n"]})
    assert (run.exit_code, run.writes) == (4, ())
    assert list(states(run).values()) == ["skipped"] + ["blocked"] * 9


def test_a_later_no_stops_after_what_was_made(site: SiteOf) -> None:
    run = site().run("Apply", options={"answers": ["y", "y", "n"]})
    assert run.exit_code == 3
    assert list(states(run).values()) == ["changed", "changed", "skipped"] + ["blocked"] * 7
    assert [call.cmdlet for call in run.writes] == ["New-Mailbox", "Set-CalendarProcessing"]


def test_each_question_names_every_write_of_its_step(site: SiteOf) -> None:
    run = site().run("Apply", options={"answers": ["n"]}, Step=["scheduling-members", "equipment-mailbox"])
    question = run.screen[: run.screen.index("skipped")]
    assert "create the equipment mailbox pexip-scheduling@contoso.com" in question
    asked = site().run("Apply", options={"answers": ["a", "n"]})
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
    arguments = {"Mode": "Apply", "Confirm": False}
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


CONNECTION = "session.connections.[State=Connected]"
ELSEWHERE: dict[str, Json] = {
    "another tenant": {"path": f"{CONNECTION}.TenantID", "value": "99999999-4e5f-4a6b-8c7d-9e0f1a2b3c4d"},
    "a second one": {"path": "session.connections", "add": [{"State": "Connected", "TenantID": "another"}]},
}


@pytest.mark.parametrize("case", ELSEWHERE)
def test_a_session_that_was_connected_elsewhere_while_a_question_stood_open_sends_nothing_more(
    site: SiteOf, applied: Applied, case: str
) -> None:
    first = applied().writes[0]
    fault = {"kind": "change", "call": first.n + 1, "set": [ELSEWHERE[case]]}
    run = site().run("Apply", options={"faults": [fault]})
    assert (run.exit_code, [call.cmdlet for call in run.writes]) == (3, [first.cmdlet]), run.screen
    assert list(states(run).values()) == ["changed", "failed"] + ["blocked"] * 8
    assert "not connected as it was at the start; nothing of this step was sent" in run.screen
    assert recipient(run.tenant, EQUIPMENT)["RecipientTypeDetails"] == "EquipmentMailbox"


def test_a_session_that_was_connected_elsewhere_before_the_first_change_changed_nothing(
    site: SiteOf, applied: Applied
) -> None:
    first = applied().writes[0]
    fault = {"kind": "change", "call": first.n // 2, "set": [ELSEWHERE["another tenant"]]}
    run = site().run("Apply", options={"faults": [fault]})
    assert (run.exit_code, run.writes) == (4, ()), run.screen
    assert states(run)["equipment-mailbox"] == "failed"
