"""How many files somebody writes for a step, key, method, form, date or cloud: counted on made-up ones in a copy."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from pexgen.output import PROSE
from pexgen.vendor_facts import EWS_ENDS

CHECKOUT = Path(__file__).resolve().parents[2]
COPIED = ("pexgen", "templates", "tools", "docs")
DESCRIPTION = "samples/app-permissions.yaml"
NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4}

STEP = """\
title: Made-up gate of the equipment mailbox
pexip: not one of its steps
requires: [equipment-mailbox]
roles: [Mail Recipients]
risk:
  level: low
  reason: Opens a gate that is not there.
undo: Rollback closes it.
---
asked: EquipmentMadeUp
access:
  - kind: guest
    if: EquipmentMadeUp
    who: Pexip
    whose: "{{ EquipmentAddress }}"
    through: the made-up gate
    before: nothing
    after: opens {{ EquipmentAddress }}
    objects:
      - {id: made-up-gate, title: Made-up gate}
    relations:
      - {from: made-up-gate, to: equipment, words: opens by invention}
after: The gate of {{ EquipmentAddress }} is open.
writes:
  - cmdlet: Set-CASMailbox
    when: if it is closed
    effects: [widens access]
    parameters: {Identity: "{{ EquipmentAddress }}", EwsEnabled: true}
proves: Verify looks at the gate.
"""
POWERSHELL = """\
# A step that was made up, to count files.

$Steps['made-up-step'] = @{ Described = $Value.EquipmentMadeUp; Address = $Value.EquipmentAddress }
"""
PAGE = """\
# made-up-step

It opens [what delegates have](../delegate-access/step.md) in another way.
See [Rollback](../../../docs/runbook.md#rollback).

<!-- table -->
"""
TEST = "tests/steps/test_made_up_step.py"
KEY = {
    "type": "boolean",
    "default": False,
    "description": "Whether the gate that was made up is opened.",
    "x-parameter": "True opens the made-up gate.",
    "x-diff": {"label": "made-up gate", "more": "widens", "whyMore": "It opens.", "whyLess": "It closes."},
}
SETTING = {"type": "integer", "minimum": 0, "description": "MadeUpSetting, in days.", "examples": [7]}

USED = """
import contextlib, io, json, runpy, sys
from pexgen.catalogue import load_catalogue
from pexgen.template_files import template_folder
from pexgen.cli import run
from pexgen.template_check import mistakes

sys.path.insert(0, "tools")  # as for the scripts themselves
found = [str(each) for each in mistakes(template_folder())]
assert not found, found
for tool in ("pages", "reference"):
    sys.argv = [tool]
    with contextlib.suppress(SystemExit):
        runpy.run_path(f"tools/{tool}.py", run_name="__main__")

def said(*arguments):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        run(list(arguments))
    return out.getvalue()

run(["render", "new.yaml", "-o", ".", "--allow-unreviewed"])
print(json.dumps({
    "plan": said("plan", "new.yaml", "--format", "json", "--allow-unreviewed"),
    "html": said("plan", "new.yaml", "--format", "html", "--allow-unreviewed"),
    "diff": said("diff", "old.yaml", "new.yaml", "--format", "json"),
    "schema": said("schema"),
    "init": said("init"),
    "explain": said("explain", "made-up-step"),
}))
"""


class Project:
    """A copy of the project; ``by_hand`` are the files that were written in it, as somebody would write them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.by_hand: list[str] = []
        for name in COPIED:
            shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "compiled"))
        shutil.copy(CHECKOUT / "README.md", folder)

    def write(self, name: str, text: str) -> None:
        """Write a file by hand."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        self.by_hand += [] if name in self.by_hand else [name]

    def change(self, name: str, old: str, new: str) -> None:
        """Change a file by hand."""
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text, name
        self.write(name, text.replace(old, new, 1))

    def add_key(self, section: list[str], name: str, value: object) -> None:
        """Write a key into the schema."""
        file = "pexgen/schema/description.schema.json"
        schema = json.loads((self.folder / file).read_text(encoding="utf-8"))
        node = schema["properties"]
        for each in section:
            node = node[each]["properties"]
        node[name] = value
        self.write(file, json.dumps(schema, indent=2) + "\n")

    def used(self, given: str) -> dict[str, str]:
        """Run the tools and the commands; ``given`` is what the new description has under ``equipment``."""
        sample = (CHECKOUT / DESCRIPTION).read_text(encoding="utf-8")
        assert "equipment:\n" in sample
        (self.folder / "old.yaml").write_text(sample, encoding="utf-8")
        changed = sample.replace("equipment:\n", f"equipment:\n{given}", 1)
        (self.folder / "new.yaml").write_text(changed, encoding="utf-8")
        self.python("tools/from_schema.py")
        found: dict[str, str] = json.loads(self.python("-c", USED).splitlines()[-1])
        return {**found, "runbook": (self.folder / "contoso-scheduling.ps1").read_text(encoding="utf-8-sig")}

    def python(self, *arguments: str) -> str:
        """Run this Python in the copy, with the copy's package."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder)},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def page(self, name: str) -> str:
        """Return one of the pages, as the tools made it."""
        return (self.folder / "docs" / name).read_text(encoding="utf-8")


