"""Windows PowerShell's arrays have a property of their own there, which must stand in nothing that is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.deployments import APP_PERMISSIONS, DEPLOYMENTS, PREPARE
from support.sites import FirstApply, Json, SiteOf, journal_path

from pexgen.rehearsal import Result

# What Windows PowerShell 5.1 has of its own: an array that a cmdlet handed out becomes {"value": [...], "Count": 2}.
AS_IN_WINDOWS = "Update-TypeData -TypeName System.Array -MemberType AliasProperty -MemberName Count -Value Length"
HANDED_OUT = "ConvertTo-Json -InputObject @{ a = New-Object -TypeName 'object[]' -ArgumentList 2 } -Compress"


def keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(keys, value.values()))
    return set().union(*map(keys, value)) if isinstance(value, list) else set()


def documents(run: Result) -> list[Json]:
    """Everything that the run wrote as JSON."""
    found: list[Json] = [json.loads(path.read_text("utf-8-sig")) for path in run.folder.glob("*.json")]
    for path in run.folder.glob("*.jsonl"):
        found += [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return found


def test_the_type_data_does_here_what_it_does_there(site: SiteOf, tmp_path: Path) -> None:
    script = tmp_path / "array.ps1"
    script.write_text(HANDED_OUT)
    run = site().engine.play(script, site().tenant, prelude=AS_IN_WINDOWS)
    assert json.loads(run.objects[0]) == {"a": {"value": [None, None], "Count": 2}}


# Prepare has the steps of app permissions.
@pytest.mark.parametrize("name", [one.name for one in DEPLOYMENTS if one is not PREPARE])
def test_no_journal_and_no_result_has_an_array_of_windows_powershell(
    first_apply: FirstApply, tmp_path: Path, name: str
) -> None:
    (deployment,) = [one for one in DEPLOYMENTS if one.name == name]
    here, start, _ = first_apply(deployment)
    options = {"prelude": AS_IN_WINDOWS}
    # An override of a list stands in journal and result; each body that has one is compiled for it alone.
    is_overridden = deployment is APP_PERMISSIONS
    given: Json = {"OneTouchJoinAccounts": ["one.touch@contoso.com", "join@contoso.com"]} if is_overridden else {}
    made = here.run("Apply", start, options=options, **deployment.arguments("Apply"), **given)
    assert made.exit_code in (0, 5), made.screen
    runs = [made]
    if is_overridden:
        # What Verify writes has one form in every body.
        runs.append(here.run("Verify", made.tenant, options=options, ResultPath="v.json", **given))
    journal = tmp_path / "back.jsonl"
    journal.write_bytes(journal_path(made).read_bytes())
    back = here.run(
        "Rollback",
        made.tenant,
        options=options,
        JournalPath=[str(journal)],
        **deployment.arguments("Rollback"),
        **given,
    )
    assert back.exit_code in (0, 5), back.screen
    written = [one for run in runs for one in documents(run)]
    written += [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    written.append(json.loads((tmp_path / "back.Rollback.result.json").read_text("utf-8-sig")))
    assert {one.get("format", "event") for one in written} >= {"pexgen.result/1", "event"}
    assert any(one.get("overrides") for one in written) == is_overridden
    for one in written:
        assert not {"value", "Count"} & keys(one), one
