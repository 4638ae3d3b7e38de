"""The catalogue's data fits together, and fits the PowerShell that it describes."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import PurePath

import pytest

from pexgen.assembly import linked
from pexgen.catalogue import Catalogue, Method, Step, load_catalogue
from pexgen.errors import DefectError, InputError
from pexgen.outcomes import MODES, SETTLED, STATES
from pexgen.parameters import PARAMETER_TYPES, deployment_parameters, details_read, pascal_case
from pexgen.template_files import lines_for, read_yaml, template_folder

FIXED = [
    "Mode", "Phase", "ConfirmCutover", "Step", "JournalPath", "ResultPath", "LogPath", "PassThru",
    "ApprovedPlan",
    "WaitSeconds", "MaxChanges", "RemoveCreatedMailbox",
    "PasswordOfServiceAccount", "EwsListInPlaceSince", "AcceptUnreviewed",
]  # fmt: skip
STEPS = [
    "equipment-mailbox", "equipment-calendar", "scheduling-group", "scheduling-members", "application-pointer",
    "application-scope", "application-role", "ews-access", "delegate-access", "add-in",
]  # fmt: skip


@pytest.fixture(scope="module")
def own() -> Catalogue:
    return load_catalogue(template_folder())


def all_methods(catalogue: Catalogue) -> Iterator[Method]:
    assert catalogue.methods
    yield from catalogue.methods.values()


def all_steps(catalogue: Catalogue) -> Iterator[Step]:
    for method in all_methods(catalogue):
        assert method.steps
        yield from method.steps


def used_values(text: str) -> set[str]:
    found = re.findall(r"\$Value\.([A-Z]\w+)|\$Value\['([A-Za-z]+)'\]", text)
    return {dotted or indexed for dotted, indexed in found}


def test_app_permissions_takes_the_steps_of_pexips_page_in_the_promised_order(own: Catalogue) -> None:
    steps = [step.id for step in own.methods["app-permissions", "exchange-online"].steps]
    assert [step for step in steps if step in STEPS] == STEPS


def test_the_parameters_of_a_run_are_the_promised_ones(own: Catalogue) -> None:
    assert [parameter.name for parameter in own.run_parameters] == FIXED


def test_the_modes_and_the_states_that_leave_nothing_to_do_are_the_promised_ones(own: Catalogue) -> None:
    assert own.run_parameters[0].name == "Mode"
    assert own.run_parameters[0].complete == MODES == ("Check", "Apply", "Verify", "Rollback")
    assert {"in-place", "not-asked", "changed", "proved", "undone"} == SETTLED
    spoken = {word for each in STATES for word in each.modes.split(", ")}
    assert spoken == {*MODES, "all modes", "-WhatIf"}


def test_every_deployment_parameter_is_named_after_its_key() -> None:
    names = [parameter.name for parameter in deployment_parameters()]
    assert names == [pascal_case(parameter.key) for parameter in deployment_parameters()]
    assert len(set(names)) == len(names)


def test_what_is_read_from_a_manifest_and_stands_in_no_runbook_is_what_the_schema_has_without_a_parameter() -> None:
    found = {each.key: (each.name, each.type) for each in details_read()}
    assert found == {
        "add_in.mailbox_set": ("AddInMailboxSet", "string"),
        "add_in.hosts": ("AddInHosts", "string[]"),
        "add_in.asks": ("AddInAsks", "string[]"),
    }


def test_every_parameter_has_a_type_that_binds(own: Catalogue) -> None:
    for method in all_methods(own):
        for parameter in (*own.run_parameters, *method.parameters):
            assert parameter.type in PARAMETER_TYPES
    schema = json.loads(files("pexgen").joinpath("schema", "templates.schema.json").read_bytes())
    assert schema["$defs"]["parameterType"]["enum"] == [*PARAMETER_TYPES]


def test_every_parameter_is_read_by_some_method(own: Catalogue) -> None:
    names = {parameter.name for parameter in deployment_parameters()}
    assert names == {parameter.name for method in all_methods(own) for parameter in method.parameters}


def test_a_step_comes_after_those_that_it_requires(own: Catalogue) -> None:
    for method in all_methods(own):
        order = [step.id for step in method.steps]
        for step in method.steps:
            assert all(order.index(required) < order.index(step.id) for required in step.requires), step.id


def test_a_step_says_what_a_person_has_to_know(own: Catalogue) -> None:
    for step in all_steps(own):
        assert step.risk.level in {"low", "medium", "high"}
        assert all((step.title, step.pexip, step.roles, step.risk.reason, step.undo))


def test_a_step_knows_the_values_that_its_powershell_reads(own: Catalogue) -> None:
    for method in all_methods(own):
        common = set(read_yaml(template_folder() / "methods.yaml")[method.id][method.platform]["values"])
        texts = linked([step.part for step in method.steps], {method.id, method.platform})
        named = common.union(*(step.values for step in method.steps))
        for step in method.steps:
            own_text = lines_for(step.part.text, {method.id, method.platform})
            assert set(step.values) == used_values(own_text) - common, step.id
            assert used_values(texts[step.part.name]) - named == set(), step.id


def test_a_step_that_reads_what_is_no_parameter_is_a_defect(folder) -> None:
    part = folder / "steps" / "ews-access" / "step.ps1"
    part.write_bytes(part.read_bytes() + b"$Value.EwsPolciy\n")
    with pytest.raises(DefectError, match="EwsPolciy"):
        list(all_methods(load_catalogue(folder)))


def test_a_step_that_calls_exchange_has_its_cmdlets_listed(own: Catalogue) -> None:
    assert all(method.core_commands for method in all_methods(own))
    for step in all_steps(own):
        assert step.commands, f"{step.id} is not in templates/cmdlets.json: run `make generated`, with a PowerShell"


@pytest.mark.parametrize(
    ("platform", "signatures"), [("exchange-online", "signatures"), ("exchange-server", "signatures-server")]
)
def test_a_platform_has_every_cmdlet_and_parameter_that_is_looked_for_there(own, platform, signatures) -> None:
    known = json.loads(files("pexgen.simulation").joinpath(f"{signatures}.json").read_bytes())["cmdlets"]
    looked_for = {
        (name, parameter)
        for method in all_methods(own)
        if method.platform == platform
        for commands in (method.core_commands, *(step.commands for step in method.steps))
        for name, given in commands.items()
        for parameter in given
        if parameter not in {"ErrorAction", "WarningAction", "Confirm"}
    }
    # What only some versions of the server have says where.
    there = {(name, each) for name in known for each, has in known[name]["parameters"].items() if "where" not in has}
    assert looked_for - there == set()
    assert looked_for


def part_file(path: PurePath) -> str:
    """Return the name of a part's file as the part's own name has it."""
    if path.parts[0] != "steps":
        return path.as_posix()
    return f"steps/{path.name.replace('step', path.parent.name, 1)}"


def test_every_template_file_belongs_to_something(own: Catalogue) -> None:
    known = {
        part
        for method in all_methods(own)
        for step in method.steps
        for part in (step.id, f"{step.id}.{method.platform}")
    }
    read = {f"{part.name}.ps1" for step in all_steps(own) for part in (step.part, *step.shared)}
    parts = [path for folder in ("steps", "shared") for path in (template_folder() / folder).rglob("*.ps1")]
    assert {part_file(path.relative_to(template_folder())) for path in parts} == read
    assert {
        path.stem.replace("step", path.parent.name, 1) for path in (template_folder() / "steps").glob("*/step*.yaml")
    } <= known


def test_the_templates_are_found_where_the_package_is() -> None:
    assert (template_folder() / "methods.yaml").is_file()
    assert template_folder().name == "templates"


def test_no_part_has_a_line_that_begins_the_body_or_a_signature(own: Catalogue) -> None:
    for part in (*own.core, *(step.part for step in all_steps(own))):
        assert not re.search(r"^(# ---- pexgen body ----|# SIG #)", part.text, re.MULTILINE), part.name


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("steps/equipment-mailbox/step.yaml", "title:", "titel:"),
        ("steps/equipment-mailbox/step.yaml", "  level:", "  levle:"),
        ("steps/equipment-mailbox/step.yaml", "title:", "title: ["),
        ("methods.yaml", "synopsis:", "synopsys:"),
    ],
)
def test_a_broken_table_is_a_defect_that_names_its_file_and_no_missing_method(tmp_path, name, old, new) -> None:
    folder = tmp_path / "templates"
    shutil.copytree(template_folder(), folder)
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), "utf-8")
    catalogue = load_catalogue(folder)
    with pytest.raises(DefectError, match=re.escape(str(folder / name))):
        catalogue.method("app-permissions", "exchange-online", "contoso.yaml")
    assert ("app-permissions", "exchange-online") in catalogue.methods


def test_a_method_that_there_is_not_is_said_to_be_none(own: Catalogue) -> None:
    with pytest.raises(InputError, match="method x on y is not available yet"):
        own.method("x", "y", "contoso.yaml")
