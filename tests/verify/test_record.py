"""Plan, runbook and manifest are held against each other by their digests, in both directions."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pexgen.cli import run

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A description with its runbook, manifest and change record, as pexgen wrote them."""
    shutil.copy(SAMPLES / "app-permissions.yaml", tmp_path / "contoso.yaml")
    description = str(tmp_path / "contoso.yaml")
    assert run(["render", description, "--allow-unreviewed", "-o", f"{tmp_path}/"]) == 0
    assert run(["plan", description, "--allow-unreviewed", "-o", str(tmp_path / "plan.json")]) == 0
    return tmp_path


def records(place: Path, capsys: pytest.CaptureFixture[str], *more: str) -> list[str]:
    capsys.readouterr()
    run(
        ["verify", str(place / "contoso-scheduling.ps1"), "--plan", str(place / "plan.json"), "--format", "json", *more]
    )
    found = json.loads(capsys.readouterr().out)["findings"]
    return [each["message"] for each in found if each["kind"] == "record"]


def test_a_record_of_this_runbook_has_nothing_against_it(place, capsys) -> None:
    assert records(place, capsys) == []
    assert records(place, capsys, "--description", str(place / "contoso.yaml")) == []


def test_a_record_of_another_runbook_is_found(place, capsys) -> None:
    text = (place / "contoso.yaml").read_text("utf-8").replace("adele.vance@contoso.com", "eve@contoso.com")
    (place / "contoso.yaml").write_text(text, "utf-8")
    assert (
        run(["plan", str(place / "contoso.yaml"), "--allow-unreviewed", "--force", "-o", str(place / "plan.json")]) == 0
    )
    found = records(place, capsys)
    assert any("is about another file" in each for each in found)
    assert any("the manifest name different runbooks" in each for each in found)
    assert any("made from different descriptions" in each for each in found)


def test_a_record_whose_words_were_changed_is_found_by_the_description(place, capsys) -> None:
    plan = json.loads((place / "plan.json").read_text("utf-8"))
    plan["worst"] = []
    (place / "plan.json").write_text(json.dumps(plan), "utf-8")
    assert records(place, capsys) == []
    (said,) = records(place, capsys, "--description", str(place / "contoso.yaml"))
    assert said.endswith("is not the record that the description gives: worst differ")


def test_a_file_that_is_no_record_is_refused(place, capsys) -> None:
    (place / "plan.json").write_text("{}", "utf-8")
    assert run(["verify", str(place / "contoso-scheduling.ps1"), "--plan", str(place / "plan.json")]) == 3
    assert "PXG097" in capsys.readouterr().err
