"""Exchange Server over a real implicit remoting session, in a console of another code page, under 5.1's arrays."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.deployments import SERVER
from support.sites import Json, SiteOf

from pexgen.discovery import assemble_discovery, discovery_script
from pexgen.render import Renderer
from pexgen.simulation import SERVER_SHELL as CONNECT
from pexgen.simulation import without_bookkeeping

LIFE = Path(__file__).with_name("implicit-remoting.ps1")
LATIN = "de_DE.ISO-8859-1"
DISPLAY = "Pexip Schéduling Räume ’O Ωß"


def played(pwsh: str, folder: Path, request: Json) -> Json:
    """Play the request in a PowerShell whose console is in Latin-1, and return its answer."""
    asked, answered = folder / "request.json", folder / "answer.json"
    asked.write_text(json.dumps(request), "utf-8")
    command = [pwsh, "-NoProfile", "-NonInteractive", "-File", str(LIFE), str(asked), str(answered)]
    done = subprocess.run(command, capture_output=True, check=False, cwd=folder, env={**os.environ, "LC_ALL": LATIN})
    assert done.returncode == 0, done.stdout + done.stderr
    found: Json | None = json.loads(answered.read_text("utf-8-sig"))
    if found is None:
        pytest.skip("this PowerShell has no session with a process of its own: PowerShell 7.3 and later have")
    return found


@pytest.fixture(scope="module")
def life(
    sample: SiteOf, pwsh: str, approving: Renderer, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Json, Json]:
    """A folder with what a whole life left behind, the tenant before it, and the answer."""
    folder = tmp_path_factory.mktemp("remoting")
    here = sample(SERVER.sample, equipment={"display_name": DISPLAY})
    tenant, journal = folder / "tenant.json", str(folder / "life.jsonl")
    tenant.write_text(json.dumps(here.tenant), "utf-8")
    body = assemble_discovery(approving.catalogue, "exchange-server")
    look = folder / "discover.ps1"
    look.write_bytes(discovery_script(approving.catalogue, body, {}, reviewed=True))
    apply: Json = {
        "Mode": "Apply",
        "JournalPath": journal,
        "Confirm": False,
        "PasswordOfServiceAccount": "not a real one",
    }
    back: Json = {"Mode": "Rollback", "JournalPath": journal, "Confirm": False, "RemoveCreatedMailbox": True}
    modes: list[Json] = [{"Mode": "Check"}, apply, {"Mode": "Verify"}, {"Mode": "Check"}]
    runs = [
        {"script": str(here.runbook), "given": given | {"ResultPath": str(folder / f"{number}.result.json")}}
        for number, given in enumerate(modes)
    ]
    runs.append({"script": str(look), "given": {"ResultPath": str(folder / "found.result.json")}})
    runs.append({"script": str(here.runbook), "given": back | {"ResultPath": str(folder / "back.result.json")}})
    request = {
        "module": str(CONNECT),
        "tenant": str(tenant),
        "log": str(folder / "calls.jsonl"),
        "equipment": here.tenant["operator"]["upn"],
        "runs": runs,
    }
    return folder, here.tenant, played(pwsh, folder, request)


def test_a_whole_life_ends_over_real_remoting_as_it_ends_in_a_rehearsal(life: tuple[Path, Json, Json]) -> None:
    folder, before, answer = life
    # What arrives is what the simulation says that it is.
    assert answer["seen"]["type"].startswith("Deserialized.Microsoft.Exchange.")
    assert (answer["seen"]["text"], answer["seen"]["equal"]) == ("AutoUpdate", False)
    assert answer["seen"]["shown"].isdigit()
    assert answer["console"] == "iso-8859-1" or os.name == "nt"
    codes = [run["code"] for run in answer["runs"]]
    assert codes == [2, 0, 0, 0, 0, 0], "\n".join(run["screen"] for run in answer["runs"])
    after: Json = json.loads((folder / "tenant.json").read_text("utf-8-sig"))
    assert without_bookkeeping(after) == without_bookkeeping(before)


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(text for inner in value.values() for text in texts(inner))]
    if isinstance(value, list):
        return [text for inner in value for text in texts(inner)]
    return [value] if isinstance(value, str) else []


def test_no_journal_result_or_discovery_shows_a_number_or_an_array_of_windows_powershell(
    life: tuple[Path, Json, Json],
) -> None:
    folder = life[0]
    files = sorted(folder.glob("*.result.json"))
    assert len(files) == 6
    documents = [json.loads(path.read_text("utf-8-sig")) for path in files]
    documents += [json.loads(line) for line in (folder / "life.jsonl").read_text("utf-8").splitlines()]
    for document in documents:
        assert not {"Count", "value", "Value", "PSComputerName", "RunspaceId"} & set(texts(document)), document
    (found,) = [one for one in documents if one.get("format") == "pexgen.discovery/1"]
    (calendar,) = found["found"]["equipment"][0]["calendar"]
    assert calendar["AutomateProcessing"] == "None"
    assert found["unreadable"] == []
    assert DISPLAY in texts(found)
    (role,) = [one for one in found["found"]["impersonations"] if one["assignment"] == "contoso-server-impersonation"]
    assert (role["reach"], role["assigneeType"]) == ("CustomRecipientScope", "User")
