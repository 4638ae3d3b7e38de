"""Descriptions and runbooks in git, whatever it does to line ends in a working tree."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from support.runbooks import SAMPLES

from pexgen.cli import run
from pexgen.line_ends import changed_on_the_way

GIT = shutil.which("git")
RUNBOOK, MANIFEST = "contoso-scheduling.ps1", "contoso-scheduling.manifest.json"
RENDER = ["render", "app-permissions.yaml", "--allow-unreviewed"]


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a description, its add-in's manifest, and what was rendered of them."""
    folder = tmp_path / "fleet"
    folder.mkdir()
    for name in ("app-permissions.yaml", "pexip-add-in.xml"):
        shutil.copy(SAMPLES / name, folder)
    monkeypatch.chdir(folder)
    assert run(RENDER) == 0
    return folder


def crlf(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


def test_a_description_with_crlf_gives_the_same_runbook_and_manifest(fleet: Path) -> None:
    crlf(fleet / "app-permissions.yaml")
    assert run([*RENDER, "--check"]) == 0


def test_the_digest_of_the_description_is_that_of_its_content_with_lf(fleet: Path) -> None:
    import hashlib

    stated = json.loads((fleet / MANIFEST).read_bytes())["predicate"]["description"]["sha256"]
    assert stated == hashlib.sha256((SAMPLES / "app-permissions.yaml").read_bytes()).hexdigest()


def test_a_manifest_with_crlf_is_current(fleet: Path) -> None:
    crlf(fleet / MANIFEST)
    assert run([*RENDER, "--check"]) == 0
    before = (fleet / MANIFEST).read_bytes()
    assert run(RENDER) == 0
    assert (fleet / MANIFEST).read_bytes() == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data.replace(b"\r\n", b"\n"), "lines end with LF, not CRLF"),
        (lambda data: data.removeprefix(b"\xef\xbb\xbf"), "the byte order mark is missing"),
        (lambda data: data + b"\r\n", "line ends were added or lost at the end of the file"),
    ],
)
def test_what_git_or_an_editor_did_to_a_runbook_is_named(fleet: Path, capsys, change, said: str) -> None:
    (fleet / RUNBOOK).write_bytes(change((fleet / RUNBOOK).read_bytes()))
    assert run([*RENDER, "--check"]) == 1
    err = capsys.readouterr().err
    assert f"{RUNBOOK}: not current in its line ends alone: " in err
    assert said in err


def test_a_change_of_content_is_not_called_one_of_line_ends(fleet: Path, capsys) -> None:
    data = (fleet / RUNBOOK).read_bytes().replace(b"adele.vance", b"eve.vance").replace(b"\r\n", b"\n")
    (fleet / RUNBOOK).write_bytes(data)
    assert run([*RENDER, "--check"]) == 1
    assert "line ends alone" not in capsys.readouterr().err


def test_nothing_is_said_of_a_file_that_is_as_wanted() -> None:
    assert changed_on_the_way(b"a\r\n", b"a\r\n") == ""
    assert "CRLF, not LF" in changed_on_the_way(b"a\r\n", b"a\n")


def git(folder: Path, *arguments: str) -> None:
    assert GIT is not None
    own = ["-c", "user.name=a", "-c", "user.email=a@contoso.com", "-c", "commit.gpgsign=false"]
    subprocess.run([GIT, *own, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.mark.skipif(GIT is None, reason="git is not there")
@pytest.mark.parametrize("committed", ["true", "input", "false"])
@pytest.mark.parametrize("cloned", ["true", "input", "false"])
def test_a_fleet_with_the_attributes_of_init_stays_current(
    fleet: Path, monkeypatch: pytest.MonkeyPatch, capsys, committed: str, cloned: str
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(fleet.parent / "none"))
    git(fleet, "init", "-q", "-b", "main")
    git(fleet, "config", "core.autocrlf", committed)
    assert run(["init", "--gitattributes", "-o", ".gitattributes"]) == 0
    if committed == "true":
        crlf(fleet / "app-permissions.yaml")
    git(fleet, "add", "--all")
    git(fleet, "commit", "-q", "-m", "fleet")
    git(fleet.parent, "clone", "-q", "-c", f"core.autocrlf={cloned}", str(fleet), "clone")
    monkeypatch.chdir(fleet.parent / "clone")
    assert run([*RENDER, "--check"]) == 0, capsys.readouterr().err
    assert (fleet / RUNBOOK).read_bytes() == Path(RUNBOOK).read_bytes()
    assert (SAMPLES / "pexip-add-in.xml").read_bytes() == Path("pexip-add-in.xml").read_bytes()


@pytest.mark.skipif(GIT is None, reason="git is not there")
def test_init_names_the_attributes_in_a_repository_that_has_none(fleet: Path, capsys) -> None:
    git(fleet, "init", "-q")
    assert run(["init", "-o", "new.yaml"]) == 0
    assert "pexgen init --gitattributes -o .gitattributes" in capsys.readouterr().err
    assert run(["init", "--gitattributes", "-o", ".gitattributes"]) == 0
    capsys.readouterr()
    assert run(["init", "-o", "other.yaml"]) == 0
    assert "gitattributes" not in capsys.readouterr().err


def test_the_attributes_go_with_no_description(fleet: Path) -> None:
    assert run(["init", "--gitattributes", "--method", "migrate"]) == 2
