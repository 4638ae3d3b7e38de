"""An organization's own rules beside its descriptions."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pexgen.cli import run

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a description; a policy comes beside it."""
    text = (SAMPLES / "app-permissions.yaml").read_text("utf-8")
    text = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("  window:"))
    (tmp_path / "contoso.yaml").write_text(text, "utf-8")
    return tmp_path


def lint(place: Path, capsys, policy: str) -> tuple[int, dict[str, list[str]]]:
    (place / "pexgen.yaml").write_text(f"version: 1\n{policy}", "utf-8")
    capsys.readouterr()
    code = run(["lint", str(place / "contoso.yaml"), "--format", "json"])
    found = json.loads(capsys.readouterr().out)
    problems = [each for file in found["files"] for each in file["findings"]]
    return code, {each["code"]: [each["severity"], each["message"], each["line"]] for each in problems}


def test_a_required_key_that_is_not_stated_is_an_error_and_one_that_is_stated_none(place, capsys) -> None:
    code, found = lint(place, capsys, "require: [change.ticket, change.window]\n")
    assert code == 1
    assert found["PXG099"][:2] == ["error", "pexgen.yaml requires change.window, and it is not stated"]


def test_a_forbidden_value_is_an_error_with_the_reason_at_its_place(place, capsys) -> None:
    policy = "forbid:\n  - {key: ews.switch_on, value: true, reason: the platform team does that}\n"
    code, found = lint(place, capsys, policy)
    assert (code, found["PXG099"][1]) == (1, "pexgen.yaml forbids ews.switch_on: true: the platform team does that")
    text = (place / "contoso.yaml").read_text("utf-8").splitlines()
    assert "switch_on: true" in text[found["PXG099"][2] - 1]
    _, found = lint(place, capsys, policy.replace("value: true", "value: false"))
    assert "PXG099" not in found


def test_an_address_of_another_domain_is_an_error_and_the_ticket_is_no_address(place, capsys) -> None:
    code, found = lint(place, capsys, "allowed_domains: [contoso.com]\n")
    assert "PXG099" not in found
    code, found = lint(place, capsys, "allowed_domains: [fabrikam.com]\n")
    assert (code, found["PXG099"][0]) == (1, "error")


def test_a_finding_is_raised_or_lowered_but_an_error_never(place, capsys) -> None:
    group = (place / "contoso.yaml").read_text("utf-8").replace("name: Pexip Schedulers", "adopt: true\n  prune: true")
    (place / "contoso.yaml").write_text(group, "utf-8")
    assert lint(place, capsys, "")[1]["PXG117"][0] == "warning"
    assert lint(place, capsys, "rules: {PXG117: error}\n")[0] == 1
    assert "PXG117" not in lint(place, capsys, "rules: {PXG117: 'off'}\n")[1]
    (place / "contoso.yaml").write_text(
        group.replace("in_scope: [adele.vance@contoso.com]", "in_scope: [megan.bowen@contoso.com]"), "utf-8"
    )
    assert lint(place, capsys, "rules: {PXG106: note}\n")[1]["PXG106"][0] == "error"


@pytest.mark.parametrize(
    "policy",
    [
        "rules: {PXG117: loud}\n",
        "require: [change.nothing]\n",
        "forbid: [x]\n",
        "other: 1\n",
        "require: text\n",
        "a: b: c\n",
    ],
)
def test_a_policy_that_cannot_be_used_is_never_passed_over(place, capsys, policy: str) -> None:
    (place / "pexgen.yaml").write_text(f"version: 1\n{policy}", "utf-8")
    for command in (
        ["lint"],
        ["render", "--allow-unreviewed", "-o", str(place / "x.ps1")],
        ["plan", "--allow-unreviewed"],
    ):
        assert run([command[0], str(place / "contoso.yaml"), *command[1:]]) in {1, 3}
        shown = "".join(capsys.readouterr())
        assert "pexgen.yaml:" in shown
    assert not (place / "x.ps1").exists()


def test_render_refuses_what_the_policy_forbids_and_the_record_says_what_was_decided(place, capsys) -> None:
    (place / "pexgen.yaml").write_text("version: 1\nrequire: [change.window]\n", "utf-8")
    assert run(["render", str(place / "contoso.yaml"), "--allow-unreviewed", "-o", str(place / "x.ps1")]) == 3
    (place / "pexgen.yaml").write_text("version: 1\nrequire: [change.ticket]\n", "utf-8")
    capsys.readouterr()
    assert run(["plan", str(place / "contoso.yaml"), "--allow-unreviewed"]) == 0
    assert "pexgen.yaml, SHA-256" in capsys.readouterr().out


