"""What an error of Exchange means, what is asked again, and what an incomplete answer says (engine/25-exchange)."""

from __future__ import annotations

from typing import Any

import pytest
from support.function_cases import FAILURES, RECORDED, outcomes
from support.functions import Functions

CLASSES: dict[str, str] = {
    # Only this class means that something is absent, in each place where it may stand, in every language.
    "New-RestFailure 'ManagementObjectNotFoundException' \"object 'x' couldn't be found on 'S1'.\"": "absent",
    "New-RestFailure 'ManagementObjectNotFoundException' 'Das Objekt wurde nicht gefunden.'": "absent",
    "New-RemoteFailure 'ManagementObjectNotFoundException' 'Das Objekt wurde nicht gefunden.'": "absent",
    "New-Failure 'Ex6F9304|Microsoft.Exchange.Tasks.ManagementObjectNotFoundException|x'": "absent",
    "New-Failure 'ManagementObjectNotFoundException: x' 'RemoteException'": "absent",
    # What words alone say was not found may be there.
    "New-Failure \"The operation couldn't be performed because object 'x' couldn't be found on 'S1'.\"": "other",
    "New-Failure 'x wurde nicht gefunden (404).'": "other",
    "New-Failure \"Set-It failed on 'ManagementObjectNotFoundException'\"": "other",
    "New-Failure 'a|b|ManagementObjectNotFoundException'": "other",
    "New-RestFailure 'DataValidationException' 'ManagementObjectNotFoundException'": "other",
    "New-RestFailure 'MemberNotFoundException'": "other",
    "New-Failure 'It is not recognized' 'CommandNotFoundException'": "other",
    # Several that match are no absence, whatever class says so.
    "New-RestFailure 'ManagementObjectAmbiguousException' 'mehrere Empfaenger'": "ambiguous",
    "New-RestFailure 'ManagementObjectNotFoundException' 'x' 'Ex9E65A2'": "ambiguous",
    "New-RestFailure 'ManagementObjectNotFoundException' \"'x' matches multiple entries.\"": "ambiguous",
    "New-RemoteFailure 'ManagementObjectNotFoundException' \"'x' matches multiple entries.\"": "ambiguous",
    # What exists is looked at before it counts, so that words are enough.
    "New-RestFailure 'ADObjectAlreadyExistsException' 'ist bereits vorhanden'": "exists",
    "New-RemoteFailure 'MemberAlreadyExistsException' 'ist bereits Mitglied'": "exists",
    "New-RestFailure 'ProxyAddressExistsException' 'wird bereits verwendet'": "exists",
    "New-Failure 'The scope \"x\" already exists.'": "exists",
    "New-Failure 'It is already being used by the proxy addresses of \"y\".'": "exists",
    "New-Failure 'Das Objekt ist bereits vorhanden.'": "other",
}
NAMES: dict[str, str] = {
    "Get-ErrorName (New-RestFailure 'TimeoutException')": "TimeoutException",
    "Get-ErrorName (New-RemoteFailure 'TimeoutException' 'ADTransientException: x')": "TimeoutException",
    "Get-ErrorName (New-Failure 'Ex1|Microsoft.Exchange.Data.ADTransientException|x')": "ADTransientException",
    "Get-ErrorName (New-Failure 'the TimeoutException of others')": "",
    "Get-ErrorName (New-Failure 'x' -As 'Net.Http.HttpRequestException')": "HttpRequestException",
    "Get-RequestId (New-RestFailure 'TimeoutException')": "0f1e-2D3c",
    "Get-RequestId (New-RemoteFailure 'TimeoutException')": "0f1e-2D3c",
    "Get-RequestId (New-Failure 'RequestId=0f1e' -Id 'NotSpecified')": "",
    "Get-ErrorText (New-RestFailure 'TimeoutException' ' Zu | langsam. ')": (
        "Zu | langsam.  [Microsoft.Exchange.Data.TimeoutException]"
    ),
    "Get-ErrorText (New-Failure ' a|b c|d ')": "a|b c|d",
}
AGAIN: dict[str, bool] = {
    "New-Failure 'A server side error has occurred (500).'": True,
    "New-Failure 'Es ist ein serverseitiger Fehler aufgetreten.'": True,
    "New-Failure 'Bad Gateway (502)' -As 'Net.Http.HttpRequestException'": True,
    "New-Failure 'The operation has timed out.' -As 'Net.WebException'": True,
    "New-Failure 'A task was canceled.' -As 'Threading.Tasks.TaskCanceledException'": True,
    "New-Failure 'Connection reset by peer' -As 'IO.IOException'": True,
    "New-Failure 'WinRM cannot complete' -As 'Management.Automation.Remoting.PSRemotingTransportException'": True,
    "New-RemoteFailure 'ADTransientException' 'dc01 ist nicht verfuegbar'": True,
    # Refused, throttled or without a session: the same call is answered alike, and each one counts against the tenant.
    "New-Failure 'UnAuthorized: refused by the service (401).'": False,
    "New-Failure 'Forbidden (403).' -As 'Net.Http.HttpRequestException'": False,
    "New-Failure 'Too many requests (429): retry after 60 seconds.'": False,
    "New-Failure 'Zu viele Anforderungen (429).' -As 'Net.WebException'": False,
    "New-Failure 'Access is denied.' -As 'Management.Automation.Remoting.PSRemotingTransportException'": False,
    "New-Failure 'The system load quota of 1000 requests has been exceeded.' 'PSRemotingTransportException'": False,
    "New-Failure 'There is no active connection to Exchange Online.'": False,
    "New-Failure 'The session is no longer there.' 'PSRemotingTransportException'": False,
    # Exchange's own no.
    "New-RestFailure 'ManagementObjectNotFoundException'": False,
    "New-RestFailure 'DataValidationException'": False,
    "New-RemoteFailure 'ManagementObjectAmbiguousException'": False,
    "New-Failure 'x' 'CommandNotFoundException'": False,
    # 500 of something is no 401.
    "New-Failure '4010 items were skipped'": True,
}
CALLS = """
$Calls = [Collections.ArrayList] @()
function Invoke-Failing {
    # Answers after so many failures; the first object of an answer that broke off is there already.
    param([int] $Times, $Failure = (New-Failure 'A server side error.'))
    Clear-Recorded; $Calls.Clear()
    $answer = try {
        @(Invoke-WithRetry -Subject 'group x' -Call {
            [void] $Calls.Add(1); 'first'; if ($Calls.Count -le $Times) { throw $Failure }; 'last' })
    } catch { 'failed' }
    "$answer, calls $($Calls.Count), waits $($Recorded.Slept), said $($Recorded.Said.Count)"
}
function Read-Failing { param($Failure, $IfAbsent) Invoke-Read { throw $Failure } -Subject 'group x' $IfAbsent }
$Gone = New-RestFailure 'ManagementObjectNotFoundException' 'not here'
$OfStop = try { throw (Get-Stop 'conflict' 'as it was') } catch { $_ }
"""


