"""A runbook as its reader meets it: help, parameters, outline, the steps before the engine, and nothing dead."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pexgen.assembly import linked, outline, with_step_keys
from pexgen.catalogue import load_catalogue
from pexgen.discovery import discovery_bodies
from pexgen.errors import DefectError
from pexgen.render import Renderer
from pexgen.runbook import Body, assemble
from pexgen.runbook_marks import BODY_BEGINS
from pexgen.template_files import Part, template_folder

CHECKOUT = Path(__file__).resolve().parents[2]
TREE = Path(__file__).with_name("tree.ps1")
KEYS = template_folder() / "steps" / "README.md"
CATALOGUE = load_catalogue(template_folder())
BODIES = {body.method.key: body for body in (assemble(CATALOGUE, method) for method in CATALOGUE.methods.values())}
ALL = {**BODIES, **{body.method.key: body for body in discovery_bodies(CATALOGUE)}}
READS = ("Get-", "Test-")
HELP, FIRST_WRITE, APART = 150, 900, 150
ROW = re.compile(r"# +(\d+)  ([A-Z]\w+-\w+) +([a-z-]+) +(low|medium|high) +(\S.*)")


class Row(NamedTuple):
    line: int
    cmdlet: str
    step: str
    risk: str
    undo: str


@pytest.fixture(scope="module")
def trees(
    run_powershell: Callable[..., subprocess.CompletedProcess[bytes]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What ``tree.ps1`` says about each body, all in one engine."""
    folder = tmp_path_factory.mktemp("trees")
    cmdlets = [
        line.split()[0] for line in (CHECKOUT / "tools" / "exchange-cmdlets.txt").read_text("ascii").splitlines()
    ]
    writes = ", ".join(f"'{name}'" for name in cmdlets if not name.startswith(READS))
    lines = [f"$writes = {writes}"]
    for number, body in enumerate(ALL.values()):
        script = folder / f"{number}.ps1"
        script.write_bytes(b"\xef\xbb\xbf" + body.text.encode())
        lines.append(f"& '{TREE}' -Path '{script}' -Cmdlet $writes")
    done = run_powershell("; ".join(lines))
    return dict(zip(ALL, map(json.loads, done.stdout.decode().splitlines()), strict=True))


@pytest.fixture(scope="module")
def runbook() -> str:
    source = (CHECKOUT / "samples" / "app-permissions.yaml").read_bytes()
    return Renderer(allow_unreviewed=True).render(source, "app-permissions.yaml").runbook.decode("utf-8-sig")


def rows(body: Body) -> list[Row]:
    head = body.text.split("\n\n", 1)[0]
    found = [ROW.fullmatch(line) for line in head.splitlines()]
    return [Row(int(one[1]), one[2], one[3], one[4], one[5]) for one in found if one]


def region_of(body: Body, line: int) -> str:
    return re.findall(r"^#region (.+)$", "\n".join(body.text.split("\n")[:line]), re.MULTILINE)[-1]


@pytest.mark.parametrize("key", BODIES)
def test_the_outline_is_every_write_of_the_syntax_tree_with_its_line(key: str, trees: dict[str, Any]) -> None:
    listed = {(row.line, row.cmdlet) for row in rows(BODIES[key])}
    # Only functions whose last word is Change may change anything, which test_syntax.py holds them to.
    assert listed == {(write["line"], write["cmdlet"]) for write in trees[key]["writes"]}
    assert (listed == set()) == (key == "none")


@pytest.mark.parametrize("key", BODIES)
def test_each_row_of_the_outline_is_in_the_region_of_its_step_and_says_its_risk_and_its_undo(key: str) -> None:
    body = BODIES[key]
    risks = {step.id: step.risk.level for step in body.method.steps}
    lines = body.text.split("\n")
    for row in rows(body):
        assert region_of(body, row.line).removeprefix("steps/").split(".")[0] == row.step
        assert row.risk == risks[row.step]
        assert f"# Undo: {row.undo}" in "\n".join(lines[row.line - 4 : row.line])


def test_the_outline_counts_from_the_line_that_begins_the_body(runbook: str) -> None:
    lines = runbook.split("\r\n")
    begin = lines.index(BODY_BEGINS)
    for row in rows(BODIES["app-permissions/exchange-online"]):
        assert row.cmdlet in lines[begin + row.line]


def test_a_script_that_looks_writes_nothing_and_has_no_outline(trees: dict[str, Any]) -> None:
    for key in ALL.keys() - BODIES.keys():
        assert trees[key]["writes"] == []
        assert ALL[key].text.startswith("#region engine/00-language\n")


