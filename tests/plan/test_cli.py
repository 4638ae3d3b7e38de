"""``pexgen plan`` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pexgen.cli import run
from pexgen.output import FORMS

SAMPLE = str(Path(__file__).resolve().parents[2] / "samples" / "app-permissions.yaml")


def test_a_plan_goes_to_standard_output_or_into_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "plan.md"
    assert run(["plan", SAMPLE, "--allow-unreviewed", "--format", "markdown"]) == 0
    shown = capsys.readouterr().out
    assert run(["plan", SAMPLE, "--allow-unreviewed", "--format", "markdown", "-o", str(target)]) == 0
    assert target.read_bytes() == shown.encode()
    target.write_text("mine", encoding="ascii")
    assert run(["plan", SAMPLE, "--allow-unreviewed", "-o", str(target)]) == 2
    assert target.read_text(encoding="ascii") == "mine"


def test_a_format_that_is_none_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", SAMPLE, "--format", "pdf"]) == 2
    assert f"formats are {', '.join(FORMS)}\n" in capsys.readouterr().err


def test_what_cannot_be_rendered_has_no_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("version: 1\n", encoding="ascii")
    assert run(["plan", str(broken), "--allow-unreviewed"]) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "broken.yaml" in captured.err


def test_a_plan_never_replaces_its_description(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own.yaml"
    own.write_bytes(Path(SAMPLE).read_bytes())
    assert run(["plan", str(own), "--allow-unreviewed", "-o", str(own), "--force"]) == 2
    assert "is what it would be made from" in capsys.readouterr().err
    assert own.read_bytes() == Path(SAMPLE).read_bytes()
