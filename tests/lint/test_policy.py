"""An organization's own rules beside its descriptions."""

from __future__ import annotations

import json
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