@pytest.mark.parametrize("key", BODIES)
def test_what_is_asked_and_what_is_sent_stand_in_one_region_and_near_each_other(key: str) -> None:
    body = BODIES[key]
    texts: dict[str, list[int]] = {}
    for number, line in enumerate(body.text.split("\n"), 1):
        if re.search(r"\bAdd-(?:Change|Creation|Setting|Removal) \$", line) and "steps/" in region_of(body, number):
            texts.setdefault(region_of(body, number), []).append(number)
    for row in rows(body):
        assert max(abs(row.line - asked) for asked in texts[region_of(body, row.line)]) <= APART, row


def test_the_steps_stand_before_the_engine_each_with_its_table_first() -> None:
    for body in BODIES.values():
        regions = re.findall(r"^#region (.+)$", body.text, re.MULTILINE)
        steps = [step.part.name for step in body.method.steps]
        assert regions[: 2 + len(steps)] == ["engine/00-language", "constants", *steps]
        assert regions[-2:] == ["tables", "engine/99-main"]
        for step in body.method.steps:
            region = body.text.split(f"\n#region {step.part.name}\n")[1]
            assert region.startswith(f"$Catalogue['{step.id}'] = @{{\n")
            assert region.index(f"$Steps['{step.id}'] = {{") < region.index("\nfunction ")


@pytest.mark.parametrize("key", ALL)
def test_every_function_is_reached_from_what_runs(key: str, trees: dict[str, Any]) -> None:
    functions, found = trees[key]["functions"], set(trees[key]["loaded"])
    waiting = [name for name in found if name in functions]
    while waiting:
        for name in functions[waiting.pop()]["names"]:
            if name not in found and name in functions:
                waiting.append(name)
            found.add(name)
    assert sorted(functions.keys() - found) == []


@pytest.mark.parametrize("key", ALL)
def test_every_function_that_is_called_by_name_is_there(key: str, trees: dict[str, Any]) -> None:
    ours = {name for tree in trees.values() for name in tree["functions"]}
    for name, function in trees[key]["functions"].items():
        missing = [one for one in function["names"] if one in ours and one not in trees[key]["functions"]]
        assert missing == [], name


def test_no_body_asks_which_platform_or_method_it_is_for() -> None:
    for body in ALL.values():
        assert re.findall(r"\$(?:Platform|Method) -\w+", body.text.split("#region discover/")[0]) == []
        assert "# only:" not in body.text


def test_a_line_for_one_platform_or_method_names_one_that_there_is() -> None:
    methods = CATALOGUE.methods.values()
    keys = {name for each in methods for name in with_step_keys({each.id, each.platform, each.key}, each.steps)}
    known = keys | {"discover"}
    for part in sorted(template_folder().rglob("*.ps1")):
        for only in re.findall(r"# only: (.*)$", part.read_text("ascii"), re.MULTILINE):
            assert set(only.split(", ")) <= known, part


STEP_KEY = re.compile(r"\$(?:Steps\[[^\]]+\]|step)(?:\.Contains\('|\['|\.)([A-Z]\w+)")


def lines_about(keys: set[str], body: str) -> Iterator[str]:
    """Yield where the parts of a body look at one of these keys of a step, and the mark to write there."""
    for part in sorted(template_folder().rglob("*.ps1")):
        for number, line in enumerate(part.read_text("ascii").splitlines(), 1):
            if "# only: " not in line and f"\n{line}\n" in body:
                for key in sorted(keys.intersection(STEP_KEY.findall(line))):
                    yield f"templates/{part.relative_to(template_folder()).as_posix()}:{number}: `# only: {key}`"


@pytest.mark.parametrize("name", BODIES)
def test_a_body_asks_for_no_key_that_none_of_its_steps_has(name: str) -> None:
    method = next(each for each in CATALOGUE.methods.values() if each.key == name)
    known = with_step_keys({method.id, method.platform, method.key}, method.steps) | {"Contains", "Keys"}
    asked = set(STEP_KEY.findall(BODIES[name].text))
    assert asked
    lines = list(lines_about(asked - known, BODIES[name].text))
    said = "no step has these keys: end the line, or each that calls its function, with the mark"
    assert lines == [], "\n".join([f"{name}: {said}", *lines])
    assert asked <= known