def refused(place: Path, capsys, policy: str | None) -> str:
    """Say what lint says of a policy that it must not take; None leaves pexgen.yaml as it is."""
    if policy is not None:
        (place / "pexgen.yaml").write_text(policy, "utf-8")
    capsys.readouterr()
    assert run(["lint", str(place / "contoso.yaml")]) == 1
    shown = "".join(capsys.readouterr())
    assert "Traceback" not in shown
    assert "pexgen.yaml" in shown
    return shown


def test_a_policy_that_is_a_link_to_nothing_is_said_and_not_passed_over(place, capsys) -> None:
    (place / "pexgen.yaml").symlink_to(place / "moved.yaml")
    shown = refused(place, capsys, None)
    assert "PXG098: the policy is a link to a file that does not exist" in shown
    assert "hint: correct the link, or remove it" in shown


def test_a_policy_that_is_a_link_to_itself_or_a_folder_is_said_and_not_passed_over(place, capsys) -> None:
    policy = place / "pexgen.yaml"
    policy.symlink_to(policy)
    assert "PXG098: the file cannot be read: " in refused(place, capsys, None)
    policy.unlink()
    policy.mkdir()
    assert "PXG098: this is a folder, not a file" in refused(place, capsys, None)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_policy_that_must_not_be_read_is_said_and_not_passed_over(place, capsys) -> None:
    (place / "pexgen.yaml").write_text("version: 1\n", "utf-8")
    (place / "pexgen.yaml").chmod(0)
    assert "PXG098: the file cannot be read: Permission denied" in refused(place, capsys, None)


def test_what_a_default_gives_is_not_stated(place, capsys) -> None:
    code, found = lint(place, capsys, "require: [equipment.adopt]\n")
    assert (code, found["PXG099"][1]) == (1, "pexgen.yaml requires equipment.adopt, and it is not stated")


def test_a_key_that_only_a_default_gives_is_not_there_to_be_forbidden(place, capsys) -> None:
    policy = "forbid: [{key: equipment.adopt, reason: we own it}]\n"
    assert "PXG099" not in lint(place, capsys, policy)[1]
    text = (place / "contoso.yaml").read_text("utf-8").replace("equipment:\n", "equipment:\n  adopt: false\n")
    (place / "contoso.yaml").write_text(text, "utf-8")
    assert lint(place, capsys, policy)[1]["PXG099"][1] == "pexgen.yaml forbids equipment.adopt: we own it"


def test_a_forbidden_value_is_found_among_the_entries_of_a_list_in_any_case(place, capsys) -> None:
    policy = "forbid: [{key: proof.in_scope, value: Adele.Vance@contoso.com, reason: she left}]\n"
    code, found = lint(place, capsys, policy)
    assert (code, found["PXG099"][1]) == (1, "pexgen.yaml forbids proof.in_scope: Adele.Vance@contoso.com: she left")
    line = (place / "contoso.yaml").read_text("utf-8").splitlines()[found["PXG099"][2] - 1]
    assert "adele.vance@contoso.com" in line


@pytest.mark.parametrize(
    ("policy", "said", "hint"),
    [
        ("rules: {PXG999: note}", "no rule of lint has the code PXG999", ""),
        ("rules: {PXG1O9: error}", "no rule of lint has the code PXG1O9", "did you mean PXG109?"),
        ("rules: {pxg117: error}", "no rule of lint has the code pxg117", "did you mean PXG117?"),
        ("rules: {PXG099: note}", "no rule of lint has the code PXG099", ""),
        ("rules: [PXG117]", "rules consists of lines CODE: SEVERITY", ""),
        ("rules: false", "rules consists of lines CODE: SEVERITY", ""),
        ("rules: {PXG117: loud}", "PXG117 has the severity loud", 'write error, warning, note or "off"'),
        ("require: false", "require is a list", ""),
        ("require: [5]", "5 is not a key of a description", ""),
        ("require: [change.tickt]", "change.tickt is not a key of a description", "did you mean `change.ticket`?"),
        ("allowed_domains: [5]", "5 is not a domain", ""),
        ("forbid: [{key: ews.policy, value: marge, reason: x}]", "ews.policy never has the value marge", "merge"),
        ("forbid: [{key: ews.switch_on, value: 'yes', reason: x}]", "ews.switch_on never has the value yes", "true"),
        ("forbid: [{key: ews.keep, value: x, reason: x}]", "ews.keep holds keys of its own, and no value", ""),
        ("forbid: [{key: ews, value: x, reason: x}]", "ews holds keys of its own, and no value", ""),
        ("forbid: [{key: name, value: [x], reason: x}]", "value is one text, number, true or false", ""),
        ("forbid: [{key: name, value: '', reason: x}]", "value is one text, number, true or false", ""),
        ("forbid: [{key: name, reason: [x]}]", "reason is a text", ""),
    ],
)
def test_what_would_do_nothing_in_a_policy_is_refused_with_what_is_meant(place, capsys, policy, said, hint) -> None:
    shown = refused(place, capsys, f"version: 1\n{policy}\n")
    assert "pexgen.yaml:2:" in shown
    assert f"PXG098: {said}" in shown
    assert hint in shown


