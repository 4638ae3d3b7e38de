"""The rendered runbook's syntax tree: what Windows PowerShell 5.1 and PSScriptAnalyzer would say about it."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pexgen.catalogue import load_catalogue
from pexgen.discovery import discovery_bodies, discovery_script
from pexgen.render import Renderer
from pexgen.runbook import Body, assemble
from pexgen.runbook_marks import BODY_BEGINS
from pexgen.template_files import template_folder

CHECKOUT = Path(__file__).resolve().parents[2]
RULES = Path(__file__).with_name("syntax.ps1")
READS = ("Get-", "Test-", "Search-")

Findings = Callable[..., list[list[dict[str, Any]]]]

BAD = {
    "parse": "if (",
    "answer-property": "function Get-Thing { param($Answer) $Answer.PSObject.Properties['State'].Value }",
    "no-TernaryExpressionAst": "$x = $true ? 1 : 2; $x",
    "no-PipelineChainAst": "Get-Date && Get-Date",
    "no-QuestionQuestion": "Get-Variable | ForEach-Object { $_ ?? 1 }",
    "no-QuestionQuestionEquals": "$x ??= 1; $x",
    "no-QuestionDot": "${x}?.Length",
    "no-UsingStatementAst": "using namespace System.Text",
    "no-TypeDefinitionAst": "class Thing { }",
    "no-Clean": "function Get-Thing { process { } clean { } }",
    "no-escape-of-7": '"`u{1F600}"',
    "no-backtick": "Get-Date `\n    -Year 2026",
    "no-parameter-of-7": "ConvertFrom-Json -AsHashtable -InputObject '{}'",
    "no-command-of-7": "Test-Json -Json '{}'",
    "no-variable-of-7": "if ($IsWindows) { 1 }",
    "no-alias": "gci",
    "banned-command": "Read-Host",
    "plain-text": "ConvertTo-SecureString -String x -AsPlainText -Force",
    "computer-name": "Test-Connection -ComputerName x",
    "positional": "Get-Thing 1 2 3",
    "no-global": "$global:x",
    "automatic-variable": "$matches = 1; $matches",
    "unused-variable": "function Get-Thing { $left = 1 }",
    "approved-verb": "function Frobnicate-Thing { }",
    "singular-noun": "function Get-Things { }",
    "long-function": "function Get-Thing {\n" + "    1\n" * 40 + "}",
    "should-process": "function Invoke-Thing { $PSCmdlet.ShouldProcess('x') }",
    "state-changing-verb": "function Set-Thing { }",
    "overwrites-cmdlet": "function Get-Date { }",
    "defined-twice": "function Get-Thing { }\nfunction Get-Thing { }",
    "unused-parameter": "function Get-Thing { param($Name) Invoke-Thing -Call { $Name } }",
    "reserved-parameter": "function Get-Thing { param($Verbose) $Verbose }",
    "switch-default": "function Get-Thing { param([switch] $On = $true) $On }",
    "pipeline-parameter": "function Get-Thing { param([Parameter(ValueFromPipeline)] $On) $On }",
    "empty-catch": "try { Get-Date } catch { }",
    "null-left": "if ($x -eq $null) { 1 }",
    "condition": "if ($x = 1) { $x }",
    "culture": "$x | Sort-Object",
    "empty-replacement": "$x -creplace 'a', ''",
    "should-continue": "$PSCmdlet.ShouldContinue('x', 'y')",
    "ascii": "# \u2018",
    "trailing-space": "Get-Date ",
    "broken-hash": "[Security.Cryptography.SHA1]::Create()",
}
"""For each rule of ``syntax.ps1`` the least that breaks it."""


@pytest.fixture(scope="module")
def findings(
    run_powershell: Callable[..., subprocess.CompletedProcess[bytes]], tmp_path_factory: pytest.TempPathFactory
) -> Findings:
    """Write scripts as a runbook is written and return, for each, what ``syntax.ps1`` finds in it; in one engine."""
    folder = tmp_path_factory.mktemp("syntax")

    def find(*texts: str) -> list[list[dict[str, Any]]]:
        scripts = [folder / f"{number}.ps1" for number in range(len(texts))]
        for script, text in zip(scripts, texts, strict=True):
            script.write_bytes(b"\xef\xbb\xbf" + text.encode())
        done = run_powershell("; ".join(f"& '{RULES}' -Path '{script}'" for script in scripts))
        return [json.loads(line) for line in done.stdout.decode().splitlines()]

    return find


@pytest.fixture(scope="module")
def runbook() -> str:
    """The runbook of the sample, whose body is that of every description of its method."""
    source = (CHECKOUT / "samples" / "app-permissions.yaml").read_bytes()
    return Renderer(allow_unreviewed=True).render(source, "app-permissions.yaml").runbook.decode("utf-8-sig")


@pytest.fixture(scope="module")
def bodies() -> list[Body]:
    catalogue = load_catalogue(template_folder())
    return [assemble(catalogue, method) for method in catalogue.methods.values()]


@pytest.fixture(scope="module")
def runbooks(runbook: str, bodies: list[Body]) -> list[str]:
    """Every text that is in a runbook: the sample's, the parts of the server's that it has not, and those of others."""
    server = next(body for body in bodies if body.method.platform == "exchange-server")
    seen, found = {part.name for part in bodies[0].parts}, [runbook]
    for some in ([server], bodies):
        parts = {part.name: part.text for body in some for part in body.parts if part.name not in seen}
        found.append("\n".join(parts[name] for name in sorted(parts)))
        seen |= set(parts)
    return found


@pytest.fixture(scope="module")
def discoveries() -> list[str]:
    """What is in a script that looks: the one for Exchange Online, and the parts that only the other one has."""
    catalogue = load_catalogue(template_folder())
    online, server = discovery_bodies(catalogue)
    seen = {part.name for part in online.parts}
    others = [part.text for part in server.parts if part.name not in seen]
    script = discovery_script(catalogue, online, {}, reviewed=False)
    return [script.decode("utf-8-sig"), "\n".join(others)]


@pytest.fixture(scope="module")
def calls(
    run_powershell: Callable[..., subprocess.CompletedProcess[bytes]],
    runbooks: list[str],
    discoveries: list[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> list[dict[str, Any]]:
    """Every call of one of Exchange's cmdlets in any runbook and in any script that looks."""
    script = tmp_path_factory.mktemp("calls") / "runbooks.ps1"
    script.write_bytes(
        b"\xef\xbb\xbf" + "\n".join([runbooks[0].split("#>", 1)[1], *runbooks[1:], *_bare(discoveries)]).encode()
    )
    lines = (CHECKOUT / "tools" / "exchange-cmdlets.txt").read_text(encoding="ascii").splitlines()
    known = {line.split()[0] for line in lines}
    done = run_powershell(f"& '{CHECKOUT / 'tools' / 'commands.ps1'}' -Path '{script}'")
    found = [call for call in json.loads(done.stdout) if call["command"] in known]
    assert len(found) > 20
    return found


