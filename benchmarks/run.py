"""Measures start-up and rendering beside other tools, in one run, and writes docs/performance.md.

Called by ``make bench`` with the built wheel. Every tool has an environment of its own whose bytecode pip compiled. The
templates that the other tools render give the same runbook from the same description.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "bench"
SAMPLE = ROOT / "samples" / "app-permissions.yaml"
WARM_UPS = 2


class Figure(NamedTuple):
    """Milliseconds of a whole process."""

    median: float
    fastest: float


class Promise(NamedTuple):
    """A figure, and what the project holds itself to."""

    name: str
    measured: float
    bound: str
    limit: float

    def __str__(self) -> str:
        kept = self.measured <= self.limit if self.bound == "at most" else self.measured >= self.limit
        return f"| {self.name} | {self.measured:.2f} | {self.bound} {self.limit} | {'yes' if kept else 'NO'} |"


def main() -> None:
    """Measure, print the table, and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--runs", type=int, default=20, help="runs of each command after the warm-ups")
    arguments = parser.parse_args()
    pexgen = environment("pexgen", str(arguments.wheel)) / "pexgen"
    jinja2 = environment("jinja2-cli", "jinja2-cli[yaml]") / "jinja2"
    copier = environment("copier", "copier") / "copier"
    template = comparable_template(pexgen)
    copied = [str(template), str(WORK / "copied")]
    figures = measure(
        {
            "pexgen render": [str(pexgen), "render", str(SAMPLE), "-o", "-", "--allow-unreviewed"],
            "pexgen --version": [str(pexgen), "--version"],
            "jinja2-cli": [str(jinja2), str(template / "runbook.ps1.jinja"), str(SAMPLE), "--format", "yaml"],
            "copier copy": [str(copier), "copy", "--quiet", "--force", "--data-file", str(SAMPLE), *copied],
        },
        arguments.runs,
    )
    table = report(figures, many(pexgen, 100), many(pexgen, 1000), arguments.runs)
    print(table)
    page = ROOT / "docs" / "performance.md"
    # What follows the first section is measured by engine.py, on a machine with a PowerShell.
    _, mark, rest = page.read_text(encoding="utf-8").partition("\n## ")
    page.write_text(table + mark + rest, encoding="utf-8", newline="\n")


def environment(name: str, requirement: str) -> Path:
    """Make a tool's own environment, once, and return the folder of its programs."""
    folder = WORK / name
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    if not (folder / "pyvenv.cfg").is_file():
        venv.EnvBuilder(with_pip=True).create(folder)
    pip = [str(programs / "python"), "-m", "pip", "install", "--quiet", "--force-reinstall", requirement]
    if name == "pexgen" or not any(programs.glob("jinja2*" if "jinja2" in name else "copier*")):
        subprocess.run(pip, check=True)
    return programs


def comparable_template(pexgen: Path) -> Path:
    """Turn the sample's runbook back into a Jinja2 template over the same description, as people write them."""
    folder = WORK / "template"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    subprocess.run([str(pexgen), "render", str(SAMPLE), "-o", str(folder), "--allow-unreviewed"], check=True)
    text = next(folder.glob("*.ps1")).read_text(encoding="utf-8-sig")
    head, rest = text.split("\nparam(\n", 1)
    block, body = rest.split("\n)\n", 1)
    for name, expression in (
        ("Name", "name"),
        ("ChangeTicket", "change.ticket"),
        ("TargetOrganization", "target.organization"),
        ("TargetTenantId", "target.tenant_id"),
        ("EquipmentAddress", "equipment.address"),
        ("EquipmentName", "equipment.name"),
        ("ApplicationClientId", "application.client_id"),
        ("ApplicationObjectId", "application.object_id"),
        ("SchedulingGroupAddress", "scheduling_group.address"),
        ("EwsPolicy", "ews.policy"),
    ):
        filled = f"${name} = '{{{{ {expression} | replace(\"'\", \"''\") }}}}'"
        block = re.sub(rf"\${name} = '[^\n]*'", filled, block)
    raw = "{{% raw %}}{}{{% endraw %}}".format
    members = (
        "{% for member in scheduling_group.members %}'{{ member }}'{% if not loop.last %}, {% endif %}{% endfor %}"
    )
    template = f"{raw(head)}\nparam(\n{block}\n)\n# {members}\n{raw(body)}"
    for path in folder.iterdir():
        path.unlink()
    (folder / "runbook.ps1.jinja").write_text(template, encoding="utf-8")
    (folder / "copier.yml").write_text("_min_copier_version: '9.0.0'\n", encoding="utf-8")
    return folder


