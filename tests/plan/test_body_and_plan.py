"""What a body changes and what its plan says are the same: cmdlets, parameters, values, and what is asked for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.runbooks import SAMPLES
from support.sites import copied_journal, journal_path

from pexgen.calls import Commands
from pexgen.catalogue import load_catalogue, step_record_table
from pexgen.description import resolved, schema_of
from pexgen.literals import powershell_literal
from pexgen.plan import Plan
from pexgen.rehearsal import Result
from pexgen.rehearsal.runs import Call
from pexgen.simulation import drifted
from pexgen.template_files import template_folder
from pexgen.words import listed

CATALOGUE = load_catalogue(template_folder())
METHODS = tuple(CATALOGUE.methods.values())
BY_NAME = {method.key: method for method in METHODS}
EVERY_CALL = {"Confirm", "ErrorAction"}
READS = ("Get-", "Test-")


def changes(commands: Commands) -> dict[str, set[str]]:
    """Cmdlets that change something, with their parameters; what every call has is left out."""
    return {name: set(given) - EVERY_CALL for name, given in commands.items() if not name.startswith(READS)}


def written(entries: list[dict[str, Any]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for entry in entries:
        # A table of settings stands for parameters that the description chooses; the syntax tree does not know them.
        found.setdefault(entry["cmdlet"], set()).update(name for name in entry["parameters"] if name != "*")
    return found


@pytest.mark.parametrize("name", BY_NAME)
def test_every_changing_cmdlet_of_the_body_stands_in_the_plan_and_no_other(name: str) -> None:
    for step in BY_NAME[name].steps:
        planned = written(step_record_table(CATALOGUE.folder, step)["writes"])
        assert planned == changes(step.commands), step.id


def test_every_part_of_a_step_has_its_text_for_the_plan_and_no_other_is_there() -> None:
    parts = {step.part.name.removeprefix("steps/") for method in METHODS for step in method.steps}
    assert {
        path.stem.replace("step", path.parent.name, 1) for path in (CATALOGUE.folder / "steps").glob("*/step*.yaml")
    } == parts


def test_the_common_part_of_the_body_changes_nothing_of_its_own() -> None:
    for method in METHODS:
        assert changes(method.core_commands) == {}, method.key


def test_a_table_of_settings_stands_only_where_the_body_takes_its_parameters_from_one() -> None:
    steps = {step.part.name: step for method in METHODS for step in method.steps}
    for name, step in steps.items():
        entries = step_record_table(CATALOGUE.folder, step)["writes"]
        has_table = any("*" in entry["parameters"] for entry in entries)
        assert has_table == ("Parameters = @($Value." in step.part.text), name


@pytest.mark.parametrize("name", BY_NAME)
def test_a_step_is_asked_for_by_the_value_that_the_body_looks_at(name: str) -> None:
    for step in BY_NAME[name].steps:
        looked_at = re.search(r"Described = \$Value\.(\w+)", step.part.text)
        assert step_record_table(CATALOGUE.folder, step).get("asked") == (looked_at and looked_at.group(1)), step.id


@pytest.mark.parametrize("name", BY_NAME)
def test_what_the_body_does_not_check_the_plan_says(name: str) -> None:
    for step in BY_NAME[name].steps:
        record = step_record_table(CATALOGUE.folder, step)
        has_any = bool(record.get("not_checked") or record.get("procedure"))
        assert has_any or not re.search(r"^ +NotChecked = ", step.part.text, re.MULTILINE), step.id


@pytest.mark.parametrize("name", BY_NAME)
def test_a_step_that_changes_something_says_how_it_goes_back_or_that_it_cannot(name: str) -> None:
    for step in BY_NAME[name].steps:
        entries = step_record_table(CATALOGUE.folder, step)["writes"]
        if entries and not any(entry.get("undo") for entry in entries):
            assert all("irreversible" in entry["effects"] for entry in entries), step.id
            assert "Irreversible = " in step.part.text, step.id


SETTINGS = {"display_name": "Pexip Schéduling ’O", "alias": "pexip"}
SERVER = "service-account-server"


def asking(sample: str) -> dict[str, Any]:
    """What makes a sample ask for each step that it does not ask for."""
    description = yaml.safe_load((SAMPLES / f"{sample}.yaml").read_bytes())
    method = CATALOGUE.method(description["method"], description["target"]["platform"], sample)
    keys = {parameter.name: parameter.key for parameter in method.parameters}
    asked = [step_record_table(CATALOGUE.folder, step).get("asked") for step in method.steps]
    change: dict[str, Any] = {}
    for section, _, key in (keys[name].partition(".") for name in asked if name):
        if key and key not in description.get(section, {}):
            node = resolved(schema_of((section,))["properties"][key])
            change.setdefault(section, {})[key] = node.get("examples", [True])[0]
    return change


FULL = [
    ("app-permissions", {"equipment": SETTINGS, "delegates": [{"account": "Admin@contoso.com"}]}),
    ("app-permissions", {"scheduling_group": {"prune": True, "harden": True, "managed_by": "owner@contoso.com"}}),
    ("migrate", {}),
    ("service-account-online", {}),
    ("service-account-server", {"authentication": {"methods": ["basic", "ntlm"]}, "equipment": SETTINGS}),
    ("service-account-server", {"impersonation": {"scope": "organization", "group": None}, "proof": None}),
    *((sample, asking(sample)) for sample in ("app-permissions", "migrate", "service-account-online", SERVER)),
]

MANIFEST = Path(__file__).resolve().parents[2] / "samples" / "pexip-add-in.xml"
IN_WHEN = {
    "SchedulingGroupManagedBy": "owner@contoso.com",
    "AddInManifest": MANIFEST.name,
    "AddInManifestSha256": hashlib.sha256(MANIFEST.read_bytes()).hexdigest(),
}
"""The values that FULL gives to what stands in the condition of a write."""


def test_every_write_is_planned_for_some_description(plan_of) -> None:
    planned = {
        (step.id, write.cmdlet, write.when)
        for sample, change in FULL
        for step in plan_of(sample, **change).steps
        for write in (*step.writes, *step.undo_writes)
    }
    described = {
        (step.id, entry["cmdlet"], re.sub(r"{{ (\w+) }}", lambda name: IN_WHEN[name[1]], entry["when"]))
        for method in METHODS
        for step in method.steps
        for entry in step_record_table(CATALOGUE.folder, step)["writes"]
    }
    assert described == planned


ARGUMENT = re.compile(r" -(\w+)(?: ('(?:[^']|'')*'|<[^>]*>|\$\w+|\d+))?")


def matches(line: str, cmdlet: str, parameters: dict[str, Any]) -> bool:
    """Whether a call is the planned one: the same values, and anything where the plan has ``<...>``."""
    if line.split(" ", 1)[0] != cmdlet:
        return False
    planned = {name: value or "$true" for name, value in ARGUMENT.findall(line)}
    sent = {name: literal(value) for name, value in parameters.items() if name not in EVERY_CALL}
    return planned.keys() == sent.keys() and all(
        re.fullmatch(".*".join(map(re.escape, re.split("<[^>]*>", planned[name]))), sent[name]) for name in planned
    )


def literal(value: Any) -> str:
    """A parameter as the simulation saw it, written as in a plan: a list of one as its entry."""
    if value is None:
        return "$null"
    return powershell_literal(value[0] if isinstance(value, list) and len(value) == 1 else value)


def planned_lines(plan: Plan, *, undo: bool) -> Iterator[str]:
    for step in plan.steps:
        for write in step.undo_writes if undo else step.writes:
            yield from write.lines


def unplanned(plan: Plan, result: Result, *, undo: bool) -> list[Call]:
    """The run's writes that no line of the plan stands for; there is at least one write."""
    assert result.writes, result.screen
    lines = list(planned_lines(plan, undo=undo))
    return [call for call in result.writes if not any(matches(line, call.cmdlet, call.parameters) for line in lines)]