def _bare(discoveries: list[str]) -> list[str]:
    """What they have below param(), of which one file has one alone."""
    return [discoveries[0].split(BODY_BEGINS, 1)[1], discoveries[1]]


def name(call: dict[str, Any]) -> str:
    return f"{call['command']} in {call['function']}, line {call['line']}"


def test_no_runbook_has_anything_that_it_must_not_have(
    findings: Findings, runbooks: list[str], discoveries: list[str]
) -> None:
    assert [found for one in findings(*runbooks, *discoveries) for found in one] == []


def test_no_body_defines_a_function_twice(bodies: list[Body]) -> None:
    for body in bodies:
        defined = Counter(re.findall(r"^function ([A-Za-z-]+)", body.text, re.MULTILINE))
        assert [name for name, times in defined.items() if times > 1] == []


def test_every_rule_finds_what_breaks_it(findings: Findings) -> None:
    answers = dict(zip(BAD, findings(*BAD.values()), strict=True))
    assert [rule for rule, found in answers.items() if rule not in {finding["rule"] for finding in found}] == []


# What goes by the culture of a session, each in the shortest way; and beside it how the same is said for every culture.
BY_CULTURE = {
    "$x.IndexOf('@')": "$x.IndexOf([char] '@')",
    "$x.LastIndexOf($y)": "$x.LastIndexOf($y, [System.StringComparison]::Ordinal)",
    "$x.StartsWith('a')": "$x.StartsWith('a', 'Ordinal')",
    "$x.EndsWith('a')": "$x.EndsWith('a', 'OrdinalIgnoreCase')",
    "$x.CompareTo($y)": "[string]::CompareOrdinal($x, $y)",
    "[string]::Compare($x, $y)": "[string]::Compare($x, $y, 'Ordinal')",
    "$x.ToLower()": "$x.ToLowerInvariant()",
    "$x.ToUpper()": "$x.ToUpperInvariant()",
    "$x.ToString('yyyy')": "$x.ToString('yyyy', [cultureinfo]::InvariantCulture)",
    "$x.ToString()": "[string] $x",
    "[datetime]::Parse($x)": "[datetime]::Parse($x, [cultureinfo]::InvariantCulture)",
    "[double]::Parse($x)": "[double] $x",
    "'{0:N1}' -f $x": "'{0:D4}' -f $x",
    "$x -match 'i'": "$x -cmatch 'i'",
    "$x -notlike 'i*'": "$x -cnotlike 'i*'",
    "$x -replace 'i', 'j'": "$x -creplace 'i', 'j'",
    "$x -split 'i'": "$x -csplit 'i'",
    "$x -cmatch '(?i)i'": "[regex]::IsMatch($x, 'i', 'IgnoreCase, CultureInvariant')",
    "[regex]::IsMatch($x, '(?i)i')": "[regex]::IsMatch($x, '(?i)i', 'CultureInvariant')",
    "switch -Wildcard ($x) { 'i*' { 1 } }": "switch -Wildcard -CaseSensitive ($x) { 'i*' { 1 } }",
    "$x | Sort-Object -Property Name": "$x | Get-Ordered -By { $_.Name }",
    "$x | Group-Object": "$x | Select-Distinct",
    "$x | Select-Object -Unique": "$x | Select-Object -First 1",
    "[array]::Sort($x)": "[array]::Sort($x, [System.StringComparer]::Ordinal)",
    "Get-Date -Format yyyy": "Get-Date",
}


