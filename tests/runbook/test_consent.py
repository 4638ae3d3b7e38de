"""Nothing is changed without a Yes to that step."""

from __future__ import annotations

from support.sites import SiteOf, result_file, states


def test_yes_to_all_makes_every_change(site: SiteOf) -> None:
    run = site().run("Apply", options={"answers": ["a"]})
    assert (run.exit_code, set(states(run).values())) == (0, {"changed"})


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
    asked = site().run("Apply", options={"answers": ["a"]})
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
