"""A run before a person, in a terminal of 80 columns: lines that fit, answers by hand, and Ctrl+C in the middle."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from support.described import described_steps
from support.journals import entries
from support.sites import DESCRIPTION, SiteOf
from support.tenants import changed

if sys.platform == "win32":
    pytest.skip("the terminal of these tests is one of Unix", allow_module_level=True)

from support.console import console

HIGH = {"application-role", "ews-access"}


def test_a_whole_apply_answered_by_hand_fits_the_screen_and_ends_with_its_outcome(site: SiteOf, tmp_path: Path) -> None:
    here, questions = site(), {}
    with console(here, here.tenant, tmp_path) as shell:
        shell.type(f"& '{here.runbook}' -Mode Apply -LogPath log.txt\r")
        for _ in range(10):
            shell.wait_for("\npexgen Apply\n")
            question = shell.wait_for("[?] Help")
            questions[question.split()[1]] = question
            shell.type("\r" if "\nRisk      low. " in question else "y\r")
        rest = shell.wait_for("READY> ")
    assert len(questions) == 10
    for step, question in questions.items():
        assert ("Yes to All" in question) == (step not in HIGH)
        assert [line for line in question.splitlines() if len(line) > 80] == []
    risk = "Risk      high. Widens access: the application can then read, change, delete"
    assert f"{risk}\n          and send in the mailboxes" in "".join(questions.values())
    log = (tmp_path / "log.txt").read_text("utf-8")
    assert f"{risk} and send in the mailboxes of the scope, if EWS is open to it" in log
    assert "  Note      Takes effect 30 minutes (idle application) to 2 hours (active one)" in log
    assert log.count("  Answer    Yes\n") == 10
    ending = rest[rest.index("\nExit code 0.") + 1 :].splitlines()
    last = [line.split()[0] for line in ending if not line.startswith(" ")]
    assert last == ["Exit", "By", "By", "Not", "Journal", "Result", "Log", "Next", "READY>"]


def test_ctrl_c_while_it_waits_leaves_summary_and_result(site: SiteOf, tmp_path: Path) -> None:
    here = site()
    late = changed(here.tenant, lambda tenant: tenant["settings"]["late"].update(store=50))
    with console(here, late, tmp_path) as shell:
        shell.type(f"& '{here.runbook}' -Mode Apply -Confirm:$false\r")
        before = shell.wait_for("Waiting 3 s")
        shell.type("\x03")
        after = shell.wait_for("READY> ")
        shell.type('"code $LASTEXITCODE"\r')
        shell.wait_for("\ncode 3\n")
    (journal,) = tmp_path.glob("*.journal.jsonl")
    assert f"Journal   {journal}" in before
    assert before.index("Journal  ") < before.index("    > create")
    result = json.loads(next(tmp_path.glob("*.result.json")).read_text("utf-8"))
    assert (result["exitCode"], result["refusal"]["guard"]) == (3, "interrupted")
    found = {step["id"]: step["state"] for step in result["steps"]}
    first, *others = described_steps(DESCRIPTION)
    assert (found[first], {found[step] for step in others}) == ("changed", {"blocked"})
    assert "Exit code 3." in after
    assert "Go on     & '" in after
    assert [one["event"] for one in entries(journal.read_text("utf-8"))[1:]] == ["intent", "done"]


def test_ctrl_c_at_a_question_consents_to_nothing(site: SiteOf, tmp_path: Path) -> None:
    here = site()
    with console(here, here.tenant, tmp_path) as shell:
        shell.type(f"& '{here.runbook}' -Mode Apply -Step ews-access\r")
        shell.wait_for("[?] Help")
        shell.type("\x03")
        # As with any question of PowerShell's: it notices at the end of a line, which alone is No here.
        after = shell.type_until("\r", "READY> ")
    assert "Exit code 4. Interrupted. This run changed nothing." in after
    result = json.loads(next(tmp_path.glob("*.result.json")).read_text("utf-8"))
    # Which of the two PowerShell heeds first, the Ctrl+C or the No, is a matter of time.
    assert [step["state"] for step in result["steps"]] in (["blocked"], ["skipped"])