def measure(commands: dict[str, Sequence[str]], runs: int) -> dict[str, Figure]:
    """Run the commands in turn, so that what slows the machine down slows all of them down."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(WARM_UPS + runs):
        for name, command in commands.items():
            begun = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if turn >= WARM_UPS:
                times[name].append((time.perf_counter() - begun) * 1000)
    return {name: Figure(statistics.median(found), min(found)) for name, found in times.items()}


def many(pexgen: Path, count: int) -> tuple[float, float]:
    """Render ``count`` descriptions in one call: milliseconds each, and the peak of memory in MB (0 on Windows)."""
    folder = WORK / "many"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "out").mkdir(parents=True)
    text = SAMPLE.read_text(encoding="utf-8")
    for number in range(count):
        named = text.replace("name: contoso-scheduling", f"name: customer-{number:04}")
        (folder / f"{number:04}.yaml").write_text(named, encoding="utf-8")
    command = [
        str(pexgen),
        "--quiet",
        "render",
        str(folder / "*.yaml"),
        "-o",
        str(folder / "out"),
        "--allow-unreviewed",
    ]
    begun = time.perf_counter()
    process = subprocess.Popen(command)
    peak = 0.0
    if hasattr(os, "wait4"):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        peak = usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    if process.wait():
        sys.exit(f"{command} failed")
    return (time.perf_counter() - begun) * 1000 / count, peak


def report(figures: dict[str, Figure], hundred: tuple[float, float], thousand: tuple[float, float], runs: int) -> str:
    """Return the page: what was measured, and how it stands to what is promised."""
    render, version, jinja2, copier = (figures[name].median for name in figures)
    promises = (
        Promise("`render` / jinja2-cli", render / jinja2, "at most", 1.2),
        Promise("copier / `render`", copier / render, "at least", 3),
        Promise("`--version` / `render`", version / render, "at most", 0.5),
        Promise("1,000 descriptions in one call, ms each", thousand[0], "at most", 3),
        Promise("memory of 1,000 descriptions / of 100", thousand[1] / max(hundred[1], 1), "at most", 1.2),
    )
    python = ".".join(str(number) for number in sys.version_info[:3])
    return "\n".join(
        [
            "# Performance",
            "",
            f"Written by `make bench`: whole processes, {runs} runs in turn after {WARM_UPS} warm-ups, all on one",
            f"machine ({os.cpu_count()} processors, Python {python}, bytecode compiled). Compare the ratios: the",
            "milliseconds are that machine's, and vary by a tenth from run to run.",
            "",
            "| command | median ms | fastest ms |",
            "|---|---:|---:|",
            *(f"| {name} | {figure.median:.0f} | {figure.fastest:.0f} |" for name, figure in figures.items()),
            "",
            "| figure | measured | promised | kept |",
            "|---|---:|---|---|",
            *(str(promise) for promise in promises),
            "",
            "The other tools render the same description with a template of the same runbook, but neither check the",
            "description nor quote its values nor write a manifest. Start-up decides. Without compiled bytecode every",
            "tool takes two to three times as long; a wheel carries pexgen's templates compiled, its bodies put",
            "together and its tables parsed, a checkout does not.",
            "",
        ]
    )


if __name__ == "__main__":
    main()