def test_the_rule_about_cultures_knows_each_kind_and_leaves_the_others(findings: Findings) -> None:
    def by_culture(*texts: str) -> list[bool]:
        return ["culture" in {finding["rule"] for finding in found} for found in findings(*texts)]

    assert by_culture(*BY_CULTURE) == [True] * len(BY_CULTURE)
    assert by_culture(*BY_CULTURE.values()) == [False] * len(BY_CULTURE)


def test_the_simulation_does_not_go_by_a_culture_either(
    run_powershell: Callable[..., subprocess.CompletedProcess[bytes]],
) -> None:
    files = sorted(path for each in ("rehearsal", "simulation") for path in (CHECKOUT / "pexgen" / each).rglob("*.ps1"))
    assert len(files) > 20
    done = run_powershell("; ".join(f"& '{RULES}' -Path '{file}'" for file in files))
    found = [
        f"{file.name}:{finding['line']} {finding['text']}"
        for file, line in zip(files, done.stdout.decode().splitlines(), strict=True)
        for finding in json.loads(line)
        # It sorts its own files and the names of parameters, which are ASCII.
        if finding["rule"] == "culture" and not finding["text"].startswith(("Sort-Object", "Select-Object"))
    ]
    assert found == []


def test_every_rule_is_among_those_that_were_tried() -> None:
    written = set(re.findall(r"Add-Finding '([a-z0-9-]+)'", RULES.read_text(encoding="ascii")))
    assert written == {rule for rule in BAD if not re.match("no-[A-Z]", rule)}


def test_every_call_of_exchange_stops_on_an_error(calls: list[dict[str, Any]]) -> None:
    loose = [name(call) for call in calls if call["parameters"].get("ErrorAction", "").strip("'") != "Stop"]
    assert loose == []


def test_every_write_is_asked_for_by_the_runbook_and_not_by_the_cmdlet(calls: list[dict[str, Any]]) -> None:
    writes = [call for call in calls if not call["command"].startswith(READS)]
    assert writes
    assert [name(call) for call in writes if call["parameters"].get("Confirm") != "$false"] == []


def test_every_write_stands_in_a_function_for_changes(calls: list[dict[str, Any]]) -> None:
    writes = [call for call in calls if not call["command"].startswith(READS)]
    assert [name(call) for call in writes if not re.fullmatch(r"Invoke-\w+Change", call["function"])] == []


def test_a_step_s_change_is_called_in_one_place_which_asks_for_consent(bodies: list[Body]) -> None:
    parts = {part.name: part.text for body in bodies for part in body.parts}
    functions = [one for text in parts.values() for one in re.split(r"(?m)^(?=function )", text)]
    calling = [one for one in functions if re.search(r"\.Change\b|\[\s*['\"]Change['\"]\s*\]", one)]
    assert [one.split(None, 2)[1] for one in calling] == ["Invoke-Write"]
    before, after = calling[0].split("& $Steps[$Change.Step].Change ")
    assert "if (-not $Run.GuardsPassed -or -not $Run.Consent.ContainsKey($Change.Step)) {\n        throw " in before
    assert ".Change " not in after
    text = "\n".join(parts.values())
    for function in set(re.findall(r"\bChange = '([\w-]+)'", text)):
        assert re.sub(rf"(function |\bChange = '){function}\b", "", text).count(function) == 0, function


def test_every_splat_is_a_table_that_its_function_writes(calls: list[dict[str, Any]]) -> None:
    assert [name(call) for call in calls if call["unresolved"]] == []


def test_no_write_relies_on_the_whatif_of_a_cmdlet(calls: list[dict[str, Any]]) -> None:
    assert [name(call) for call in calls if "WhatIf" in call["parameters"]] == []


def test_the_list_of_cmdlets_is_that_of_the_parts(pwsh: str) -> None:
    spec = importlib.util.spec_from_file_location("cmdlets", CHECKOUT / "tools" / "cmdlets.py")
    assert spec
    assert spec.loader
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    current = (CHECKOUT / "templates" / "cmdlets.json").read_text(encoding="utf-8")
    assert current == tool.catalogue(pwsh, CHECKOUT / "templates"), "run `make generated`"
