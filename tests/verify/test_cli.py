"""``pexgen verify`` on the command line."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pexgen import reviews
from pexgen.cli import run

Verify = Callable[..., tuple[int, str, str]]


@pytest.fixture
def verify(sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Verify:
    """Verify in a folder with the sample, its runbook and its manifest, as if its body had a review."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(reviews, "load_ledger", lambda _: sample.ledger)
    (tmp_path / "contoso.yaml").write_bytes(sample.source.encode())
    (tmp_path / "a.ps1").write_bytes(sample.runbook)
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.manifest.json").write_text(json.dumps(sample.manifest.manifest), encoding="utf-8")

    def call(*arguments: str) -> tuple[int, str, str]:
        code = run(["verify", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--description", "contoso.yaml"), "as contoso.yaml describes them"),
        ((), "those that a.manifest.json was written for; it is not signed"),
    ],
)
def test_an_untouched_runbook_is_ok(verify: Verify, arguments, says) -> None:
    code, out, err = verify("a.ps1", *arguments)
    assert (code, err) == (0, "")
    assert out.startswith("a.ps1: OK\n")
    assert "untouched; reviewed by the pexgen project, not by your organization" in out
    assert says in out


@pytest.mark.parametrize("manifest", [None, b"{}", b"not JSON", b"[]", b'{"subject": 1}', b"[" * 9999])
def test_without_description_and_manifest_it_is_not_ok(verify: Verify, tmp_path: Path, manifest) -> None:
    path = tmp_path / "a.manifest.json"
    path.unlink() if manifest is None else path.write_bytes(manifest)
    code, out, _ = verify("a.ps1")
    assert code == 1
    assert "a.ps1: NOT OK" in out
    assert "the values were compared with nothing: give --description" in out


def test_a_changed_line_is_shown_with_what_was_expected(verify: Verify, sample, tmp_path: Path) -> None:
    changed = sample.runbook.replace(b"ConfirmImpact = 'High', Pos", b"ConfirmImpact = 'None', Pos")
    (tmp_path / "a.ps1").write_bytes(changed)
    code, out, _ = verify("a.ps1", "--description", "contoso.yaml")
    assert code == 1
    column = len("[CmdletBinding(SupportsShouldProcess, ConfirmImpact = '") + 1
    assert f", column {column}, param()\n    - [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High'," in out
    assert "    + [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'None'," in out


def test_json_has_every_field(verify: Verify, sample, tmp_path: Path) -> None:
    (tmp_path / "a.ps1").write_bytes(sample.runbook.replace(b"#>", b"#>\xff"))
    code, out, _ = verify("a.ps1", "--description", "contoso.yaml", "--format", "json")
    found = json.loads(out)
    assert (code, found["format"], found["ok"], found["method"]) == (1, "pexgen.verify/1", False, "app-permissions")
    assert set(found) == {
        *("format", "file", "ok", "method", "platform", "bodySha256", "review", "reviewedBodies", "signatureBlock"),
        *("comparedWith", "findings", "values", "changes", "changesLeftOut"),
    }
    assert found["comparedWith"] == {"kind": "description", "file": "contoso.yaml"}
    assert found["review"]["meaning"] == "reviewed by the pexgen project, not by your organization"
    assert found["changes"] == [
        {"part": "help", "line": found["changes"][0]["line"], "column": 3, "expected": ["#>"], "found": ["#><byte FF>"]}
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((), 2, "RUNBOOK"),
        (("a.ps1", "--format", "html"), 2, "formats are text, json"),
        (("contoso.yaml",), 3, "it is not a runbook of pexgen's"),
        (("absent.ps1",), 3, "the file was not found"),
        (("empty",), 2, "empty is a folder without a runbook"),
        (("a.ps1", "--description", "absent.yaml"), 3, "PXG001"),
        (("a.ps1", "--description", "a.ps1"), 3, "PXG0"),
    ],
)
def test_what_cannot_be_verified_is_told_with_its_exit_code(verify: Verify, arguments, code, says) -> None:
    found = verify(*arguments)
    assert (found[0], found[1]) == (code, "")
    assert says in found[2]


def test_a_runbook_that_says_it_is_not_reviewed_is_not_ok(verify: Verify, sample, tmp_path: Path) -> None:
    changed = sample.runbook.replace(b"$PexgenReview = 'reviewed'", b"$PexgenReview = 'not reviewed'")
    (tmp_path / "a.ps1").write_bytes(changed)
    code, out, _ = verify("a.ps1", "--description", "contoso.yaml")
    assert (code, "NOT REVIEWED: so says the runbook's own header" in out) == (1, True)


def test_an_unreadable_file_in_the_folder_of_descriptions_is_named(verify: Verify, tmp_path, monkeypatch) -> None:
    (tmp_path / "customers").mkdir()
    for name in ("contoso.yaml", "locked.yaml"):
        (tmp_path / "customers" / name).write_bytes((tmp_path / "contoso.yaml").read_bytes())
    opened = Path.open

    def opening(path, *arguments, **more):
        if path.name == "locked.yaml":
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **more)

    monkeypatch.setattr(Path, "open", opening)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    code, _, err = verify("a.ps1", "--description", "customers")
    assert code == 3
    assert f"{Path('customers/locked.yaml')}: error PXG001: the file cannot be read: Permission denied" in err


def test_two_descriptions_of_one_name_are_both_named_and_neither_is_taken(verify: Verify, tmp_path) -> None:
    (tmp_path / "customers").mkdir()
    for name in ("new.yaml", "old.yaml"):
        (tmp_path / "customers" / name).write_bytes((tmp_path / "contoso.yaml").read_bytes())
    code, _, err = verify("a.ps1", "--description", "customers")
    new, old = Path("customers/new.yaml"), Path("customers/old.yaml")
    assert code == 3
    assert f"a.ps1: error PXG094: {new} and {old} have its name, contoso-scheduling, and one of them" in err
    assert "hint: name the file that is meant" in err


def test_a_description_from_standard_input_serves_the_record_and_every_runbook(verify, sample, tmp_path, monkeypatch):
    (tmp_path / "b.ps1").write_bytes(sample.runbook)
    assert run(["plan", "contoso.yaml", "--allow-unreviewed", "-o", "plan.json"]) == 0
    given = (tmp_path / "contoso.yaml").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
    assert verify("a.ps1", "b.ps1", "--description", "-")[:2] == (0, "a.ps1: OK\nb.ps1: OK\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
    _, out, err = verify("a.ps1", "--plan", "plan.json", "--description", "-")
    assert "error" not in err
    # The record says what the description's file is called, and nothing else of it is another one.
    assert "is not the record that the description gives: description, preChecks differ" in out


def test_a_change_record_may_come_from_standard_input(verify, tmp_path, monkeypatch) -> None:
    assert run(["plan", "contoso.yaml", "--allow-unreviewed", "-o", "plan.json"]) == 0
    given = (tmp_path / "plan.json").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
    _, _, err = verify("a.ps1", "--plan", "-")
    assert "it is not JSON" not in err
