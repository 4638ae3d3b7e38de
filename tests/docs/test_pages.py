"""The pages leave nothing out: commands, options, parameters, states, exit codes, steps, codes, the checklist."""

from __future__ import annotations

import re
import signal
from collections import Counter
from pathlib import Path

import pytest
import typer

from pexgen.catalogue import load_catalogue
from pexgen.cli import DEFECT, END_SIGNALS, INTERRUPTED
from pexgen.cli._app import COMMANDS, app
from pexgen.description.codes import CODES
from pexgen.errors import InputError, UsageError
from pexgen.lint import RULES
from pexgen.reviews import checklist
from pexgen.template_files import template_folder

CHECKOUT = Path(__file__).resolve().parents[2]
CATALOGUE = load_catalogue(template_folder())
METHODS = tuple(CATALOGUE.methods.values())
STEPS = sorted({step.id for method in METHODS for step in method.steps})
PLATFORMS = Counter(method.id for method in METHODS)
PAGES = {
    method.key: method.id if PLATFORMS[method.id] == 1 else method.key.replace("/exchange-", "-") for method in METHODS
}
"""The page of each method in docs/methods: a method on one platform alone has its own name."""
STATES = (
    *("in-place", "not-asked", "different", "blocked", "conflict", "unreadable", "changed", "failed", "skipped"),
    *("pending", "proved", "disproved", "undone", "kept", "gone"),
)
PARTS = {part for method in METHODS for step in method.steps for part in (*step.shared, step.part)}
BODY = "".join(sorted(part.text for part in (*CATALOGUE.core, *PARTS)))
GUARDS = set(re.findall(r"(?:-Guard|guard =) '([a-z]+)'", BODY))


def section(page: str, heading: str) -> str:
    """Return what stands below a heading, up to the next one of its level."""
    level = heading.split(" ", 1)[0]
    return page.split(f"\n{heading}\n", 1)[1].split(f"\n{level} ", 1)[0]


def test_what_is_made_is_current(tool) -> None:
    pages_tool = tool("pages")
    for path, page in pages_tool.pages(CATALOGUE):
        has = path.read_text(encoding="utf-8") if path.is_file() else ""
        assert has == page, f"{path.name}: run `make generated`"


def test_a_part_without_a_place_and_a_place_without_a_part_are_named_with_their_page(tool) -> None:
    current = tool("pages").current
    with pytest.raises(ValueError, match=r"docs/x\.md has no place .*: write <!-- made: steps -->"):
        current("# X\n", {"steps": "One."}, "docs/x.md")
    with pytest.raises(ValueError, match=r"docs/x\.md: nothing makes <!-- made: stesp -->"):
        current("<!-- made: steps -->\n<!-- end -->\n<!-- made: stesp -->\n<!-- end -->\n", {"steps": "1"}, "docs/x.md")


@pytest.mark.parametrize("name", ["commands.md", "runbook.md", "steps.md", "values.md"])
def test_every_made_part_has_its_place(pages, tool, name) -> None:
    made = tool("pages").parts_of(CATALOGUE)[name]()
    places = re.findall(r"<!-- made: (.+?) -->", pages[f"docs/{name}"])
    assert sorted(places) == sorted(made)


def test_every_command_and_option_is_documented(pages) -> None:
    page = pages["docs/commands.md"]
    root = typer.main.get_command(app)
    for name in COMMANDS:
        command = root.get_command(None, name)
        for path, each in [(name, command), *((f"{name} {n}", c) for n, c in getattr(command, "commands", {}).items())]:
            text = section(page, f"## pexgen {path}")
            for option in [opt for parameter in each.params for opt in parameter.opts if opt.startswith("-")]:
                assert re.search(rf"`{option}[ `]", text), (path, option)


def test_every_exit_code_of_the_command_line_is_documented(pages) -> None:
    text = section(pages["docs/commands.md"], "## Exit codes")
    for code in (0, 1, UsageError.exit_code, InputError.exit_code, DEFECT, INTERRUPTED):
        assert re.search(rf"^\| {code}[ ,]", text, re.MULTILINE), code


def test_the_table_of_exit_codes_has_every_command_that_says_a_code_in_its_help(pages, tool) -> None:
    found = tool("exit_codes").CODES
    root = typer.main.get_command(app)
    inner = {f"templates {name}" for name in root.get_command(None, "templates").commands}
    assert set(found) == {*COMMANDS, *inner} - {"templates"}
    assert {name for name, codes in found.items() if 1 in codes} == {
        *("init", "lint", "render", "report", "diff", "verify", "rehearse", "templates list")
    }
    assert all(UsageError.exit_code in codes for codes in found.values())
    assert found["report"] == {0: "closed", 1: "something is open", 2: "usage", 3: "a file cannot be used"}
    text = section(pages["docs/commands.md"], "## Exit codes")
    assert "`report`: something is open" in text
    assert "`report`, `diff`, `verify`: a file cannot be used" in text


def test_a_page_can_have_the_exit_codes_of_every_command_that_has_some(tool) -> None:
    exit_codes = tool("exit_codes")
    assert len(exit_codes.PAGES) == len(exit_codes.CODES)
    assert exit_codes.PAGES["CodesOfEwsUsage"] == "0 done, 2 usage, 3 the report or the description cannot be used"
    assert {"CodesOfDiff", "CodesOfTemplatesList"} <= exit_codes.PAGES.keys()


def test_the_codes_after_a_signal_are_those_that_the_page_has(pages) -> None:
    for name, number in END_SIGNALS.items():
        assert getattr(signal, name, number) == number, name
    text = section(pages["docs/commands.md"], "## Exit codes")
    assert re.search(r"^\| 130, 143, 129, 149 \| ", text, re.MULTILINE)