@pytest.fixture
def failing() -> str:
    """Lines for reads that fail."""
    return FAILURES + RECORDED + CALLS


def test_which_error_means_absent_ambiguous_existing_or_anything_else(functions: Functions) -> None:
    wanted = {f"Get-ErrorClass ({error})": meant for error, meant in CLASSES.items()}
    assert functions.values(*wanted, before=FAILURES) == wanted


def test_an_error_is_named_by_its_class_and_never_by_a_word_of_its_text(functions: Functions) -> None:
    assert functions.values(*NAMES, before=FAILURES) == NAMES


def test_which_error_is_worth_the_same_call_once_more(functions: Functions) -> None:
    wanted = {f"Test-TransientError ({error})": again for error, again in AGAIN.items()}
    assert functions.values(*wanted, before=FAILURES) == wanted


def test_a_read_is_asked_four_times_at_most_and_counts_nothing_of_an_answer_that_broke_off(
    functions: Functions, failing: str
) -> None:
    wanted = {
        "Invoke-Failing 0": "first last, calls 1, waits , said 0",
        "Invoke-Failing 2": "first last, calls 3, waits 2 5, said 2",
        "Invoke-Failing 3": "first last, calls 4, waits 2 5 10, said 3",
        "Invoke-Failing 4": "failed, calls 4, waits 2 5 10, said 3",
        "Invoke-Failing 1 (New-Failure 'Too many requests (429)')": "failed, calls 1, waits , said 0",
        "Invoke-Failing 1 $Gone": "failed, calls 1, waits , said 0",
    }
    assert functions.values(*wanted, before=failing) == wanted


