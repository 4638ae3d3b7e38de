"""From a discovery's JSON to a description: what is doubted, what has to be decided, and what is refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.discoveries import FOUND, HELD, Json, app, errors, made

from pexgen.cli import run
from pexgen.description import load
from pexgen.discovery import Decisions, describe, read_discovery
from pexgen.errors import InputError, UndecidedError


def test_texts_that_yaml_would_read_as_something_else_come_back_as_they_were() -> None:
    text = made()
    assert errors(text) == []
    description = load(text.encode(), "x").description
    assert description.equipment.display_name == "Yes"
    assert description.scheduling_group is not None
    assert description.scheduling_group.name == "Pexip: Users #1"
    assert description.equipment.calendar is not None
    assert (description.equipment.calendar.delete_comments, description.equipment.calendar.allow_conflicts) == (
        False,
        None,
    )


@pytest.mark.parametrize(
    ("change", "doubt"),
    [
        (lambda _: None, "S-1-5-21-1 has full access too"),
        (lambda found: found["equipment"][0].update(calendar=None), "calendar could not be read"),
        (lambda found: found["equipment"][0].update(fullAccess=None), "who may open the equipment mailbox"),
        (lambda found: app(found).update(enabled=False), "the assignment is disabled"),
        (lambda found: app(found)["scopes"][0].update(exclusive=True), "the scope is exclusive"),
        (lambda found: app(found)["scopes"][0]["groups"][0]["members"].pop(), "is not a direct member"),
        (
            lambda found: app(found)["scopes"][0]["groups"][0]["members"].append(
                {"address": "in@contoso.com", "type": "MailUniversalSecurityGroup"}
            ),
            "'in@contoso.com' (MailUniversalSecurityGroup) is not described",
        ),
        (lambda found: found.update(ews=None), "EWS of the organization could not be read"),
        (lambda found: found.update(impersonations=[HELD]), "hold Application Impersonation as well"),
    ],
)
def test_a_doubt_is_marked_and_the_description_lints_all_the_same(change: Callable[[Json], Any], doubt: str) -> None:
    text = made(change, method="app-permissions")
    assert any(line.lstrip().startswith("# doubt:") and doubt in line for line in text.splitlines()), text
    assert errors(text) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda found: found["equipment"].clear(), "equipment mailbox: found none"),
        (lambda found: found["equipment"][0].update(type="RoomMailbox"), "is a RoomMailbox"),
        (lambda found: found.update(equipment=None), "equipment mailbox: not read"),
        (
            lambda found: found.update(applications=None, impersonations=None),
            "applications and impersonations could not",
        ),
        (lambda found: app(found).update(scopes=[], reach="Organization"), "reaches every mailbox"),
        (lambda found: app(found).update(scopes=[]), "reaches 'CustomRecipientScope', and no management scope"),
        (lambda found: app(found)["scopes"][0].update(groups=[]), "group in the filter"),
        (lambda found: app(found).update(principals=None), "application of a: not read"),
        (
            lambda found: found.update(impersonations=[HELD]),
            r"applications hold a role \(a\), and there are accounts as well \(i\)",
        ),
        (lambda found: found.update(outside=[]), "no mailbox out of the scope"),
        (lambda found: found.update(applications=[]), "assignment is left|service account"),
    ],
)
def test_what_is_open_is_said_and_never_decided(change: Callable[[Json], Any], said: str) -> None:
    with pytest.raises(UndecidedError, match=said):
        made(change)


def test_an_account_on_exchange_online_becomes_an_existing_service_account() -> None:
    text = made(lambda found: found.update(applications=[], impersonations=[HELD]))
    assert errors(text) == []
    description = load(text.encode(), "x").description
    assert (description.method, description.service_account and description.service_account.existing) == (
        "service-account",
        True,
    )
    assert description.impersonation is not None
    assert description.impersonation.scope == "organization"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"format": "pexgen.result/1"}',
        b'{"format": "pexgen.discovery/1", "platform": "exchange-server", "found": {"equipment": 1}}',
        b'{"format": "pexgen.discovery/1", "platform": "exchange-server", "found": {"equipment": [1]}}',
        b'{"format": "pexgen.discovery/1", "platform": "exchange-online", "tenant": {}}',
        b'{"format": "pexgen.discovery/1", "platform": 1}',
        b"[" * 100_000,
    ],
)
def test_another_file_is_refused_as_one(data: bytes) -> None:
    with pytest.raises(InputError, match=r"it is not JSON|it does not begin|has to be"):
        describe(read_discovery(data, "x.json"), Decisions())


def test_init_writes_the_description_or_ends_with_one_and_the_candidates(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    two = copy.deepcopy(FOUND)
    two["found"]["equipment"].append({**two["found"]["equipment"][0], "address": "other@contoso.com"})
    path, target = tmp_path / "FOUND.json", tmp_path / "found.yaml"
    path.write_text(json.dumps(two), encoding="utf-8")
    assert run(["init", "--from", str(path), "-o", str(target)]) == 1
    told = capfd.readouterr().err
    assert "room@contoso.com, other@contoso.com" in told
    assert "--equipment" in told
    assert not target.exists()
    assert run(["init", "--from", str(path), "--equipment", "ROOM@contoso.com", "-o", str(target)]) == 0
    assert run(["lint", str(target)]) == 0
    assert run(["init", "--from", str(tmp_path / "none.json")]) == 3
    assert run(["init", "--name", "x"]) == 2


def test_discover_renders_only_what_is_reviewed_or_allowed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "d.ps1"
    allowed = ["discover", "--allow-unreviewed", "-o", str(target)]
    assert run([*allowed, "--equipment", "it's@contoso.com", "--method", "app-permissions"]) == 0
    text = target.read_text("utf-8-sig")
    assert "[string] $EquipmentAddress = 'it''s@contoso.com'" in text
    assert "[string] $ForMethod = 'app-permissions'" in text
    assert run([*allowed, "--environment", "gcc-high", "--force"]) == 0
    assert "[string] $TargetEnvironment = 'gcc-high'" in target.read_text("utf-8-sig")
    assert run([*allowed, "--environment", "moon"]) == 2
    assert run([*allowed, "--platform", "exchange-server", "--method", "app-permissions"]) == 2
    assert run([*allowed, "--platform", "exchange-server", "--tenant-id", "x"]) == 2
    assert "no parameter" in capfd.readouterr().err