@pytest.mark.parametrize("step", STEPS)
def test_every_step_has_a_section_that_says_what_it_does(pages, step) -> None:
    text = section(pages["docs/steps.md"], f"## {step}")
    for word in ("Reads and compares", "Writes", "Proves", "Undone", "Refuses"):
        assert f"- **{word}" in text, f"templates/steps/{step}/step.md: write what it does there after `- **{word}.**`"


def test_steps_stand_in_the_order_in_which_every_method_takes_them(pages) -> None:
    headings = re.findall(r"^## ([a-z-]+)$", pages["docs/steps.md"], re.MULTILINE)
    assert sorted(headings) == STEPS
    for method in METHODS:
        steps = [step.id for step in method.steps]
        assert [heading for heading in headings if heading in steps] == steps, method.key


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.key)
def test_every_step_has_its_place_on_the_methods_page(pages, method) -> None:
    text = pages[f"docs/methods/{PAGES[method.key]}.md"]
    assert [step.id for step in method.steps if f"(../steps.md#{step.id})" not in text] == []


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.key)
def test_every_method_can_be_chosen(pages, method) -> None:
    assert f"({PAGES[method.key]}.md)" in pages["docs/methods/which.md"]
    line = f"pexgen init --method {method.id} --platform {method.platform} "
    assert line in pages[f"docs/methods/{PAGES[method.key]}.md"]


def test_every_parameter_of_a_runbook_is_documented(pages) -> None:
    text = pages["docs/runbook.md"]
    parameters = {each.name for method in METHODS for each in method.parameters}
    names = [*(each.name for each in CATALOGUE.run_parameters), *sorted(parameters), "WhatIf", "Confirm"]
    assert [name for name in names if f"`-{name}`" not in text] == []


def test_every_state_and_exit_code_of_a_runbook_is_documented(pages) -> None:
    states = section(pages["docs/runbook.md"], "## States of a step")
    codes = section(pages["docs/runbook.md"], "## Exit codes")
    help_text = next(part.text for part in CATALOGUE.skeleton if part.name == "help")
    assert set(re.findall(r"-State '([a-z-]+)'", BODY)) - {"refused"} <= set(STATES)
    assert [state for state in STATES if f"`{state}`" not in states] == []
    assert [state for state in STATES if state not in help_text] == []
    assert re.findall(r"^\| (\d) ", codes, re.MULTILINE) == re.findall(r"^    (\d)  ", help_text, re.MULTILINE)


def test_every_guard_of_the_body_is_documented(pages) -> None:
    text = section(pages["docs/runbook.md"], "## Guards")
    assert {"values", "module", "connection", "journal"} <= GUARDS
    assert sorted(name for name in GUARDS if f"`{name}`" not in text) == []


def test_every_field_of_result_and_journal_is_documented(pages) -> None:
    page = pages["docs/runbook.md"]
    text = section(page, "## The result") + section(page, "## The journal")
    parts = {part.name: part.text for part in CATALOGUE.core}
    result = re.search(r"function Get-Result \{.*?\n\}", parts["engine/65-result"], re.DOTALL)
    header = re.search(r"function Write-JournalHeader \{.*?\n\}", parts["engine/61-journal-file"], re.DOTALL)
    assert result
    assert header
    fields = set(re.findall(r"\b([a-zA-Z0-9]+) = ", f"{result.group()}{header.group()}")) - {"engine"}
    assert {"notChecked", "bodySha256", "connectionUri"} <= fields
    assert sorted(field for field in fields if f"`{field}`" not in text and f'"{field}"' not in text) == []


@pytest.mark.parametrize("code", [each.code for each in (*CODES, *RULES)])
def test_every_code_is_documented(pages, code) -> None:
    assert f"\n### {code}: " in pages["docs/rules.md"]


def test_every_item_of_the_checklist_has_its_why_its_where_and_its_test(pages) -> None:
    page = pages["docs/review.md"]
    items = checklist(CATALOGUE)
    assert re.findall(r"^### (\S+)$", section(page, "## The checklist"), re.MULTILINE) == list(items)
    for item, title in items.items():
        text = section(page, f"### {item}")
        assert f"**{title}**" in text.replace("`", "")
        for word in ("Why", "Where", "Held by"):
            assert f"- *{word}.*" in text


def test_every_function_and_test_that_a_page_names_is_there(pages) -> None:
    text = pages["docs/review.md"]
    of_powershell = {"Get-FileHash", "Invoke-Expression", "Set-AuthenticodeSignature", "Set-Mailbox"}
    functions = set(re.findall(r"`([A-Z][a-z]+-[A-Z][A-Za-z]+)`", text)) - of_powershell
    assert sorted(name for name in functions if f"function {name} {{" not in BODY) == []
    sources = [path.read_text(encoding="utf-8") for path in (CHECKOUT / "tests").rglob("test_*.py")]
    tests = set(re.findall(r"`(test_[a-z0-9_]+)`", text))
    assert sorted(name for name in tests if not any(f"def {name}(" in source for source in sources)) == []
    files = set(re.findall(r"`(tests/[a-z0-9_/.]+)`", text))
    assert sorted(name for name in files if not (CHECKOUT / name).exists()) == []


def test_every_target_of_the_makefile_is_explained(pages) -> None:
    (targets,) = re.findall(r"^\.PHONY: (.*)$", (CHECKOUT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for name in targets.split() if f"`make {name}`" not in pages["CONTRIBUTING.md"]] == []