@pytest.mark.parametrize("name", BODIES)
def test_the_legend_names_every_key_of_the_steps_and_no_other(name: str) -> None:
    legend = BODIES[name].text.split("# The steps in order.")[1].split("$Catalogue =")[0]
    said = {key for line in legend.splitlines()[1:] for key in line.removeprefix("# ").partition(": ")[0].split(", ")}
    method = next(each for each in CATALOGUE.methods.values() if each.key == name)
    names = {method.id, method.platform, method.key}
    # What a guard is made of is no key of the step.
    assert said == with_step_keys(names, method.steps) - names - {"Name", "Test"}


def test_the_help_is_short_and_the_first_write_is_near_the_top(runbook: str) -> None:
    lines = runbook.split("\r\n")
    assert lines.index("#>") < HELP
    first = min(row.line for row in rows(BODIES["app-permissions/exchange-online"]))
    assert lines.index(BODY_BEGINS) + first < FIRST_WRITE


def test_get_help_finds_every_parameter_with_the_text_above_it(
    run_powershell: Callable[..., subprocess.CompletedProcess[bytes]], runbook: str, tmp_path: Path
) -> None:
    script = tmp_path / "runbook.ps1"
    script.write_bytes(b"\xef\xbb\xbf" + runbook.encode())
    line = (
        f"(Get-Help '{script}' -Parameter *) | ForEach-Object {{ [ordered]@{{ name = $_.name; "
        "text = (@($_.description.text) -join ' ') } } | ConvertTo-Json -Compress -AsArray"
    )
    found = {one["name"]: one["text"] for one in json.loads(run_powershell(line).stdout)}
    method = BODIES["app-permissions/exchange-online"].method
    for parameter in (*method.parameters, *method.run_parameters):
        assert " ".join(found[parameter.name].split()).startswith(" ".join(parameter.help.split()))


def test_the_deployment_s_parameters_come_first(runbook: str) -> None:
    block = runbook.split("\r\nparam(\r\n")[1].split("\r\n)\r\n", maxsplit=1)[0]
    names = re.findall(r"^    \[[a-z]+(?:\[\])?\] \$(\w+)", block, re.MULTILINE)
    method = BODIES["app-permissions/exchange-online"].method
    assert names == [one.name for one in (*method.parameters, *method.run_parameters)]
    assert names[:3] == ["Name", "ChangeTicket", "TargetOrganization"]


def documented_keys() -> set[str]:
    return set(re.findall(r"^\| `(\w+)` \|", KEYS.read_text("utf-8"), re.MULTILINE))


def test_every_key_of_a_step_s_table_is_documented_and_read(trees: dict[str, Any]) -> None:
    used = {one["key"] for key in BODIES for one in trees[key]["keys"]}
    assert used == documented_keys()
    for key in BODIES:
        for step in {one["step"] for one in trees[key]["keys"]}:
            assert {"Compare", "Made", "Set", "Reads"} <= {
                one["key"] for one in trees[key]["keys"] if one["step"] == step
            }
    engine = "\n".join(part.text for part in CATALOGUE.core)
    for name in used:
        assert re.search(rf"\.{name}\b|\['{name}'\]|Contains\('{name}'\)|\[\$mode\]", engine), name


def test_a_function_that_nothing_calls_and_a_line_of_another_platform_are_left_out() -> None:
    text = (
        "# A part.\n\n$Used = 1\n\n$Unused = 2\n\n# Called.\nfunction Get-One {\n    $Used\n"
        "    Get-Two  # only: here\n    Get-Three  # only: there, elsewhere\n}\n\n"
        "function Get-Two {\n    2\n}\n\nfunction Get-Three {\n    3\n}\n\n"
        "function Get-Four {\n    4\n}\n\nGet-One\n"
    )
    other = Part("other", "# Of nothing else.\n\nfunction Get-Five {\n    5\n}\n", "")
    found = linked([Part("part", text, ""), other], {"here"})
    assert found.keys() == {"part"}
    assert re.findall(r"function (\S+)|(Get-Three)|(\$Unused)", found["part"]) == [
        ("Get-One", "", ""),
        ("Get-Two", "", ""),
    ]
    assert "    Get-Two\n" in found["part"]


def test_a_write_outside_a_step_is_a_defect() -> None:
    steps = BODIES["app-permissions/exchange-online"].method.steps
    text = "\n#region engine/40-guards\n    # Undo: none\n    Set-Mailbox -Identity x\n#endregion\n"
    with pytest.raises(DefectError, match="engine/40-guards"):
        outline(text, steps)
    assert outline(text.replace("    # Undo: none\n", ""), steps) == ""
