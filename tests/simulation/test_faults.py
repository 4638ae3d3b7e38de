"""Bad days: each fault does what its name says, where it was asked for, and a kill loses nothing that was done."""

from __future__ import annotations

import pytest
from support.simulated import SimulatedSession

CHANGE = "Set-CASMailbox -Identity anna@contoso.com -EwsEnabled $false"
READ = "Get-Mailbox -Identity anna@contoso.com"


def ews_of_anna(console: SimulatedSession) -> bool:
    """Return the one flag that CHANGE changes."""
    found: bool = console.recipient("anna@contoso.com")["EwsEnabled"]
    return found


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("server-error", "A server side error has occurred"),
        ("unauthorized", "401"),
        ("forbidden", "403"),
        ("throttled", "429"),
        ("session-gone", "There is no active connection"),
    ],
)
def test_a_refused_call_changes_nothing_and_is_not_absence(console: SimulatedSession, kind: str, text: str) -> None:
    error = console.error(CHANGE, faults=[{"kind": kind, "call": 1}])
    assert text in error["text"]
    assert error["reason"] != "ManagementObjectNotFoundException"
    assert ews_of_anna(console) is True


def test_a_lost_answer_is_an_error_after_the_change(console: SimulatedSession) -> None:
    assert "timed out" in console.error(CHANGE, faults=[{"kind": "lost-answer", "write": 1}])["text"]
    assert ews_of_anna(console) is False


def test_the_answer_that_nothing_is_there_gets_lost_too(console: SimulatedSession) -> None:
    absent = "Get-Mailbox -Identity nobody@contoso.com"
    error = console.error(absent, faults=[{"kind": "lost-answer", "call": 1}])
    assert ("timed out" in error["text"], error["reason"] == "ManagementObjectNotFoundException") == (True, False)
    for kind in ("kill-after", "freeze-after"):
        assert console.run(absent, faults=[{"kind": kind, "call": 1}]).killed


def test_a_create_that_was_sent_twice_says_that_it_exists(console: SimulatedSession) -> None:
    command = "New-ManagementScope -Name s -RecipientRestrictionFilter \"Alias -eq 'x'\""
    assert console.error(command, faults=[{"kind": "resent", "write": 1}])["reason"] == "ADObjectAlreadyExistsException"
    assert "s" in [scope["Name"] for scope in console.tenant["scopes"]]


@pytest.mark.parametrize(
    ("kind", "still_on"),
    [("kill-before", True), ("kill-after", False), ("freeze-before", True), ("freeze-after", False)],
)
def test_a_run_that_is_killed_or_stands_still_goes_no_further_and_keeps_what_was_done(
    console: SimulatedSession, kind: str, *, still_on: bool
) -> None:
    text = f"{READ} | Out-Null\ntry {{ {CHANGE} }} finally {{ Set-Content -LiteralPath finally.txt -Value x }}"
    result = console.run(text, faults=[{"kind": kind, "write": 1}])
    assert result.killed
    assert result.exit_code is None
    assert not (result.folder / "finally.txt").exists()
    assert [call.outcome for call in result.calls] == ["ok", "killed"]
    assert ews_of_anna(console) is still_on
    assert console.run(READ).objects


def test_faults_count_calls_writes_or_one_cmdlet(console: SimulatedSession) -> None:
    script = f"{READ} | Out-Null\n{CHANGE}\n{READ} | Out-Null\n{CHANGE}"

    def hit(**when: object) -> list[int]:
        result = console.run(script, faults=[{"kind": "server-error", **when}])
        return [call.n for call in result.calls if call.outcome == "error"]

    assert hit(call=3) == [3]
    assert hit(write=2) == [4]
    assert hit(cmdlet="Get-Mailbox", nth=2) == [3]
    assert hit(call=2, times=2) == [2, 3]


def test_a_dry_run_is_no_write(console: SimulatedSession) -> None:
    result = console.run(f"{CHANGE} -WhatIf", faults=[{"kind": "server-error", "write": 1}])
    assert [(call.is_write, call.outcome) for call in result.calls] == [(False, "not done")]
    assert ews_of_anna(console) is True


def test_a_lost_session_stays_lost_and_shows_no_connection(console: SimulatedSession) -> None:
    script = f"{READ}\n{READ}\n@(Get-ConnectionInformation).Count"
    result = console.run(script, faults=[{"kind": "session-gone", "call": 1}])
    assert [call.outcome for call in result.calls] == ["error", "error"]
    assert result.objects == [0]
    assert console.value("@(Get-ConnectionInformation).Count") == 1


def test_somebody_else_changes_a_value_between_two_calls(console: SimulatedSession) -> None:
    change = [
        {"path": "organization.EwsEnabled", "value": None},
        {"path": "recipients.[PrimarySmtpAddress=anna@contoso.com].DisplayName", "value": "Changed"},
        {"path": "recipients.[PrimarySmtpAddress=bert@contoso.com]", "remove": True},
    ]
    script = f"({READ}).DisplayName\n({READ}).DisplayName"
    result = console.run(script, faults=[{"kind": "change", "call": 2, "set": change}])
    assert result.objects == ["Anna", "Changed"]
    assert console.tenant["organization"]["EwsEnabled"] is None
    assert "bert@contoso.com" not in [entry["PrimarySmtpAddress"] for entry in console.tenant["recipients"]]


def test_any_other_error_can_be_asked_for(console: SimulatedSession) -> None:
    fault = {
        "kind": "error",
        "call": 1,
        "class": "Microsoft.Exchange.Data.Storage.StorageTransientException",
        "text": "x",
    }
    assert console.error(READ, faults=[fault])["reason"] == "StorageTransientException"


def test_an_expired_token_refuses_every_call(console: SimulatedSession) -> None:
    console.tenant["session"]["connections"][0]["TokenStatus"] = "Expired"
    assert "401" in console.error(READ)["text"]
