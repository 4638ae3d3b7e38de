"""``pexgen templates``: listing bodies, and approving one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pexgen.catalogue import load_catalogue
from pexgen.cli import run
from pexgen.reviews import LEDGER, checklist
from pexgen.template_files import read_yaml

BODY = "app-permissions/exchange-online"
Pexgen = Callable[..., tuple[int, str, str]]


@pytest.fixture
def templates(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Pexgen:
    """Call ``pexgen templates`` as in a checkout whose template folder is :func:`folder`."""
    monkeypatch.setattr("pexgen.template_files.template_folder", lambda: folder)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = run(["templates", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def approval(folder: Path) -> list[str]:
    items = ",".join(checklist(load_catalogue(folder)))
    return ["approve", BODY, "--by", "pexgen project", "--date", "2026-11-23", "--checked", items, "--notes", "Read."]


def test_a_body_that_nobody_reviewed_is_listed_as_such(templates: Pexgen) -> None:
    code, out, _ = templates("list")
    assert code == 0
    assert out.startswith(f"{BODY}\n  ")
    assert "  never reviewed\n" in out
    assert "  steps/ews-access\n" in out
    code, out, _ = templates("list", "--check")
    assert (code, out.splitlines()[-1][:7]) == (1, "NOT OK:")


def test_an_approval_is_written_and_listed(templates: Pexgen, approval: list[str], folder: Path) -> None:
    assert templates(*approval)[0] == 0
    entry = read_yaml(folder / LEDGER)[BODY]
    assert (entry["by"], entry["date"], entry["notes"]) == ("pexgen project", "2026-11-23", "Read.")
    code, out, _ = templates("list")
    assert code == 0
    assert f"{BODY}\n  {entry['digest']}\n  reviewed 2026-11-23 by pexgen project: Read.\n" in out


def test_approving_twice_gives_the_same_ledger(templates: Pexgen, approval: list[str], folder: Path) -> None:
    templates(*approval)
    before = (folder / LEDGER).read_bytes()
    templates(*approval)
    assert (folder / LEDGER).read_bytes() == before
    assert b"\r" not in before


def test_what_changed_since_the_review_is_named(templates: Pexgen, approval: list[str], folder: Path) -> None:
    templates(*approval)
    step = folder / "steps" / "ews-access" / "step.ps1"
    step.write_bytes(step.read_bytes() + b"# changed\n")
    code, out, _ = templates("list", "--check")
    assert code == 1
    assert "  changed since its review of 2026-11-23: steps/ews-access\n" in out


def test_an_unknown_body_cannot_be_approved(templates: Pexgen, approval: list[str], folder: Path) -> None:
    approval[1] = "migrate/exchange-server"
    code, _, err = templates(*approval)
    assert code == 2
    assert BODY in err
    assert not (folder / LEDGER).exists()


def test_an_approval_without_the_whole_checklist_writes_nothing(
    templates: Pexgen, approval: list[str], folder: Path
) -> None:
    approval[approval.index("--checked") + 1] = "error-action"
    code, _, err = templates(*approval)
    assert code == 2
    assert "not checked: consent-before-write" in err
    assert not (folder / LEDGER).exists()


def test_an_installed_ledger_cannot_be_changed(
    templates: Pexgen, approval: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pexgen.cli.templates.PACKAGE", folder.parent)
    code, _, err = templates(*approval)
    assert code == 2
    assert "in a checkout" in err
    assert not (folder / LEDGER).exists()