RUNS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "app-permissions": ({"delegates": [{"account": "Admin@contoso.com", "automapping": True}]}, {}),
    "service-account-server": (
        {"impersonation": {"scope": "equipment-only", "group": None}, "proof": None},
        {"PasswordOfServiceAccount": {"secure": "correct horse"}},
    ),
}


def with_other_add_in(tenant: dict[str, Any]) -> dict[str, Any]:
    """Return the tenant in which somebody gave every setting of Pexip's add-in another value."""
    for app in tenant["apps"]:
        if app["ProviderName"] == "Pexip":
            app.update(ProvidedTo="Everyone", DefaultStateForUser="Disabled", Enabled=False, users=[])
    return tenant


def asked(plan: Plan) -> set[str]:
    return {step.id for step in plan.steps if step.asked}


@pytest.mark.parametrize("name", RUNS)
def test_what_runs_send_is_what_the_plan_says_with_its_very_values(plan_of, sample, tmp_path, name: str) -> None:
    change, arguments = RUNS[name]
    plan, site = plan_of(name, **change), sample(name, **change)
    first = site.run("Apply", **arguments)
    assert unplanned(plan, first, undo=False) == []
    adrift = with_other_add_in(drifted(first.tenant, site.engine.defaults(site.runbook)))
    second = site.run("Apply", adrift, **arguments)
    assert unplanned(plan, second, undo=False) == []
    journals = [copied_journal(first, tmp_path), str(journal_path(second))]
    back = site.run("Rollback", second.tenant, JournalPath=journals, RemoveCreatedMailbox=True)
    assert unplanned(plan, back, undo=True) == []
    journal = copied_journal(first, tmp_path)
    gone = site.run("Rollback", first.tenant, JournalPath=[journal], RemoveCreatedMailbox=True)
    assert unplanned(plan, gone, undo=True) == []
    runs = (first, second, back, gone)
    sent = [call.cmdlet for run in runs for call in run.writes if call.cmdlet.endswith("-App")]
    assert sent == (["New-App", "Set-App", "Set-App", "Remove-App"] if "add-in" in asked(plan) else [])


@pytest.mark.parametrize("described", [True, False])
def test_verify_of_a_service_account_online_ends_as_the_plan_says(plan_of, sample, *, described: bool) -> None:
    change = {} if described else {"oauth": None}
    plan, site = plan_of("service-account-online", **change), sample("service-account-online", **change)
    result = site.run("Verify", site.run("Apply").tenant)
    blocked = [step["id"] for step in result.objects if step["state"] == "blocked"]
    expect = next(action.expect for action in plan.tests if "-Mode Verify" in action.line)
    told = f"proved, as far as Exchange shows it, but {listed(blocked, 'and')}, which can only be reported (blocked). "
    assert expect.startswith(f"Exit code {result.exit_code}: {told}")
