"""The closing record says what was done and what is open, and closes nothing that is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.tenants import changed, recipient

from pexgen.cli import run
from pexgen.output import FORMS, PROSE
from pexgen.report import make_report, report_text
from pexgen.run_records import read_journal, read_plan, read_result


def edited(path: Path, folder: Path, **values) -> str:
    copy = folder / path.name
    copy.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **values}), "utf-8")
    return str(copy)


def of(change, *paths: str | Path):
    return make_report([read_result(str(each)) for each in paths], [read_journal(str(change.journal))])


def test_what_was_applied_and_proved_is_closed_and_says_before_after_and_consent(change) -> None:
    made = of(change, change.check, change.apply, change.verify)
    assert (made.is_closed, made.verdict, made.open_ends) == (True, "DONE AND PROVED.", ())
    calendar = next(each for each in made.done if each.step == "equipment-calendar")
    assert calendar.state == "changed"
    assert calendar.changes[0][0] == "AutomateProcessing"
    assert calendar.changes[0][2] == "'None'"
    assert calendar.consent == ("not asked (-Confirm:$false)",)
    assert {each.state for each in made.proofs} == {"proved"}


def test_without_a_verify_nothing_is_closed(change) -> None:
    made = of(change, change.check, change.apply)
    assert not made.is_closed
    assert any(end.startswith("Nothing proves it") for end in made.open_ends)


def test_a_verify_from_before_the_apply_proves_nothing(change, tmp_path) -> None:
    early = edited(change.verify, tmp_path, startedUtc="2020-01-01T00:00:00Z")
    assert not of(change, early, change.apply).is_closed


def test_what_is_pending_or_disproved_is_an_open_end_with_its_words(change, tmp_path) -> None:
    steps = json.loads(change.verify.read_text("utf-8"))["steps"]
    steps[0] |= {"state": "disproved", "detail": "it is another one"}
    made = of(change, change.apply, edited(change.verify, tmp_path, exitCode=6, steps=steps))
    assert made.open_ends == ("Verify: equipment-mailbox is disproved. it is another one",)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"bodySha256": "0" * 64}, "The runbook's body is not the same everywhere"),
        ({"tenant": {"tenantId": "another"}}, "The tenant is not the same everywhere"),
        ({"name": "fabrikam"}, "The deployment is not the same everywhere"),
    ],
)
def test_files_that_do_not_belong_together_close_nothing(change, tmp_path, values, said) -> None:
    made = of(change, change.apply, edited(change.verify, tmp_path, **values))
    assert any(end.startswith(said) for end in made.open_ends)


def test_another_approval_than_that_of_the_check_is_an_open_end(change, tmp_path) -> None:
    apply = edited(change.apply, tmp_path, approvedPlan="0" * 64)
    made = of(change, change.check, apply, change.verify)
    assert any(end.startswith("The approved differences") for end in made.open_ends)
    own = json.loads(change.check.read_text("utf-8"))["planSha256"]
    assert of(change, change.check, edited(change.apply, tmp_path, approvedPlan=own), change.verify).is_closed


def planned(*steps: dict, **more) -> dict:
    return {"name": "contoso-scheduling", "file": "p.json", "sha256": "0" * 64, "steps": list(steps), **more}


def test_what_the_record_says_can_only_be_reported_is_no_open_end_and_is_said(change, tmp_path) -> None:
    steps = json.loads(change.verify.read_text("utf-8"))["steps"]
    steps[0] |= {"state": "blocked", "detail": "Left of it: one assignment."}
    files = [read_result(str(change.apply)), read_result(edited(change.verify, tmp_path, exitCode=5, steps=steps))]
    assert not make_report(files, []).is_closed
    other = planned({"id": "equipment-mailbox", "onlyReported": False})
    assert not make_report(files, [], other).is_closed
    made = make_report(files, [], planned({"id": "equipment-mailbox", "onlyReported": True}))
    assert (made.is_closed, made.verdict) == (True, "DONE, AND PROVED BUT FOR WHAT CAN ONLY BE REPORTED.")
    assert made.reported == ("equipment-mailbox: Left of it: one assignment.",)
    assert "Only reported: equipment-mailbox: Left of it" in report_text(made, "text")


def test_what_can_only_be_reported_and_is_disproved_is_an_open_end_all_the_same(change, tmp_path) -> None:
    steps = json.loads(change.verify.read_text("utf-8"))["steps"]
    steps[0] |= {"state": "disproved", "detail": "it is another one"}
    files = [read_result(str(change.apply)), read_result(edited(change.verify, tmp_path, exitCode=6, steps=steps))]
    assert not make_report(files, [], planned({"id": "equipment-mailbox", "onlyReported": True})).is_closed


def test_runs_of_the_same_second_stand_in_the_order_in_which_they_are_made(change, tmp_path) -> None:
    second = {"startedUtc": "2026-11-29T22:00:00Z", "finishedUtc": "2026-11-29T22:00:00Z"}
    renamed = Path(edited(change.check, tmp_path, **second)).rename(tmp_path / "z.json")
    made = of(change, edited(change.verify, tmp_path, **second), renamed, edited(change.apply, tmp_path, **second))
    assert [run.mode for run in made.runs] == ["Check", "Apply", "Verify"]
    assert [each.agrees for each in made.compared if each.what == "what Check listed and Apply found"] == [True]


def test_an_apply_that_found_something_else_than_the_check_had_listed_is_an_open_end(change, tmp_path) -> None:
    alike = of(change, change.check, change.apply, change.verify)
    assert [each.agrees for each in alike.compared if each.what == "what Check listed and Apply found"] == [True]
    other = edited(change.check, tmp_path, planSha256="0" * 64)
    made = of(change, other, change.apply, change.verify)
    assert any(end.startswith("What Check listed and Apply found is not the same") for end in made.open_ends)


def test_the_record_that_was_planned_is_among_the_files_and_says_window_and_what_nobody_checks(change) -> None:
    plan = planned({"id": "x", "notChecked": ["Look at it."]}, change={"window": "Tuesday"})
    made = make_report([read_result(str(change.apply)), read_result(str(change.verify))], [], plan)
    assert made.files[-1] == ("p.json", "0" * 64)
    assert (made.window, made.not_checked) == ("Tuesday", ("Look at it.",))


def test_what_was_written_and_left_to_a_person_or_not_effective_yet_is_among_what_was_done(change, tmp_path) -> None:
    whole = json.loads(change.apply.read_text("utf-8"))
    for state in ("blocked", "pending"):
        steps = [{**each, "state": state} if each["id"] == "application-role" else each for each in whole["steps"]]
        made = of(change, edited(change.apply, tmp_path, exitCode=5, steps=steps), change.verify)
        role = next(each for each in made.done if each.step == "application-role")
        assert [name for name, _, _ in role.changes] == ["Role", "App", "CustomResourceScope"]
    steps = [{**each, "state": "blocked", "consent": []} for each in whole["steps"]]
    made = of(change, edited(change.apply, tmp_path, exitCode=5, steps=steps), change.verify)
    assert not any(each.changes for each in made.done)


def test_what_one_run_changed_and_the_next_found_in_place_was_changed(change, tmp_path) -> None:
    whole = json.loads(change.apply.read_text("utf-8"))
    steps = [{**each, "state": "in-place", "differences": [], "consent": []} for each in whole["steps"]]
    (tmp_path / "again").mkdir()
    again = edited(change.apply, tmp_path / "again", startedUtc="2099-01-01T00:00:00Z", steps=steps)
    late = edited(change.verify, tmp_path, startedUtc="2099-01-02T00:00:00Z")
    made = of(change, change.apply, again, late)
    assert made.is_closed
    calendar = next(each for each in made.done if each.step == "equipment-calendar")
    assert (calendar.state, len(calendar.changes)) == ("changed", 1)


def test_entries_of_lists_and_plain_proofs_are_said_in_words(change) -> None:
    text = " ".join(report_text(of(change, change.apply, change.verify), "text").split())
    assert "member alice@contoso.com: absent -> present" in text
    assert "Proved to be as described: Equipment mailbox; " in text
    assert "Application EWS.AccessAsApp in ceo@contoso.com state: proved expected: in scope: False" in text


def test_a_refused_rollback_takes_nothing_back_and_closes_nothing(change, tmp_path) -> None:
    back = change.site.run(
        "Rollback", None, JournalPath=str(tmp_path / "none.jsonl"), ResultPath=str(tmp_path / "r.json")
    )
    assert back.exit_code == 4
    made = of(change, change.apply, tmp_path / "r.json")
    assert made.verdict == "TAKEN BACK IN PART, see the open ends."
    assert any("refused by the guard" in end for end in made.open_ends)


def test_a_rollback_of_some_steps_takes_back_in_part(change, applied, tmp_path) -> None:
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(change.journal.read_bytes())
    given = {"JournalPath": [str(journal)], "Step": ["ews-access"], "ResultPath": str(tmp_path / "r.json")}
    back = change.site.run("Rollback", applied().tenant, **given)
    assert back.exit_code == 0, back.screen
    made = of(change, change.apply, tmp_path / "r.json")
    assert made.verdict == "TAKEN BACK IN PART, see the open ends."
    left = [end.partition(":")[0] for end in made.open_ends if "no Rollback among these results" in end]
    assert "application-role" in left
    assert "ews-access" not in left


def test_an_announced_write_without_an_outcome_is_an_open_end(change, tmp_path) -> None:
    lines = change.journal.read_text("utf-8").splitlines()
    torn = tmp_path / "torn.jsonl"
    torn.write_text("\n".join([*lines[:-1], lines[-1][:20]]), "utf-8")
    assert read_journal(str(torn)).open == 1


@pytest.mark.parametrize("form", FORMS)
def test_every_form_has_the_verdict_first_and_every_file_with_its_digest(change, form) -> None:
    text = report_text(of(change, change.check, change.apply, change.verify), form)
    assert "DONE AND PROVED." in text
    assert read_result(str(change.apply)).digest in text


def test_what_exchange_answered_moves_no_cursor(change, tmp_path) -> None:
    steps = json.loads(change.apply.read_text("utf-8"))["steps"]
    steps[0] |= {"state": "failed", "detail": "\x1b[2J\u202eevil"}
    made = of(change, edited(change.apply, tmp_path, exitCode=3, steps=steps))
    for form in PROSE:
        text = report_text(made, form)
        assert "\x1b" not in text
        assert "\u202e" not in text


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"nothing", b'{"format":"pexgen.plan/2"}', b'{"format":"pexgen.result/1"}', b"\xff\xfe{}"]
)
def test_a_file_that_is_no_result_is_said_to_be_none(tmp_path, capsys, content) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    assert run(["report", str(path)]) == 3
    assert "PXG097" in capsys.readouterr().err


def test_the_command_ends_with_1_where_something_is_open(change, capsys) -> None:
    files = [str(change.check), str(change.apply), str(change.verify)]
    assert run(["report", *files, "--journal", str(change.journal)]) == 0
    assert "DONE AND PROVED." in capsys.readouterr().out
    assert run(["report", *files[:2]]) == 1


def test_a_change_record_puts_the_plan_beside_what_was_done(change, tmp_path, capsys) -> None:
    description = change.site.runbook.with_name("contoso.yaml")
    import yaml
    from support.sites import DESCRIPTION

    description.write_text(yaml.safe_dump(DESCRIPTION, allow_unicode=True), "utf-8")
    plan = tmp_path / "plan.json"
    assert run(["plan", str(description), "--allow-unreviewed", "-o", str(plan)]) == 0
    made = make_report([read_result(str(change.apply)), read_result(str(change.verify))], [], read_plan(str(plan)))
    assert next(each for each in made.done if each.step == "application-role").planned.startswith("The application")
    assert made.ticket == "CHG0031337"
    assert any("Pexip Infinity" in each for each in made.by_hand)
    assert made.is_closed


def test_a_plan_with_a_check_says_current_and_wanted_and_refuses_another_one(change, tmp_path, capsys) -> None:
    import yaml
    from support.sites import DESCRIPTION

    description = change.site.runbook.with_name("contoso.yaml")
    description.write_text(yaml.safe_dump(DESCRIPTION, allow_unicode=True), "utf-8")
    base = ["plan", str(description), "--allow-unreviewed"]
    assert run([*base, "--check", str(change.check), "--format", "markdown"]) == 0
    text = capsys.readouterr().out
    assert "## What differs in the tenant" in text
    assert "AutomateProcessing" in text.split("## Who reaches")[0]
    for values in ({"mode": "Verify"}, {"name": "x"}, {"bodySha256": "0" * 64}, {"tenant": {"tenantId": "x"}}):
        assert run([*base, "--check", edited(change.check, tmp_path, **values)]) == 3
        assert "PXG097" in capsys.readouterr().err


def test_a_plan_with_a_check_names_whom_nobody_described_and_who_is_reached_all_the_same(
    change, applied, tmp_path, capsys
) -> None:
    import yaml
    from support.sites import DESCRIPTION

    def join(tenant) -> None:
        recipient(tenant, "pexip-users@contoso.com")["members"].append(recipient(tenant, "ceo@contoso.com")["Guid"])

    check = tmp_path / "check.json"
    change.site.run("Check", changed(applied().tenant, join), ResultPath=str(check))
    description = change.site.runbook.with_name("contoso.yaml")
    description.write_text(yaml.safe_dump(DESCRIPTION, allow_unicode=True), "utf-8")
    line = ["plan", str(description), "--allow-unreviewed", "--check", str(check), "--format", "json"]
    assert run(line) == 0
    made = json.loads(capsys.readouterr().out)["checked"]
    (members,) = [one for one in made["found"] if one["step"] == "scheduling-members"]
    assert "in the scope all the same (1): ceo@contoso.com." in members["detail"]
    assert "scheduling-members" in made["inPlace"]


@pytest.mark.parametrize("form", ["json", "markdown", "html"])
def test_a_record_with_a_check_verifies_with_it_and_has_the_approval_in_its_line(
    change, tmp_path, capsys, form
) -> None:
    import yaml
    from support.sites import DESCRIPTION

    description, record = change.site.runbook.with_name("contoso.yaml"), tmp_path / "record"
    description.write_text(yaml.safe_dump(DESCRIPTION, allow_unicode=True), "utf-8")
    base = ["plan", str(description), "--allow-unreviewed", "--check", str(change.check), "--format", form]
    assert run([*base, "-o", str(record)]) == 0
    digest = json.loads(change.check.read_text("utf-8"))["planSha256"]
    if form != "json":
        assert f"-ApprovedPlan {digest} -JournalPath" in record.read_text("utf-8").split("Tests")[-2]
    out = str(tmp_path / "out")
    Path(out).mkdir()
    render = ["render", str(description), "--allow-unreviewed", "-o", out, "--plan", form]
    assert run(render) == 0
    (runbook,) = Path(out).glob("*.ps1")
    verify = ["verify", str(runbook), "--plan", str(record), "--description", str(description), "--format", "json"]
    capsys.readouterr()
    for more, expected in ([], 0 if form == "json" else 2), (["--check", str(change.check)], 0):
        run([*verify, *more])
        found = json.loads(capsys.readouterr().out)["findings"]
        assert len([each for each in found if each["kind"] == "record"]) == expected


def test_a_plan_of_several_descriptions_goes_into_a_folder(change, tmp_path, capsys) -> None:
    samples = Path(__file__).resolve().parents[2] / "samples"
    files = [str(samples / f"{name}.yaml") for name in ("app-permissions", "migrate")]
    assert run(["plan", *files, "--allow-unreviewed"]) == 2
    assert run(["plan", *files, "--allow-unreviewed", "-o", str(tmp_path)]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "contoso-migration.plan.md",
        "contoso-scheduling.plan.md",
    ]
