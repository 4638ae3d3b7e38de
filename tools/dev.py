"""The project's chores on every system, with nothing but Python: ``python tools/dev.py demo|test|lint|bench|faults``.

``make demo`` and the like call this; on Windows it is called directly. Every chore makes the environment it needs.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
HOW_TO_GET_POWERSHELL = (
    "To get one: https://learn.microsoft.com/powershell/scripting/install, or set PEXGEN_PWSH to the path of a pwsh."
)
SAMPLE = Path("samples") / "app-permissions.yaml"


def main() -> None:
    """Do one chore; what is left over of the command line goes to the tool behind it."""
    chores: dict[str, Callable[[list[str]], int]] = {
        "demo": demo,
        "test": test,
        "lint": lint,
        "bench": bench,
        "faults": faults,
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
    environment = _environment(ROOT / ".venv", "-e", ".")
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
    return _run([pexgen, "rehearse", str(SAMPLE)], check=False)


def test(rest: Sequence[str]) -> int:
    """Build the wheel and run the whole suite against it, installed in an environment of its own."""
    wheel = _wheel()
    environment = _environment(BUILD / "test-env", f"{wheel}[test]")
    _run(
        [
            _program(environment, "python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--force-reinstall",
            str(wheel),
        ]
    )
    # Not `python -m pytest`: that would put the checkout, and with it another pexgen, onto sys.path.
    pytest = [_program(environment, "pytest"), "-n", "2", "--dist", "worksteal", *rest]
    code = _run(pytest, check=False, PEXGEN_INSTALLED="1")
    if _powershell() is None:
        print("\nThere is no PowerShell here: every test that runs a script in one was skipped.")
        print(HOW_TO_GET_POWERSHELL)
    return code


def lint(_rest: Sequence[str]) -> int:
    """Style, types and the review ledger; all of them are run, whatever the first one says."""
    environment = _environment(ROOT / ".venv", "-e", ".[lint]")
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
    return _run([sys.executable, str(ROOT / "benchmarks" / "run.py"), str(_wheel()), *rest], check=False)


def faults(rest: Sequence[str]) -> int:
    """Play every fault at every remote call, from where it was stopped, and write the table of docs/failures.md."""
    environment = _environment(ROOT / ".venv", "-e", ".[test]")
    command = [_program(environment, "python"), str(ROOT / "tools" / "faults.py"), *rest]
    return _run(command, check=False, PYTHONPATH=str(ROOT / "tests"))


def _environment(folder: Path, *requirements: str) -> Path:
    """Make a virtual environment with the requirements in it, anew only when what it was made from has changed."""
    pyproject = (ROOT / "pyproject.toml").read_bytes()
    key = hashlib.sha256(pyproject + repr((requirements, sys.version_info[:2])).encode()).hexdigest()
    stamp = folder / f".{hashlib.sha256(repr(requirements).encode()).hexdigest()[:8]}.stamp"
    if stamp.is_file() and stamp.read_text(encoding="ascii") == key:
        return folder
    if not (folder / "pyvenv.cfg").is_file():
        venv.EnvBuilder(with_pip=True).create(folder)
    if requirements:
        _run([_program(folder, "python"), "-m", "pip", "install", "--quiet", *requirements])
    stamp.write_text(key, encoding="ascii")
    return folder


def _wheel() -> Path:
    """Build the wheel from the checkout as it is."""
    target = BUILD / "wheel"
    shutil.rmtree(target, ignore_errors=True)
    builder = _environment(BUILD / "build-env")
    _run([_program(builder, "python"), "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(target), "."])
    return next(target.glob("*.whl"))


def _program(environment: Path, name: str) -> str:
    folder = environment / ("Scripts" if sys.platform == "win32" else "bin")
    return str(folder / (f"{name}.exe" if sys.platform == "win32" else name))


def _powershell() -> str | None:
    named = os.environ.get("PEXGEN_PWSH")
    return shutil.which(named) if named else shutil.which("pwsh") or shutil.which("powershell")


def _run(command: Sequence[str], *, check: bool = True, **environment: str) -> int:
    return subprocess.run(command, check=check, env={**os.environ, **environment}).returncode


if __name__ == "__main__":
    main()
