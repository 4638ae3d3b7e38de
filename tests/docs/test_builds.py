"""What a build installs and runs is what somebody decided, and nothing that happens to lie around."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
LOCKS = {path.stem: path.read_text("ascii") for path in (CHECKOUT / "tools" / "locks").glob("*.txt")}
# tomllib came with Python 3.11; the two tables that are needed are lists of quoted texts.
PYPROJECT = (CHECKOUT / "pyproject.toml").read_text("utf-8")
unix_only = pytest.mark.skipif(sys.platform == "win32", reason="a script of a Unix shell")


def listed(table: str) -> set[str]:
    """Return the names of the requirements in a list of pyproject.toml."""
    block = re.search(rf"^{table} = \[\n(.*?)^\]", PYPROJECT, re.MULTILINE | re.DOTALL)
    assert block
    return {name.lower() for name in re.findall(r'^    "([A-Za-z0-9-]+)', block[1], re.MULTILINE)}


@pytest.mark.parametrize("name", ["run", "test", "lint", "build"])
def test_a_lock_has_a_hash_for_everything_and_no_place(name: str) -> None:
    hashes = r"(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+"
    entries = re.findall(rf"^[a-z0-9-]+==[^ ]+(?: ; [^\\]+)? \\\n{hashes}", LOCKS[name], re.MULTILINE)
    assert len(entries) == len(re.findall(r"^\S", LOCKS[name], re.MULTILINE)) > 5
    assert not re.search(r"://|file:|index-url|find-links", LOCKS[name])


def test_the_locks_hold_what_pyproject_asks_for() -> None:
    names = {lock: set(re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE)) for lock, text in LOCKS.items()}
    assert listed("dependencies") <= names["run"]
    assert listed("test") | names["run"] <= names["test"]
    assert listed("lint") | names["run"] <= names["lint"]
    assert {"hatchling", "jinja2"} <= names["build"]


@unix_only
def test_the_build_runs_no_program_that_lies_in_the_engines_folder(tmp_path: Path) -> None:
    checkout, engine, system = tmp_path / "checkout", tmp_path / "shared" / "psengine", tmp_path / "bin"
    for folder in (checkout / ".ci", engine, system):
        folder.mkdir(parents=True)
    shutil.copy(CHECKOUT / ".ci" / "run", checkout / ".ci" / "run")
    for path, text in (
        (engine / "pwsh", "exit 0"),
        (engine / "make", 'echo planted >> "$LOG"'),
        (engine / "dirname", 'echo planted >> "$LOG"'),
        (system / "make", 'echo "$1 $PEXGEN_PWSH $PEXGEN_REQUIRE_PWSH" >> "$LOG"'),
    ):
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="ascii")
        path.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if name != "PEXGEN_PWSH"}
    environment = {**kept, "PATH": f"{system}:/usr/bin:/bin", "LOG": str(tmp_path / "log")}
    done = subprocess.run(["bash", str(checkout / ".ci" / "run")], check=False, env=environment)
    pwsh = f"{checkout}/../shared/psengine/pwsh"
    assert (done.returncode, (tmp_path / "log").read_text("utf-8").splitlines()) == (
        0, [f"lint {pwsh} 1", f"test {pwsh} 1"],
    )  # fmt: skip


@pytest.mark.parametrize(("findings", "code"), [("", 0), ("@{RuleName='PSAvoidIt'}", 1), (None, 3)])
def test_the_analyzer_is_asked_for_its_default_rules_and_for_both_powershells(
    pwsh: str, tmp_path: Path, findings: str | None, code: int
) -> None:
    if findings is not None:
        module = tmp_path / "PSScriptAnalyzer"
        module.mkdir()
        (module / "PSScriptAnalyzer.psm1").write_text(
            "function Invoke-ScriptAnalyzer { param($Path, $Settings)\n"
            "$versions = $Settings.Rules.PSUseCompatibleSyntax.TargetVersions\n"
            'Write-Host "$Path $($Settings.IncludeDefaultRules) $versions"\n'
            f"{findings} }}",
            encoding="ascii",
        )
    command = [pwsh, "-NoProfile", "-File", str(CHECKOUT / "tools" / "analyze.ps1"), "a.ps1", "b.ps1"]
    done = subprocess.run(
        command, capture_output=True, check=False, encoding="utf-8", env={**os.environ, "PSModulePath": str(tmp_path)}
    )
    assert done.returncode == code, done.stdout + done.stderr
    if findings is not None:
        assert "a.ps1 True 5.1 7.4\n" in done.stdout
        assert "b.ps1 True 5.1 7.4\n" in done.stdout
        assert f"{2 * code} findings in 2 files" in done.stdout
