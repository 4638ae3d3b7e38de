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
        "alex.wilber@contoso.com (NOT removed by the runbook",
        "\nWidens access\n  scheduling-members: members of the scheduling group: + eve@contoso.com\n",
        "\nEverything else\n",
        "\n  ews-access: EWS policy: merge → check\n",
    ]
    assert [mark for mark in marks if mark not in out] == []
    assert [out.index(mark) for mark in marks] == sorted(out.index(mark) for mark in marks)
    assert err == "4 differences; 1 widens access, 0 narrow it\n"


STATED = [
    *("change.title", "change.requester", "change.window", "change.justification", "change.affected_services"),
    *("change.outage", "change.duration", "change.communication", "change.member_owner", "change.tasks.usage_report"),
    *("change.tasks.entra", "change.tasks.pexip_infinity", "change.tasks.add_in"),
]
"""What only the description says, and no runbook."""


def test_a_runbook_and_a_description_compare_in_both_directions(diff: Diff) -> None:
    there, back = (
        json.loads(diff(*pair, "--format", "json")[1]) for pair in (("old.ps1", "new.yaml"), ("new.yaml", "old.ps1"))
    )
    assert [each["whose"] for each in there["access"]["gained"]] == ["eve@contoso.com"]
    assert [each["whose"] for each in back["access"]["gained"] if each["step"] == "scheduling-members"] == [
        "alex.wilber@contoso.com"
    ]
    assert {each["step"] for each in back["access"]["gained"]} == {"scheduling-members", "ews-access"}
    assert (there["old"]["kind"], there["new"]["kind"], there["notCompared"]) == (
        "runbook",
        "description",
        STATED,
    )


def test_json_has_every_field(diff: Diff) -> None:
    code, out, _ = diff("old.yaml", "new.yaml", "--format", "json")
    found = json.loads(out)
    assert (code, found["format"], found["same"]) == (1, "pexgen.diff/1", False)
    assert set(found) == {"format", "old", "new", "same", "differences", "access", "notCompared"}
    assert found["differences"][0] == {
        "key": "scheduling_group.members",
        "step": "scheduling-members",
        "steps": ["scheduling-members", "scheduling-group", "application-scope"],
        "verdict": "widens",
        "text": "members of the scheduling group: + eve@contoso.com",
        "why": "The application has full access (read, change, delete, send) to the mailbox of each member.",
        "old": None,
        "new": ["eve@contoso.com"],
    }
    assert found["access"]["lost"][0]["takenAway"] is False
    assert found["access"]["unclear"] == ["scheduling_group.members"]


def test_markdown_keeps_what_would_be_markup_as_text(diff: Diff, tmp_path: Path) -> None:
    text = SAMPLE.replace("name: Pexip Scheduler\n", 'name: "a | b * c"\n')
    (tmp_path / "markup.yaml").write_text(text, encoding="utf-8", newline="\n")
    code, out, _ = diff("old.yaml", "markup.yaml", "--format", "markdown")
    assert code == 1
    assert "\n## Who can open whose mailbox\n\n- nobody gains access to a mailbox\n" in out
    assert "| application's name: Pexip Scheduler → a \\| b \\* c |" in out


@pytest.mark.parametrize("output", ["text", "markdown"])
def test_nobody_is_not_said_flatly_beside_what_widens_access(diff: Diff, tmp_path: Path, output: str) -> None:
    for name, number in (("few", 5), ("many", 500)):
        text = SAMPLE.replace("\nproof:", f"\nscope:\n  max_mailboxes: {number}\n\nproof:")
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8", newline="\n")
    said = "nobody is named who gains access to a mailbox, but it may widen by scope.max"
    out = diff("few.yaml", "many.yaml", "--format", output)[1].replace("\\", "")
    assert said in out
    assert "nobody gains access to a mailbox" in diff("many.yaml", "few.yaml", "--format", output)[1]


def test_markdown_leaves_signs_in_names_as_they_are(diff: Diff, tmp_path: Path) -> None:
    text = SAMPLE.replace("name: Pexip Scheduler\n", 'name: "A - B + C"\n')
    (tmp_path / "signs.yaml").write_text(text.replace("alex.wilber", "eve"), encoding="utf-8", newline="\n")
    _, out, _ = diff("old.yaml", "signs.yaml", "--format", "markdown")
    assert "\n- gains: application A - B + C (5f6e7d8c-" in out
    _, out, _ = diff("signs.yaml", "old.yaml", "--format", "markdown")
    assert "\n- no longer: application A - B + C (5f6e7d8c-" in out


