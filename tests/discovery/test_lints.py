"""What init writes: always a description without errors, or an open question; and what stands around it."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.discoveries import ACCOUNT, FOUND, HELD, Json, app, doubts, errors, made

from pexgen.cli import run
from pexgen.description import load
from pexgen.errors import UndecidedError

TENANT = FOUND["tenant"]
SE: Json = {
    "platform": "exchange-server",
    "tenant": {"acceptedDomain": "contoso.com"},
}


def equipment(found: Json) -> Json:
    row: Json = found["equipment"][0]
    return row


def on_server(*rows: Json, account: Json | None = None) -> Callable[[Json], Any]:
    def change(found: Json) -> None:
        for key in ("applications", "ews"):
            del found[key]
        found.update(versions=["SE"], domains=["contoso.com"], virtualDirectories=[], impersonations=list(rows))
        found["accounts"] = [account] if account else []

    return change


@pytest.mark.parametrize(
    ("organization", "told", "written", "doubt"),
    [
        ("contoso.onmicrosoft.com", None, "worldwide", "environment is worldwide unless"),
        ("contoso.onmicrosoft.com", "gcc", "gcc", ""),
        ("contoso.onmicrosoft.us", None, "gcc-high", "dod has such domains too"),
        ("contoso.onmicrosoft.us", "dod", "dod", ""),
        ("contoso.partner.onmschina.cn", None, "china", "means this"),
    ],
)
def test_the_environment_is_what_was_told_or_what_the_initial_domain_ends_in(
    organization: str, told: str | None, written: str, doubt: str
) -> None:
    text = made(around={"tenant": {**TENANT, "organization": organization}, "asked": {"environment": told}})
    assert load(text.encode(), "x").description.target.environment == written
    assert doubt in doubts(text)


@pytest.mark.parametrize(
    ("change", "doubt"),
    [
        (lambda found: equipment(found).update(name="Räume"), "the name 'Räume' in Exchange holds other than ASCII"),
        (lambda found: equipment(found).update(displayName=None), "the display name '' in Exchange is empty"),
        (lambda found: app(found)["principals"][0].update(name=None), "the display name '' in Exchange is empty"),
        (lambda found: app(found)["scopes"][0]["groups"][0].update(displayName=""), "the display name '' is empty"),
        (
            lambda found: app(found)["scopes"][0]["groups"][0].update(displayName="\U0001f600" * 33),
            "has more than 64 characters",
        ),
        (
            lambda found: equipment(found)["calendar"][0].update(AutomateProcessing=None),
            "Exchange returned no AutomateProcessing",
        ),
        (lambda found: equipment(found)["calendar"][0].clear(), "Exchange returned no AutomateProcessing"),
    ],
)
def test_a_name_or_value_that_no_description_holds_has_a_stand_in_or_none_and_a_doubt(
    change: Callable[[Json], Any], doubt: str
) -> None:
    text = made(change)
    assert errors(text) == []
    assert doubt in doubts(text)
    calendar = load(text.encode(), "x").description.equipment.calendar
    assert calendar is None or calendar.automate_processing in {"None", None}


def test_a_delegate_whose_address_yaml_would_read_as_a_comment_is_described() -> None:
    access = [{"user": "u", "address": "#team@contoso.com"}, {"user": "me", "address": "ROOM@contoso.com"}]
    text = made(lambda found: equipment(found).update(fullAccess=access))
    assert [each.account for each in load(text.encode(), "x").description.delegates] == ["#team@contoso.com"]


def test_an_error_of_lint_is_an_open_question_and_never_a_place_in_a_file_that_nobody_has(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "FOUND.json"
    path.write_text(json.dumps(FOUND), encoding="utf-8")
    for option, said in (
        (["--out-of-scope", "alice@contoso.com"], "PXG106"),
        (["--out-of-scope", "nobody"], "out_of_scope"),
        (["--name", "a b"], "name: "),
    ):
        assert run(["init", "--from", str(path), *option, "-o", str(tmp_path / "x.yaml")]) == 1
        told = capfd.readouterr().err
        assert said in told or said.replace("_", "-") in told
        assert re.search(r"pexgen explain PXG\d{3}( PXG\d{3})*$", told, re.MULTILINE), told
        assert "-->" not in told
        assert "what was found:" not in told
    assert not (tmp_path / "x.yaml").exists()


def test_the_only_mailbox_of_a_list_that_was_cut_off_is_not_taken_silently() -> None:
    cut = {"cutOff": ["equipment"]}
    with pytest.raises(UndecidedError, match=r"room@contoso\.com and more, which were cut off"):
        made(around=cut)
    with pytest.raises(UndecidedError, match=r"cut off, and none is x@contoso\.com") as error:
        made(around=cut, equipment="x@contoso.com")
    assert "-MaximumMailboxes" in error.value.hint
    assert "not all were read: equipment" in made(around=cut, equipment="room@contoso.com")


def test_a_server_assignment_through_a_role_group_is_said_to_be_by_a_group() -> None:
    group = {**HELD, "accounts": [], "assigneeType": "RoleGroup", "assignee": "Hygiene Management"}
    with pytest.raises(UndecidedError, match="held by the RoleGroup 'Hygiene Management'") as error:
        made(on_server(group), SE)
    assert "-ServiceAccount" not in error.value.hint
    by_group = {"assignment": "i", "direct": False, "through": "Hygiene Management"}
    with pytest.raises(UndecidedError, match="but one through a group: 'i' of Hygiene Management"):
        made(on_server(group, account={**ACCOUNT, "assignments": [by_group]}), SE)
    assert errors(made(on_server(HELD), SE)) == []


def test_a_scope_that_is_a_group_itself_is_a_case_of_its_own() -> None:
    scope = {"kind": "Group", "name": "Pexip Users", "filter": "", "exclusive": False, "groups": []}
    with pytest.raises(UndecidedError, match="a is limited to the group 'Pexip Users' itself, not to a management"):
        made(lambda found: app(found).update(reach="Group", scopes=[scope]))


def test_what_else_an_application_holds_and_which_others_there_are_is_doubted() -> None:
    ours = app(copy.deepcopy(FOUND["found"]))["principals"][0]
    wide = {"assignment": "w", "role": "Application Exchange Full Access", "reach": "Organization", "scope": None}
    own = {"assignment": "a", "role": "Application EWS.AccessAsApp", "reach": "CustomRecipientScope", "scope": "s"}
    other = {"name": "Room panels", "clientId": "c", "objectId": "o"}
    text = made(lambda found: (app(found).update(roles=[own, wide]), found.update(principals=[ours, other])))
    assert "also holds Application Exchange Full Access on every mailbox (Organization) by 'w'" in doubts(text)
    assert "holds Application EWS" not in doubts(text)
    assert "Exchange knows other applications too: 'Room panels' c." in doubts(text)


def test_a_known_application_without_an_assignment_is_named_with_what_it_holds() -> None:
    known = {**app(FOUND["found"])["principals"][0], "roles": []}
    with pytest.raises(UndecidedError, match=r"knows the application 'Pexip' .* no role for applications"):
        made(
            lambda found: found.update(applications=[], principals=[known]),
            {"asked": {"clientId": known["clientId"]}},
        )


def test_an_application_that_exchange_does_not_know_is_named() -> None:
    with pytest.raises(UndecidedError, match="client ID x that Exchange knows: 0 were found"):
        made(lambda found: found.update(applications=[], principals=[]), {"asked": {"clientId": "x"}})


GATES = [
    ({"enabled": False, "allowed": []}, "EwsEnabled is false: EWS is closed to everybody"),
    ({"enabled": True, "allowed": []}, "EwsEnabled is true over an empty list"),
    (
        {"enabled": None, "allowed": [], "accessPolicy": "EnforceAllowList", "allowList": ["Pexip*"], "blockList": []},
        "a second gate, by user agent, never changed by pexgen. EwsAllowList: Pexip*; EwsBlockList: empty.",
    ),
]


@pytest.mark.parametrize("method", ["app-permissions", "service-account"])
@pytest.mark.parametrize(("ews", "doubt"), GATES)
def test_every_gate_of_ews_is_told_whatever_the_method(method: str, ews: Json, doubt: str) -> None:
    def change(found: Json) -> None:
        found.update(ews=[ews], impersonations=[{**HELD, "accounts": [{**ACCOUNT, "ews": [{"enabled": False}]}]}])
        equipment(found)["ews"] = [{"enabled": False}]

    text = made(change, method=method)
    assert errors(text) == []
    assert doubt in doubts(text)
    assert "EwsEnabled of the equipment mailbox is false" in doubts(text)
    assert ("EwsEnabled of svc@contoso.com is false" in doubts(text)) == (method == "service-account")


@pytest.mark.parametrize(
    ("organization", "told"),
    [
        ("contoso.onmicrosoft.com", "EWS is closed to everybody"),
        ("contoso.onmicrosoft.us", "EWS is open to everybody until Microsoft"),
    ],
)
def test_an_empty_list_is_told_by_the_cloud_that_it_is_in(organization: str, told: str) -> None:
    around = {"tenant": {**TENANT, "organization": organization}}
    assert told in doubts(made(lambda found: found.update(ews=[{"enabled": True, "allowed": []}]), around))


def test_an_application_that_is_not_on_the_list_is_told() -> None:
    text = made(lambda found: found.update(ews=[{"enabled": True, "allowed": ["other"]}]))
    assert "the application is not on the list" in doubts(text)


def test_add_ins_are_listed_over_the_lines_that_describe_one(tmp_path: Path) -> None:
    one = {
        "displayName": "Pexip #1",
        "id": "i-d",
        "version": "1.0.0.0",
        "publisher": "Pexip",
        "enabled": True,
        "providedTo": "Everyone",
        "scope": "Organization",
    }
    text = made(lambda found: found.update(addIns=[one, {**one, "displayName": "Bing", "scope": "Default"}]))
    assert "'Pexip #1' 1.0.0.0 by 'Pexip', ID i-d, enabled, provided to Everyone" in doubts(text)
    assert "Bing" not in text
    assert errors(text) == []
    sample = Path(__file__).resolve().parents[2] / "samples"
    (tmp_path / "pexip-add-in.xml").write_bytes(next(iter(sample.glob("*.xml"))).read_bytes())
    described = text.replace("# add_in:\n#   manifest", "add_in:\n  manifest")
    loaded = load(described.encode(), str(tmp_path / "x.yaml")).description
    assert loaded.add_in is not None
    assert "could not be read" in doubts(made(lambda found: found.update(addIns=None)))
