"""One template folder holds bodies of several methods and platforms, and each takes what is its own."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from pexgen.catalogue import Catalogue, Method, load_catalogue
from pexgen.runbook import assemble
from pexgen.template_files import read_yaml, template_folder
from pexgen.vendor_facts import RUNBOOK_FACTS

CALLS: dict[str, Any] = {
    "engine": {"Get-AcceptedDomain": ["ErrorAction"], "Get-ConnectionInformation": ["ErrorAction"]},
    "delegate-access": {"Get-Mailbox": ["Identity", "SoftDeletedMailbox"], "Get-UnifiedGroup": ["Identity"]},
    "delegate-access.exchange-server": {"Get-User": ["Identity"]},
    "equipment-calendar": {"Get-Mailbox": ["Identity", "SoftDeletedMailbox"], "Get-UnifiedGroup": ["Identity"]},
    "platforms": {"Get-ConnectionInformation": ["exchange-online"], "Get-UnifiedGroup": ["exchange-online"]},
}
ONLINE, SERVER = ("app-permissions", "exchange-online"), ("service-account", "exchange-server")


@pytest.fixture
def both(folder: Path) -> Catalogue:
    """The catalogue with a method of two shared steps on a server, one of which has a part of its own there."""
    methods = read_yaml(folder / "methods.yaml")
    entry = dict(methods["app-permissions"]["exchange-online"])
    entry["steps"] = [{"id": "equipment-calendar", "pexip": "step 4 of 5"}, "delegate-access"]
    methods = {"app-permissions": methods["app-permissions"], SERVER[0]: {SERVER[1]: entry}}
    (folder / "methods.yaml").write_text(yaml.safe_dump(methods), encoding="ascii")
    calendar = folder / "steps" / "equipment-calendar" / "step.yaml"
    calendar.write_text(
        "online_only: {Get-Mailbox: [SoftDeletedMailbox]}\n" + calendar.read_text(encoding="ascii"), encoding="ascii"
    )
    (folder / "steps" / "delegate-access" / "step.exchange-server.ps1").write_bytes(b"# the server's\n")
    (folder / "cmdlets.json").write_text(json.dumps(CALLS), encoding="ascii")
    return load_catalogue(folder)


def body_of(catalogue: Catalogue, key: tuple[str, str]) -> str:
    return assemble(catalogue, catalogue.methods[key]).text


def step_of(method: Method, step: str) -> Any:
    return next(each for each in method.steps if each.id == step)


def test_a_platform_takes_its_own_part_and_the_others_take_the_shared_one(both: Catalogue) -> None:
    parts = [step_of(both.methods[key], "delegate-access").part.name for key in (ONLINE, SERVER)]
    assert parts == ["steps/delegate-access", "steps/delegate-access.exchange-server"]
    region = body_of(both, SERVER).split("#region steps/delegate-access.exchange-server\n")[1].split("#endregion")[0]
    assert region.startswith("$Catalogue['delegate-access'] = @{\n")
    assert region.endswith("\n}\n\n# the server's\n")
    assert "the server's" not in body_of(both, ONLINE)


def test_a_platform_takes_its_own_description_of_a_step(folder: Path, both: Catalogue) -> None:
    described = read_yaml(folder / "steps" / "delegate-access" / "step.yaml")
    own = folder / "steps" / "delegate-access" / "step.exchange-server.yaml"
    own.write_text(yaml.safe_dump({**described, "title": "Another"}), encoding="ascii")
    again = load_catalogue(folder)
    titles = [step_of(again.methods[key], "delegate-access").title for key in (ONLINE, SERVER)]
    assert titles == [described["title"], "Another"]


def test_the_step_of_pexips_page_is_the_methods_own(both: Catalogue) -> None:
    texts = [step_of(both.methods[key], "equipment-calendar").pexip for key in (ONLINE, SERVER)]
    assert texts == ["step 2 of 4", "step 4 of 5"]
    assert "Pexip = 'step 4 of 5'" in body_of(both, SERVER)


def test_what_a_server_lacks_is_not_looked_for_there(both: Catalogue) -> None:
    online, server = (dict(step_of(both.methods[key], "equipment-calendar").commands) for key in (ONLINE, SERVER))
    assert online == {"Get-Mailbox": ("Identity", "SoftDeletedMailbox"), "Get-UnifiedGroup": ("Identity",)}
    assert server == {"Get-Mailbox": ("Identity",)}
    assert "'Get-ConnectionInformation'" in body_of(both, ONLINE)
    assert "'Get-ConnectionInformation'" not in body_of(both, SERVER)


def test_a_part_of_a_platforms_own_has_its_own_cmdlets(both: Catalogue) -> None:
    assert dict(step_of(both.methods[SERVER], "delegate-access").commands) == {"Get-User": ("Identity",)}


def test_a_parameter_of_a_run_is_there_for_its_methods_and_parts_alone(folder: Path, both: Catalogue) -> None:
    parameters = read_yaml(folder / "parameters.yaml")
    limits = {"ConfirmCutover": {"methods": ["service-account"]}, "Phase": {"methods": ["migrate"]}}
    limits["PasswordOfServiceAccount"] = {"parts": ["delegate-access.exchange-server"]}
    limits["EwsListInPlaceSince"] = {"parts": ["ews-access"]}
    for entry in parameters["run"]:
        entry.update(limits.get(entry["name"], {}))
    (folder / "parameters.yaml").write_text(yaml.safe_dump(parameters), encoding="ascii")
    again = load_catalogue(folder)
    limited = [
        [each.name for each in again.methods[key].run_parameters if each.name in limits] for key in (ONLINE, SERVER)
    ]
    assert limited == [["EwsListInPlaceSince"], ["ConfirmCutover", "PasswordOfServiceAccount"]]


def test_the_body_has_every_run_parameter_of_its_method_and_no_other(both: Catalogue) -> None:
    text = body_of(both, ONLINE)
    run = text[text.index("$Run = @{") : text.index("$Catalogue = ")]
    names = [each.name for each in both.methods[ONLINE].run_parameters]
    assert re.findall(r"^    ([A-Z]\w+) =", run, re.MULTILINE) == [*names, "Review"]
    assert "Phase" not in names


def test_no_body_reads_a_run_parameter_that_its_method_lacks() -> None:
    own = load_catalogue(template_folder())
    for method in own.methods.values():
        lacking = {each.name for each in own.run_parameters} - {each.name for each in method.run_parameters}
        text = assemble(own, method).text
        assert [name for name in lacking if re.search(rf"\$Run\.{name}\b", text)] == [], method.key


def test_a_secure_string_has_no_default(both: Catalogue) -> None:
    assert {each.name: each.default for each in both.run_parameters if each.type == "securestring"} == {
        "PasswordOfServiceAccount": None
    }


def test_a_fact_that_a_body_names_stands_in_it_with_its_source_and_no_other() -> None:
    own = load_catalogue(template_folder())
    for method in own.methods.values():
        text = assemble(own, method).text
        facts = text[text.index("$Facts = @{") : text.index("$CoreCmdlets = @{")]
        written = " ".join(line.strip(" #") for line in facts.splitlines())
        for name, fact in RUNBOOK_FACTS.items():
            stands = f"{fact.text}. Source: {fact.source}. {name} = '{fact.value}'" in written
            assert stands == (f"$Facts.{name}" in text), f"{name} in {method.key}"