def stated(what: str) -> int:
    """Return how many files CONTRIBUTING.md says that a thing takes."""
    page = (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    found = re.search(rf"^- \*\*{what}\*\*: (\w+) files?\b", page, re.MULTILINE)
    assert found is not None
    return NUMBERS[found[1]]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_a_step_is_its_folder_and_its_test(project: Project) -> None:
    project.write("templates/steps/made-up-step/step.yaml", STEP)
    project.write("templates/steps/made-up-step/step.ps1", POWERSHELL)
    project.write("templates/steps/made-up-step/step.md", PAGE)
    project.write(TEST, "# Not played here.\n")
    assert len(project.by_hand) == stated("A step")
    # What is no part of the step: the method that has it, and the key of the description that it is about.
    project.change(
        "templates/methods.yaml", "      - delegate-access\n", "      - delegate-access\n      - made-up-step\n"
    )
    project.add_key(["equipment"], "made_up", KEY)
    found = project.used("  made_up: true\n")

    assert "#region steps/made-up-step\n" in found["runbook"]
    assert re.search(r"\$EquipmentMadeUp = \$true", found["runbook"])
    plan = json.loads(found["plan"])
    (step,) = [each for each in plan["steps"] if each["id"] == "made-up-step"]
    assert step["after"] == "The gate of pexip-scheduling@contoso.com is open."
    assert step["writes"][0]["lines"] == ["Set-CASMailbox -Identity 'pexip-scheduling@contoso.com' -EwsEnabled $true"]
    (row,) = [each for each in plan["reach"] if each["through"] == "the made-up gate"]
    assert (row["who"], row["after"]) == ("Pexip", "opens pexip-scheduling@contoso.com")
    assert "Made-up gate opens by invention Equipment mailbox" in found["html"]
    (gained,) = json.loads(found["diff"])["access"]["gained"]
    assert gained == {"who": "guest Pexip", "whose": "pexip-scheduling@contoso.com", "step": "made-up-step"}
    section = project.page("steps.md").partition("\n## made-up-step\n")[2]
    assert "See [Rollback](runbook.md#rollback)" in section
    assert "| from the description | " in section
    assert "[`made-up-step`](#made-up-step)" in project.page("steps.md")
    assert "(../steps.md#made-up-step)" in project.page("methods/app-permissions.md")
    assert "Opens a gate that is not there." in found["explain"]


def test_a_key_is_the_schema_and_the_step_that_reads_it(project: Project) -> None:
    project.add_key(["equipment"], "made_up", KEY)
    part = "templates/steps/equipment-mailbox/step.ps1"
    project.change(part, "\n", "\n# $Value.EquipmentMadeUp\n")
    assert len(project.by_hand) == stated("A key")
    found = project.used("  made_up: true\n")

    assert re.search(r"\$EquipmentMadeUp = \$true", found["runbook"])
    assert "True opens the made-up gate." in found["runbook"]
    assert json.loads(found["schema"])["properties"]["equipment"]["properties"]["made_up"]["type"] == "boolean"
    (difference,) = json.loads(found["diff"])["differences"]
    assert (difference["key"], difference["step"]) == ("equipment.made_up", "equipment-mailbox")
    assert (difference["verdict"], difference["text"]) == ("widens", "made-up gate: off → on")
    assert "  # made_up: false\n" in found["init"]
    assert "`equipment.made_up`" in project.page("description.md")
    assert "`-EquipmentMadeUp`" in project.page("runbook.md")
    assert "description.md#equipmentmade_up" in project.page("steps.md")


def test_a_setting_of_the_calendar_is_the_schema_alone(project: Project) -> None:
    project.add_key(["equipment", "calendar"], "made_up_setting", SETTING)
    # The step and the script of discovery have its settings from the schema.
    assert len(project.by_hand) == 1 < stated("A key")
    found = project.used("  alias: pexip\n")
    assert "    # made_up_setting: 7\n" in found["init"]
    assert "MadeUpSetting" in found["runbook"]
    assert "`equipment.calendar.made_up_setting`" in project.page("description.md")


METHOD = """
made-up:
  exchange-online:
    title: A method that was made up
    synopsis: Keeps the equipment mailbox.
    description: Keeps the equipment mailbox and who may open it.
    never: It never does anything else.
    values: [Name, ChangeTicket, TargetOrganization, TargetTenantId, TargetEnvironment]
    steps: [equipment-mailbox, equipment-calendar, delegate-access]
"""
ABOUT_METHOD = """
made-up:
  about: Made up.
  refuses: [proof]
"""
REFUSED = """
from pexgen.cli._init_questions import Conversation
from pexgen.description import load
from pexgen.errors import InputError

answers = iter(["1", "3", "2"])
print(Conversation(lambda prompt: next(answers), lambda line: None).method())
text = open("new.yaml").read() + "proof: {in_scope: [anna@contoso.com], out_of_scope: [bert@contoso.com]}"
try:
    load(text.encode(), "new.yaml")
except InputError as error:
    print(error)
"""
OF_METHOD = """\
version: 1
name: made-up
method: made-up
target:
  platform: exchange-online
  organization: contoso.onmicrosoft.com
  tenant_id: 0f5a8c3e-2b7d-4e19-9a64-d3c1b7e5f204
equipment: {address: pexip@contoso.com, name: Pexip}
"""


def test_a_method_is_its_entry_what_it_asks_of_a_description_and_the_answer_that_leads_to_it(project: Project) -> None:
    file = "templates/methods.yaml"
    methods, records, questions = (project.folder / file).read_text(encoding="utf-8").split("\n---\n")
    answer = "\n          - {text: To try, leads_to: made-up/exchange-online}\n          - text: To look"
    asked = questions.replace("\n          - text: To look", answer)
    project.write(file, f"{methods}\n{METHOD}---\n{records}\n{ABOUT_METHOD}---\n{asked}")
    assert len(project.by_hand) == stated("A method")
    for tool in ("from_schema", "pages", "reference"):
        project.python(f"tools/{tool}.py")
    (project.folder / "new.yaml").write_text(OF_METHOD, encoding="utf-8")
    project.python("-m", "pexgen", "render", "new.yaml", "-o", ".", "--allow-unreviewed")
    runbook = (project.folder / "made-up.ps1").read_text(encoding="utf-8-sig")
    assert "#region steps/delegate-access\n" in runbook
    assert "#region steps/ews-access\n" not in runbook
    plan = json.loads(project.python("-m", "pexgen", "plan", "new.yaml", "--format", "json", "--allow-unreviewed"))
    assert [each["id"] for each in plan["steps"]] == ["equipment-mailbox", "equipment-calendar", "delegate-access"]
    project.python("-m", "pexgen", "init", "begun.yaml", "--method", "made-up", "--no-input")
    begun = (project.folder / "begun.yaml").read_text(encoding="utf-8")
    assert "\nmethod: made-up\n" in begun
    assert "\nproof:\n" not in begun
    asked = subprocess.run(
        [sys.executable, "-m", "pexgen", "values", "new.yaml"],
        cwd=project.folder,
        env={**os.environ, "PYTHONPATH": str(project.folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (asked.returncode, "signs in with method made-up is not known here" in asked.stderr) == (3, True), asked
    led_to, refused = project.python("-c", REFUSED).split("\n", 1)
    assert led_to == "('made-up', 'exchange-online')"
    assert "proof" in refused
    assert "`method: made-up`" in refused
    imports = "from pathlib import Path; from pexgen.cli._file_kinds import kind_of"
    assert project.python("-c", f"{imports}; print(kind_of(Path('new.yaml').read_bytes()))").strip() == "description"
    assert "`made-up`" in project.page("steps.md")
    assert "- `made-up`: Made up." in project.page("description.md")
    assert "| Made up. | [A method that was made up](made-up.md) |" in project.page("methods/which.md")
    page = project.page("methods/made-up.md")
    assert "pexgen init --method made-up --platform exchange-online " in page
    assert "[`delegate-access`](../steps.md#delegate-access)" in page


FORM = """\
\"\"\"A form that was made up: the kinds of the blocks, one a line.\"\"\"

ENDINGS = ("csv",)
BEGINS = "Heading"
USE = "counting what was made up"


def render(blocks):
    return "".join(f"{type(block).__name__}\\n" for block in blocks)
"""


def test_a_form_is_its_module(project: Project) -> None:
    project.write("pexgen/output/forms/made_up.py", FORM)
    assert len(project.by_hand) == stated("A form of records")
    (project.folder / "new.yaml").write_bytes((CHECKOUT / DESCRIPTION).read_bytes())
    command = ("-m", "pexgen", "plan", "new.yaml", "--allow-unreviewed")
    for asked in (("--format", "made_up", "-o", "one"), ("-o", "two.csv")):
        project.python(*command, *asked)
        assert (project.folder / asked[-1]).read_text(encoding="utf-8").startswith("Heading\n"), asked
    forms = "|".join((*sorted((*PROSE, "made_up"), reverse=True), "json"))
    project.python("tools/pages.py")
    assert "| `made_up` | counting what was made up |" in project.page("plan.md")
    assert forms in project.python("-m", "pexgen", "plan", "--help").replace("\n", "")


def test_a_date_is_one_line_of_the_table(project: Project) -> None:
    ends, moved = EWS_ENDS.day, EWS_ENDS.day + timedelta(days=31)
    days = [f"day=date({day.year}, {day.month}, {day.day})" for day in (ends, moved)]
    file = "pexgen/vendor_facts.py"
    # Whatever else may be said of that day moves with it, so that the old one is to be found nowhere.
    project.write(file, (project.folder / file).read_text(encoding="utf-8").replace(*days))
    assert len(project.by_hand) == stated("A date of Microsoft's or Pexip's")
    for tool in ("pages", "reference"):
        project.python(f"tools/{tool}.py")
    old = re.compile(rf"(?<!\d){EWS_ENDS.spoken}|{ends}")
    docs = sorted((project.folder / "docs").rglob("*"))
    pages = [project.folder / "README.md", *(path for path in docs if path.suffix in {".md", ".svg"})]
    # What a console showed is played anew by tools/transcripts.py.
    played = re.compile(r"<!-- played.*?-->\n```.*?```", re.DOTALL)
    assert [path.name for path in pages if old.search(played.sub("", path.read_text(encoding="utf-8")))] == []
    spoken = EWS_ENDS._replace(day=moved).spoken
    assert f"Ends in Exchange Online on <!-- EwsEnds -->{spoken}<!-- / -->" in project.page("glossary.md")
    (project.folder / "new.yaml").write_bytes((CHECKOUT / DESCRIPTION).read_bytes())
    project.python("-m", "pexgen", "render", "new.yaml", "-o", ".", "--allow-unreviewed")
    runbook = (project.folder / "contoso-scheduling.ps1").read_text(encoding="utf-8-sig")
    assert (str(moved) in runbook, old.search(runbook)) == (True, None)


CLOUDS = "pexgen/clouds.py"
CLOUD = """    "made-up": Cloud(
        about="A cloud that was made up.",
        name="Invention",
        domain=".onmicrosoft.madeup",
        entra="login.madeup.example",
        exchange="O365MadeUp",
    ),
}

DEFAULT = """


def test_a_cloud_is_its_lines_of_the_table(project: Project) -> None:
    project.change(CLOUDS, "}\n\nDEFAULT = ", CLOUD)
    assert len(project.by_hand) == stated("A cloud")
    described(project, "made-up")

    runbook = (project.folder / "contoso-scheduling.ps1").read_text(encoding="utf-8-sig")
    assert "'made-up' = 'O365MadeUp'" in runbook
    assert "[Mm][Aa][Dd][Ee][Uu][Pp]" in runbook
    discover = project.python("-m", "pexgen", "discover", "--environment", "made-up", "--allow-unreviewed")
    assert "'dod', 'china', 'made-up'\n" in discover
    assert discover.count("worldwide, gcc, gcc-high, dod, china or made-up") == 2
    plan = project.python("-m", "pexgen", "plan", "new.yaml", "--allow-unreviewed")
    assert "-ExchangeEnvironmentName O365MadeUp" in " ".join(plan.split())
    assert "https://login.madeup.example/" in project.python("-m", "pexgen", "values", "new.yaml")
    assert "# worldwide, gcc, gcc-high, dod, china or made-up" in project.python("-m", "pexgen", "init")
    assert "- `made-up`: A cloud that was made up." in project.page("description.md")
    assert "`O365China`, `O365MadeUp`" in project.page("runbook.md")
    assert "china or made-up. Cannot be overridden." in project.page("runbook.md")
    assert "`gcc-high`, `china` or `made-up`" in project.page("discover.md")
    assert "china, made-up." in project.page("commands.md")
    assert "or `.onmicrosoft.madeup` (Invention)" in project.page("rules.md")


def test_the_domain_of_a_cloud_changes_in_the_table_alone(project: Project) -> None:
    old = ".partner.onmschina.cn"
    project.change(CLOUDS, old, ".onmicrosoft.madeup")
    assert len(project.by_hand) == stated("A cloud")
    described(project, "china")
    before = re.compile(rb"onmschina|\[Pp\]\[Aa\]\[Rr\]\[Tt\]")
    files = [path for name in COPIED for path in (project.folder / name).rglob("*") if path.is_file()]
    assert [path.name for path in files if before.search(path.read_bytes())] == []


def described(project: Project, cloud: str) -> None:
    """Run the tools, and render the sample with its organization in another cloud."""
    for tool in ("from_schema", "pages", "reference"):
        project.python(f"tools/{tool}.py")
    sample = (CHECKOUT / DESCRIPTION).read_text(encoding="utf-8")
    old = "  organization: contoso.onmicrosoft.com"
    assert old in sample
    text = sample.replace(old, f"  environment: {cloud}\n  organization: contoso.onmicrosoft.madeup", 1)
    (project.folder / "new.yaml").write_text(text, encoding="utf-8")
    project.python("-m", "pexgen", "render", "new.yaml", "-o", ".", "--allow-unreviewed")