def test_what_could_not_be_read_is_absent_only_where_exchange_says_so(functions: Functions, failing: str) -> None:
    gone = "not here [Microsoft.Exchange.Data.ManagementObjectNotFoundException]"
    several = "two [Microsoft.Exchange.Data.ManagementObjectAmbiguousException]"
    wanted: dict[str, Any] = {
        "Read-Failing $Gone": [],
        "$Run.NotFound": gone,
        "Read-Failing $Gone 'pending'": f"pending: group x cannot be seen: {gone}",
        "Read-Failing (New-RestFailure 'ManagementObjectAmbiguousException' 'two')": (
            f"conflict: group x is not one object: {several}"
        ),
        "Read-Failing (New-Failure 'couldn''t be found (401)')": (
            "unreadable: group x could not be read: couldn't be found (401)"
        ),
        "Read-Failing $OfStop 'pending'": "conflict: as it was",
        "Invoke-Read { $null; 'a'; $null } -Subject 'x'": "a",
        "try { Read-Failing $Gone 'pending' } catch { (Get-StopOf $_).RequestId }": "0f1e-2D3c",
    }
    assert outcomes(functions, *wanted, before=failing) == wanted


def test_two_where_one_was_asked_for_are_a_conflict_and_none_is_nothing(functions: Functions) -> None:
    wanted: dict[str, Any] = {
        "$null -eq (Invoke-ReadOne { } -Subject 'x')": True,
        "Invoke-ReadOne { 'one' } -Subject 'x'": "one",
        "Invoke-ReadOne { foreach ($n in 'a', 'b') { [pscustomobject] @{ Identity = $n } } } -Subject 'group x'": (
            "conflict: group x is not one object but 2: a, b"
        ),
    }
    assert outcomes(functions, *wanted) == wanted


def test_an_answer_that_lacks_a_property_is_unreadable_and_one_that_is_empty_is_empty(functions: Functions) -> None:
    before = "$It = [pscustomobject] @{ Identity = 'x'; Alias = $null; Name = 'n' }"
    wanted: dict[str, Any] = {
        "Get-AnsweredText $It 'Name'": "n",
        "Get-AnsweredText $It 'Alias'": "",
        "Get-AnsweredText $It 'Guid'": "unreadable: Exchange's answer about 'x' has no Guid.",
        "Get-Answered $null 'Guid'": "unreadable: Exchange's answer about '' has no Guid.",
    }
    assert outcomes(functions, *wanted, before=before) == wanted


def test_a_recipient_is_read_once_a_pass_be_it_there_or_not(functions: Functions) -> None:
    before = """
    $Asked = [Collections.ArrayList] @()
    function Get-Recipient { param($Identity) [void] $Asked.Add($Identity); if ($Identity -like 'a@*') { 'Anna' } }
    """
    wanted: dict[str, Any] = {
        "Get-RecipientOf 'a@x.com'": "Anna",
        "Get-RecipientOf 'A@x.com'": "Anna",
        "1..2 | ForEach-Object { $null -eq (Get-RecipientOf 'b@x.com') }": [True, True],
        "@($Asked)": ["a@x.com", "b@x.com"],
        "$Run.Seen.Clear(); $null = Get-RecipientOf 'a@x.com'; @($Asked)": ["a@x.com", "b@x.com", "a@x.com"],
    }
    assert functions.values(*wanted, before=before) == wanted


def test_what_is_mastered_elsewhere_and_how_a_long_list_is_cut(functions: Functions) -> None:
    before = """
    function Test-Sync { param($Synced, $Cloud)
        Test-Synchronized ([pscustomobject] @{ IsDirSynced = $Synced; IsExchangeCloudManaged = $Cloud }) }
    """
    wanted: dict[str, Any] = {
        "Test-Sync $true $false": True,
        "Test-Sync 'True' $null": True,
        "Test-Sync $true $true": False,
        "Test-Sync $false $false": False,
        "Test-Synchronized ([pscustomobject] @{})": False,
        "Format-Some @('a', 'b') -Most 2 -Name { \"<$_>\" }": "<a>, <b>",
        "Format-Some @('a', 'b', 'c') -Most 2 -Name { $_ }": "a, b and 1 more",
        "$Run.Mode = 'Apply'; Get-MissingPartState": "pending",
        "$Run.Mode = 'Verify'; Get-MissingPartState": "unreadable",
        "$Run.Mode = 'Rollback'; Get-MissingPartState": "unreadable",
    }
    assert functions.values(*wanted, before=before) == wanted
