"""``pexgen diff`` on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pexgen.cli import run

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
SAMPLE = (SAMPLES / "app-permissions.yaml").read_text(encoding="utf-8")
CHANGES = {
    "- alex.wilber@contoso.com": "- eve@contoso.com",
    "policy: merge": "policy: check",
    "title: Pexip VMR": "title: VMR",
}

Diff = Callable[..., tuple[int, str, str]]


@pytest.fixture
def diff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Diff:
    """Compare in a folder that holds the sample, a changed one and the sample's runbook."""
    monkeypatch.chdir(tmp_path)
    changed = SAMPLE
    for old, new in CHANGES.items():
        assert old in changed
        changed = changed.replace(old, new)
    for name, text in (("old.yaml", SAMPLE), ("new.yaml", changed)):
        (tmp_path / name).write_text(text, encoding="utf-8", newline="\n")
    assert run(["--quiet", "render", "old.yaml", "-o", "old.ps1", "--allow-unreviewed"]) == 0
    capsys.readouterr()

    def call(*arguments: str) -> tuple[int, str, str]:
        code = run(["diff", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def test_a_description_does_not_differ_from_itself_nor_from_its_runbook(diff: Diff) -> None:
    assert diff("old.yaml", "old.yaml")[:2] == (0, "old.yaml → old.yaml\nNothing differs in meaning.\n")
    for pair in (("old.ps1", "old.yaml"), ("old.yaml", "old.ps1"), ("old.ps1", "old.ps1")):
        code, out, _ = diff(*pair)
        assert (code, "Nothing differs in meaning." in out) == (0, True)
        assert "Only the runbook's values were compared" in out


def test_text_says_first_who_gains_access_then_what_widens_it(diff: Diff) -> None:
    code, out, err = diff("old.yaml", "new.yaml")
    assert code == 1
    marks = [
        "Who can open whose mailbox",
        "+ application Pexip Scheduler (5f6e7d8c-9b0a-4c1d-8e2f-3a4b5c6d7e8f): eve@contoso.com\n",
        "alex.wilber@contoso.com (NOT taken away by the runbook",
        "\nWidens access\n  scheduling-members: members of the scheduling group: + eve@contoso.com\n",
        "\nNarrows access\n  ews-access: EWS policy: merge → check\n",
        "\nEverything else\n",
    ]
    assert [mark for mark in marks if mark not in out] == []
    assert [out.index(mark) for mark in marks] == sorted(out.index(mark) for mark in marks)
    assert err == "4 differences; 1 widen access, 1 narrow it\n"


def test_a_runbook_and_a_description_compare_in_both_directions(diff: Diff) -> None:
    there, back = (
        json.loads(diff(*pair, "--format", "json")[1]) for pair in (("old.ps1", "new.yaml"), ("new.yaml", "old.ps1"))
    )
    assert [each["whose"] for each in there["access"]["gained"]] == ["eve@contoso.com"]
    assert [each["whose"] for each in back["access"]["gained"]] == ["alex.wilber@contoso.com"]
    assert (there["old"]["kind"], there["new"]["kind"], there["notCompared"]) == (
        "runbook",
        "description",
        ["change.title"],
    )


def test_json_has_every_field(diff: Diff) -> None:
    code, out, _ = diff("old.yaml", "new.yaml", "--format", "json")
    found = json.loads(out)
    assert (code, found["format"], found["same"]) == (1, "pexgen.diff/1", False)
    assert set(found) == {"format", "old", "new", "same", "differences", "access", "notCompared"}
    assert found["differences"][0] == {
        "key": "scheduling_group.members",
        "step": "scheduling-members",
        "steps": ["scheduling-members"],
        "verdict": "widens",
        "text": "members of the scheduling group: + eve@contoso.com",
        "why": "The application can read and change everything in the mailbox of each member.",
        "old": None,
        "new": ["eve@contoso.com"],
    }
    assert found["access"]["lost"][0]["takenAway"] is False


def test_markdown_keeps_what_would_be_markup_as_text(diff: Diff, tmp_path: Path) -> None:
    text = SAMPLE.replace("name: Pexip Scheduling\n", 'name: "a | b * c"\n')
    (tmp_path / "markup.yaml").write_text(text, encoding="utf-8", newline="\n")
    code, out, _ = diff("old.yaml", "markup.yaml", "--format", "markdown")
    assert code == 1
    assert "\n## Who can open whose mailbox\n\n- nobody gains access to a mailbox\n" in out
    assert "| equipment mailbox's name: Pexip Scheduling → a \\| b \\* c |" in out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("old.yaml",), 2, "NEW"),
        (("-", "-"), 2, "standard input is one file"),
        (("old.yaml", "new.yaml", "--format", "html"), 2, "formats are text, markdown, json"),
        (("old.yaml", "absent.yaml"), 3, "PXG001"),
        (("old.yaml", "absent.ps1"), 3, "PXG094"),
        (("old.yaml", "broken.ps1"), 3, "the value of -Name is not read"),
        (("old.yaml", "foreign.ps1"), 3, "teleport on exchange-online, which this pexgen does not have"),
    ],
)
def test_what_cannot_be_compared_is_told_with_its_exit_code(diff: Diff, tmp_path: Path, arguments, code, says) -> None:
    runbook = (tmp_path / "old.ps1").read_bytes()
    (tmp_path / "broken.ps1").write_bytes(runbook.replace(b"$Name = 'contoso", b"$Name = 'contoso$(x)' + '"))
    foreign = runbook.replace(b"\n$Method = 'app-permissions'", b"\n$Method = 'teleport'")
    (tmp_path / "foreign.ps1").write_bytes(foreign)
    found = diff(*arguments)
    assert (found[0], found[1]) == (code, "")
    assert says in found[2]
