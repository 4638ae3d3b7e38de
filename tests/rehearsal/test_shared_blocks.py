"""The suite's engines play runbooks that differ in values alone with one compiled block: no run may show it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.engines import NEVER
from support.simulated import SimulatedSession
from support.sites import SiteOf

from pexgen.rehearsal import Engine, Result

OTHER = {"equipment": {"display_name": "Somebody else's"}, "change": {"ticket": "CHG0000001"}}
# What no two runs have alike: folders, times, the number of a run and of its process, digests of what holds these.
OF_ONE_RUN = (
    (r"/[\w/.-]*/(?=[\w.-]+\.(ps1|jsonl|json|xml)\b)", "FOLDER/"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.Z+:]*", "TIME"),
    (r"\d{8}T\d{6}Z-[0-9a-f]{8}", "RUN"),
    (r'("(?:prev|run|pid|process|journalSha256|sha256)": ?)("[^"]*"|\d+)', r"\1THIS"),
    (r"\b[0-9a-f]{64}\b", "DIGEST"),
    (r"\b\d+ (ms|seconds?)\b", "WHILE"),
)


@pytest.fixture(scope="module")
def plain_engine(pwsh: str) -> Iterator[Engine]:
    """An engine that plays each file as it is."""
    with Engine(pwsh, timeout=NEVER, lasts=True) as started:
        yield started


def shown(result: Result) -> list[str]:
    """Return all that a run did, said and left behind, without what no two runs have alike."""
    journals = [path.read_text("utf-8-sig") for path in sorted(result.folder.glob("*.jsonl"))]
    results = [path.read_text("utf-8-sig") for path in sorted(result.folder.glob("*.json"))]
    calls = [f"{call.cmdlet} {json.dumps(call.parameters, default=str)} {call.outcome}" for call in result.calls]
    end = [str((result.exit_code, result.waits, result.uncaught))]
    found = [*result.screen.splitlines(), *calls, json.dumps(result.objects), *journals, *results, *end]
    for pattern, instead in OF_ONE_RUN:
        found = [re.sub(pattern, instead, text) for text in found]
    return found


# A body of each platform; of the second one the mode that does most.
@pytest.mark.parametrize(
    ("name", "modes"), [("app-permissions", ["Check", "Apply", "Verify"]), ("service-account-server", ["Apply"])]
)
def test_a_run_of_a_shared_block_is_the_run_of_the_file(
    sample: SiteOf, plain_engine: Engine, name: str, modes: list[str]
) -> None:
    other, site = sample(name, **OTHER), sample(name)
    assert other.run("Check").exit_code == 2
    plainly = replace(site, engine=plain_engine)
    shared_tenant = plain_tenant = site.tenant
    for mode in modes:
        shared, plain = site.run(mode, shared_tenant), plainly.run(mode, plain_tenant)
        assert len(shared.calls) > 5
        assert shown(shared) == shown(plain)
        assert "Somebody else's" not in shared.screen
        shared_tenant, plain_tenant = shared.tenant, plain.tenant


def test_a_value_of_the_command_line_is_compared_with_the_files_own(site: SiteOf) -> None:
    assert site(**OTHER).run("Check").exit_code == 2
    result = site().run("Check", ChangeTicket="CHG7")
    assert re.search(r"ChangeTicket.*CHG0031337", result.screen), result.screen


def test_a_process_keeps_the_text_of_two_runbooks_at_most(site: SiteOf, console: SimulatedSession) -> None:
    site(equipment={"display_name": "Room"}).run("Check")
    for number in range(3):
        site(equipment={"display_name": f"Room {number}"}).run("Check", ChangeTicket=f"CHG{number}")
    kept = console.value(
        "$fields = 's_cachedScripts', '_cachedScripts' |"
        " ForEach-Object { [scriptblock].GetField($_, 'NonPublic, Static') } | Where-Object { $_ }"
        "\n@(@($fields)[0].GetValue($null).Keys.Item1 -clike '*contoso-scheduling.ps1').Count"
    )
    assert kept == 2


def test_types_that_a_run_changes_are_changed_for_that_run_alone(site: SiteOf, tmp_path: Path) -> None:
    here, script = site(), tmp_path / "own.ps1"
    script.write_text("(1..3).PexgenOwn", encoding="ascii")
    prelude = "Update-TypeData -TypeName System.Array -MemberType AliasProperty -MemberName PexgenOwn -Value Length"
    found = [here.engine.play(script, here.tenant, prelude=given).objects for given in ("", prelude, "")]
    assert found == [[None], [3], [None]]