def test_a_description_without_its_add_in_s_manifest_is_compared_but_for_what_stands_in_that(
    diff: Diff, tmp_path: Path
) -> None:
    text = SAMPLE + "\nadd_in:\n  manifest: pexip-add-in.xml\n"
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "pexip-add-in.xml").write_bytes((SAMPLES / "pexip-add-in.xml").read_bytes())
    for name in ("absent.yaml", "there/present.yaml"):
        (tmp_path / name).write_text(text, encoding="utf-8", newline="\n")
    facts = [f"add_in.{name}" for name in ("display_name", "id", "manifest_sha256", "permission", "provider_name")]
    for pair in (("absent.yaml", "there/present.yaml"), ("absent.yaml", "absent.yaml")):
        code, out, _ = diff(*pair)
        assert (code, "Nothing differs in meaning." in out) == (0, True)
        said = "Not compared, since the add-in's manifest is not in the folder of its description: "
        assert f"{said}{', '.join([*facts, 'add_in.version'])}\n" in out
    code, out, _ = diff("old.yaml", "absent.yaml")
    assert (code, "add-in provided to: (nothing) → everyone" in out, "permission: " in out) == (1, True, False)
    assert "Not compared" not in diff("there/present.yaml", "there/present.yaml")[1]


def test_a_manifest_that_is_there_and_is_none_still_ends_the_comparison(diff: Diff, tmp_path: Path) -> None:
    (tmp_path / "pexip-add-in.xml").write_text("<html/>")
    (tmp_path / "a.yaml").write_text(SAMPLE + "\nadd_in:\n  manifest: pexip-add-in.xml\n", encoding="utf-8")
    code, out, err = diff("old.yaml", "a.yaml")
    assert (code, out, "PXG029" in err) == (3, "", True)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b"Account = ", b"Accoumt = ", "the value of -Delegates is not read: it has Accoumt"),
        (b"AutomateProcessing = ", b"AutomateProcesing = ", "-EquipmentCalendar is not read: it has AutomateProcesing"),
        (
            b"Automapping = $false",
            b"Automapping = 0",
            "-Delegates is not read: its Automapping is not true or false",
        ),
    ],
)
def test_a_runbook_with_another_word_in_a_table_ends_with_three(diff: Diff, tmp_path: Path, old, new, says) -> None:
    text = SAMPLE + "\ndelegates:\n  - account: admin@contoso.com\n"
    (tmp_path / "tables.yaml").write_text(text, encoding="utf-8", newline="\n")
    assert run(["--quiet", "render", "tables.yaml", "-o", "tables.ps1", "--allow-unreviewed"]) == 0
    runbook = (tmp_path / "tables.ps1").read_bytes()
    head, middle, body = runbook.partition(b"# ---- pexgen body ----")
    assert head.count(old) == 1
    (tmp_path / "tables.ps1").write_bytes(head.replace(old, new) + middle + body)
    code, _, err = diff("tables.ps1", "tables.yaml")
    assert (code, says in err) == (3, True)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("old.yaml",), 2, "NEW"),
        (("old.yaml", "discover.ps1"), 3, "a script of `pexgen discover`, which describes no deployment"),
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
    assert run(["--quiet", "discover", "-o", "discover.ps1", "--allow-unreviewed"]) == 0
    foreign = runbook.replace(b"\n$Method = 'app-permissions'", b"\n$Method = 'teleport'")
    (tmp_path / "foreign.ps1").write_bytes(foreign)
    found = diff(*arguments)
    assert (found[0], found[1]) == (code, "")
    assert says in found[2]


def test_one_difference_and_one_description_are_said_as_one(diff: Diff, tmp_path: Path) -> None:
    (tmp_path / "new.yaml").write_text(SAMPLE.replace("title: Pexip VMR", "title: VMR"), encoding="utf-8")
    assert diff("old.yaml", "new.yaml")[2] == "1 difference; 0 widen access, 0 narrow it\n"
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "contoso.yaml").write_text(SAMPLE, encoding="utf-8")
    assert diff("a", "b")[1] == "Nothing differs in meaning in 1 description.\n"
