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


@pytest.mark.parametrize("name", ["run", "test", "lint", "build", "docs"])
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
    assert listed("docs") | names["run"] <= names["docs"]
    assert {"hatchling", "jinja2"} <= names["build"]


def test_the_same_checkout_gives_the_same_wheel_and_source_to_the_byte(tmp_path: Path) -> None:
    """Whatever the folder is called, when its files were written, who may read them, and how Python hashes."""
    pytest.importorskip("hatchling")
    built = []
    for number, mode in enumerate((0o644, 0o600)):
        copy, out, temporary = (tmp_path / f"{each} {number}" for each in ("checkout", "out", "temporary"))
        copy.mkdir()
        temporary.mkdir()
        for name in ("pexgen", "templates", "tools"):
            shutil.copytree(CHECKOUT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"):
            shutil.copy(CHECKOUT / name, copy)
        for path in copy.rglob("*"):
            if path.is_file():
                path.chmod(mode)
                os.utime(path, (1_700_000_000 + number * 86_400,) * 2)
        kept = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
        command = [sys.executable, "-m", "hatchling", "build", "-d", str(out)]
        own = {"PYTHONHASHSEED": str(number + 1), "TMPDIR": str(temporary)}
        subprocess.run(command, check=True, cwd=copy, env={**kept, **own})
        assert not any(temporary.iterdir())
        built.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert sorted(name.rpartition(".")[2] for name in built[0]) == ["gz", "whl"]
    assert built[0] == built[1]


def test_a_page_on_the_site_links_to_where_the_other_pages_are_there(tool) -> None:
    site = tool("site")
    whole = {"docs/a.md": "a.md", "docs/methods/b.md": "methods/b.md", **site.BESIDE}
    for name, link, there in (
        ("docs/a.md", "[x](../README.md#install)", "[x](project/README.md#install)"),
        ("docs/methods/b.md", "[x](../a.md)", "[x](../a.md)"),
        ("README.md", '<img src="docs/a.md">', '<img src="../a.md">'),
        (
            "README.md",
            "[x](LICENSE) [y](https://pexip.com/README.md)",
            "[x](../project/LICENSE) [y](https://pexip.com/README.md)",
        ),
        ("docs/a.md", "[x](#below) [y](absent.md)", "[x](#below) [y](absent.md)"),
    ):
        assert site.relinked(link, name, whole) == there


def test_the_package_says_that_it_is_typed() -> None:
    import pexgen

    assert (Path(pexgen.__file__).parent / "py.typed").is_file()


def test_hooks_of_pre_commit_call_commands_that_there_are() -> None:
    text = (CHECKOUT / ".pre-commit-hooks.yaml").read_text("utf-8")
    entries = re.findall(r"^  entry: (.+)$", text, re.MULTILINE)
    assert entries == ["pexgen lint --strict", "pexgen render --check --diff"]
    files, exclude = (re.search(rf"^  {key}: (.+)$", text, re.MULTILINE)[1] for key in ("files", "exclude"))
    names = [
        "a.yaml",
        "customers/b.yml",
        "pexgen.yaml",
        "customers/pexgen.yaml",
        ".github/x.yaml",
        ".pre-commit-config.yaml",
    ]
    assert [name for name in names if re.search(files, name) and not re.search(exclude, name)] == names[:2]


SHELLS = {"zsh": "exit 0", "fish": "exit 0"}
"""Stand for the shells that the build would install."""


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
        *((system / name, text) for name, text in SHELLS.items()),
    ):
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="ascii")
        path.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if name != "PEXGEN_PWSH"}
    environment = {**kept, "PATH": f"{system}:/usr/bin:/bin", "LOG": str(tmp_path / "log")}
    done = subprocess.run(["bash", str(checkout / ".ci" / "run")], check=False, env=environment)
    pwsh = f"{checkout}/../shared/psengine/pwsh"
    # Both are done at the same time.
    assert (done.returncode, sorted((tmp_path / "log").read_text("utf-8").splitlines())) == (
        0, [f"lint {pwsh} 1", f"test {pwsh} 1"],
    )  # fmt: skip


@unix_only
@pytest.mark.parametrize("failing", ["lint", "test", "neither"])
def test_the_build_fails_where_style_or_tests_do_and_shows_what_both_say(tmp_path: Path, failing: str) -> None:
    (folder := tmp_path / ".ci").mkdir()
    shutil.copy(CHECKOUT / ".ci" / "run", folder / "run")
    for name, text in {"make": f'echo "said by $1"\n[ "$1" != {failing} ]', **SHELLS}.items():
        (program := tmp_path / name).write_text(f"#!/bin/sh\n{text}\n", encoding="ascii")
        program.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = subprocess.run(["bash", str(folder / "run")], check=False, env=environment, capture_output=True, text=True)
    assert (done.returncode != 0) == (failing != "neither")
    assert [done.stdout.count(f"said by {name}") for name in ("lint", "test")] == [1, 1]


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