def test_only_the_number_1_is_the_version_of_a_policy(place, capsys) -> None:
    for version in ("true", "2", "'1'", "[1]"):
        assert "a policy begins with version: 1" in refused(place, capsys, f"version: {version}\n")


def test_messages_about_a_policy_do_not_speak_of_a_description(place, capsys) -> None:
    for text in ("", "# nothing\n", "just text\n", "- a list\n", "x" * (1024 * 1024 + 1), "version: 1\n---\nb: 1\n"):
        shown = refused(place, capsys, text)
        assert "pexgen init" not in shown
        assert "description" not in shown.replace("docs/policy.md", "")
    assert "a policy is made of keys with values" in refused(place, capsys, "- a list\n")
    assert "docs/policy.md describes the file" in refused(place, capsys, "")


@pytest.mark.parametrize("value", ["None", "none"])
def test_the_word_none_is_a_value_and_not_a_key_that_is_not_there(place, capsys, value: str) -> None:
    text = (place / "contoso.yaml").read_text("utf-8")
    begin, end = text.index("  calendar:\n"), text.index("\n\n", text.index("  calendar:\n"))
    (place / "contoso.yaml").write_text(text[:begin] + text[end:].lstrip("\n"), "utf-8")
    policy = f"forbid:\n  - {{key: equipment.calendar.automate_processing, value: {value}, reason: x}}\n"
    assert "PXG099" not in lint(place, capsys, policy)[1]


def test_off_needs_its_quotes_and_the_hint_says_so(place, capsys) -> None:
    (place / "pexgen.yaml").write_text("version: 1\nrules: {PXG117: false}\n", "utf-8")
    assert run(["lint", str(place / "contoso.yaml")]) == 1
    told = capsys.readouterr()
    assert '"off", this one with its quotes' in told.err + told.out


@pytest.mark.parametrize("value", ["fifty", "true"])
def test_a_number_never_has_another_value(place, capsys, value: str) -> None:
    policy = f"version: 1\nforbid:\n  - {{key: scope.max_mailboxes, value: {value}, reason: x}}\n"
    (place / "pexgen.yaml").write_text(policy, "utf-8")
    assert run(["lint", str(place / "contoso.yaml")]) == 1
    told = capsys.readouterr()
    assert "scope.max_mailboxes is a whole number" in told.err + told.out


@pytest.mark.parametrize("policy", ["require: [equipment.adopt]", "forbid: [{key: application.assignment, reason: x}]"])
def test_a_runbook_is_planned_under_the_policy_that_its_description_meets(place, capsys, monkeypatch, policy) -> None:
    text = (place / "contoso.yaml").read_text("utf-8")
    assert "  adopt: false\n" in text or "equipment:\n" in text
    if "  adopt:" not in text.partition("equipment:\n")[2].partition("\n\n")[0]:
        text = text.replace("equipment:\n", "equipment:\n  adopt: false\n", 1)
    (place / "contoso.yaml").write_text(text, "utf-8")
    (place / "pexgen.yaml").write_text(f"version: 1\n{policy}\n", "utf-8")
    (place / "pexip-add-in.xml").write_bytes((SAMPLES / "pexip-add-in.xml").read_bytes())
    monkeypatch.chdir(place)
    assert run(["render", "contoso.yaml", "-o", ".", "--allow-unreviewed"]) == 0
    assert run(["plan", "contoso-scheduling.ps1", "--allow-unreviewed", "-o", "x.md"]) == 0, capsys.readouterr().err
