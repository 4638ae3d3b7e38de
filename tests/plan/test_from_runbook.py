"""The record of a runbook says what that of its description says, but for what stands in the description alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml
from support.runbooks import approving_reviews
from support.sites import merged

from pexgen.cli import run
from pexgen.errors import InputError
from pexgen.plan import make_plan, plan_of_runbook, plan_text
from pexgen.render import Renderer
from pexgen.runbook_file import read_runbook

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
ALONE = {"change", "description", "digests", "findings", "notStated", "tasks", "preChecks", "implementation", "tests"}
"""What the description alone says, or names whom it says."""
CHANGES = {
    "application": ("app-permissions", {}),
    "everything": (
        "app-permissions",
        {
            "equipment": {"display_name": "Pexip Sch\u00e9duling \u2019O", "alias": "pexip"},
            "delegates": [{"account": "Admin@contoso.com", "automapping": True}, {"account": "b@contoso.com"}],
            "scheduling_group": {"prune": True, "harden": True, "managed_by": "owner@contoso.com"},
            "scope": {"max_mailboxes": 40},
            "add_in": {"manifest": "pexip-add-in.xml", "provided_to": "specific-users", "users": ["b@contoso.com"]},
        },
    ),
    "texts that look like something else": (
        "app-permissions",
        {
            "change": {"ticket": "00891234"},
            "equipment": {"display_name": "1e3", "alias": "y"},
            "application": {"name": "\u201cRoom\u201d: # 0o17"},
        },
    ),
    "nobody else": ("app-permissions", {"ews": {"keep": None, "switch_on": False, "no_others": "We looked."}}),
    "only checked": ("app-permissions", {"ews": {"policy": "check", "switch_on": None, "keep": None}}),
    "migration": ("migrate", {}),
    "existing": ("service-account-online", {}),
    "existing without registration": ("service-account-online", {"oauth": None}),
    "server": ("service-account-server", {}),
    "everybody": ("service-account-server", {"impersonation": {"scope": "organization", "group": None}, "proof": None}),
}


@pytest.fixture
def rendered(tmp_path: Path, renderer: Renderer, request: pytest.FixtureRequest) -> tuple[bytes, Path]:
    """A description with its runbook in a folder of their own, and the add-in's manifest beside them."""
    sample, change = CHANGES[request.param]
    described = yaml.safe_load((SAMPLES / f"{sample}.yaml").read_bytes())
    source = json.dumps(merged(described, change), ensure_ascii=False).encode()
    shutil.copy(SAMPLES / "pexip-add-in.xml", tmp_path)
    made = renderer.render(source, str(tmp_path / "x.yaml"))
    runbook = tmp_path / f"{made.description.name}.ps1"
    runbook.write_bytes(made.runbook)
    return source, runbook


@pytest.mark.parametrize("rendered", CHANGES, indirect=True)
def test_the_record_of_a_runbook_is_that_of_its_description(rendered, renderer) -> None:
    source, runbook = rendered
    described = json.loads(plan_text(make_plan(source, str(runbook.with_name("x.yaml")), renderer), "json"))
    found = json.loads(plan_text(plan_of_runbook(read_runbook(str(runbook)), renderer), "json"))
    assert {key: found[key] for key in found if key not in ALONE | {"backOut"}} == {
        key: described[key] for key in described if key not in ALONE | {"backOut"}
    }
    for key in ("runbook", "body", "manifest"):
        assert found["digests"][key] == described["digests"][key]
    assert (found["description"], found["digests"]["description"]) == ("", "")
    assert found["change"]["ticket"] == described["change"]["ticket"]
    assert "window" in found["notStated"]
    assert all(not task["who"] for task in found["tasks"])


@pytest.mark.parametrize("rendered", ["application"], indirect=True)
def test_a_runbook_of_which_one_byte_was_changed_has_no_record(rendered, renderer) -> None:
    _, runbook = rendered
    text = runbook.read_bytes()
    assert b"$ErrorActionPreference" in text
    runbook.write_bytes(text.replace(b"$ErrorActionPreference", b"$errorActionPreference", 1))
    with pytest.raises(InputError) as caught:
        plan_of_runbook(read_runbook(str(runbook)), renderer)
    assert "it is not what this pexgen writes for the values in it" in caught.value.problems[0].message


@pytest.mark.parametrize("rendered", ["application"], indirect=True)
def test_the_command_takes_a_runbook_and_says_what_is_not_known_of_it(rendered, capsys, monkeypatch) -> None:
    monkeypatch.setattr("pexgen.render.load_ledger", approving_reviews)
    _, runbook = rendered
    assert run(["plan", str(runbook), "--allow-unreviewed"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "Not stated, because this record is created from the runbook alone: requester, window" in text
    assert "--description <the approved description>" in text
    record = str(runbook.with_name("record.json"))
    assert run(["plan", str(runbook), "--allow-unreviewed", "-o", record]) == 0
    capsys.readouterr()
    run(["verify", str(runbook), "--plan", record, "--format", "json"])
    assert not [each for each in json.loads(capsys.readouterr().out)["findings"] if each["kind"] == "record"]
    (runbook.with_name("other.ps1")).write_text("Get-Mailbox\n", "ascii")
    assert run(["plan", str(runbook.with_name("other.ps1"))]) == 3
    assert "not a runbook of pexgen's" in capsys.readouterr().err
