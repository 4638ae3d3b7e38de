"""The project's chores on every system, with nothing but Python: ``python tools/dev.py demo|test|lint|bench|...``.

``make demo`` and the like call this; on Windows it is called directly. Every chore makes the environment it needs, of
the versions that stand in ``tools/locks``, each with the hashes of its files; ``python tools/dev.py lock`` renews them.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
HOW_TO_GET_POWERSHELL = (
    "To get one: https://learn.microsoft.com/powershell/scripting/install, or set PEXGEN_PWSH to the path of a pwsh."
)
HOW_TO_GET_THE_ANALYZER = """\
PSScriptAnalyzer is not installed for this PowerShell. To install it for yourself alone, in PowerShell:
    Install-Module PSScriptAnalyzer -Scope CurrentUser
or, without PowerShellGet: https://www.powershellgallery.com/packages/PSScriptAnalyzer"""
NOT_INSTALLED = 3
"""What analyze ends with where the analyzer, or a PowerShell, is not installed; 1 is a finding."""
SAMPLE = Path("samples") / "app-permissions.yaml"
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - the system's file system in memory, used by name on purpose
ROOM = 4 * 1024**3
"""Free bytes that the tests' files may take there: a whole suite leaves less than one GiB."""
QUICK = "pexgen-tests-"
KEPT = ".kept"
"""Marks a folder there in which failing tests left what they wrote: it stays until the next run."""
FAILED = 1
"""What pytest ends with where tests failed."""
LOCKS = ROOT / "tools" / "locks"
# What each lock is made from: pexgen's own requirements, alone or with an extra of that name; or what a build needs.
LOCKED = {
    "run": "",
    "test": "",
    "lint": "",
    "docs": "",
    "build": "hatchling>=1.24\neditables>=0.5\njinja2>=3.1\npyyaml>=6.0\n",
}


