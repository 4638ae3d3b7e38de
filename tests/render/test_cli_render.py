"""``pexgen render`` on the command line."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pexgen.catalogue import load_catalogue
from pexgen.cli import run
from pexgen.runbook import assemble
from pexgen.template_files import template_folder

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "app-permissions.yaml"
RUNBOOK, MANIFEST = "contoso-scheduling.ps1", "contoso-scheduling.manifest.json"

Pexgen = Callable[..., tuple[int, str, str]]


@pytest.fixture
def render(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Pexgen:
    """Render in an empty folder that holds the sample; returns exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contoso.yaml").write_bytes(SAMPLE.read_bytes())

    def call(*arguments: str, reviewed: bool = True) -> tuple[int, str, str]:
        code = run(["render", *(["--allow-unreviewed"] if reviewed else []), *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def description(path: Path, name: str) -> None:
    text = SAMPLE.read_text(encoding="utf-8").replace("name: contoso-scheduling", f"name: {name}")
    path.write_text(text, encoding="utf-8", newline="\n")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_runbook_and_its_manifest_are_written_here(render: Pexgen, tmp_path: Path) -> None:
    code, out, err = render("contoso.yaml")
    assert (code, out) == (0, "")
    assert f"{RUNBOOK}: written" in err
    assert names(tmp_path) == {"contoso.yaml", RUNBOOK, MANIFEST}
    subject = json.loads((tmp_path / MANIFEST).read_bytes())["subject"][0]
    assert subject["name"] == RUNBOOK


def test_a_second_time_nothing_is_written(render: Pexgen, tmp_path: Path) -> None:
    render("contoso.yaml")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    code, _, err = render("contoso.yaml")
    assert (code, "already current" in err) == (0, True)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def test_quiet_says_nothing(render: Pexgen, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--quiet", "render", "contoso.yaml", "--allow-unreviewed"]) == 0
    out, err = capsys.readouterr()
    assert (out, [line for line in err.splitlines() if "PXG109" not in line and not line.startswith(" ")]) == ("", [])


def test_standard_output_carries_the_bytes_of_the_runbook_and_nothing_else(render: Pexgen, tmp_path: Path) -> None:
    code, out, _ = render("contoso.yaml", "-o", "-")
    assert (code, names(tmp_path)) == (0, {"contoso.yaml"})
    render("contoso.yaml")
    assert out.encode() == (tmp_path / RUNBOOK).read_bytes()


def test_a_description_comes_from_standard_input(
    render: Pexgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(SAMPLE.read_bytes())))
    assert render("-", "-o", "stdin.ps1")[0] == 0
    render("contoso.yaml")
    assert (tmp_path / "stdin.ps1").read_bytes() == (tmp_path / RUNBOOK).read_bytes()
    assert (tmp_path / "stdin.manifest.json").is_file()


def test_a_runbook_that_differs_is_not_overwritten_without_force(render: Pexgen, tmp_path: Path) -> None:
    (tmp_path / RUNBOOK).write_bytes(b"# edited by hand\r\n")
    code, _, err = render("contoso.yaml")
    assert code == 2
    assert "--force" in err
    assert names(tmp_path) == {"contoso.yaml", RUNBOOK}
    assert (tmp_path / RUNBOOK).read_bytes() == b"# edited by hand\r\n"
    assert render("contoso.yaml", "--force")[0] == 0
    assert (tmp_path / RUNBOOK).read_bytes().startswith(b"\xef\xbb\xbf<#")


def test_check_writes_nothing_and_says_whether_the_files_are_current(render: Pexgen, tmp_path: Path) -> None:
    code, _, err = render("contoso.yaml", "--check")
    assert (code, names(tmp_path)) == (1, {"contoso.yaml"})
    assert f"{RUNBOOK}: not current" in err
    render("contoso.yaml")
    assert render("contoso.yaml", "--check")[0] == 0
    (tmp_path / MANIFEST).write_bytes(b"{}")
    code, _, err = render("contoso.yaml", "--check")
    assert (code, (tmp_path / MANIFEST).read_bytes()) == (1, b"{}")
    assert f"{MANIFEST}: not current" in err


def test_diff_prints_what_changes_in_the_runbook(render: Pexgen, tmp_path: Path) -> None:
    render("contoso.yaml")
    text = (tmp_path / "contoso.yaml").read_text(encoding="utf-8").replace("CHG0031337", "CHG0031338")
    (tmp_path / "contoso.yaml").write_text(text, encoding="utf-8")
    code, out, _ = render("contoso.yaml", "--check", "--diff")
    changes = [line for line in out.splitlines() if line[:1] in "+-" and line[:3] not in {"+++", "---"}]
    assert code == 1
    assert changes == ["-    [string] $ChangeTicket = 'CHG0031337',", "+    [string] $ChangeTicket = 'CHG0031338',"]


def test_several_descriptions_go_into_a_folder_side_by_side(render: Pexgen, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    for name in ("one", "two", "three"):
        description(tmp_path / f"{name}.customer.yaml", name)
    assert render("*.customer.yaml", "-o", "out")[0] == 0
    assert names(tmp_path / "out") == {
        f"{name}.{suffix}" for name in ("one", "two", "three") for suffix in ("ps1", "manifest.json")
    }


def test_one_bad_description_does_not_keep_the_others(render: Pexgen, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("nothing: here\n", encoding="utf-8")
    (tmp_path / "worse.yaml").write_text("- a list\n", encoding="utf-8")
    code, _, err = render("bad.yaml", "contoso.yaml", "worse.yaml")
    assert code == 3
    assert "bad.yaml:1:1" in err
    assert "worse.yaml" in err
    assert RUNBOOK in names(tmp_path)


def test_two_deployments_of_one_name_do_not_overwrite_each_other(render: Pexgen, tmp_path: Path) -> None:
    description(tmp_path / "other.yaml", "contoso-scheduling")
    code, _, err = render("contoso.yaml", "other.yaml", "--force")
    assert code == 2
    assert f"contoso.yaml and other.yaml would both become {RUNBOOK}" in err


def test_a_finding_that_is_an_error_stops_and_nothing_is_written(render: Pexgen, tmp_path: Path) -> None:
    text = SAMPLE.read_text(encoding="utf-8").replace(
        "c0ffee00-1234-4abc-9def-567890abcdef", "5f6e7d8c-9b0a-4c1d-8e2f-3a4b5c6d7e8f"
    )
    (tmp_path / "contoso.yaml").write_text(text, encoding="utf-8")
    code, out, err = render("contoso.yaml")
    assert (code, out, names(tmp_path)) == (3, "", {"contoso.yaml"})
    assert "contoso.yaml:" in err
    assert "error PXG1" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.yaml"], "was not found"),
        (["missing-*.yaml"], "no file matches"),
        (["contoso.yaml", "-o", "nowhere/out.ps1"], "does not exist"),
        (["contoso.yaml", "contoso.yaml", "second.yaml", "-o", "file.ps1"], "not a folder"),
        (["contoso.yaml", "second.yaml", "-o", "-"], "one runbook"),
        (["contoso.yaml", "-o", "-", "--check"], "without --check"),
        ([], "Missing argument"),
        (["contoso.yaml", "--forc"], "--force"),
    ],
)
def test_a_command_that_cannot_be_carried_out_says_why_and_what_to_do(
    render: Pexgen, tmp_path: Path, arguments: list[str], words: str
) -> None:
    description(tmp_path / "second.yaml", "second")
    code, out, err = render(*arguments)
    assert code in {2, 3}
    assert words in err
    assert "hint: " in err
    assert "Traceback" not in err
    assert (out, names(tmp_path)) == ("", {"contoso.yaml", "second.yaml"})


def test_a_body_without_review_is_refused(render: Pexgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pexgen.render.load_ledger", lambda _catalogue: {})
    code, _, err = render("contoso.yaml", reviewed=False)
    assert (code, names(tmp_path)) == (3, {"contoso.yaml"})
    assert "--allow-unreviewed" in err
    assert render("contoso.yaml")[0] == 0
    assert b"$PexgenReview = 'not reviewed'\r\n" in (tmp_path / RUNBOOK).read_bytes()


def test_what_is_said_names_the_body(render: Pexgen) -> None:
    catalogue = load_catalogue(template_folder())
    body = assemble(catalogue, catalogue.methods["app-permissions", "exchange-online"])
    assert f"body {body.digest[:12]}, " in render("contoso.yaml")[2]


@pytest.mark.parametrize("output", ["contoso.yaml", "./x/../contoso.yaml", "link.ps1", "CONTOSO.yaml"])
def test_a_description_is_never_an_output(render: Pexgen, tmp_path: Path, output: str) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "link.ps1").symlink_to(tmp_path / "contoso.yaml")
    for command in (["contoso.yaml", "-o", output, "--force"], ["contoso.yaml", "-o", output]):
        code, _, err = render(*command)
        assert (code, "is what it would be made from" in err) == (2, True)
    assert (tmp_path / "contoso.yaml").read_bytes() == SAMPLE.read_bytes()


def test_the_manifest_beside_a_runbook_replaces_no_input_either(render: Pexgen, tmp_path: Path) -> None:
    (tmp_path / "contoso.yaml").rename(tmp_path / MANIFEST)
    code, _, err = render(MANIFEST, "--force")
    assert (code, "is what it would be made from" in err) == (2, True)
    assert names(tmp_path) == {MANIFEST}


@pytest.mark.parametrize("output", ["runbooks", "runbooks.2026", "runbook.txt"])
def test_a_folder_that_is_not_there_becomes_no_file(render: Pexgen, tmp_path: Path, output: str) -> None:
    code, _, err = render("contoso.yaml", "-o", output)
    assert (code, "create the folder first" in err) == (2, True)
    assert names(tmp_path) == {"contoso.yaml"}


def test_what_is_wrong_in_standard_input_is_said_of_it_as_other_commands_do(render: Pexgen, monkeypatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"version: 1\nnam: x\n")))
    code, _, err = render("-")
    assert code == 3
    assert "<stdin>:2:1: error" in err
    assert "-:2:1" not in err
