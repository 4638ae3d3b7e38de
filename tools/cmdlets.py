"""Writes templates/cmdlets.json: which cmdlets of Exchange the engine and each other part call, with which parameters.

A tool of the project's own, run by ``make cmdlets``; it needs a PowerShell. The guard that looks for missing cmdlets
and parameters reads this file, and so do the records. ``exchange-cmdlets.txt`` lists Exchange's cmdlets, after
Microsoft's reference of 2026-08-21; a platform stands behind the name of one that is not both in Exchange Online and in
each of Exchange Server 2016, 2019 and SE.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TEMPLATES = HERE.parent / "templates"


def calls(powershell: str, files: list[Path]) -> list[dict[str, Any]]:
    """Return every command call in the files, as ``commands.ps1`` describes it."""
    script = f"& '{HERE / 'commands.ps1'}' -Path @({', '.join(repr(str(file)) for file in files)})"
    command = [powershell, "-NoProfile", "-NonInteractive", "-Command", script]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        sys.exit(done.stderr.decode(errors="replace") or done.stdout.decode(errors="replace"))
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def exchange_cmdlets() -> dict[str, list[str]]:
    """Return Exchange's cmdlets, each with the platforms that it is limited to; none where it is on all of them."""
    lines = (HERE / "exchange-cmdlets.txt").read_text(encoding="ascii").splitlines()
    return {name: platforms for name, *platforms in map(str.split, lines)}


def catalogue(powershell: str, templates: Path) -> str:
    """Return the text of ``cmdlets.json`` for a template folder; exits with a message on a splat it cannot read."""
    folders = [templates / name for name in ("engine", "shared", "steps", "discovery")]
    files = [file for folder in folders for file in sorted(folder.rglob("*.ps1"))]
    cmdlets = exchange_cmdlets()
    known = {name.casefold(): name for name in cmdlets}
    table: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for call in calls(powershell, files):
        name = known.get((call["command"] or "").casefold())
        if name is None:
            continue
        file = Path(call["file"])
        if call["unresolved"]:
            sys.exit(f"{file.name}:{call['line']}: {name}: the keys of @{call['unresolved'][0]} are not literals")
        table[_part(file)][name].update(call["parameters"])
    parts = list(dict.fromkeys(map(_part, files)))
    lists = {part: {name: sorted(given) for name, given in sorted(table[part].items())} for part in parts}
    called = sorted({name for found in lists.values() for name in found})
    lists["platforms"] = {name: cmdlets[name] for name in called if cmdlets[name]}
    return json.dumps(lists, indent=2) + "\n"


def _part(file: Path) -> str:
    """Return the name under which a file's calls stand: a step's is that of its folder, with its platform."""
    if file.parent.name == "engine":
        return "engine"
    return file.stem.replace("step", file.parent.name, 1) if file.parent.parent.name == "steps" else file.stem


def main() -> None:
    """Write the file, or with ``--check`` say whether it is current."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the file is not current")
    arguments = parser.parse_args()
    powershell = os.environ.get("PEXGEN_PWSH") or shutil.which("pwsh") or sys.exit("no PowerShell: set PEXGEN_PWSH")
    text, target = catalogue(powershell, TEMPLATES), TEMPLATES / "cmdlets.json"
    if arguments.check:
        sys.exit(target.read_text(encoding="utf-8") != text)
    target.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