def main() -> None:
    """Do one chore; what is left over of the command line goes to the tool behind it."""
    chores: dict[str, Callable[[list[str]], int]] = {
        "demo": demo,
        "test": test,
        "lint": lint,
        "bench": bench,
        "faults": faults,
        "generated": generated,
        "analyze": analyze,
        "lock": lock,
        "site": site,
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("chore", choices=chores)
    arguments, rest = parser.parse_known_args()
    os.chdir(ROOT)
    try:
        code = chores[arguments.chore](rest)
    except subprocess.CalledProcessError as error:
        code = error.returncode or 1
    sys.exit(code)


def demo(_rest: Sequence[str]) -> int:
    """Render the sample into ``demo/`` and, where a PowerShell is found, rehearse it."""
    print("This installs pexgen in .venv, renders the sample and rehearses it where there is a PowerShell.", flush=True)
    environment = _environment(ROOT / ".venv", "run", "build", editable=True)
    pexgen = _program(environment, "pexgen")
    (ROOT / "demo").mkdir(exist_ok=True)
    code = _run([pexgen, "--quiet", "render", str(SAMPLE), "-o", "demo", "--force"], check=False)
    if code:
        return code
    print(f"{SAMPLE}                the description: what one customer's deployment is")
    print("demo/contoso-scheduling.ps1                 the runbook: what an administrator reads, attaches and runs")
    print("demo/contoso-scheduling.manifest.json       what it was made from, for the change record")
    if _powershell() is None:
        print(f"\nThere is no PowerShell here, so it was not rehearsed. {HOW_TO_GET_POWERSHELL}")
        return 0
    print("And now the runbook against a simulated Exchange, as an administrator would run it:\n", flush=True)
    code = _run([pexgen, "rehearse", str(SAMPLE)], check=False)
    print("\nNext, with your own deployment: pipx install . and then, in a folder of yours, pexgen init contoso.yaml")
    return code


def test(rest: Sequence[str]) -> int:
    """Build the wheel and run the whole suite against it, installed in an environment of its own."""
    print("This builds the wheel, installs it in build/test-env and runs the suite against it.", flush=True)
    wheel = _wheel()
    environment = _environment(BUILD / "test-env", "test")
    print("Installing the wheel ...", flush=True)
    _pip(environment, "install", "--no-deps", "--force-reinstall", str(wheel))
    print(f"Running the tests {_with_or_without()} ...", flush=True)
    # Not `python -m pytest`: that would put the checkout, and with it another pexgen, onto sys.path.
    pytest = [
        _program(environment, "pytest"),
        "-n",
        "2",
        "--dist",
        "worksteal",
        "-o",
        "tmp_path_retention_policy=failed",
    ]
    with _quick_folder() as folder:
        code = _run([*pytest, *rest], check=False, PEXGEN_INSTALLED="1", **folder)
        if code == FAILED:
            _keep(folder)
    if _powershell() is None:
        print("\nThere is no PowerShell here: every test that runs a script in one was skipped.")
        print(HOW_TO_GET_POWERSHELL)
    return code


def lint(_rest: Sequence[str]) -> int:
    """Style, types and the review ledger; all of them are run, whatever the first one says."""
    # mypy reads what the tests' helpers import.
    environment = _environment(ROOT / ".venv", "lint", "build", "test", editable=True)
    commands = (
        ["ruff", "check"],
        ["ruff", "format", "--check"],
        ["mypy"],
        ["pexgen", "templates", "list", "--check"],
    )
    codes = [_run([_program(environment, name), *rest], check=False) for name, *rest in commands]
    return max(codes)


def bench(rest: Sequence[str]) -> int:
    """Compare start-up and rendering with other tools and write docs/performance.md."""
    code = _run([sys.executable, str(ROOT / "benchmarks" / "run.py"), str(_wheel()), *rest], check=False)
    if code:
        return code
    pexgen = _program(BUILD / "bench" / "pexgen", "pexgen")
    return _run([sys.executable, str(ROOT / "benchmarks" / "fleet.py"), pexgen], check=False)


def faults(rest: Sequence[str]) -> int:
    """Play every fault at every remote call, from where it was stopped, and write the table of docs/failures.md."""
    environment = _environment(ROOT / ".venv", "test", "build", editable=True)
    command = [_program(environment, "python"), str(ROOT / "tools" / "faults.py"), *rest]
    with _quick_folder() as folder:
        return _run(command, check=False, PYTHONPATH=str(ROOT / "tests"), **folder)


def generated(_rest: Sequence[str]) -> int:
    """Make anew whatever is made from what was written by hand: lists, models, pages, samples, transcripts."""
    environment = _environment(ROOT / ".venv", "test", "build", editable=True)
    python, has_engine = _program(environment, "python"), _powershell() is not None
    # In the order in which one is made from the other.
    scripts = ["from_schema", *(["cmdlets"] if has_engine else []), "pages", "reference"]
    for name in scripts:
        _run([python, str(ROOT / "tools" / f"{name}.py")])
    _run([python, "-m", "pytest", "-q", "--snapshot-update", str(ROOT / "tests" / "render" / "test_samples.py")])
    if has_engine:
        return _run([python, str(ROOT / "tools" / "transcripts.py")], check=False)
    print(f"Not made: templates/cmdlets.json and what the pages show of a console. {HOW_TO_GET_POWERSHELL}")
    return 0


def analyze(_rest: Sequence[str]) -> int:
    """Run PSScriptAnalyzer over the samples' runbooks and the scripts of discover, where it is installed."""
    powershell = _powershell()
    if powershell is None:
        print(f"There is no PowerShell here. {HOW_TO_GET_POWERSHELL}")
        return NOT_INSTALLED
    environment = _environment(ROOT / ".venv", "run", "build", editable=True)
    scripts = sorted((ROOT / "samples").glob("*.ps1"))
    (BUILD / "analyze").mkdir(parents=True, exist_ok=True)
    for platform in ("exchange-online", "exchange-server"):
        scripts.append(BUILD / "analyze" / f"discover-{platform}.ps1")
        command = ["--quiet", "discover", "--platform", platform, "-o", str(scripts[-1]), "--force"]
        _run([_program(environment, "pexgen"), *command, "--allow-unreviewed"])
    command = [powershell, "-NoProfile", "-ExecutionPolicy", "Bypass", "-File", str(ROOT / "tools" / "analyze.ps1")]
    code = _run([*command, *map(str, scripts)], check=False)
    if code == NOT_INSTALLED:
        print(HOW_TO_GET_THE_ANALYZER)
    return code


def site(rest: Sequence[str]) -> int:
    """Write the pages as a site into ``build/site``; a link or an anchor that leads nowhere is an error."""
    environment = _environment(BUILD / "site-env", "docs")
    return _run([_program(environment, "python"), str(ROOT / "tools" / "site.py"), *rest], check=False)


def lock(_rest: Sequence[str]) -> int:
    """Write tools/locks anew, with the newest versions that pyproject.toml takes and the hashes of all their files."""
    environment = BUILD / "lock-env"
    if not (environment / "pyvenv.cfg").is_file():
        venv.EnvBuilder(with_pip=True).create(environment)
    _pip(environment, "install", "--upgrade", "uv")
    options = [
        "--universal",
        "--python-version",
        "3.10",
        "--generate-hashes",
        "--no-header",
        "--no-annotate",
        "--upgrade",
    ]
    for name, requirements in LOCKED.items():
        source = [str(ROOT / "pyproject.toml"), *(["--extra", name] if name != "run" else [])]
        if requirements:
            source = [str(BUILD / f"{name}.in")]
            Path(source[0]).write_text(requirements, encoding="ascii")
        uv = [_program(environment, "uv"), "pip", "compile", *options, *source, "-o", str(LOCKS / f"{name}.txt")]
        _run([*uv, "--quiet"])
    return 0


def _environment(folder: Path, *locks: str, editable: bool = False) -> Path:
    """Make a virtual environment of what the locks name, anew only when what it was made from has changed.

    With ``editable`` the checkout is installed in it as well.
    """
    made_from = (ROOT / "pyproject.toml", *(LOCKS / f"{name}.txt" for name in locks))
    key = hashlib.sha256(
        b"".join(path.read_bytes() for path in made_from) + repr(sys.version_info[:2]).encode()
    ).hexdigest()
    stamp = folder / f".{'-'.join(locks)}.stamp"
    if stamp.is_file() and stamp.read_text(encoding="ascii") == key:
        return folder
    if not (folder / "pyvenv.cfg").is_file():
        print(f"Making an environment in {folder.relative_to(ROOT)} ...", flush=True)
        venv.EnvBuilder(with_pip=True).create(folder)
    for name in locks:
        print(f"Installing what tools/locks/{name}.txt names ...", flush=True)
        _pip(folder, "install", "--require-hashes", "--no-deps", "-r", str(LOCKS / f"{name}.txt"))
    if editable:
        print("Installing this checkout in it ...", flush=True)
        _pip(folder, "install", "--no-deps", "--no-build-isolation", "-e", str(ROOT))
    stamp.write_text(key, encoding="ascii")
    return folder


@contextlib.contextmanager
def _quick_folder() -> Iterator[dict[str, str]]:
    """Give the folder for what tests write, as a variable of the environment: in memory where there is room.

    A journal waits for the disk at each of its lines, which is a quarter of the time of an Apply.
    """
    for earlier in IN_MEMORY.glob(f"{QUICK}*"):
        if os.access(earlier / KEPT, os.W_OK):  # Somebody else's cannot be looked into.
            shutil.rmtree(earlier, ignore_errors=True)
    usable = IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free >= ROOM
    if not usable or (sys.platform != "win32" and os.statvfs(IN_MEMORY).f_flag & os.ST_NOEXEC):
        yield {}
        return
    folder = tempfile.mkdtemp(prefix=QUICK, dir=IN_MEMORY)
    try:
        yield {"TMPDIR": folder}
    finally:
        if not (Path(folder) / KEPT).is_file():
            shutil.rmtree(folder, ignore_errors=True)


def _keep(folder: Mapping[str, str]) -> None:
    """Let what pytest kept of failing tests stay, and say where it is."""
    quick = folder.get("TMPDIR")
    if quick:
        (Path(quick) / KEPT).touch()
    until = ", in memory, until the tests are run again" if quick else ""
    print(f"\nWhat the failing tests wrote is in {quick or tempfile.gettempdir()}, below pytest-of-<you>{until}.")


def _wheel() -> Path:
    """Build the wheel from the checkout as it is."""
    target = BUILD / "wheel"
    shutil.rmtree(target, ignore_errors=True)
    builder = _environment(BUILD / "build-env", "build")
    print("Building the wheel ...", flush=True)
    _pip(builder, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(target), str(ROOT))
    return next(target.glob("*.whl"))


def _pip(environment: Path, command: str, *arguments: str) -> None:
    _run([_program(environment, "python"), "-m", "pip", command, "--quiet", *arguments])


def _program(environment: Path, name: str) -> str:
    folder = environment / ("Scripts" if sys.platform == "win32" else "bin")
    return str(folder / (f"{name}.exe" if sys.platform == "win32" else name))


def _powershell() -> str | None:
    named = os.environ.get("PEXGEN_PWSH")
    return shutil.which(named) if named else shutil.which("pwsh") or shutil.which("powershell")


def _with_or_without() -> str:
    """Say which PowerShell the tests play runbooks in, or that none does."""
    found = _powershell()
    return f"with {found}" if found else "without those that need a PowerShell"


def _run(command: Sequence[str], *, check: bool = True, **environment: str) -> int:
    return subprocess.run(command, check=check, env={**os.environ, **environment}).returncode


if __name__ == "__main__":
    main()
