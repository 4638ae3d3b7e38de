"""Record, runbook and manifest are held against each other by their digests, in both directions and in every form."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pexgen.cli import run
from pexgen.output import FORMS, file_ending

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
SUFFIXES = {form: file_ending(form) for form in FORMS}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A description with its runbook and manifest, and a change record that the manifest does not name."""
    shutil.copy(SAMPLES / "app-permissions.yaml", tmp_path / "contoso.yaml")
    description = str(tmp_path / "contoso.yaml")
    assert run(["render", description, "--allow-unreviewed", "-o", f"{tmp_path}/"]) == 0
    assert run(["plan", description, "--allow-unreviewed", "-o", str(tmp_path / "plan.json")]) == 0
    return tmp_path


@pytest.fixture
def bound(tmp_path: Path) -> Path:
    """A description with its runbook, the change record in every form, and a manifest that names them."""
    shutil.copy(SAMPLES / "app-permissions.yaml", tmp_path / "contoso.yaml")
    forms = [word for form in FORMS for word in ("--plan", form)]
    assert run(["render", str(tmp_path / "contoso.yaml"), "--allow-unreviewed", "-o", f"{tmp_path}/", *forms]) == 0
    return tmp_path


def records(place: Path, capsys: pytest.CaptureFixture[str], *more: str, plan: str = "plan.json") -> list[str]:
    capsys.readouterr()
    run(["verify", str(place / "contoso-scheduling.ps1"), "--plan", str(place / plan), "--format", "json", *more])
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
    assert said.endswith("is not the record that the description gives: worst differs")


@pytest.mark.parametrize("form", FORMS)
def test_a_manifest_names_the_record_as_it_was_written_and_as_plan_writes_it(bound, capsys, form) -> None:
    name = f"contoso-scheduling.plan.{SUFFIXES[form]}"
    assert records(bound, capsys, plan=name) == []
    assert records(bound, capsys, "--description", str(bound / "contoso.yaml"), plan=name) == []
    alone = bound / f"alone.{SUFFIXES[form]}"
    assert run(["plan", str(bound / "contoso.yaml"), "--allow-unreviewed", "-o", str(alone)]) == 0
    assert alone.read_bytes() == (bound / name).read_bytes()


@pytest.mark.parametrize("form", FORMS)
def test_one_changed_word_of_a_record_is_found_by_the_manifest_and_by_the_description(bound, capsys, form) -> None:
    path = bound / f"contoso-scheduling.plan.{SUFFIXES[form]}"
    path.write_text(path.read_text("utf-8").replace("LOSES", "keeps", 1), "utf-8")
    (said,) = records(bound, capsys, plan=path.name)
    assert said.startswith(f"the manifest names another record than {path}: contoso-scheduling.plan.txt, ")
    both = records(bound, capsys, "--description", str(bound / "contoso.yaml"), plan=path.name)
    assert len(both) == 2
    assert both[0].startswith(f"{path} is not the record that the description gives")


def test_line_ends_that_git_changed_make_no_other_record(bound, capsys) -> None:
    path = bound / "contoso-scheduling.plan.md"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert records(bound, capsys, "--description", str(bound / "contoso.yaml"), plan=path.name) == []


def test_a_record_for_people_that_nothing_names_is_said_to_be_compared_with_nothing(place, capsys) -> None:
    assert run(["plan", str(place / "contoso.yaml"), "--allow-unreviewed", "-o", str(place / "plan.html")]) == 0
    (said,) = records(place, capsys, plan="plan.html")
    assert "is compared with nothing: give --description" in said


def test_a_runbook_with_named_records_is_current_and_verifies_as_one_without(bound, capsys) -> None:
    check = [
        "render",
        str(bound / "contoso.yaml"),
        "--allow-unreviewed",
        "-o",
        f"{bound}/",
        "--check",
        "--plan",
        "html",
    ]
    others = [word for form in FORMS if form != "html" for word in ("--plan", form)]
    assert run([*check, *others]) == 0
    assert run(check) == 1
    capsys.readouterr()
    run(["verify", str(bound / "contoso-scheduling.ps1"), "--format", "json"])
    kinds = {each["kind"] for each in json.loads(capsys.readouterr().out)["findings"]}
    assert kinds <= {"review"}


def test_a_record_goes_with_its_runbook_and_not_to_standard_output(bound, capsys) -> None:
    assert run(["render", str(bound / "contoso.yaml"), "--allow-unreviewed", "-o", "-", "--plan", "json"]) == 2
    assert "--plan" in capsys.readouterr().err
    named = [
        "render",
        str(bound / "contoso.yaml"),
        "--allow-unreviewed",
        "-o",
        str(bound / "own.ps1"),
        "--plan",
        "json",
    ]
    assert run(named) == 0
    assert (bound / "own.plan.json").read_bytes() == (bound / "contoso-scheduling.plan.json").read_bytes()
    assert run([*named, "--plan", "pdf"]) == 2


def test_a_file_that_is_no_record_is_refused(place, capsys) -> None:
    (place / "plan.json").write_text("{}", "utf-8")
    assert run(["verify", str(place / "contoso-scheduling.ps1"), "--plan", str(place / "plan.json")]) == 3
    assert "PXG097" in capsys.readouterr().err
